"""Twilio as the source of usage and list prices: daily Usage Records, Pricing of messages (v1) and calls (v2).

Reads only, page by page, each page tried again by itself; what a record means is `negotiation.importing`'s business.
Numbers are read from the answer's text, so that none of them passes through a float.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin, urlsplit

from adapters.pace import HURRIED, Pace
from adapters.resilience import RetryBudget, RetryPolicy, retried
from adapters.twilio import codes
from adapters.twilio.account import TwilioAccount
from adapters.twilio.credentials import TwilioCredentials
from adapters.twilio.faults import TwilioFault
from negotiation.decimals import parse_decimal, shown
from negotiation.errors import NegotiationError
from negotiation.importing.prices import PublishedPrice
from negotiation.importing.provider import UsageRecord
from negotiation.importing.table import read_day
from negotiation.imports import PriceDirection, PriceService
from resolvers.ports import Clock
from resolvers.provider import ProviderError

if TYPE_CHECKING:
    from twilio.rest import Client

PAGE_SIZE: Final = 1000
"""The most that Twilio lists at once."""
MOST_PAGES: Final = 2_000
_API: Final = "https://api.twilio.com"
_PRICING: Final = {
    PriceService.MESSAGING: "https://pricing.twilio.com/v1/Messaging/Countries/",
    PriceService.VOICE: "https://pricing.twilio.com/v2/Voice/Countries/",
}
_ANY_ORIGIN: Final = "ALL"
_UNREADABLE: Final = "UNREADABLE"
_NOWHERE: Final = ""
"""A member that no answer of Twilio's has."""
_REFUSED: Final = {
    "20003": "Twilio refuses the credentials. Set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN to a live pair, restart, sync again.",
    "20005": "The Twilio account is not active. Look at it in the Twilio console, or ask Twilio support.",
    codes.NOT_FOUND: "Twilio does not know the account. Set TWILIO_ACCOUNT_SID to the account's own, restart, sync again.",
}


class TwilioProvider:
    """Satisfies UsageProvider. `account` is its own, not the notifier's: what is asked here must not hold messages back.
    `pace`: at which a page, a thousand records, is read.
    """

    def __init__(
        self,
        account: TwilioAccount,
        credentials: TwilioCredentials,
        *,
        clock: Clock,
        policy: RetryPolicy,
        page_size: int = PAGE_SIZE,
        pace: Pace = HURRIED,
    ) -> None:
        self._account = account
        self._sid = credentials.account_sid or ""
        self._clock = clock
        self._policy = policy
        self._budget = RetryBudget(clock)
        self._page_size = page_size
        self._pace = pace

    @property
    def missing(self) -> str | None:
        return None

    async def close(self) -> None:
        await self._account.close()

    async def usage(self, first: date, last: date) -> Sequence[UsageRecord]:
        """Every daily record of these days. Raises ProviderError."""
        query = f"StartDate={first}&EndDate={last}&PageSize={self._page_size}"
        path = f"/2010-04-01/Accounts/{self._sid}/Usage/Records/Daily.json?{query}"
        found: list[UsageRecord] = []
        seen: set[str] = set()
        at: str | None = urljoin(_API, path)
        while at is not None:
            if at in seen or len(seen) >= MOST_PAGES:
                raise _unreadable(f"Twilio's pages of usage do not end ({len(seen)} were read).")
            seen.add(at)
            page = await self._ask("read usage", at)
            records, at = await asyncio.to_thread(_usage_page, page, self._pace)
            found.extend(records)
        return found

    async def prices(self, service: PriceService, country: str) -> Sequence[PublishedPrice]:
        """What a service costs in a country. Raises ProviderError."""
        answer = await self._ask("read prices", urljoin(_PRICING[service], country))
        if _NOWHERE in answer:
            return ()  # a country that the service does not have
        read = _messaging if service is PriceService.MESSAGING else _voice
        try:
            return tuple(read(answer))
        except (AttributeError, KeyError, TypeError) as error:
            raise _unreadable(f"Twilio's prices for {country} cannot be read.") from error

    async def _ask(self, action: str, url: str) -> Mapping[str, Any]:
        """One page, tried again while that may help."""

        async def once() -> Mapping[str, Any]:
            return await self._account.exchange(action, lambda client: _get(client, url))

        try:
            return await retried(
                once,
                clock=self._clock,
                policy=self._policy,
                budget=self._budget,
                retriable=lambda error: (
                    isinstance(error, TwilioFault | TimeoutError)
                    and not (isinstance(error, TwilioFault) and (error.hold or not error.retry))
                ),
                retry_after=lambda error: getattr(error, "retry_after", None),
            )
        except TwilioFault as fault:
            raise _error(fault) from fault
        except TimeoutError as error:
            raise ProviderError(
                "TIMEOUT", "Twilio did not answer in time. It is tried again later.", retry=True
            ) from error


async def _get(client: Client, url: str) -> Mapping[str, Any]:
    try:
        answer = await client.request_async("GET", url)
    except TwilioFault as fault:
        if fault.code == codes.NOT_FOUND and not url.startswith(_API):
            return {_NOWHERE: True}  # a price list that does not exist is an answer
        raise
    return await asyncio.to_thread(_object, answer.text)


def _object(text: str) -> Mapping[str, Any]:
    found = json.loads(text, parse_float=Decimal, parse_int=Decimal)
    if not isinstance(found, dict):
        raise TypeError("an answer that is no object")
    return found


def _usage_page(page: Mapping[str, Any], pace: Pace) -> tuple[list[UsageRecord], str | None]:
    """The records of a page, and where the next one is."""
    rows = page.get("usage_records")
    if not isinstance(rows, list):
        raise _unreadable("A page of usage from Twilio has no usage_records.")
    return [_usage_record(row) for row in pace(rows)], _next(page.get("next_page_uri"))


def _error(fault: TwilioFault) -> ProviderError:
    """In words about reading: the table's are about messages."""
    if fault.code in _REFUSED and fault.hold:
        return ProviderError(fault.code, _REFUSED[fault.code], retry=False)
    if fault.code == codes.RATE_LIMITED:
        words = "Twilio asks for a slower pace. It is tried again when Twilio allows."
    else:
        words = fault.message.replace("the queue waits", "it is tried again later")
    return ProviderError(
        fault.code, words, retry=fault.retry or fault.hold, retry_after=fault.retry_after
    )


def _next(uri: object) -> str | None:
    """The next page, at Twilio's own host whatever the answer says."""
    if uri is None or uri == "":
        return None
    if not isinstance(uri, str) or not urlsplit(uri).path.startswith("/2010-04-01/"):
        raise _unreadable("A page of usage from Twilio names a next page that is none.")
    parts = urlsplit(uri)
    return urljoin(_API, f"{parts.path}?{parts.query}")


def _usage_record(row: Any) -> UsageRecord:
    if not isinstance(row, dict):
        raise _unreadable("A usage record from Twilio is no object.")
    category = row.get("category")
    if not isinstance(category, str) or not category or len(category) > 100:
        raise _unreadable(f"A usage record from Twilio has the category {shown(str(category))}.")
    try:
        day, end = read_day(str(row.get("start_date"))), read_day(str(row.get("end_date")))
        quantity = _number(row.get("usage"))
        price = row.get("price")
        money = None if price is None or price == "" else _number(price)
    except (NegotiationError, ValueError) as error:
        raise _unreadable(f"Twilio's record of {category} cannot be read: {error}") from error
    if day != end:
        raise _unreadable(f"Twilio's record of {category} sums {day} to {end}.")
    if quantity < 0:
        raise _unreadable(f"Twilio's record of {category} on {day} has {quantity} units.")
    currency = row.get("price_unit")
    return UsageRecord(
        day=day,
        category=category.lower(),
        quantity=quantity,
        price=money,
        currency=currency.upper() if isinstance(currency, str) and currency else None,
        unit=str(row.get("usage_unit") or ""),
        description=str(row.get("description") or ""),
    )


def _messaging(answer: Mapping[str, Any]) -> Iterator[PublishedPrice]:
    currency = str(answer["price_unit"]).upper()
    for carrier in answer.get("outbound_sms_prices") or ():
        for price in carrier["prices"]:
            yield PublishedPrice(
                direction=PriceDirection.OUTBOUND,
                price=_list_price(price),
                currency=currency,
                number_type=price.get("number_type"),
                carrier=carrier.get("carrier"),
            )
    yield from _inbound(answer.get("inbound_sms_prices"), currency)


def _voice(answer: Mapping[str, Any]) -> Iterator[PublishedPrice]:
    """Calls from anywhere, where the list has prices for them; else all."""
    currency = str(answer["price_unit"]).upper()
    rows = answer.get("outbound_prefix_prices") or ()
    from_anywhere = [row for row in rows if _ANY_ORIGIN in (row.get("origination_prefixes") or ())]
    for row in from_anywhere or rows:
        yield PublishedPrice(
            direction=PriceDirection.OUTBOUND,
            price=_list_price(row),
            currency=currency,
            prefixes=tuple(str(each) for each in row.get("destination_prefixes") or ()),
        )
    yield from _inbound(answer.get("inbound_call_prices"), currency)


def _inbound(rows: Any, currency: str) -> Iterator[PublishedPrice]:
    for row in rows or ():
        yield PublishedPrice(
            direction=PriceDirection.INBOUND,
            price=_list_price(row),
            currency=currency,
            number_type=row.get("number_type"),
        )


def _list_price(row: Mapping[str, Any]) -> Decimal:
    """The price before any discount of the account; the account's own where the list has no other."""
    base = row.get("base_price")
    found = row["current_price"] if base is None else base
    try:
        return _number(found)
    except NegotiationError as error:
        raise _unreadable(f"Twilio lists the price {shown(str(found))}.") from error


def _number(value: Any) -> Decimal:
    """A decimal as text, or a JSON number that was read exactly."""
    return parse_decimal(str(value))


def _unreadable(what: str) -> ProviderError:
    return ProviderError(
        _UNREADABLE, f"{what} Nothing of it was taken; it is tried again later.", retry=True
    )
