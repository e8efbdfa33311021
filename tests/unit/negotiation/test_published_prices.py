"""Which of the vendor's published prices is a SKU's list rate, and how ours differ."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from negotiation.demo.catalogue import demo_skus
from negotiation.importing.prices import (
    ListRateStatus,
    PublishedPrice,
    applied,
    default_links,
    effective_links,
    list_rates,
    read_link,
)
from negotiation.imports import PriceDirection, PriceLink, PriceService
from tests.builders import NOW, a_price_link, a_sku, catalogue_of

OUT, IN = PriceDirection.OUTBOUND, PriceDirection.INBOUND


def a_price(price: str = "0.0079", **changes: Any) -> PublishedPrice:
    defaults: dict[str, Any] = {"direction": OUT, "price": Decimal(price), "currency": "USD"}
    return PublishedPrice(**(defaults | changes))


def read(link: PriceLink, *prices: PublishedPrice) -> PriceLink:
    return read_link(link, prices, "USD", NOW)


def compared(link: PriceLink, rate: str = "0.0083") -> Any:
    [found] = list_rates({link.sku: link}, catalogue_of(a_sku(link.sku, list_rate=Decimal(rate))))
    return found


def test_the_one_price_that_fits_is_the_list_rate() -> None:
    link = a_price_link(number_type="toll-free")
    found = read(
        link,
        a_price("0.0079", number_type="local"),
        a_price("0.0099", number_type="Toll free"),
        a_price("0.0500", direction=IN, number_type="toll free"),
    )
    assert (found.low, found.high, found.currency, found.read_at) == (
        Decimal("0.0099"),
        Decimal("0.0099"),
        "USD",
        NOW,
    )


def test_several_prices_that_differ_are_a_range_and_no_rate() -> None:
    found = read(a_price_link(), a_price("0.05", carrier="A"), a_price("0.07", carrier="B"))
    rate = compared(found)
    assert (rate.status, rate.theirs) == (ListRateStatus.UNKNOWN, None)
    assert "0.05 to 0.07" in rate.message
    assert read(
        a_price_link(carrier="b"),
        *(a_price(p, carrier=c) for p, c in (("0.05", "A"), ("0.07", "B"))),
    ).low == Decimal("0.07")


def test_a_call_is_rated_by_the_longest_prefix() -> None:
    prices = [
        a_price("0.0158", prefixes=("44",)),
        a_price("0.0300", prefixes=("447", "448")),
        a_price("0.0999", prefixes=("4",)),
    ]
    link = a_price_link(service=PriceService.VOICE, country="GB")
    assert read(link, *prices).low != read(link, *prices).high
    assert read(replace(link, prefix="44"), *prices).high == Decimal("0.0158")
    assert read(replace(link, prefix="4477"), *prices).high == Decimal("0.0300")


def test_no_price_or_one_in_another_currency_says_why() -> None:
    assert "no price" in compared(read(a_price_link())).message
    foreign = compared(read(a_price_link(), a_price(currency="EUR")))
    assert foreign.status is ListRateStatus.UNKNOWN
    assert "never converted" in foreign.message


@pytest.mark.parametrize(
    ("rate", "status"),
    [("0.0079", "UNCHANGED"), ("0.00790", "UNCHANGED"), ("0.0083", "CHANGED"), ("0", "CHANGED")],
)
def test_rates_are_compared_exactly(rate: str, status: str) -> None:
    assert compared(read(a_price_link(), a_price("0.0079")), rate).status == status


def test_only_what_differs_is_taken_over_and_is_then_no_estimate() -> None:
    link = read(a_price_link(), a_price("0.0079"))
    [sku] = applied([compared(link)])
    assert (sku.list_rate, sku.synthetic) == (Decimal("0.0079"), False)
    assert applied([compared(link, "0.0079"), compared(a_price_link())]) == []


def test_zero_is_a_price() -> None:
    [sku] = applied([compared(read(a_price_link(), a_price("0")))])
    assert sku.list_rate == 0


def test_the_demo_catalogues_messages_and_calls_are_linked_by_their_keys() -> None:
    links = {each.sku: each for each in default_links(each.sku for each in demo_skus())}
    assert links["sms-outbound-longcode"].number_type == "local"
    assert (
        links["sms-outbound-longcode-gb"].country,
        links["sms-outbound-longcode-gb"].number_type,
    ) == ("GB", None)
    assert links["calls-outbound"].prefix == "1"
    assert links["calls-outbound-de"].prefix == "49"
    assert links["calls-inbound-local-au"].direction is IN
    assert "recordings" not in links
    assert all(each.prefix for key, each in links.items() if key.startswith("calls-outbound"))


def test_a_link_that_somebody_set_wins_and_one_without_its_sku_is_left_out() -> None:
    skus = catalogue_of(a_sku("calls-outbound"))
    mine = a_price_link("calls-outbound", country="CA")
    made = effective_links({"calls-outbound": mine, "gone": a_price_link("gone")}, skus)
    assert made == {"calls-outbound": mine}
