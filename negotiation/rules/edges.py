"""When a rule fires: as something begins to hold, and again only after it did not, or after the cooldown of a rule that
repeats itself. What holds is `conditions`'s; what firing means is the caller's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from negotiation.rules.conditions import Condition
from negotiation.rules.model import Rule, RuleState

LOOKED: Final = "*"
"""The subject that says: this rule has looked before. What is merely new to its first look is no news."""


@dataclass(frozen=True, slots=True)
class Edge:
    """A condition that is to be told, for the `number`th time on its subject."""

    condition: Condition
    number: int


@dataclass(frozen=True, slots=True)
class Judgement:
    """`states`: those that changed, and no others."""

    states: tuple[RuleState, ...]
    edges: tuple[Edge, ...]


def judge(
    rule: Rule, known: Mapping[str, RuleState], holding: Iterable[Condition], now: datetime
) -> Judgement:
    """What the conditions that hold `now` mean, after what was `known` of each subject."""
    states: list[RuleState] = []
    edges: list[Edge] = []
    first_look = LOOKED not in known
    if first_look:
        states.append(RuleState(rule_id=rule.id, subject=LOOKED, holds=True, since=now, told=True))
    seen = {LOOKED}
    for condition in holding:
        if condition.subject in seen:
            continue
        seen.add(condition.subject)
        before = known.get(condition.subject)
        after = _held(rule, before, condition, now, first_look=first_look)
        if not after.told and _rested(rule, after, now):
            after = replace(after, told=True, fired=after.fired + 1, fired_at=now)
            edges.append(Edge(condition, after.fired))
        if after != before:
            states.append(after)
    states += [
        replace(state, holds=False, told=False, since=now)
        for subject, state in known.items()
        if state.holds and subject not in seen
    ]
    return Judgement(tuple(states), tuple(edges))


def _held(
    rule: Rule, before: RuleState | None, condition: Condition, now: datetime, *, first_look: bool
) -> RuleState:
    old_news = first_look and condition.news
    if before is None:
        return RuleState(
            rule_id=rule.id, subject=condition.subject, holds=True, since=now, told=old_news
        )
    if not before.holds:
        return replace(before, holds=True, since=now, told=old_news)
    again = rule.repeats and before.fired_at is not None and _rested(rule, before, now)
    return replace(before, told=False) if again else before


def _rested(rule: Rule, state: RuleState, now: datetime) -> bool:
    cooldown = timedelta(hours=rule.cooldown_hours)
    return state.fired_at is None or now >= state.fired_at + cooldown
