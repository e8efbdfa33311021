"""What of a rule's kind holds today, subject by subject, with the facts its text may name.

A subject that is not among the answers does not hold. The figures (envelope, pace, projection) are given: how they are
computed, and when, is the caller's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from negotiation.decimals import exact_arithmetic, format_decimal, round_places
from negotiation.envelope import Envelope
from negotiation.money import format_money
from negotiation.pace import CommitmentPace, TierProjection
from negotiation.picture import Picture
from negotiation.records import (
    Milestone,
    MilestoneStatus,
    NegotiationStatus,
    Offer,
    OfferStatus,
    Party,
)
from negotiation.rules.model import Rule, RuleKind

ZERO: Final = Decimal(0)
OVER: Final = frozenset({NegotiationStatus.CLOSED, NegotiationStatus.WALKED_AWAY})
"""Negotiations that no rule watches unless it names them."""
_NONE: Final = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One negotiation today. `offers`: all of them; `paces`, `projection`, `envelope`: empty where no rule asks for them."""

    picture: Picture
    offers: Sequence[Offer] = ()
    envelope: Envelope | None = None
    paces: Sequence[CommitmentPace] = ()
    projection: TierProjection | None = None

    @property
    def today(self) -> date:
        return self.picture.today

    @property
    def currency(self) -> str:
        return self.picture.negotiation.currency


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Something a rule looks at, and whether it `holds`. `subject`: what it is about, the same for as long as it holds.

    `news`: it is the beginning that matters; a rule that looks for the first time has nothing to tell of it.
    """

    subject: str
    facts: Mapping[str, str] = field(default_factory=dict)
    holds: bool = True
    news: bool = False


def conditions(rule: Rule, scene: Scene) -> tuple[Condition, ...]:
    """What holds of this rule in the scene."""
    return tuple(each for each in candidates(rule, scene) if each.holds)


def candidates(rule: Rule, scene: Scene) -> tuple[Condition, ...]:
    """Everything the rule looks at in the scene, what holds and what does not."""
    return tuple(_KINDS[rule.kind](rule, scene))


def watches(rule: Rule, negotiation_id: str, status: NegotiationStatus) -> bool:
    """Whether the rule looks at this negotiation."""
    if rule.negotiation_id is not None:
        return rule.negotiation_id == negotiation_id
    return status not in OVER


def common_facts(scene: Scene) -> dict[str, str]:
    """What every text may name."""
    negotiation = scene.picture.negotiation
    return {
        "negotiation": negotiation.name,
        "vendor": negotiation.vendor,
        "today": scene.today.isoformat(),
    }


def _envelope(rule: Rule, scene: Scene) -> Iterator[Condition]:
    found = scene.envelope
    if found is None or found.current_margin is None:
        return
    floor, ceiling = found.floor_margin.value, found.ceiling_margin.value
    beyond = ZERO if rule.threshold is None else rule.threshold
    facts = {
        **common_facts(scene),
        "margin": percent(found.current_margin),
        "floor": percent(floor),
        "target": percent(found.target_margin.value),
        "ceiling": percent(ceiling),
        "amount": format_money(found.revenue, found.currency),
    }
    own = scene.picture.negotiation.id
    with exact_arithmetic():
        below = found.current_margin < floor - beyond
        above = found.current_margin > ceiling + beyond
    side = "below the floor" if below else "above the ceiling" if above else "within the band"
    yield Condition(
        subject=f"{own}/{'below' if below else 'above' if above else 'within'}",
        facts={**facts, "side": side},
        holds=below or above,
    )


def _tier(rule: Rule, scene: Scene) -> Iterator[Condition]:
    trailing, own = scene.picture.trailing, scene.picture.negotiation.id
    now = _NONE if trailing.tier is None else trailing.tier.name
    facts = {
        **common_facts(scene),
        "tier": now,
        "next": _NONE if trailing.next is None else trailing.next.tier.name,
        "amount": format_money(trailing.amount, scene.currency),
        "date": scene.today.isoformat(),
        "days": "0",
    }
    if scene.picture.catalogue.ladder is not None and _wanted(rule, now):
        change = {"change": f"the tier has changed to {now}", "next": now}
        yield Condition(subject=f"{own}/tier/{now}", facts={**facts, **change}, news=True)
    if rule.days is None or scene.projection is None:
        return
    projection = scene.projection
    ahead = (
        ("up", projection.up, projection.reaches_up, "tier"),
        ("down", projection.down, projection.falls_below, "a fall to tier"),
    )
    for way, tier, days, words in ahead:
        name = _NONE if tier is None else tier.name
        found = days.likely
        if found is None or not _wanted(rule, name) or (way == "up" and tier is None):
            continue
        left = (found - scene.today).days
        change = {
            "change": f"{words} {name} is expected in {_count(left)}, on {found}",
            "next": name,
            "date": found.isoformat(),
            "days": str(left),
        }
        yield Condition(
            subject=f"{own}/{way}/{name}", facts={**facts, **change}, holds=left <= rule.days
        )


def _commitment(rule: Rule, scene: Scene) -> Iterator[Condition]:
    least = ZERO if rule.threshold is None else rule.threshold
    for pace in scene.paces:
        if pace.committed <= 0:
            continue
        with exact_arithmetic():
            share = pace.projected_shortfall / pace.committed
        yield Condition(
            subject=f"{scene.picture.negotiation.id}/{pace.commitment_id}/{pace.first}",
            holds=share > least,
            facts={
                **common_facts(scene),
                "amount": format_money(pace.projected_shortfall, scene.currency),
                "percent": percent(share),
                "committed": format_money(pace.committed, scene.currency),
                "burned": format_money(pace.burned, scene.currency),
                "expected": format_money(pace.expected, scene.currency),
                "commitment": pace.commitment_id,
                "date": pace.end.isoformat(),
                "days": str((pace.end - scene.today).days),
            },
        )


def _received(_: Rule, scene: Scene) -> Iterator[Condition]:
    for offer in _open(scene):
        if offer.party is Party.VENDOR:
            yield Condition(subject=offer.id, facts=_offer_facts(scene, offer), news=True)


def _expiring(rule: Rule, scene: Scene) -> Iterator[Condition]:
    within = 0 if rule.days is None else rule.days
    for offer in _open(scene):
        if offer.valid_until is None:
            continue
        left = (offer.valid_until - scene.today).days
        facts = {**_offer_facts(scene, offer), "days": str(left)}
        yield Condition(subject=offer.id, facts=facts, holds=left <= within)


def _late(rule: Rule, scene: Scene) -> Iterator[Condition]:
    for milestone in _pending(scene):
        left = (milestone.due_on - scene.today).days
        near = rule.days is not None and left <= rule.days
        state = "due today" if left == 0 else f"due in {_count(left)}"
        if left < 0:
            state = f"{_count(-left)} late"
        yield Condition(
            subject=f"{milestone.id}/{'late' if left < 0 else 'due'}",
            facts={**_milestone_facts(scene, milestone), "state": state, "days": str(abs(left))},
            holds=left < 0 or near,
        )


def _approval(_: Rule, scene: Scene) -> Iterator[Condition]:
    agreed = scene.picture.negotiation.status is NegotiationStatus.AGREED
    for milestone in _pending(scene):
        facts = _milestone_facts(scene, milestone)
        yield Condition(subject=milestone.id, facts=facts, holds=agreed)


_KINDS: Final[Mapping[RuleKind, Callable[[Rule, Scene], Iterable[Condition]]]] = {
    RuleKind.ENVELOPE_OUT_OF_BAND: _envelope,
    RuleKind.TIER_CHANGE: _tier,
    RuleKind.COMMITMENT_BEHIND: _commitment,
    RuleKind.OFFER_RECEIVED: _received,
    RuleKind.OFFER_EXPIRING: _expiring,
    RuleKind.MILESTONE_LATE: _late,
    RuleKind.APPROVAL_NEEDED: _approval,
}


def percent(ratio: Decimal) -> str:
    """0.4215 as "42.2 %"."""
    return f"{format_decimal(round_places(ratio * 100, 1))} %"


def _open(scene: Scene) -> Iterator[Offer]:
    """The offers on the table today."""
    for offer in scene.offers:
        ours = offer.negotiation_id == scene.picture.negotiation.id
        alive = offer.valid_until is None or offer.valid_until >= scene.today
        if ours and alive and offer.status is OfferStatus.PROPOSED:
            yield offer


def _pending(scene: Scene) -> Iterator[Milestone]:
    return (each for each in scene.picture.milestones if each.status is MilestoneStatus.PENDING)


def _offer_facts(scene: Scene, offer: Offer) -> dict[str, str]:
    return {
        **common_facts(scene),
        "offer": offer.title,
        "party": "buyer" if offer.party is Party.BUYER else "vendor",
        "round": str(offer.round),
        "date": "further notice" if offer.valid_until is None else offer.valid_until.isoformat(),
    }


def _milestone_facts(scene: Scene, milestone: Milestone) -> dict[str, str]:
    return {
        **common_facts(scene),
        "milestone": milestone.name,
        "role": milestone.owner_role,
        "date": milestone.due_on.isoformat(),
    }


def _wanted(rule: Rule, tier: str) -> bool:
    return rule.tier is None or rule.tier.casefold() == tier.casefold()


def _count(days: int) -> str:
    return f"{days} day" if days == 1 else f"{days} days"
