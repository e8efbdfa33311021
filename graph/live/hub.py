"""The hub: one execution and one encoding per distinct (operation, variables, scope), pushed to all who asked.

A subscriber is anything that can take an event without waiting. How fast its bytes leave is the transports' business:
they keep a bounded, latest-wins mailbox each, so that a slow reader delays nobody.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson
import structlog

from graph.context import Context
from graph.execution.documents import Operation
from graph.live.events import Event
from graph.live.metrics import LiveMetrics
from resolvers.errors import LimitExceeded
from resolvers.ports import Actor, Store

Subscribe = Callable[[Operation, Mapping[str, Any], Context], AsyncGenerator[dict[str, Any], None]]
Scope = tuple[frozenset[str], str]
Key = tuple[bytes, bytes, Scope, int]

# Each of these streams belongs to the one who opened it: it counts from its own beginning.
PRIVATE_FIELDS = frozenset({"Subscription.simulation", "Subscription.ticks"})
# What these show depends on who asks, beyond the roles.
PERSONAL_FIELDS = frozenset({"Query.viewer"})


class Subscriber(Protocol):
    """The hub's view of one client's subscription. No method may wait or raise."""

    def deliver(self, event: Event) -> None: ...

    def fail(self, errors: list[dict[str, Any]]) -> None:
        """It could not start, or its source broke. Nothing follows."""
        ...

    def complete(self) -> None:
        """The source has ended. Nothing follows."""
        ...


@dataclass(eq=False, slots=True)
class Topic:
    """One distinct subscription and everyone who has it."""

    key: Key
    subscribers: dict[Subscriber, None] = field(default_factory=dict)
    newest: Event | None = None
    task: asyncio.Task[None] | None = None


def scope_of(actor: Actor, operation: Operation) -> Scope:
    """Two actors share results exactly when their scopes are equal."""
    return actor.roles, actor.id if operation.touches(PERSONAL_FIELDS) else ""


class Hub:
    """All topics of one process. Use it from the event loop only."""

    def __init__(
        self,
        subscribe: Subscribe,
        store: Store,
        metrics: LiveMetrics,
        *,
        throttle_seconds: float = 0.05,
        max_topics: int = 5_000,
        max_subscribers: int = 50_000,
    ) -> None:
        self._subscribe = subscribe
        self._store = store
        self._metrics = metrics
        self._throttle = throttle_seconds
        self._max_topics = max_topics
        self._max_subscribers = max_subscribers
        self._subscribers = 0
        self._topics: dict[Key, Topic] = {}
        self._private = 0

    @property
    def topics(self) -> int:
        return len(self._topics)

    @property
    def subscribers(self) -> int:
        return self._subscribers

    def attach(
        self,
        subscriber: Subscriber,
        operation: Operation,
        variables: Mapping[str, Any] | None,
        context: Context,
    ) -> Callable[[], None]:
        """Begin; the present value arrives at once where it is known. Returns how to leave (may be called twice).

        Raises LimitExceeded when the process has too many subscriptions, or follows too many distinct ones.
        """
        if self._subscribers >= self._max_subscribers:
            raise LimitExceeded(
                "This gateway has as many subscriptions as it can. Try again later.",
                limit="subscriptions",
                value=self._max_subscribers,
                found=self._subscribers + 1,
            )
        used = {k: v for k, v in (variables or {}).items() if k in operation.variables}
        key = self._key(operation, used, context.actor)
        topic = self._topics.get(key)
        if topic is None:
            if len(self._topics) >= self._max_topics:
                raise LimitExceeded(
                    "This gateway follows as many distinct subscriptions as it can. Try again later, or share one.",
                    limit="topics",
                    value=self._max_topics,
                    found=len(self._topics) + 1,
                )
            topic = self._topics[key] = Topic(key)
            topic.task = asyncio.create_task(self._follow(topic, operation, used, context))
        topic.subscribers[subscriber] = None
        self._subscribers += 1
        self._metrics.subscribers.inc()
        if topic.newest is not None:
            self._metrics.deliveries.inc()
            subscriber.deliver(topic.newest)
        return lambda: self._leave(topic, subscriber)

    async def close(self) -> None:
        """Stop every topic; nobody is told (the transports close their connections themselves)."""
        tasks = [topic.task for topic in self._topics.values() if topic.task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _key(self, operation: Operation, variables: Mapping[str, Any], actor: Actor) -> Key:
        if operation.touches(PRIVATE_FIELDS):
            self._private += 1
        private = self._private if operation.touches(PRIVATE_FIELDS) else 0
        return operation.key, canonical(variables), scope_of(actor, operation), private

    def _leave(self, topic: Topic, subscriber: Subscriber) -> None:
        if subscriber not in topic.subscribers:
            return
        del topic.subscribers[subscriber]
        self._subscribers -= 1
        self._metrics.subscribers.dec()
        if not topic.subscribers:
            self._drop(topic)
            if topic.task is not None:
                topic.task.cancel()

    def _drop(self, topic: Topic) -> None:
        if self._topics.get(topic.key) is topic:
            del self._topics[topic.key]
            self._metrics.topics.set(len(self._topics))

    async def _follow(
        self, topic: Topic, operation: Operation, variables: Mapping[str, Any], context: Context
    ) -> None:
        """Execute on each event of the source until nobody is left or the source ends."""
        self._metrics.topics.set(len(self._topics))
        throttle = 0.0 if topic.key[3] else self._throttle
        try:
            async with aclosing(self._subscribe(operation, variables, context)) as results:
                async for result in results:
                    self._metrics.executions.inc()
                    if "data" not in result:
                        self._end(topic, lambda each, r=result: each.fail(r["errors"]))  # type: ignore[misc]
                        return
                    self._push(topic, result)
                    # A burst costs few executions: what comes within the pause is seen by the next one, as one.
                    await asyncio.sleep(throttle)
            self._end(topic, lambda each: each.complete())
        except asyncio.CancelledError:
            raise
        except Exception:  # noqa: BLE001 - whatever broke, its subscribers are told and the log has it
            structlog.get_logger().exception(
                "subscription_broke", correlation_id=context.correlation_id
            )
            message = f"Something went wrong on our side. Quote {context.correlation_id}."
            extensions = {"code": "INTERNAL", "correlationId": context.correlation_id}
            error = {"message": message, "extensions": extensions}
            self._end(topic, lambda each: each.fail([error]))

    def _push(self, topic: Topic, result: dict[str, Any]) -> None:
        snapshot = self._store.snapshot()
        event = Event(result, snapshot.store_id, snapshot.revision)
        if topic.newest is not None and topic.newest.digest == event.digest:
            self._metrics.unchanged.inc()
            return
        topic.newest = event
        self._metrics.deliveries.inc(len(topic.subscribers))
        for subscriber in tuple(topic.subscribers):
            subscriber.deliver(event)

    def _end(self, topic: Topic, tell: Callable[[Subscriber], None]) -> None:
        self._drop(topic)
        leaving = tuple(topic.subscribers)
        topic.subscribers.clear()
        self._subscribers -= len(leaving)
        self._metrics.subscribers.dec(len(leaving))
        for subscriber in leaving:
            tell(subscriber)


def canonical(variables: Mapping[str, Any]) -> bytes:
    """Equal variables give equal bytes, whatever their order."""
    return orjson.dumps(dict(variables), option=orjson.OPT_SORT_KEYS)
