"""Many messages in one commit: each has an outcome of its own."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from negotiation.records import NotificationStatus
from resolvers import batches, notifications
from resolvers.errors import BadUserInput, LimitExceeded, RateLimited
from resolvers.messages import Message
from tests.builders import a_notification, an_attempt, an_opt_out
from tests.fakes import NOON
from tests.services import OPERATOR, Workbench, a_workbench

BOSS = "+14155552671"


def bench(*rows: Any, **policy: Any) -> Workbench:
    return a_workbench(*rows, **({"default_recipient": BOSS} | policy))


def text(key: str, body: str = "Hello", **more: Any) -> Message:
    return Message(body=body, idempotency_key=key, **more)


async def sent(on: Workbench, *messages: Message) -> list[batches.Item]:
    _, items = await batches.send_many(on.services, OPERATOR, messages)
    return items


def codes(items: list[batches.Item]) -> list[str]:
    return [item.notices[0].code if item.notices else "" for item in items]


async def test_all_are_queued_in_one_commit_and_the_outbox_is_woken_once() -> None:
    on = bench()
    items = await sent(on, *(text(f"k{n}") for n in range(20)))
    snapshot = on.store.snapshot()
    assert snapshot.revision == 1
    assert len(on.wakes) == 1
    assert [item.index for item in items] == list(range(20))
    rows = list(snapshot.notifications.values())
    assert sorted(rows, key=lambda row: row.queued_at) == [item.row for item in items]
    assert [snapshot.notifications[item.row.id] for item in items if item.row] == [
        item.row for item in items
    ]


async def test_what_cannot_be_queued_says_where_and_why_and_keeps_no_other_from_it() -> None:
    stopped = an_opt_out(number="+14155550111")
    on = bench(stopped, allowed=("+1415*",))
    items = await sent(
        on,
        text("k0"),
        text("k1", body=" "),
        text("k2", to="+442079460123"),
        text("k3", to="+14155550111"),
        text("k4", send_at=NOON + timedelta(days=99)),
        text("k5"),
    )
    assert codes(items) == [
        "",
        "BAD_USER_INPUT",
        "BAD_USER_INPUT",
        "RECIPIENT_OPTED_OUT",
        "BAD_USER_INPUT",
        "",
    ]
    fields = [item.notices[0].field for item in items if item.notices]
    assert fields == ["inputs.1.body", "inputs.2.to", "inputs.3.to", "inputs.4.sendAt"]
    assert len(on.store.snapshot().notifications) == 2


async def test_a_preview_says_what_sending_would_do_and_queues_nothing() -> None:
    on = bench(an_opt_out(number="+14155550111"), allowed=("+1415*",), total_daily=3)
    await sent(on, text("known", body="x" * 161))
    messages = [
        text("known", body="x" * 161),
        text("k1", body="é" * 161),
        text("k2", body=" "),
        text("k3", to="+14155550111"),
        text("k4"),
        text("k5"),
    ]
    before = on.store.snapshot().revision
    preview = batches.preview_many(on.view(), messages)
    assert on.store.snapshot().revision == before
    assert codes(list(preview.items)) == [
        "",
        "",
        "BAD_USER_INPUT",
        "RECIPIENT_OPTED_OUT",
        "",
        "RATE_LIMITED",
    ]
    # What is queued already costs nothing more.
    assert (preview.segments, preview.price) == (3, 3 * on.services.policy.price_per_segment)
    told = [(item.index, item.notices) for item in preview.items]
    assert told == [(item.index, item.notices) for item in await sent(on, *messages)]


async def test_keys_hold_across_batches_and_within_one() -> None:
    on = bench()
    [first] = await sent(on, text("same"))
    items = await sent(on, text("same"), text("same", body="Other"), text("new"), text("new"))
    assert items[0].row == first.row
    assert codes(items) == ["", "IDEMPOTENCY_KEY_REUSED", "", ""]
    assert items[2].row == items[3].row
    assert len(on.store.snapshot().notifications) == 2


async def test_the_caps_count_within_the_batch() -> None:
    on = bench(per_recipient_daily=3)
    items = await sent(on, *(text(f"k{n}") for n in range(5)))
    assert codes(items) == ["", "", "", "RATE_LIMITED", "RATE_LIMITED"]
    dear = bench(daily_budget=Decimal("0.02"))
    assert codes(await sent(dear, *(text(f"k{n}") for n in range(4)))) == [
        "",
        "",
        "RATE_LIMITED",
        "RATE_LIMITED",
    ]


async def test_none_and_too_many_are_refused() -> None:
    with pytest.raises(BadUserInput, match="no message"):
        await sent(bench())
    with pytest.raises(LimitExceeded, match="At most 500"):
        await sent(bench(), *(text(f"k{n}") for n in range(501)))


# --- what counts


async def test_a_message_counts_each_time_the_provider_took_it() -> None:
    """A message that fails on delivery and is retried is paid for again: a loop of that ends at the cap."""
    taken = an_attempt(ended_at=NOON - timedelta(minutes=1))
    row = a_notification(
        id="n1",
        to=BOSS,
        status=NotificationStatus.FAILED,
        provider_id="SM1",
        error_code="30008",
        queued_at=NOON - timedelta(days=3),
        history=(taken, taken, taken),
    )
    on = bench(row, per_recipient_daily=3)
    with pytest.raises(RateLimited):
        await notifications.retry(on.services, OPERATOR, "n1")
    _, again, _ = await batches.retry_failed(on.services, OPERATOR)
    assert again == []
    roomy = bench(row, per_recipient_daily=4)
    _, queued, _ = await notifications.retry(roomy.services, OPERATOR, "n1")
    assert queued is not None
    assert queued.queued_at == NOON
    with pytest.raises(RateLimited):
        await notifications.send(roomy.services, OPERATOR, text("k2"))


async def test_an_old_message_that_is_queued_again_counts_as_of_today() -> None:
    old = [
        a_notification(
            id=f"n{n}",
            idempotency_key=f"old{n}",
            to=BOSS,
            status=NotificationStatus.CANCELLED,
            queued_at=NOON - timedelta(days=2),
        )
        for n in range(3)
    ]
    on = bench(*old, per_recipient_daily=2)
    for n in range(2):
        await notifications.retry(on.services, OPERATOR, f"n{n}")
    with pytest.raises(RateLimited):
        await notifications.retry(on.services, OPERATOR, "n2")
