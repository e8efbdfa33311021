"""The negotiation as a whole: finding it, its envelope, SKUs and milestones, and changing its targets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from negotiation.band import DEFAULT_BAND, MAX_MARGIN, margin_band
from negotiation.decimals import format_decimal, round_places
from negotiation.envelope import Envelope, compute_envelope
from negotiation.money import format_money
from negotiation.picture import StreamLine
from negotiation.ratio import MarginRate, format_ratio
from negotiation.records import (
    Milestone,
    MilestoneStatus,
    Negotiation,
    Sku,
    Snapshot,
    StreamSide,
)
from negotiation.terms import LadderTerm
from resolvers.errors import BadUserInput, Conflict, FieldError, NotFound
from resolvers.paging import Key, Page, checked_first, page
from resolvers.ports import Actor, Put, Services, Write
from resolvers.view import View

LONGEST_NOTE = 2_000


class MilestoneDecision(StrEnum):
    APPROVE = "APPROVE"
    REJECT = "REJECT"
    REOPEN = "REOPEN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """Margins; None leaves the saved one as it is."""

    target: Decimal | None = None
    floor: Decimal | None = None
    ceiling: Decimal | None = None


def find(view: View, own_id: str | None) -> Negotiation | None:
    """The negotiation with this id, or the current one."""
    return in_snapshot(view.snapshot, own_id)


def in_snapshot(snapshot: Snapshot, own_id: str | None) -> Negotiation | None:
    """The negotiation with this id, or the current one."""
    wanted = snapshot.current_negotiation_id if own_id is None else own_id
    return None if wanted is None else snapshot.negotiations.get(wanted)


def needed(snapshot: Snapshot, own_id: str | None) -> Negotiation:
    """The negotiation with this id, or the current one. Raises NotFound."""
    found = in_snapshot(snapshot, own_id)
    if found is None and own_id is None:
        raise NotFound("The workspace has no negotiation yet.")
    if found is None:
        raise NotFound(f"There is no negotiation {own_id!r}.")
    return found


def expect_version(negotiation: Negotiation, seen: int | None) -> None:
    """Raises Conflict when somebody changed it since it was seen. None: whatever it is now."""
    if seen is not None and seen != negotiation.version:
        raise Conflict(
            f"{negotiation.name} was changed by somebody else: you saw version {seen}, "
            f"it is {negotiation.version} now. Look at the changes and decide again.",
            current_version=negotiation.version,
        )


def listing(view: View, *, first: int | None, after: str | None) -> Page[Negotiation]:
    """All negotiations, by id."""
    size = checked_first(first, 20)
    return page(
        sorted(view.snapshot.negotiations.values(), key=_by_id), _by_id, first=size, after=after
    )


def skus(view: View, *, family: str | None, first: int | None, after: str | None) -> Page[Sku]:
    """The catalogue, by key; one family of it, where that is given."""
    size = checked_first(first, 200)
    ordered = view.figures.once(
        "skus", lambda: sorted(view.snapshot.skus.values(), key=lambda sku: sku.key)
    )
    taken = ordered if family is None else [sku for sku in ordered if sku.family == family]
    return page(taken, lambda sku: (sku.key,), first=size, after=after)


def envelope(view: View, negotiation: Negotiation, override: Targets) -> Envelope:
    """The vendor's envelope at the saved targets, or at those that `override` gives instead (see `with_targets`)."""

    def compute() -> Envelope:
        picture = view.picture(negotiation)
        wanted = with_targets(negotiation, override)
        band = margin_band(
            MarginRate(wanted.target_margin),
            MarginRate(wanted.floor_margin),
            MarginRate(wanted.ceiling_margin),
        )
        made = compute_envelope(picture.money, band)
        return replace(made, warnings=(*picture.warnings, *made.warnings))

    return view.figures.once(("envelope", negotiation.id, override), compute)


def streams(view: View, negotiation: Negotiation) -> tuple[StreamLine, ...]:
    """The lines of the envelope. The vendor's people do not see what we think serving us costs."""
    lines = view.picture(negotiation).streams
    if not view.is_guest:
        return lines
    return tuple(line for line in lines if line.side is not StreamSide.EXPENSE)


def summary(view: View) -> str:
    """The current negotiation in one short message. Raises NotFound when there is none."""
    negotiation = needed(view.snapshot, None)
    made = envelope(view, negotiation, Targets())
    trailing = view.picture(negotiation).trailing
    margin = "none yet" if made.current_margin is None else _percent(made.current_margin)
    tier = "" if trailing.tier is None else f", tier {trailing.tier.name}"
    return (
        f"{negotiation.name}: revenue {format_money(made.revenue, made.currency)}, "
        f"margin {margin} (floor {_percent(made.floor_margin.value)}, target "
        f"{_percent(made.target_margin.value)}, ceiling {_percent(made.ceiling_margin.value)}). "
        f"Trailing 90 days {format_money(trailing.amount, made.currency)}{tier}. {view.today}"
    )


def ladder(view: View, negotiation: Negotiation) -> LadderTerm | None:
    """The ladder in force."""
    return view.picture(negotiation).catalogue.ladder


def with_targets(negotiation: Negotiation, targets: Targets) -> Negotiation:
    """The negotiation at these margins. One that is not given stays, or moves along where the target would pass it."""
    target = negotiation.target_margin if targets.target is None else targets.target
    floor, ceiling = targets.floor, targets.ceiling
    if floor is None:
        below = max(Decimal(0), target - DEFAULT_BAND)
        floor = negotiation.floor_margin if negotiation.floor_margin <= target else below
    if ceiling is None:
        above = min(MAX_MARGIN, target + DEFAULT_BAND)
        ceiling = negotiation.ceiling_margin if negotiation.ceiling_margin >= target else above
    return replace(negotiation, target_margin=target, floor_margin=floor, ceiling_margin=ceiling)


async def set_targets(
    services: Services,
    actor: Actor,
    targets: Targets,
    *,
    negotiation_id: str | None,
    version: int | None,
) -> Snapshot:
    """Save the margins. Raises NotFound, Conflict or BadUserInput."""

    def decide(snapshot: Snapshot) -> Sequence[Write]:
        negotiation = needed(snapshot, negotiation_id)
        expect_version(negotiation, version)
        changed = with_targets(negotiation, targets)
        _check_order(changed)
        return () if changed == negotiation else (Put(bumped(changed)),)

    return await services.store.commit(decide, actor=actor.id, cause="setTargets")


async def decide_milestone(
    services: Services,
    actor: Actor,
    *,
    milestone_id: str,
    decision: MilestoneDecision,
    note: str | None,
    version: int | None,
) -> tuple[Snapshot, Milestone]:
    """Approve, reject or reopen. Raises NotFound, Conflict or BadUserInput."""
    words = None if note is None else note.strip() or None
    if words is not None and len(words) > LONGEST_NOTE:
        message = f"A note has at most {LONGEST_NOTE} characters."
        raise BadUserInput(message, [FieldError("input.note", message)])

    def decide(snapshot: Snapshot) -> Sequence[Write]:
        milestone = snapshot.milestones.get(milestone_id)
        if milestone is None:
            raise NotFound(f"There is no milestone {milestone_id!r}.")
        negotiation = needed(snapshot, milestone.negotiation_id)
        expect_version(negotiation, version)
        changed = _decided(services, actor, milestone, decision, words)
        return () if changed == milestone else (Put(changed), Put(bumped(negotiation)))

    snapshot = await services.store.commit(decide, actor=actor.id, cause="decideMilestone")
    return snapshot, snapshot.milestones[milestone_id]


def bumped(negotiation: Negotiation) -> Negotiation:
    """The negotiation at its next version: every change to it or to its parts makes one."""
    return replace(negotiation, version=negotiation.version + 1)


def _decided(
    services: Services,
    actor: Actor,
    milestone: Milestone,
    decision: MilestoneDecision,
    note: str | None,
) -> Milestone:
    if decision is MilestoneDecision.REOPEN:
        return replace(
            milestone,
            status=MilestoneStatus.PENDING,
            decided_by=None,
            decided_at=None,
            note=note if note is not None else milestone.note,
        )
    status = (
        MilestoneStatus.APPROVED
        if decision is MilestoneDecision.APPROVE
        else MilestoneStatus.REJECTED
    )
    if milestone.status is status and note in (None, milestone.note):
        return milestone
    return replace(
        milestone, status=status, decided_by=actor.name, decided_at=services.clock.now(), note=note
    )


def _check_order(negotiation: Negotiation) -> None:
    floor, target, ceiling = (
        negotiation.floor_margin,
        negotiation.target_margin,
        negotiation.ceiling_margin,
    )
    faults = []
    if max(target, ceiling) > MAX_MARGIN:
        path = "input.targetMargin" if target > MAX_MARGIN else "input.ceilingMargin"
        message = f"No more than {format_ratio(MAX_MARGIN)} can be kept."
        faults.append(FieldError(path, message, "Lower it."))
    elif ceiling < target:
        faults.append(
            FieldError(
                "input.ceilingMargin",
                f"The ceiling {format_ratio(ceiling)} is below the target {format_ratio(target)}.",
                "Raise the ceiling, or lower the target.",
            )
        )
    if floor > target:
        faults.append(
            FieldError(
                "input.floorMargin",
                f"The floor {format_ratio(floor)} is above the target {format_ratio(target)}.",
                "Lower the floor, or raise the target.",
            )
        )
    if faults:
        raise BadUserInput(" ".join(f"{fault.message} {fault.hint}" for fault in faults), faults)


def _percent(ratio: Decimal) -> str:
    return f"{format_decimal(round_places(ratio * 100, 1))} %"


def _by_id(negotiation: Negotiation) -> Key:
    return (negotiation.id,)
