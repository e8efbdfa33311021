"""The watch over the rules: fires once for each beginning, whole or not at all, and survives what goes wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from negotiation.records import MilestoneStatus, Notification, Record, Snapshot
from negotiation.rules.model import FiringOutcome, RuleFiring, RuleKind
from resolvers import rules
from resolvers.errors import Unavailable
from resolvers.ports import Put, Status
from resolvers.rule_watch import LOOK_EVERY, RuleWatch
from resolvers.view import Figures, Pictures
from tests.builders import a_milestone, a_negotiation, a_rule, an_offer
from tests.fakes import MemoryStore
from tests.services import OPERATOR, Workbench, a_workbench
from tests.stores import put
from tests.workspace import CONTRACT, TODAY, workspace

LATE = RuleKind.MILESTONE_LATE


class Watching:
    """A workbench with a watch over it, which looks when told."""

    def __init__(self, *records: Record, **policy: Any) -> None:
        allowed: dict[str, Any] = {"allowed": ("+1415555*",)}
        self.bench: Workbench = a_workbench(*workspace(), *records, **(allowed | policy))
        self.watch = RuleWatch(self.bench.clock, self.bench.signal)

    async def look(self, *changes: Record) -> list[RuleFiring]:
        """What fired, after these changes."""
        if changes:
            await put(self.bench.store, *changes)
        before = self.firings.keys()
        await self.watch.look(self.bench.services, self.bench.pictures)
        return [each for key, each in self.firings.items() if key not in before]

    @property
    def firings(self) -> dict[str, RuleFiring]:
        return dict(self.bench.store.snapshot().rule_firings)

    @property
    def texts(self) -> list[Notification]:
        """What the rules have queued."""
        found = self.bench.store.snapshot().notifications.values()
        return [each for each in found if each.requested_by == "rules"]


async def test_what_begins_to_hold_is_told_once() -> None:
    watching = Watching(a_rule())
    [fired] = await watching.look()
    assert fired.subject == "neg-1/above"
    [text] = watching.texts
    assert text.id in fired.notification_ids
    assert text.body == fired.body
    assert text.expires_at == fired.at + timedelta(hours=24)
    assert watching.bench.wakes
    revision = watching.bench.store.snapshot().revision
    assert await watching.look() == []
    assert watching.bench.store.snapshot().revision == revision


async def test_it_is_told_again_only_after_it_did_not_hold() -> None:
    watching = Watching(a_rule())
    high = a_negotiation(terms=CONTRACT, ceiling_margin=Decimal("0.70"), version=2)
    low = a_negotiation(terms=CONTRACT, version=3)
    assert len(await watching.look()) == 1
    assert await watching.look(high) == []
    assert len(await watching.look(low)) == 1
    assert len({each.idempotency_key for each in watching.texts}) == 2


async def test_an_offer_is_received_when_it_comes_and_not_for_having_been_there() -> None:
    watching = Watching(a_rule(RuleKind.OFFER_RECEIVED))
    assert await watching.look() == []
    [fired] = await watching.look(an_offer(id="new", title="Final"))
    assert "Final" in fired.body


async def test_rules_that_are_switched_off_say_nothing() -> None:
    watching = Watching(a_rule(enabled=False))
    assert await watching.look() == []
    assert watching.watch.health().mode == "off"


async def test_a_new_day_is_noticed() -> None:
    due = a_milestone(id="m", name="Board", due_on=TODAY + timedelta(days=3))
    watching = Watching(a_rule(LATE, days=2), due)
    assert [each.subject for each in await watching.look()] == ["finance/late"]
    watching.bench.clock.advance(86_400)
    assert [each.subject for each in await watching.look()] == ["m/due"]
    watching.bench.clock.advance(3 * 86_400)
    assert [each.subject for each in await watching.look()] == ["m/late"]


async def test_a_cooldown_ends_without_any_commit() -> None:
    watching = Watching(a_rule(cooldown_hours=2, repeats=True))
    assert len(await watching.look()) == 1
    watching.bench.clock.advance(3_600)
    assert await watching.look() == []
    watching.bench.clock.advance(3_600)
    assert len(await watching.look()) == 1


async def test_several_firings_of_one_look_share_the_caps() -> None:
    more = [a_milestone(id=f"m{n}", due_on=TODAY - timedelta(days=1)) for n in range(4)]
    watching = Watching(a_rule(LATE, daily_cap=2), *more)
    fired = await watching.look()
    assert len(fired) == 5
    assert [each.outcome for each in fired].count(FiringOutcome.HELD_BACK) == 3
    assert len(watching.texts) == 2
    budget = Watching(a_rule(LATE), *more, total_daily=3 + 2)  # two messages are in the queue
    assert len(await budget.look()) == 5
    assert len(budget.texts) == 3


async def test_what_was_held_back_is_not_told_later() -> None:
    watching = Watching(a_rule(), allowed=("+49*",))
    [fired] = await watching.look()
    assert fired.outcome is FiringOutcome.HELD_BACK
    watching.bench.clock.advance(600)
    assert await watching.look() == []


async def test_a_firing_is_one_commit_and_in_the_audit_trail() -> None:
    watching = Watching(a_rule())
    before = watching.bench.store.snapshot().revision
    await watching.look()
    lines = await watching.bench.store.history(first=10)
    mine = [each for each in lines if each.revision == before + 1]
    assert {each.area for each in mine} == {"rule_states", "rule_firings", "notifications"}
    assert {each.actor for each in mine} == {"rules"}
    assert watching.bench.store.snapshot().revision == before + 1


async def test_two_watches_over_one_store_fire_once() -> None:
    watching = Watching(a_rule(), a_rule(LATE, id="rule-2"))
    other = RuleWatch(watching.bench.clock, watching.bench.signal)
    services = watching.bench.services
    await asyncio.gather(
        watching.watch.look(services, watching.bench.pictures),
        other.look(services, Pictures(services)),
    )
    assert len(watching.firings) == len(watching.texts) == 2


async def a_pulled(watching: Watching, other: Watching) -> None:
    """The one gateway gets what the other has queued."""
    await put(watching.bench.store, *other.texts)


async def test_of_two_gateways_that_share_their_queue_the_second_holds_its_twin_back() -> None:
    first, second = Watching(a_rule()), Watching(a_rule())
    await second.look(a_negotiation(terms=CONTRACT, ceiling_margin=Decimal("0.70"), version=2))
    [told] = await first.look()
    await a_pulled(second, first)
    [held] = await second.look(a_negotiation(terms=CONTRACT, version=3))
    assert held.id == told.id
    assert [each.code for each in held.held_back] == ["ALREADY_QUEUED"]
    assert second.texts == first.texts


async def test_two_gateways_that_notice_it_at_once_queue_it_under_one_key() -> None:
    first, second = Watching(a_rule()), Watching(a_rule())
    await first.look()
    await second.look()
    assert [each.idempotency_key for each in first.texts] == [
        each.idempotency_key for each in second.texts
    ]


async def test_a_gateway_that_joins_tells_nothing_again() -> None:
    first, joining = Watching(a_rule()), Watching(a_rule())
    await first.look()
    first.bench.clock.advance(86_400)
    await a_pulled(joining, first)
    joining.bench.clock.advance(86_400)
    assert await joining.look() == []
    assert await joining.look() == []


async def test_a_gateway_that_missed_something_tells_what_comes_next() -> None:
    low = a_negotiation(terms=CONTRACT, version=9)
    high = a_negotiation(terms=CONTRACT, ceiling_margin=Decimal("0.70"), version=8)
    first, away = Watching(a_rule()), Watching(a_rule())
    await away.look(high)
    for now in (low, high, low):
        await first.look(now)
    await a_pulled(away, first)
    assert len(first.texts) == 2
    away.bench.clock.advance(3_600)
    assert len(await away.look(low)) == 1
    assert len(away.texts) == 3


async def test_a_rule_switched_on_again_tells_again() -> None:
    watching = Watching(a_rule())
    await watching.look()
    bench = watching.bench
    for enabled in (False, True):
        await rules.enable(bench.services, OPERATOR, "rule-1", enabled=enabled, version=None)
        await watching.look()
    assert len(watching.texts) == 2


@pytest.mark.parametrize("kind", [RuleKind.OFFER_RECEIVED, RuleKind.TIER_CHANGE])
async def test_what_was_only_news_is_none_when_a_rule_is_switched_on_again(kind: RuleKind) -> None:
    watching = Watching(a_rule(kind))
    await watching.look()
    told = await watching.look(an_offer(id="new", title="Final"))
    assert len(told) == (kind is RuleKind.OFFER_RECEIVED)
    bench = watching.bench
    for enabled in (False, True):
        await rules.enable(bench.services, OPERATOR, "rule-1", enabled=enabled, version=None)
        assert await watching.look() == []
    if kind is RuleKind.OFFER_RECEIVED:
        [fired] = await watching.look(an_offer(id="newer", title="Very final"))
        assert "Very final" in fired.body


class Meanwhile(MemoryStore):
    """Somebody else commits `changes` between the look and the commit that follows from it."""

    changes: Sequence[Record] = ()

    async def commit(self, decide: Any, *, actor: str, cause: str) -> Any:
        if cause == "rules" and self.changes:
            changes, self.changes = self.changes, ()
            await super().commit(
                lambda _: [Put(each) for each in changes], actor="other", cause="meanwhile"
            )
        return await super().commit(decide, actor=actor, cause=cause)


async def test_what_no_longer_holds_when_it_would_be_told_is_not_told() -> None:
    records = (*workspace(), a_rule(LATE))
    bench = a_workbench(store=lambda clock: Meanwhile(clock, *records), allowed=("+1415555*",))
    watch = RuleWatch(bench.clock, bench.signal)
    approved = a_milestone(
        id="finance", due_on=TODAY - timedelta(days=3), status=MilestoneStatus.APPROVED
    )
    bench.store.changes = [approved]
    for _ in range(2):
        await watch.look(bench.services, bench.pictures)
    assert not bench.store.snapshot().rule_firings


async def test_a_rule_that_cannot_be_judged_stops_no_other_and_is_seen_in_health() -> None:
    broken = a_rule(LATE, id="broken", name="Broken", template="{{nothing}}")
    watching = Watching(broken, a_rule())
    assert [each.rule_id for each in await watching.look()] == ["rule-1"]
    health = watching.watch.health()
    assert health.status is Status.DEGRADED
    assert "'Broken'" in health.message
    assert watching.bench.signal.count
    await watching.look(a_rule(LATE, id="broken", name="Mended", version=2))
    assert watching.watch.health().status is Status.OK
    assert {each.rule_id for each in watching.firings.values()} == {"rule-1", "broken"}


@dataclass(frozen=True, slots=True, eq=False)
class Broken(Figures):
    def soon(self, key: Any, work: Any) -> Any:
        raise RuntimeError("this once")


class BrokenOnce(Pictures):
    """The first figures that it hands out cannot be had."""

    broken = True

    def of(self, snapshot: Snapshot) -> Figures:
        figures = super().of(snapshot)
        if not self.broken:
            return figures
        self.broken = False
        return Broken(snapshot, figures.today, figures.pictures, figures.analyses)


async def test_a_rule_that_could_not_be_judged_is_judged_at_the_next_look_though_nothing_changed() -> (
    None
):
    watching = Watching(a_rule())
    services = watching.bench.services
    pictures = BrokenOnce(services)
    await watching.watch.look(services, pictures)
    assert watching.watch.health().status is Status.DEGRADED
    assert not watching.firings
    await watching.watch.look(services, pictures)
    assert watching.watch.health().status is Status.OK
    assert len(watching.firings) == 1


async def test_a_store_that_fails_is_tried_again_and_nothing_is_lost() -> None:
    watching = Watching(a_rule())
    clock, store = watching.bench.clock, watching.bench.store
    store.failure = Unavailable("The disk is full.")
    task = asyncio.create_task(watching.watch.run(watching.bench.services, watching.bench.pictures))
    try:
        async with asyncio.timeout(60):
            while watching.watch.health().status is not Status.DEGRADED:
                await asyncio.sleep(0)
            assert "The disk is full." in watching.watch.health().message
            store.failure = None
            while not watching.firings:
                await clock.elapse(LOOK_EVERY)
                await asyncio.sleep(0.01)
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    assert len(watching.texts) == 1
    assert store.watchers == 0


@pytest.mark.parametrize("kind", RuleKind)
async def test_rules_of_each_kind_are_watched(kind: RuleKind) -> None:
    watching = Watching(a_rule(kind))
    await watching.look()
    assert watching.watch.health().status is Status.OK
    assert watching.watch.health().message == "1 rule is being watched."
