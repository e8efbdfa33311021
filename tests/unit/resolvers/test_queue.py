"""How the queue stands, and who stops and resumes it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from negotiation.records import Notification, NotificationPriority, NotificationStatus
from resolvers import notifications, queue
from resolvers.errors import BadUserInput
from resolvers.notifications import Message
from resolvers.ports import CircuitState, Sending
from resolvers.view import View
from tests.builders import a_notification, an_attempt
from tests.fakes import NOON
from tests.services import OPERATOR, Workbench, a_workbench

S = NotificationStatus
HOUR = timedelta(hours=1)


def row(number: int, status: NotificationStatus = S.QUEUED, **changes: Any) -> Notification:
    defaults: dict[str, Any] = {
        "id": f"n{number}",
        "idempotency_key": f"k{number}",
        "status": status,
        "queued_at": NOON - number * HOUR,
        "updated_at": NOON - number * HOUR,
    }
    return a_notification(**(defaults | changes))


def test_each_message_is_counted_where_it_stands() -> None:
    bench = a_workbench(
        row(1),
        row(3, S.SENDING),
        row(2, next_attempt_at=NOON + HOUR),
        row(4, S.UNCONFIRMED),
        row(5, S.UNCONFIRMED, attempts=1, next_attempt_at=NOON),
        row(6, S.FAILED),
        row(7, S.CANCELLED),
    )
    found = queue.queue(bench.view())
    assert (found.waiting, found.scheduled, found.failed, found.unconfirmed) == (3, 1, 1, 1)
    assert found.oldest_at == NOON - 5 * HOUR
    assert found.oldest_seconds == 5 * 3600
    assert found.pause is None


def test_what_was_spent_counts_each_time_the_provider_took_a_message_within_a_day() -> None:
    taken = an_attempt(ended_at=NOON - HOUR)
    bench = a_workbench(
        row(1, S.SENT, history=(taken, replace(taken, number=2))),
        row(2, S.FAILED, body="x" * 200, history=(taken,)),
        row(3, S.DELIVERED, history=(replace(taken, ended_at=NOON - 25 * HOUR),)),
        row(4, S.SENT, provider_id="SM4"),  # from before there was a history
        price_per_segment=Decimal("0.0083"),
    )
    found = queue.queue(bench.view())
    assert (found.sent, found.spent, found.currency) == (4, Decimal("0.0415"), "USD")


def test_a_queue_whose_circuit_is_open_says_when_it_is_tried_again() -> None:
    bench = a_workbench()
    state = Sending(ready=True, circuit=CircuitState.OPEN, probe_in=12.4, per_second=2.0)
    services = replace(bench.services, sending=lambda: state)
    found = queue.queue(View(bench.pictures.present(), OPERATOR, services))
    assert (found.circuit, found.probe_in, found.per_second) == (CircuitState.OPEN, 13, 2.0)
    assert queue.queue(bench.view()).probe_in is None


async def test_a_pause_says_by_whom_and_why_and_is_audited() -> None:
    bench = a_workbench()
    snapshot, refusals = await queue.pause(bench.services, OPERATOR, "  Twilio's incident  ")
    assert refusals == ()
    [held] = snapshot.pauses.values()
    assert (held.reason, held.by, held.since) == ("Twilio's incident", "Olga Operator", NOON)
    assert queue.queue(bench.view()).pause == held
    [line] = await bench.store.history(first=1)
    assert (line.area, line.action, line.actor, line.cause) == (
        "pauses",
        "create",
        "operator",
        "pauseNotifications",
    )


async def test_a_second_pause_changes_nothing_and_names_the_first() -> None:
    bench = a_workbench()
    await queue.pause(bench.services, OPERATOR, "First")
    snapshot, [refusal] = await queue.pause(bench.services, OPERATOR, "Second")
    assert (refusal.code, "First" in refusal.message) == ("ALREADY_PAUSED", True)
    assert [each.reason for each in snapshot.pauses.values()] == ["First"]


@pytest.mark.parametrize(("reason", "said"), [("  ", "needs a reason"), ("x" * 501, "at most 500")])
async def test_a_pause_without_a_proper_reason_is_refused(reason: str, said: str) -> None:
    with pytest.raises(BadUserInput, match=said) as refused:
        await queue.pause(a_workbench().services, OPERATOR, reason)
    assert [fault.path for fault in refused.value.fields] == ["reason"]


async def test_resuming_wakes_the_outbox_and_only_what_is_paused_is_resumed() -> None:
    bench = a_workbench()
    _, [refusal] = await queue.resume(bench.services, OPERATOR)
    assert refusal.code == "NOT_PAUSED"
    await queue.pause(bench.services, OPERATOR, "Why")
    snapshot, refusals = await queue.resume(bench.services, OPERATOR)
    assert (dict(snapshot.pauses), refusals) == ({}, ())
    assert bench.wakes


# --- priority and expiry of a message


async def sent(bench: Workbench, **more: Any) -> Any:
    message = Message(body="Hello", idempotency_key="k", **more)
    return await notifications.send(bench.services, OPERATOR, message)


async def test_a_message_carries_its_priority_and_its_expiry() -> None:
    bench = a_workbench(default_recipient="+14155552671")
    _, made, _ = await sent(bench, priority=NotificationPriority.HIGH, expires_at=NOON + HOUR)
    assert (made.priority, made.expires_at) == (NotificationPriority.HIGH, NOON + HOUR)


@pytest.mark.parametrize(
    ("times", "said"),
    [
        ({"expires_at": NOON}, "before the message could be sent"),
        ({"send_at": NOON + HOUR, "expires_at": NOON + HOUR}, "before the message could be sent"),
        ({"expires_at": (NOON + HOUR).replace(tzinfo=None)}, "no time zone"),
    ],
)
async def test_an_expiry_that_makes_no_sense_is_refused(times: dict[str, Any], said: str) -> None:
    bench = a_workbench(default_recipient="+14155552671")
    with pytest.raises(BadUserInput, match=said) as refused:
        await sent(bench, **times)
    assert [fault.path for fault in refused.value.fields] == ["input.expiresAt"]


async def test_what_expired_can_be_queued_again_and_then_does_not_expire() -> None:
    late = row(1, S.CANCELLED, to="+14155552671", error_code="EXPIRED", expires_at=NOON - HOUR)
    bench = a_workbench(late, default_recipient="+14155552671")
    _, again, refusals = await notifications.retry(bench.services, OPERATOR, "n1")
    assert again is not None
    assert (again.status, again.expires_at, refusals) == (S.QUEUED, None, ())
