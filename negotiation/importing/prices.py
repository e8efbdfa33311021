"""List rates from the vendor's published prices: which price is a SKU's, and how ours differ from them.

A link says where a SKU's price stands. Where several prices fit it and differ, none is taken: the range is shown, and a
person narrows the link down. Pure; reading prices is the adapters' business.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from negotiation.decimals import format_decimal
from negotiation.imports import PriceDirection, PriceLink, PriceService
from negotiation.records import Sku

HOME: Final = "US"
_IN, _OUT = PriceDirection.INBOUND, PriceDirection.OUTBOUND
_TEXT, _CALL = PriceService.MESSAGING, PriceService.VOICE

# SKU key at home: service, direction, type of our number.
_KNOWN: Final[Mapping[str, tuple[PriceService, PriceDirection, str | None]]] = MappingProxyType(
    {
        "sms-outbound-longcode": (_TEXT, _OUT, "local"),
        "sms-outbound-shortcode": (_TEXT, _OUT, "shortcode"),
        "sms-outbound-tollfree": (_TEXT, _OUT, "toll-free"),
        "sms-inbound-longcode": (_TEXT, _IN, "local"),
        "sms-inbound-shortcode": (_TEXT, _IN, "shortcode"),
        "sms-inbound-tollfree": (_TEXT, _IN, "toll-free"),
        "calls-inbound-local": (_CALL, _IN, "local"),
        "calls-inbound-mobile": (_CALL, _IN, "mobile"),
        "calls-inbound-tollfree": (_CALL, _IN, "toll-free"),
        "calls-outbound": (_CALL, _OUT, None),
    }
)
_ABROAD = re.compile(r"(?P<home>.+)-(?P<country>[a-z]{2})")
# The calling codes of the countries that default links are made for; a call to any other needs a prefix in its link.
_CODES: Final = """
US 1, CA 1, GB 44, IE 353, DE 49, FR 33, ES 34, IT 39, NL 31, SE 46, PL 48, AU 61, NZ 64, IN 91, SG 65, JP 81, BR 55
MX 52, ZA 27, AE 971, PH 63, AT 43, BE 32, CH 41, DK 45, FI 358, NO 47, PT 351, ID 62, LK 94
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedPrice:
    """One price of the vendor's list: per segment or minute, before any discount. `prefixes`: of the numbers called."""

    direction: PriceDirection
    price: Decimal
    currency: str
    number_type: str | None = None
    carrier: str | None = None
    prefixes: tuple[str, ...] = ()


class ListRateStatus(StrEnum):
    """CHANGED: the vendor's price is another than our list rate. UNKNOWN: there is no one price to compare with."""

    CHANGED = "CHANGED"
    UNCHANGED = "UNCHANGED"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRate:
    """One linked SKU: our list rate and the vendor's. `theirs` None where no one price is known; `message` says why."""

    sku: Sku
    link: PriceLink
    status: ListRateStatus
    theirs: Decimal | None
    message: str


def default_links(skus: Iterable[Sku]) -> Iterator[PriceLink]:
    """A link for each SKU whose key says where its price stands: "calls-outbound-gb"."""
    codes = _calling_codes()
    for sku in skus:
        home, country = sku.key, HOME
        if home not in _KNOWN and (match := _ABROAD.fullmatch(home)) is not None:
            home, country = match["home"], match["country"].upper()
        if home not in _KNOWN:
            continue
        service, direction, number_type = _KNOWN[home]
        outbound_call = service is _CALL and direction is _OUT
        # Abroad, what a message costs hangs on the carrier it goes to, not on the number that sends it.
        abroad = service is _TEXT and direction is _OUT and country != HOME
        yield PriceLink(
            sku=sku.key,
            service=service,
            country=country,
            direction=direction,
            number_type=None if abroad else number_type,
            prefix=codes.get(country) if outbound_call else None,
        )


def _calling_codes() -> dict[str, str]:
    """By country."""
    found = {}
    for entry in _CODES.strip().replace("\n", ",").split(","):
        country, code = entry.split()
        found[country] = code
    return found


def effective_links(kept: Mapping[str, PriceLink], skus: Mapping[str, Sku]) -> dict[str, PriceLink]:
    """By SKU: what is kept, else the default. Links of SKUs that are no longer in the catalogue are left out."""
    made = {each.sku: each for each in default_links(skus.values())}
    return made | {key: link for key, link in kept.items() if key in skus}


def read_link(
    link: PriceLink, prices: Iterable[PublishedPrice], currency: str, at: datetime
) -> PriceLink:
    """The link with what the prices of its service and country say. `currency`: the negotiation's."""
    fitting = [each for each in prices if _fits(link, each)]
    if link.prefix is not None:
        fitting = _longest(link.prefix, fitting)
    found = replace(link, low=None, high=None, currency=None, problem=None, read_at=at)
    if not fitting:
        return replace(found, problem=f"Twilio lists no price for {_described(link)}.")
    codes = sorted({each.currency for each in fitting})
    if codes != [currency]:
        return replace(
            found,
            problem=f"Twilio's price is in {', '.join(codes)}, the negotiation in {currency}. Currencies are never converted.",
        )
    amounts = [each.price for each in fitting]
    return replace(found, low=min(amounts), high=max(amounts), currency=currency)


def list_rates(links: Mapping[str, PriceLink], skus: Mapping[str, Sku]) -> list[ListRate]:
    """Every linked SKU against the price that was last read, by key."""
    return [_compared(skus[key], link) for key, link in sorted(links.items()) if key in skus]


def applied(rates: Sequence[ListRate]) -> list[Sku]:
    """The SKUs with the vendor's price as their list rate, for those that differ."""
    return [
        replace(each.sku, list_rate=each.theirs, synthetic=False)
        for each in rates
        if each.status is ListRateStatus.CHANGED and each.theirs is not None
    ]


def _compared(sku: Sku, link: PriceLink) -> ListRate:
    low, high = link.low, link.high
    if link.read_at is None:
        status, theirs, message = ListRateStatus.UNKNOWN, None, "Not read yet."
    elif low is None or high is None:
        status, theirs, message = ListRateStatus.UNKNOWN, None, link.problem or "No price."
    elif low != high:
        status, theirs = ListRateStatus.UNKNOWN, None
        message = (
            f"Several prices fit, from {format_decimal(low)} to {format_decimal(high)}. "
            "Give the link a carrier, a number type or a prefix."
        )
    elif low == sku.list_rate:
        status, theirs, message = ListRateStatus.UNCHANGED, low, "As ours."
    else:
        status, theirs = ListRateStatus.CHANGED, low
        message = f"Ours is {format_decimal(sku.list_rate)}, Twilio's {format_decimal(low)}."
    return ListRate(sku=sku, link=link, status=status, theirs=theirs, message=message)


def _fits(link: PriceLink, price: PublishedPrice) -> bool:
    return (
        price.direction is link.direction
        and (link.number_type is None or _plain(price.number_type) == _plain(link.number_type))
        and (link.carrier is None or _plain(price.carrier) == _plain(link.carrier))
        and (link.prefix is None or any(link.prefix.startswith(each) for each in price.prefixes))
    )


def _longest(prefix: str, prices: Sequence[PublishedPrice]) -> list[PublishedPrice]:
    """Of the prices, those that match most of the number, as a call is rated."""

    def match(price: PublishedPrice) -> int:
        return max(len(each) for each in price.prefixes if prefix.startswith(each))

    best = max((match(each) for each in prices), default=0)
    return [each for each in prices if match(each) == best]


def _plain(text: str | None) -> str:
    """ "Toll free" and "toll-free" are one."""
    return re.sub(r"[\s_-]+", "", text or "").lower()


def _described(link: PriceLink) -> str:
    parts = (link.number_type, link.carrier, link.prefix and f"+{link.prefix}")
    narrowed = ", ".join(part for part in parts if part)
    said = f"{link.service.lower()} {link.direction.lower()} in {link.country}"
    return f"{said} ({narrowed})" if narrowed else said
