"""Watches the rules in the background: looks at the picture after each commit and each minute, and fires what is due.

What holds is worked out first, off the event loop where it takes long; the commit then decides on the picture it finds,
and only where nothing that rules look at has changed meanwhile. So whoever watches the same store, nothing fires twice.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final

import structlog

from negotiation.records import Negotiation, Notification, Snapshot
from negotiation.rules.conditions import Condition, conditions, watches
from negotiation.rules.edges import LOOKED, judge
from negotiation.rules.model import Rule, RuleFiring, RuleKind, RuleState
from resolvers.errors import GatewayError
from resolvers.firing import REQUESTED_BY, Means, Occasion, Told, edge_key, fire
from resolvers.live import either
from resolvers.ports import (
    Actor,
    Clock,
    ComponentHealth,
    HealthSignal,
    Put,
    Services,
    Status,
    Write,
)
from resolvers.rules import scene
from resolvers.view import Pictures, View

WATCHED: Final = ("rules", "negotiations", "usage", "skus", "streams", "offers", "milestones")
"""The areas of the picture that decide what holds."""
LOOK_EVERY: Final = 60.0
REST: Final = 0.2
"""What is committed in between is looked at together."""
SHARE: Final = 0.2
"""The most of the time that is spent looking: through an import of many commits, other work comes first."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What held in a picture on a day, by rule; `troubles`: why a rule could not be judged."""

    snapshot: Snapshot
    today: date
    holding: Mapping[str, Sequence[Condition]]
    troubles: Mapping[str, str] = field(default_factory=dict)

    def is_of(self, snapshot: Snapshot, today: date) -> bool:
        """Whether it would be the same of this picture."""
        return self.today == today and all(
            getattr(self.snapshot, area) is getattr(snapshot, area) for area in WATCHED
        )


class RuleWatch:
    """The Component "rules", and what runs behind it. `rest`: seconds between two looks."""

    def __init__(self, clock: Clock, signal: HealthSignal, *, rest: float = REST) -> None:
        self._rest = rest
        self._clock = clock
        self._signal = signal
        self._seen: Observation | None = None
        self._health = ComponentHealth(
            name="rules", status=Status.OK, mode="off", message="No rule is being watched."
        )

    def health(self) -> ComponentHealth:
        return self._health

    async def run(self, services: Services, pictures: Pictures) -> None:
        """Until it is cancelled. Nothing that goes wrong in a look ends it: the next one tries again."""
        async with aclosing(either(services.store.watch(), self._minutes())) as woken:
            async for _ in woken:
                started = self._clock.monotonic()
                try:
                    await self.look(services, pictures)
                except Exception as error:  # noqa: BLE001 - told in health; the next look tries again
                    self._troubled(error)
                took = self._clock.monotonic() - started
                await self._clock.sleep(max(self._rest, took / SHARE - took))

    async def look(self, services: Services, pictures: Pictures) -> None:
        """Fire what is due now. Raises what the store raises."""
        view = View(pictures.present(), _WATCHER, services)
        seen = self._seen
        if seen is None or seen.troubles or not seen.is_of(view.snapshot, view.today):
            seen = self._seen = await observed(view)
        troubles = dict(seen.troubles)
        told: list[int] = []

        def decide(snapshot: Snapshot) -> Sequence[Write]:
            told.clear()
            if not seen.is_of(snapshot, self._clock.today()):
                return ()  # the change woke us: it is looked at next
            writes, fired, failed = due(seen, snapshot, self._means(services))
            troubles.update(failed)
            told.append(fired)
            return writes

        if decide(services.store.snapshot()):
            await services.store.commit(decide, actor=REQUESTED_BY, cause="rules")
            if any(told):
                services.wake_outbox()
        self._well(seen, troubles)

    def _means(self, services: Services) -> Means:
        return Means(policy=services.policy, ready=services.notifier.ready, now=self._clock.now())

    async def _minutes(self) -> AsyncGenerator[None, None]:
        """For what time alone changes: days, cooldowns, and what failed before."""
        while True:
            await self._clock.sleep(LOOK_EVERY)
            yield

    def _well(self, seen: Observation, troubles: Mapping[str, str]) -> None:
        enabled = len(seen.holding)
        rules = "1 rule is" if enabled == 1 else f"{enabled} rules are"
        health = ComponentHealth(
            name="rules",
            status=Status.OK,
            mode="watching" if enabled else "off",
            message=f"{rules} being watched." if enabled else "No rule is switched on.",
            last_ok_at=self._clock.now(),
        )
        if troubles:
            named = "; ".join(
                f"{seen.snapshot.rules[each].name!r}: {why}" for each, why in troubles.items()
            )
            health = ComponentHealth(
                name="rules",
                status=Status.DEGRADED,
                mode="watching",
                message=f"Some rules could not be judged. Change them or switch them off. {named}",
                last_ok_at=self._health.last_ok_at,
                error_code="RULE_FAILED",
                error_message=named,
            )
        self._tell(health)

    def _troubled(self, error: Exception) -> None:
        said = error.message if isinstance(error, GatewayError) else type(error).__name__
        structlog.get_logger().warning(
            "rules not judged", exc_info=not isinstance(error, GatewayError), error=said
        )
        self._tell(
            ComponentHealth(
                name="rules",
                status=Status.DEGRADED,
                mode="watching",
                message=f"The rules were not judged; it is tried again within a minute. {said}",
                last_ok_at=self._health.last_ok_at,
                error_code=error.code if isinstance(error, GatewayError) else "INTERNAL",
                error_message=said,
            )
        )

    def _tell(self, health: ComponentHealth) -> None:
        before, self._health = self._health, health
        if (before.status, before.mode, before.message) != (
            health.status,
            health.mode,
            health.message,
        ):
            self._signal.changed()


_WATCHER: Final = Actor(id=REQUESTED_BY, name="Rules", roles=frozenset({"viewer"}))


async def observed(view: View) -> Observation:
    """What holds now of each rule that is switched on. A rule that cannot be judged spoils no other."""
    enabled = [each for each in view.snapshot.rules.values() if each.enabled]
    holding: dict[str, list[Condition]] = {each.id: [] for each in enabled}
    troubles: dict[str, str] = {}
    for negotiation in view.snapshot.negotiations.values():
        for kind in RuleKind:
            mine = [each for each in enabled if each.kind is kind and _watches(each, negotiation)]
            if not mine:
                continue
            try:
                made = await scene(view, negotiation, frozenset({kind}))
            except Exception as error:  # noqa: BLE001 - it belongs to the rules of this kind
                troubles |= {rule.id: _said(error) for rule in mine}
                continue
            for rule in mine:
                try:
                    holding[rule.id] += conditions(rule, made)
                except Exception as error:  # noqa: BLE001 - it belongs to this rule
                    troubles[rule.id] = _said(error)
    for failed in troubles:
        holding[failed] = []
    return Observation(view.snapshot, view.today, holding, troubles)


def due(
    seen: Observation, snapshot: Snapshot, means: Means
) -> tuple[list[Write], int, dict[str, str]]:
    """What to write, how many firings are among it, and what could not be done. A rule in trouble keeps what it knew."""
    known = _by_rule(snapshot)
    writes: list[Write] = []
    queued: list[Notification] = []
    fired = 0
    troubles: dict[str, str] = {}
    for rule_id, holding in seen.holding.items():
        if rule_id in seen.troubles:
            continue
        rule = snapshot.rules[rule_id]
        try:
            made, messages = _judged(rule, known.get(rule_id, {}), holding, snapshot, means, queued)
        except Exception as error:  # noqa: BLE001 - it belongs to this rule
            troubles[rule_id] = _said(error)
            continue
        writes += made
        queued += messages
        fired += len(messages)
    return [*writes, *(Put(each) for each in queued)], fired, troubles


def _judged(
    rule: Rule,
    known: Mapping[str, RuleState],
    holding: Sequence[Condition],
    snapshot: Snapshot,
    means: Means,
    before: Sequence[Notification],
) -> tuple[list[Write], list[Notification]]:
    told = Told(snapshot) if LOOKED not in known else None
    elsewhere = {} if told is None else _told_elsewhere(rule, known, holding, told, means.now)
    judgement = judge(rule, {**known, **elsewhere}, holding, means.now)
    states = elsewhere | {each.subject: each for each in judgement.states}
    firings: list[RuleFiring] = []
    queued: list[Notification] = []
    for edge in judgement.edges:
        told = told or Told(snapshot)
        subject = edge.condition.subject
        number = told.number(rule, subject, edge.number, means.now)
        states[subject] = replace(states[subject], fired=number)
        occasion = Occasion(
            subject=subject, facts=edge.condition.facts, key=edge_key(rule, subject, number)
        )
        firing, messages = fire(
            snapshot, rule, occasion, means, besides=[*before, *queued], sent=len(queued)
        )
        firings.append(firing)
        queued += messages
    return [*(Put(each) for each in states.values()), *(Put(each) for each in firings)], queued


def _told_elsewhere(
    rule: Rule,
    known: Mapping[str, RuleState],
    holding: Sequence[Condition],
    told: Told,
    now: datetime,
) -> dict[str, RuleState]:
    """For a first look: what another gateway has told of what holds is no news here."""
    found: dict[str, RuleState] = {}
    for condition in holding:
        last = told.last(rule, condition.subject)
        if last is not None and condition.subject not in known:
            found[condition.subject] = RuleState(
                rule_id=rule.id,
                subject=condition.subject,
                holds=True,
                since=now,
                told=True,
                fired=last[0],
                fired_at=last[1],
            )
    return found


def _by_rule(snapshot: Snapshot) -> dict[str, dict[str, RuleState]]:
    found: dict[str, dict[str, RuleState]] = {}
    for state in snapshot.rule_states.values():
        found.setdefault(state.rule_id, {})[state.subject] = state
    return found


def _watches(rule: Rule, negotiation: Negotiation) -> bool:
    return watches(rule, negotiation.id, negotiation.status)


def _said(error: Exception) -> str:
    """What went wrong, for health; the log has where."""
    structlog.get_logger().warning("a rule failed", exc_info=error)
    return error.message if isinstance(error, GatewayError) else f"{type(error).__name__}: {error}"
