"""The live room of one process: the hub, the open connections, and how they end together."""

from __future__ import annotations

import asyncio
from typing import Protocol

from prometheus_client import CollectorRegistry

from graph.execution.gateway import Gateway
from graph.live.hub import Hub
from graph.live.metrics import LiveMetrics
from graph.live.presence import Presence
from resolvers.errors import LimitExceeded, Unavailable
from resolvers.ports import ComponentHealth, Status

MOST_PAUSE_SECONDS = 0.02  # a handful of clients is no storm


class Closable(Protocol):
    def close(self, code: int, reason: str) -> None: ...


class LiveComponent:
    """The live room's word on itself, known to health before the room exists."""

    def __init__(self) -> None:
        self.room: Live | None = None

    def health(self) -> ComponentHealth:
        room = self.room
        clients, topics = (len(room.connections), room.hub.topics) if room else (0, 0)
        return ComponentHealth(
            name="live",
            status=Status.OK,
            mode="graphql-transport-ws",
            message=f"Live connections: {clients}. Distinct subscriptions: {topics}.",
        )


class Live:
    """Made once, beside the gateway."""

    def __init__(
        self,
        gateway: Gateway,
        registry: CollectorRegistry,
        *,
        throttle_seconds: float = 0.05,
        max_connections: int = 12_000,
        max_subscribers: int = 50_000,
        presence: Presence | None = None,
    ) -> None:
        self.gateway = gateway
        self.metrics = LiveMetrics(registry)
        self.hub = Hub(
            gateway.subscribe,
            gateway.services.store,
            self.metrics,
            throttle_seconds=throttle_seconds,
            max_subscribers=max_subscribers,
        )
        self.presence = Presence() if presence is None else presence
        self.connections: dict[Closable, None] = {}
        self.draining = False
        self._max_connections = max_connections

    @property
    def full(self) -> bool:
        return self.draining or len(self.connections) >= self._max_connections

    def check_room(self) -> None:
        """Raises Unavailable while it drains, LimitExceeded when there is no room for one more connection."""
        if self.draining:
            raise Unavailable("The gateway restarts; come back with your cursor.")
        if self.full:
            raise LimitExceeded(
                "This gateway holds as many live connections as it can. Try again later.",
                limit="connections",
                value=self._max_connections,
                found=len(self.connections) + 1,
            )

    def now(self) -> float:
        """POSIX seconds, by the services' clock."""
        return self.gateway.services.clock.now().timestamp()

    def enter(self, connection: Closable) -> None:
        self.connections[connection] = None
        self.metrics.connections.set(len(self.connections))

    def leave(self, connection: Closable) -> None:
        self.connections.pop(connection, None)
        self.metrics.connections.set(len(self.connections))

    async def drain(self, window_seconds: float) -> None:
        """Ask everyone to come back, spread over the window, so that the next process is not stormed."""
        self.draining = True
        waiting = list(self.connections)
        pause = min(window_seconds / max(len(waiting), 1), MOST_PAUSE_SECONDS)
        loop = asyncio.get_running_loop()
        start = loop.time()
        for number, connection in enumerate(waiting):
            due = start + number * pause
            if due > loop.time():
                await asyncio.sleep(due - loop.time())
            connection.close(1001, "The gateway restarts; come back with your cursor")
        await self.hub.close()
