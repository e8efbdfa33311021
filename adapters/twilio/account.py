"""One Twilio account, reached through twilio's own client: one try per exchange, under the circuit, with diagnostics.

What is asked of it is its users' business (`notifier`); what an answer means is in `faults`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import TYPE_CHECKING, TypeVar

import structlog

from adapters.resilience import CircuitBreaker, CircuitOpenError, CircuitState, Diagnostics
from adapters.twilio import codes, faults
from adapters.twilio.credentials import TwilioCredentials
from adapters.twilio.faults import TwilioFault
from resolvers.ports import Clock, ComponentHealth, HealthSignal, Status

if TYPE_CHECKING:
    from twilio.rest import Client

    from adapters.twilio.http import TwilioHttp

T = TypeVar("T")
_RATE_LIMIT_PAUSE = 1.0
_FORGOTTEN_AFTER = 600.0


@dataclass(frozen=True, slots=True)
class _Trouble:
    """The last outage, while nothing has shown that it is over."""

    fault: TwilioFault
    at: float
    sending: bool


class TwilioAccount:
    """`credentials` must be complete. The circuit is shared with the outbox, which asks it before it claims anything."""

    def __init__(
        self,
        credentials: TwilioCredentials,
        *,
        clock: Clock,
        signal: HealthSignal,
        circuit: CircuitBreaker,
        timeout_seconds: float = 10.0,
    ) -> None:
        self._credentials = credentials
        self._clock = clock
        self._signal = signal
        self._circuit = circuit
        self._timeout = timeout_seconds
        self._diagnostics = Diagnostics()
        self._trouble: _Trouble | None = None
        self._client: Client | None = None
        self._http: TwilioHttp | None = None

    async def exchange(
        self, action: str, call: Callable[[Client], Awaitable[T]], *, sending: bool = False
    ) -> T:
        """One call. `sending`: it creates something, so that a lost answer is ambiguous. Raises TwilioFault only."""
        started = self._clock.monotonic()
        try:
            with self._circuit.call(_is_outage, proves=sending):
                result = await self._readable(call, sending=sending)
        except CircuitOpenError as error:
            raise faults.circuit_open(error.retry_after) from None
        except TwilioFault as fault:
            self._failed(action, fault, sending=sending)
            raise
        self._diagnostics.ok(self._clock.now(), self._clock.monotonic() - started)
        self._answered(sending=sending)
        return result

    def now(self) -> datetime:
        return self._clock.now()

    def said_at(self) -> datetime | None:
        """What time it was at Twilio when it last answered; None where that is not known."""
        return None if self._http is None else self._http.said_at

    async def close(self) -> None:
        if self._http is not None:
            await self._http.close()
        self._client = self._http = None

    def health(self) -> ComponentHealth:
        status, message = self._state()
        known = self._diagnostics
        return ComponentHealth(
            name="twilio",
            status=status,
            mode="rest",
            message=message,
            last_ok_at=known.last_ok_at,
            latency_ms=known.latency_ms,
            error_code=known.error_code,
            error_message=known.error_message,
        )

    def _state(self) -> tuple[Status, str]:
        trouble = self._trouble.fault if self._trouble is not None else None
        if trouble is not None and trouble.hold:
            return Status.DOWN, trouble.message
        if (state := self._circuit.state) is not CircuitState.CLOSED:
            said = self._diagnostics.error_message or "Twilio asked for a pause."
            return Status.DEGRADED, (
                f"{said} Circuit {state}, next probe in {ceil(self._circuit.opens_in)} s; messages wait in the queue."
            )
        if trouble is not None:
            return Status.DEGRADED, trouble.message
        if self._diagnostics.last_ok_at is None and self._diagnostics.error_code is None:
            return Status.OK, "Set up; not used since the start."
        return Status.OK, "Twilio answers."

    async def _readable(self, call: Callable[[Client], Awaitable[T]], *, sending: bool) -> T:
        from twilio.base.exceptions import TwilioException

        client = await self._open()
        try:
            return await call(client)
        except (TwilioException, AttributeError, LookupError, TypeError, ValueError) as error:
            raise faults.no_answer("UNREADABLE", "unreadable answer", sending=sending) from error

    async def _open(self) -> Client:
        """Made on first use; off the loop, for twilio takes a moment to import."""
        if self._client is None:
            http, client = await asyncio.to_thread(_make_client, self._credentials, self._timeout)
            if self._client is None:  # another exchange may have been quicker
                self._http, self._client = http, client
        return self._client

    def _failed(self, action: str, fault: TwilioFault, *, sending: bool) -> None:
        structlog.get_logger().warning(
            "twilio.refused",
            action=action,
            code=fault.code,
            retry=fault.retry,
            ambiguous=fault.ambiguous,
        )
        self._diagnostics.failed(self._clock.now(), fault.code, fault.message)
        if fault.hold:
            self._circuit.pause(faults.HOLD_SECONDS)
        elif fault.code == codes.RATE_LIMITED:
            self._circuit.pause(
                _RATE_LIMIT_PAUSE if fault.retry_after is None else fault.retry_after
            )
        if fault.hold or fault.outage:
            self._trouble = _Trouble(fault, self._clock.monotonic(), sending=sending)
        else:
            self._answered(sending=sending)
        self._signal.changed()

    def _answered(self, *, sending: bool) -> None:
        """It works again; but that it can be read does not show that it takes messages."""
        was = self._trouble
        if was is None:
            return
        recent = self._clock.monotonic() - was.at < _FORGOTTEN_AFTER
        if was.sending and not was.fault.hold and not sending and recent:
            return
        self._trouble = None
        structlog.get_logger().info("twilio.recovered", after=was.fault.code)
        self._signal.changed()


def _make_client(credentials: TwilioCredentials, timeout: float) -> tuple[TwilioHttp, Client]:
    from twilio.rest import Client

    from adapters.twilio.http import TwilioHttp

    http = TwilioHttp(timeout=timeout, base_url=credentials.base_url)
    client = Client(
        credentials.account_sid,
        credentials.auth_token,
        http_client=http,
        # a mapping of its own: the client must not read the process's environment
        environment={"TWILIO_ACCOUNT_SID": credentials.account_sid or ""},
    )
    # these load their modules on first sight
    _ = client.api.v2010.account.messages, client.studio.v2
    return http, client


def _is_outage(error: BaseException) -> bool:
    return isinstance(error, TwilioFault) and error.outage
