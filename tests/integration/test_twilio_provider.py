"""Usage and prices read by twilio's own client over a real socket from a stand-in that remembers and misbehaves."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from adapters.pace import HURRIED, Pace
from adapters.resilience import Backoff, RetryPolicy
from adapters.twilio import TwilioCredentials, TwilioProvider, make_provider
from negotiation.imports import PriceDirection, PriceService
from resolvers.provider import NoProvider, ProviderError
from tests.doubles.twilio import SID, TOKEN, TwilioDouble
from tests.doubles.twilio_reading import (
    ReadingDouble,
    answers,
    cuts_the_page,
    says,
    says_instead,
)
from tests.fakes import CountingSignal, FakeClock, half

FIRST, LAST = date(2026, 3, 1), date(2026, 3, 7)
CATEGORIES = ("sms", "sms-outbound", "sms-outbound-longcode")
EXACT = "12345678901234567890.1234567890"


@asynccontextmanager
async def reading(
    page_size: int = 5, pace: Pace = HURRIED, **credentials: Any
) -> AsyncIterator[tuple[TwilioProvider, ReadingDouble, FakeClock]]:
    """The clock moves only by the waits between two tries."""
    async with TwilioDouble() as twilio:
        clock = FakeClock(impatient=True)
        settings = {"account_sid": SID, "auth_token": TOKEN, "base_url": twilio.url} | credentials
        provider = make_provider(
            TwilioCredentials(**settings),
            clock=clock,
            signal=CountingSignal(),
            policy=RetryPolicy(attempts=4, timeout=30.0, backoff=Backoff(base=1.0, jitter=half)),
            page_size=page_size,
            pace=pace,
        )
        assert isinstance(provider, TwilioProvider)
        try:
            yield provider, twilio.reading, clock
        finally:
            await provider.close()


async def refused(provider: TwilioProvider) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await provider.usage(FIRST, LAST)
    return caught.value


async def test_every_page_of_every_category_is_read_once() -> None:
    async with reading() as (provider, twilio, _):
        twilio.use_daily(FIRST, LAST, *CATEGORIES)
        twilio.use(date(2026, 2, 28), "sms")
        found = await provider.usage(FIRST, LAST)
        assert len(found) == 21 == len({(each.day, each.category) for each in found})
        assert len(twilio.requests) == 5
        assert {query["PageSize"] for _, query in twilio.requests} == {"5"}


async def test_beside_a_gateway_the_rows_of_a_page_are_read_with_rests_in_between() -> None:
    rests: list[float] = []
    pace = Pace(work=0.0, rest=0.002, now=lambda: 0.0, sleep=rests.append)
    async with reading(page_size=10, pace=pace) as (provider, twilio, _):
        twilio.use_daily(FIRST, LAST, *CATEGORIES)
        assert len(await provider.usage(FIRST, LAST)) == 21
    assert rests == [0.002] * 21


async def test_numbers_arrive_to_the_last_digit_as_text_and_as_json_numbers() -> None:
    async with reading() as (provider, twilio, _):
        twilio.use(FIRST, "sms-outbound", EXACT, EXACT)
        [record] = await provider.usage(FIRST, LAST)
        assert (str(record.quantity), str(record.price)) == (EXACT, EXACT)
        twilio.use(FIRST, "sms-outbound", "1", "here")
        text = json.dumps({"usage_records": list(twilio.records.values()), "next_page_uri": None})
        twilio.script.append(answers(text.replace('"here"', EXACT)))
        [record] = await provider.usage(FIRST, LAST)
        assert str(record.price) == EXACT
        assert record.currency == "USD"


async def test_an_account_without_usage_has_no_records() -> None:
    async with reading() as (provider, _, __):
        assert await provider.usage(FIRST, LAST) == []


async def test_a_price_that_is_not_said_is_not_zero() -> None:
    async with reading() as (provider, twilio, _):
        twilio.use(FIRST, "sms-outbound", "3", None)
        [record] = await provider.usage(FIRST, LAST)
        assert (record.quantity, record.price) == (Decimal(3), None)


@pytest.mark.parametrize(
    "trouble", [cuts_the_page(), says(500), says(503), answers("<html>"), answers("[]")]
)
async def test_a_page_that_fails_is_asked_for_again_and_only_that_page(trouble: Any) -> None:
    async with reading() as (provider, twilio, _):
        twilio.use_daily(FIRST, LAST, *CATEGORIES)
        twilio.script.extend([says_instead(), trouble])
        assert len(await provider.usage(FIRST, LAST)) == 21
        pages = [query.get("Page", "0") for _, query in twilio.requests]
        assert pages == ["0", "1", "1", "2", "3", "4"]


async def test_a_slower_pace_is_kept_as_long_as_twilio_asks() -> None:
    async with reading() as (provider, twilio, clock):
        twilio.use(FIRST, "sms-outbound")
        twilio.script.append(says(429, 20429, retry_after="17"))
        assert len(await provider.usage(FIRST, LAST)) == 1
        assert max(clock.slept) >= 17


async def test_what_stays_broken_is_given_up_and_may_be_tried_later() -> None:
    async with reading() as (provider, twilio, _):
        twilio.script.extend([says(500)] * 4)
        fault = await refused(provider)
        assert (fault.retry, len(twilio.requests)) == (True, 4)


async def test_refused_credentials_are_told_at_once_and_not_tried_again() -> None:
    async with reading(auth_token="wrong") as (provider, _, __):
        fault = await refused(provider)
        assert (fault.code, fault.retry) == ("20003", False)
        assert "TWILIO_AUTH_TOKEN" in fault.message
        assert "queue" not in fault.message


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"usage": "many"}, "not a plain decimal"),
        ({"usage": "-1"}, "-1 units"),
        ({"price": "0,83"}, "not a plain decimal"),
        ({"start_date": "soon"}, "not a date"),
        ({"end_date": "2026-03-31"}, "sums 2026-03-01 to 2026-03-31"),
        ({"category": ""}, "category"),
    ],
)
async def test_a_record_that_cannot_be_read_is_named(changes: dict[str, Any], words: str) -> None:
    async with reading() as (provider, twilio, _):
        twilio.use(FIRST, "sms-outbound")
        twilio.records[FIRST, "sms-outbound"] |= changes
        fault = await refused(provider)
        assert fault.code == "UNREADABLE"
        assert words in fault.message


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ({"next_page_uri": "/elsewhere"}, "next page"),
        ({"usage_records": None}, "no usage_records"),
    ],
)
async def test_a_page_that_is_none_is_refused(page: dict[str, Any], words: str) -> None:
    async with reading() as (provider, twilio, _):
        twilio.script.append(says_instead(**page))
        assert words in (await refused(provider)).message


async def test_pages_that_run_in_circles_end() -> None:
    async with reading() as (provider, twilio, _):
        twilio.use(FIRST, "sms-outbound")
        path = f"/2010-04-01/Accounts/{SID}/Usage/Records/Daily.json"
        again = f"{path}?StartDate={FIRST}&EndDate={LAST}&PageSize=5"
        twilio.script.append(says_instead(next_page_uri=again))
        assert "do not end" in (await refused(provider)).message


async def test_a_next_page_on_another_host_is_asked_for_at_twilios() -> None:
    async with reading() as (provider, twilio, _):
        twilio.use(FIRST, "sms-outbound")
        path = f"/2010-04-01/Accounts/{SID}/Usage/Records/Daily.json"
        elsewhere = f"https://evil.example{path}?StartDate={FIRST}&EndDate={LAST}&Page=1"
        twilio.script.append(says_instead(next_page_uri=elsewhere))
        assert len(await provider.usage(FIRST, LAST)) == 1
        assert [path for path, _ in twilio.requests] == [path, path]


# --- prices

MESSAGING = {
    "country": "United States",
    "iso_country": "US",
    "price_unit": "usd",
    "outbound_sms_prices": [
        {
            "carrier": "att",
            "mcc": "310",
            "mnc": "410",
            "prices": [
                {"base_price": "0.0079", "current_price": "0.005", "number_type": "local"},
                {"base_price": "0.0083", "current_price": "0.006", "number_type": "toll free"},
            ],
        }
    ],
    "inbound_sms_prices": [
        {"base_price": 0.0075, "current_price": "0.0075", "number_type": "local"}
    ],
}
VOICE = {
    "country": "United Kingdom",
    "iso_country": "GB",
    "price_unit": "USD",
    "outbound_prefix_prices": [
        {
            "destination_prefixes": ["44"],
            "origination_prefixes": ["ALL"],
            "friendly_name": "General",
            "base_price": "0.0158",
            "current_price": "0.01",
        },
        {
            "destination_prefixes": ["44"],
            "origination_prefixes": ["49"],
            "friendly_name": "General, from Germany",
            "base_price": "0.0100",
            "current_price": "0.01",
        },
    ],
    "inbound_call_prices": [
        {"base_price": None, "current_price": "0.0100", "number_type": "local"}
    ],
}


async def test_prices_of_messages_are_the_list_prices_of_each_carrier_and_type() -> None:
    async with reading() as (provider, twilio, _):
        twilio.prices["messaging", "US"] = MESSAGING
        found = await provider.prices(PriceService.MESSAGING, "US")
        assert [(each.direction, each.number_type, str(each.price)) for each in found] == [
            (PriceDirection.OUTBOUND, "local", "0.0079"),
            (PriceDirection.OUTBOUND, "toll free", "0.0083"),
            (PriceDirection.INBOUND, "local", "0.0075"),
        ]
        assert {each.currency for each in found} == {"USD"}


async def test_prices_of_calls_are_those_from_anywhere() -> None:
    async with reading() as (provider, twilio, _):
        twilio.prices["voice", "GB"] = VOICE
        outbound, inbound = await provider.prices(PriceService.VOICE, "GB")
        assert (outbound.prefixes, str(outbound.price)) == (("44",), "0.0158")
        assert (inbound.direction, str(inbound.price)) == (PriceDirection.INBOUND, "0.0100")


async def test_a_country_without_the_service_has_no_prices() -> None:
    async with reading() as (provider, _, __):
        assert await provider.prices(PriceService.VOICE, "AQ") == ()


@pytest.mark.parametrize("body", ["{}", '{"price_unit": "USD", "outbound_sms_prices": [{}]}'])
async def test_prices_that_cannot_be_read_are_refused(body: str) -> None:
    async with reading() as (provider, twilio, _):
        twilio.prices["messaging", "US"] = MESSAGING
        twilio.script.append(answers(body))
        with pytest.raises(ProviderError, match="cannot be read"):
            await provider.prices(PriceService.MESSAGING, "US")


# --- without credentials


@pytest.mark.parametrize(
    ("known", "words"),
    [({}, "set TWILIO_ACCOUNT_SID"), ({"account_sid": SID}, "TWILIO_AUTH_TOKEN is missing")],
)
async def test_without_credentials_it_says_what_is_missing(
    known: dict[str, str], words: str
) -> None:
    provider = make_provider(TwilioCredentials(**known), clock=FakeClock(), signal=CountingSignal())
    assert isinstance(provider, NoProvider)
    assert words in str(provider.missing)
    for asked in (provider.usage(FIRST, LAST), provider.prices(PriceService.VOICE, "US")):
        with pytest.raises(ProviderError, match=words):
            await asked
    await provider.close()
