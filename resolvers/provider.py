"""What the import needs from the vendor: its usage records and its published prices. `adapters.twilio` satisfies it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from negotiation.importing.prices import PublishedPrice
from negotiation.importing.provider import UsageRecord
from negotiation.imports import PriceService


class ProviderError(Exception):
    """`code`: the vendor's; `message`: what is so and what to do; `retry`: worth another try, after `retry_after` seconds."""

    def __init__(
        self, code: str, message: str, *, retry: bool, retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retry = retry
        self.retry_after = retry_after


class UsageProvider(Protocol):
    @property
    def missing(self) -> str | None:
        """What is missing before anything can be asked, and what to do; None: nothing is."""
        ...

    async def usage(self, first: date, last: date) -> Sequence[UsageRecord]:
        """Every record of these UTC days, all pages of it. Raises ProviderError: then there is nothing."""
        ...

    async def prices(self, service: PriceService, country: str) -> Sequence[PublishedPrice]:
        """What a service costs in a country; nothing where the vendor does not serve it. Raises ProviderError."""
        ...

    async def close(self) -> None: ...


class NoProvider:
    """Nobody to ask. `missing` says why."""

    def __init__(
        self,
        missing: str = "Usage is not read from Twilio: set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, or import a CSV export.",
    ) -> None:
        self._missing = missing

    @property
    def missing(self) -> str | None:
        return self._missing

    async def usage(self, first: date, last: date) -> Sequence[UsageRecord]:  # noqa: ARG002 - the port's
        raise self._error()

    async def prices(self, service: PriceService, country: str) -> Sequence[PublishedPrice]:  # noqa: ARG002 - the port's
        raise self._error()

    async def close(self) -> None:
        return

    def _error(self) -> ProviderError:
        return ProviderError("NOT_CONFIGURED", self._missing, retry=False)
