"""Who holds which live connections: no caller may hold too many, and one whose credential is called back keeps none.

The local operator (no credential) is neither limited nor called back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from graph.auth.identity import Identity
from resolvers.errors import LimitExceeded, Unauthenticated

CHECK_SECONDS = 1.0
REVOKED = 4403


class Guest(Protocol):
    """One connection of somebody who was let in."""

    @property
    def subscriptions(self) -> int: ...

    def close(self, code: int, reason: str) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerLimits:
    """What one caller may hold in one process."""

    connections: int = 100
    subscriptions: int = 500


class Presence:
    """refusal: why an identity would no longer be let in. changes: a number that grows when that may have changed."""

    def __init__(
        self,
        *,
        refusal: Callable[[Identity], str | None] = lambda _: None,
        changes: Callable[[], int] = lambda: 0,
        limits: CallerLimits | None = None,
        check_seconds: float = CHECK_SECONDS,
    ) -> None:
        self._refusal = refusal
        self._changes = changes
        self._limits = CallerLimits() if limits is None else limits
        self._check_seconds = check_seconds
        self._identities: dict[Guest, Identity] = {}
        self._by_caller: dict[str, dict[Guest, None]] = {}
        self._seen = 0
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._identities)

    def enter(self, identity: Identity, guest: Guest) -> None:
        """Raises LimitExceeded for one connection too many, Unauthenticated when it was called back meanwhile."""
        if identity.credential is None:
            return
        if self._timer is None:
            self._seen = self._changes()
            self._later()
        if (reason := self._refusal(identity)) is not None:
            raise Unauthenticated(reason)
        held = self._by_caller.setdefault(identity.actor.id, {})
        if len(held) >= self._limits.connections:
            raise LimitExceeded(
                f"You hold {len(held)} live connections already. Close one first.",
                limit="connectionsPerCaller",
                value=self._limits.connections,
                found=len(held) + 1,
            )
        held[guest] = None
        self._identities[guest] = identity

    def leave(self, guest: Guest) -> None:
        """May be called for one that never entered."""
        identity = self._identities.pop(guest, None)
        if identity is None:
            return
        held = self._by_caller[identity.actor.id]
        del held[guest]
        if not held:
            del self._by_caller[identity.actor.id]
        if not self._identities and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def check_subscription(self, identity: Identity) -> None:
        """Raises LimitExceeded when the caller holds as many subscriptions as it may, over all its connections."""
        held = self._by_caller.get(identity.actor.id)
        if identity.credential is None or held is None:
            return
        running = sum(guest.subscriptions for guest in held)
        if running >= self._limits.subscriptions:
            raise LimitExceeded(
                f"You run {running} subscriptions already. Complete one first.",
                limit="subscriptionsPerCaller",
                value=self._limits.subscriptions,
                found=running + 1,
            )

    def _later(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._check_seconds, self._look)

    def _look(self) -> None:
        self._timer = None
        changes = self._changes()
        if changes != self._seen:
            self._seen = changes
            self._turn_out()
        if self._identities:
            self._later()

    def _turn_out(self) -> None:
        for guest, identity in tuple(self._identities.items()):
            if (reason := self._refusal(identity)) is not None:
                guest.close(REVOKED, reason)
                self.leave(guest)
