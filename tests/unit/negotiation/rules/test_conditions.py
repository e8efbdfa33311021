"""What each kind of rule looks at, and what its text is told about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from negotiation.band import margin_band
from negotiation.envelope import compute_envelope
from negotiation.pace import CommitmentPace, DateRange, TierProjection
from negotiation.picture import Pictures
from negotiation.ratio import MarginRate
from negotiation.records import (
    MilestoneStatus,
    NegotiationStatus,
    OfferStatus,
    Party,
    Record,
    StreamSide,
)
from negotiation.rules.conditions import Scene, candidates, conditions, watches
from negotiation.rules.kinds import KINDS
from negotiation.rules.model import Rule, RuleKind
from tests.builders import (
    TODAY,
    a_ladder,
    a_milestone,
    a_negotiation,
    a_row,
    a_rule,
    a_sku,
    a_snapshot,
    a_stream,
    an_offer,
)

NOWHERE = DateRange(earliest=None, likely=None, latest=None)


def scene(
    *,
    cost: str = "0.50",
    status: NegotiationStatus = NegotiationStatus.OPEN,
    offers: Iterable[Any] = (),
    milestones: Iterable[Any] = (),
    paces: Iterable[CommitmentPace] = (),
    projection: TierProjection | None = None,
) -> Scene:
    """A negotiation at a margin of 1 - `cost`, floor 35 %, ceiling 60 %, in tier A."""
    negotiation = a_negotiation(terms=(a_ladder(),), status=status)
    streams: list[Record] = [
        a_stream(id="r", family=None, volume=Decimal(100), unit_price=Decimal(1)),
        a_stream(
            id="c",
            side=StreamSide.EXPENSE,
            family=None,
            volume=Decimal(100),
            unit_price=Decimal(cost),
        ),
    ]
    snapshot = a_snapshot(
        negotiation=negotiation,
        skus=[a_sku()],
        usage=[a_row(TODAY - timedelta(days=400), quantity=10)],
        streams=streams,  # type: ignore[arg-type]
        milestones=milestones,
    )
    picture = Pictures().of(snapshot, negotiation, TODAY)
    band = margin_band(
        MarginRate(negotiation.target_margin),
        MarginRate(negotiation.floor_margin),
        MarginRate(negotiation.ceiling_margin),
    )
    return Scene(
        picture=picture,
        offers=tuple(offers),
        envelope=compute_envelope(picture.money, band),
        paces=tuple(paces),
        projection=projection,
    )


def held(rule: Rule, made: Scene) -> dict[str, dict[str, str]]:
    """The facts of what holds, by subject."""
    return {each.subject: dict(each.facts) for each in conditions(rule, made)}


def in_days(days: int) -> date:
    return TODAY + timedelta(days=days)


@pytest.mark.parametrize(
    ("cost", "subject", "side"),
    [
        ("0.66", "neg-1/below", "below the floor"),
        ("0.39", "neg-1/above", "above the ceiling"),
    ],
)
def test_an_envelope_out_of_its_band_says_on_which_side(cost: str, subject: str, side: str) -> None:
    found = held(a_rule(), scene(cost=cost))
    assert found[subject]["side"] == side
    assert (found[subject]["floor"], found[subject]["ceiling"]) == ("35.0 %", "60.0 %")


def test_on_its_edges_an_envelope_is_within_its_band() -> None:
    for cost in ("0.65", "0.40", "0.50"):
        assert held(a_rule(), scene(cost=cost)) == {}


def test_a_threshold_is_how_far_outside_it_must_be() -> None:
    rule = a_rule(threshold=Decimal("0.02"))
    assert held(rule, scene(cost="0.67")) == {}
    assert held(rule, scene(cost="0.671")) != {}


def test_the_tier_that_is_reached_is_news() -> None:
    [found] = conditions(a_rule(RuleKind.TIER_CHANGE), scene())
    assert (found.subject, found.news) == ("neg-1/tier/A", True)
    assert found.facts["change"] == "the tier has changed to A"
    assert held(a_rule(RuleKind.TIER_CHANGE, tier="B"), scene()) == {}


def projected(days: int) -> TierProjection:
    tiers = a_ladder().tiers
    day = DateRange(earliest=None, likely=in_days(days), latest=None)
    return TierProjection(up=tiers[1], reaches_up=day, down=None, falls_below=NOWHERE)


def test_a_tier_is_expected_within_the_days_of_the_rule() -> None:
    rule = a_rule(RuleKind.TIER_CHANGE, days=14)
    found = held(rule, scene(projection=projected(14)))["neg-1/up/B"]
    assert found["change"] == f"tier B is expected in 14 days, on {in_days(14)}"
    assert found["next"] == "B"
    assert "neg-1/up/B" not in held(rule, scene(projection=projected(15)))
    assert "neg-1/up/B" in held(replace(rule, tier="b"), scene(projection=projected(1)))
    assert "neg-1/up/B" not in held(replace(rule, tier="C"), scene(projection=projected(1)))


def pace(shortfall: str) -> CommitmentPace:
    return CommitmentPace(
        commitment_id="annual",
        first=in_days(-100),
        end=in_days(265),
        committed=Decimal(1_000),
        burned=Decimal(200),
        low=Decimal(700),
        expected=Decimal(1_000) - Decimal(shortfall),
        high=Decimal(1_000),
        projected_shortfall=Decimal(shortfall),
        met=NOWHERE,
        missing=(),
    )


def test_a_commitment_is_behind_by_more_than_the_share_of_the_rule() -> None:
    rule = a_rule(RuleKind.COMMITMENT_BEHIND, threshold=Decimal("0.10"))
    assert held(rule, scene(paces=[pace("100")])) == {}
    [found] = held(rule, scene(paces=[pace("125")])).values()
    assert (found["percent"], found["amount"], found["days"]) == ("12.5 %", "USD 125.00", "265")
    assert held(replace(rule, threshold=None), scene(paces=[pace("0")])) == {}


def test_only_the_vendors_open_offers_are_received() -> None:
    offers = [
        an_offer(id="theirs", title="Better"),
        an_offer(id="ours", party=Party.BUYER),
        an_offer(id="old", valid_until=in_days(-1)),
        an_offer(id="gone", status=OfferStatus.WITHDRAWN),
        an_offer(id="elsewhere", negotiation_id="neg-2"),
    ]
    found = held(a_rule(RuleKind.OFFER_RECEIVED), scene(offers=offers))
    assert found.keys() == {"theirs"}
    assert (found["theirs"]["offer"], found["theirs"]["date"]) == ("Better", "further notice")


@pytest.mark.parametrize(("days", "holds"), [(-1, False), (0, True), (3, True), (4, False)])
def test_an_offer_expires_within_the_days_of_the_rule_counting_its_last(
    days: int, holds: bool
) -> None:
    offers = [an_offer(valid_until=in_days(days))]
    found = held(a_rule(RuleKind.OFFER_EXPIRING, days=3), scene(offers=offers))
    assert bool(found) is holds
    if holds:
        assert found["offer-1"]["days"] == str(days)


def test_a_milestone_is_due_and_then_late() -> None:
    rule = a_rule(RuleKind.MILESTONE_LATE, days=2)
    told = {
        days: [
            (subject, facts["state"])
            for subject, facts in held(
                rule, scene(milestones=[a_milestone(due_on=in_days(days))])
            ).items()
        ]
        for days in (3, 2, 0, -1)
    }
    assert told == {
        3: [],
        2: [("milestone-1/due", "due in 2 days")],
        0: [("milestone-1/due", "due today")],
        -1: [("milestone-1/late", "1 day late")],
    }
    decided = a_milestone(due_on=in_days(-1), status=MilestoneStatus.APPROVED)
    assert held(rule, scene(milestones=[decided])) == {}


def test_approvals_are_needed_once_an_offer_was_accepted() -> None:
    rule, milestones = a_rule(RuleKind.APPROVAL_NEEDED), [a_milestone()]
    assert held(rule, scene(milestones=milestones)) == {}
    agreed = scene(status=NegotiationStatus.AGREED, milestones=milestones)
    assert held(rule, agreed)["milestone-1"]["role"] == "approver"


def test_a_rule_looks_at_its_own_negotiation_or_at_all_that_go_on() -> None:
    anyone, own = a_rule(), a_rule(negotiation_id="neg-1")
    assert watches(anyone, "neg-2", NegotiationStatus.LIVE)
    assert not watches(anyone, "neg-2", NegotiationStatus.CLOSED)
    assert watches(own, "neg-1", NegotiationStatus.CLOSED)
    assert not watches(own, "neg-2", NegotiationStatus.OPEN)


@pytest.mark.parametrize("kind", RuleKind)
def test_every_fact_that_a_text_may_name_is_there(kind: RuleKind) -> None:
    made = scene(
        offers=[an_offer(valid_until=in_days(5))],
        milestones=[a_milestone()],
        paces=[pace("10")],
        projection=projected(3),
    )
    rule = a_rule(kind, days=30) if KINDS[kind].takes("days") else a_rule(kind)
    found = candidates(rule, made)
    assert found
    for each in found:
        assert each.facts.keys() == KINDS[kind].facts.keys()
