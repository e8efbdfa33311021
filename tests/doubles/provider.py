"""A vendor to import from, in memory: what it says of days and prices, how often it was asked, what it refuses."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal

from negotiation.importing.prices import PublishedPrice
from negotiation.importing.provider import UsageRecord
from negotiation.imports import PriceService
from resolvers.provider import ProviderError


class ProviderDouble:
    """Satisfies UsageProvider. `faults`: raised by the next questions. `before`: awaited before each answer about usage."""

    def __init__(self, missing: str | None = None) -> None:
        self.said: dict[tuple[date, str], UsageRecord] = {}
        self.published: dict[tuple[PriceService, str], list[PublishedPrice]] = {}
        self.faults: deque[ProviderError | None] = deque()
        self.asked: list[tuple[date, date]] = []
        self.asked_prices: list[tuple[PriceService, str]] = []
        self.before: Callable[[], Awaitable[object]] | None = None
        self._missing = missing

    @property
    def missing(self) -> str | None:
        return self._missing

    def use(
        self,
        day: date,
        category: str = "sms-outbound",
        quantity: int = 100,
        price: str = "0.83",
        currency: str = "USD",
    ) -> None:
        self.said[day, category] = UsageRecord(
            day=day,
            category=category,
            quantity=Decimal(quantity),
            price=Decimal(price),
            currency=currency,
            unit="segments",
        )

    def use_daily(self, first: date, last: date, category: str = "sms-outbound") -> None:
        for offset in range((last - first).days + 1):
            self.use(first + timedelta(days=offset), category)

    async def usage(self, first: date, last: date) -> Sequence[UsageRecord]:
        self.asked.append((first, last))
        if self.before is not None:
            await self.before()
        self._refuse()
        return [each for (day, _), each in sorted(self.said.items()) if first <= day <= last]

    async def prices(self, service: PriceService, country: str) -> Sequence[PublishedPrice]:
        self.asked_prices.append((service, country))
        self._refuse()
        return self.published.get((service, country), [])

    async def close(self) -> None:
        return

    def _refuse(self) -> None:
        fault = self.faults.popleft() if self.faults else None
        if fault is not None:
            raise fault
