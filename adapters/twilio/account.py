"""One Twilio account, reached through twilio's own client: one try per exchange, under the circuit, with diagnostics.

What is asked of it is its users' business (`notifier`); what an answer means is in `faults`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

import structlog

from adapters.resilience import CircuitBreaker, CircuitOpenError, CircuitState, Diagnostics
from adapters.twilio import faults
from adapters.twilio.credentials import TwilioCredentials
from adapters.twilio.faults import TwilioFault
from resolvers.ports import Clock, ComponentHealth, HealthSignal, Status

if TYPE_CHECKING:
    from twilio.rest import Client

    from adapters.twilio.http import TwilioHttp

T = TypeVar("T")
_RATE_LIMIT_PAUSE = 1.0


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
        self._trouble: TwilioFault | None = None
        self._client: Client | None = None
        self._http: TwilioHttp | None = None

    async def exchange(
        self, action: str, call: Callable[[Client], Awaitable[T]], *, sending: bool = False
    ) -> T:
        """One call. `sending`: it creates something, so that a lost answer is ambiguous. Raises TwilioFault only."""
        started = self._clock.monotonic()
        try:
            with self._circuit.call(_is_outage):
                result = await self._readable(call, sending=sending)
        except CircuitOpenError as error:
            raise faults.circuit_open(error.retry_after) from None
        except TwilioFault as fault:
            self._failed(action, fault)
            raise
        self._diagnostics.ok(self._clock.now(), self._clock.monotonic() - started)
        self._settle(None)
        return result

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
        trouble = self._trouble
        if trouble is not None and trouble.hold:
            return Status.DOWN, trouble.message
        if (state := self._circuit.state) is not CircuitState.CLOSED:
            said = self._diagnostics.error_message or "Twilio asked for a pause."
            return Status.DEGRADED, (
                f"{said} Circuit {state}, next probe in {self._circuit.opens_in:.0f} s; messages wait in the queue."
            )
        if trouble is not None:
            return Status.DEGRADED, trouble.message
        if self._diagnostics.last_ok_at is None and self._diagnostics.error_code is None:
            return Status.OK, "Set up; not used since the start."
        return Status.OK, "Twilio answers."

    async def _readable(self, call: Callable[[Client], Awaitable[T]], *, sending: bool) -> T:
        from twilio.base.exceptions import TwilioException

        try:
            return await call(self._open())
        except (TwilioException, LookupError, TypeError, ValueError) as error:
            raise faults.no_answer("UNREADABLE", "unreadable answer", sending=sending) from error

    def _open(self) -> Client:
        """Made on first use, inside the running loop; twilio takes a moment to import."""
        if self._client is None:
            from twilio.rest import Client

            from adapters.twilio.http import TwilioHttp

            self._http = TwilioHttp(timeout=self._timeout, base_url=self._credentials.base_url)
            self._client = Client(
                self._credentials.account_sid,
                self._credentials.auth_token,
                http_client=self._http,
                # a mapping of its own: the client must not read the process's environment
                environment={"TWILIO_ACCOUNT_SID": self._credentials.account_sid or ""},
            )
        return self._client

    def _failed(self, action: str, fault: TwilioFault) -> None:
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
        elif fault.code == faults.RATE_LIMITED:
            self._circuit.pause(
                _RATE_LIMIT_PAUSE if fault.retry_after is None else fault.retry_after
            )
        self._settle(fault if fault.hold or fault.outage else None)
        self._signal.changed()

    def _settle(self, trouble: TwilioFault | None) -> None:
        was, self._trouble = self._trouble, trouble
        if was is not None and trouble is None:
            structlog.get_logger().info("twilio.recovered", after=was.code)
            self._signal.changed()


def _is_outage(error: BaseException) -> bool:
    return isinstance(error, TwilioFault) and error.outage
