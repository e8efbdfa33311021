"""Who may be texted, how much, and what becomes of a message."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from negotiation.records import Notification, NotificationStatus
from resolvers import batches, notifications
from resolvers.errors import BadUserInput, LimitExceeded, NotFound, RateLimited
from resolvers.notifications import DEMO_RECIPIENT, Message
from tests.builders import a_notification
from tests.fakes import NOON
from tests.services import OPERATOR, Workbench, a_workbench, actor

BOSS = "+14155552671"
OTHER = "+442079460123"


def bench(*rows: Notification, **policy: Any) -> Workbench:
    return a_workbench(*rows, **({"default_recipient": BOSS} | policy))


async def send(on: Workbench, key: str = "k", body: str = "Hello", **more: Any) -> Any:
    message = Message(body=body, idempotency_key=key, **more)
    return await notifications.send(on.services, OPERATOR, message)


def queued(number: int, **changes: Any) -> Notification:
    defaults: dict[str, Any] = {
        "id": f"n{number}",
        "idempotency_key": f"old-{number}",
        "to": BOSS,
        "queued_at": NOON - timedelta(hours=number),
    }
    return a_notification(**(defaults | changes))


async def test_a_message_is_queued_to_the_default_recipient_and_the_outbox_is_woken() -> None:
    on = bench()
    snapshot, row, refusals = await send(on)
    assert refusals == ()
    assert row == snapshot.notifications[row.id]
    assert (row.to, row.status, row.queued_at) == (BOSS, NotificationStatus.QUEUED, NOON)
    assert row.requested_by == OPERATOR.id
    assert len(on.wakes) == 1


async def test_the_same_key_with_the_same_content_is_the_same_row() -> None:
    on = bench()
    _, first, _ = await send(on)
    snapshot, second, refusals = await send(on)
    assert (second, refusals) == (first, ())
    assert len(snapshot.notifications) == 1


async def test_the_same_key_sent_at_once_from_many_places_is_one_row() -> None:
    on = bench()
    outcomes = await asyncio.gather(*(send(on) for _ in range(20)))
    assert {row.id for _, row, _ in outcomes} == set(on.store.snapshot().notifications)
    assert len(on.store.snapshot().notifications) == 1


async def test_the_same_key_with_other_content_is_refused_and_queues_nothing() -> None:
    on = bench()
    await send(on)
    snapshot, row, refusals = await send(on, body="Something else")
    assert row is None
    assert [refusal.code for refusal in refusals] == ["IDEMPOTENCY_KEY_REUSED"]
    assert len(snapshot.notifications) == 1


async def test_a_repeated_key_is_answered_even_when_the_cap_is_reached() -> None:
    on = bench(per_recipient_daily=1)
    _, first, _ = await send(on)
    _, again, _ = await send(on)
    assert again == first


@pytest.mark.parametrize(
    "allowed", [(OTHER,), ("+44*",), ("+1415*", "+44207*")], ids=["number", "country", "prefixes"]
)
async def test_an_allowed_number_may_be_written_in_any_way_that_is_e164_in_the_end(
    allowed: tuple[str, ...],
) -> None:
    on = bench(allowed=allowed)
    _, row, _ = await send(on, to="+44 20 7946 0123")
    assert row.to == OTHER


@pytest.mark.parametrize(
    ("to", "reason"),
    [
        (OTHER, "not on the list"),
        ("+4420794601", "not on the list"),
        ("4155552671", "not a phone number"),
        ("hello", "not a phone number"),
        ("+1", "not a phone number"),
        ("+1 415 555 2671 2671 2671", "not a phone number"),
    ],
)
async def test_a_recipient_that_may_not_be_texted_is_an_error_of_that_field(
    to: str, reason: str
) -> None:
    on = bench(allowed=("+1415*",))
    with pytest.raises(BadUserInput, match=reason) as refused:
        await send(on, to=to)
    assert refused.value.fields[0].path == "input.to"
    assert on.store.snapshot().revision == 0


async def test_a_refused_number_is_masked_in_the_error() -> None:
    with pytest.raises(BadUserInput) as refused:
        await send(bench(), to=OTHER)
    assert OTHER not in str(refused.value.extensions) + refused.value.message


async def test_without_a_list_and_a_default_nobody_may_be_texted() -> None:
    on = bench(default_recipient=None)
    for to in (None, BOSS, DEMO_RECIPIENT):
        with pytest.raises(BadUserInput):
            await send(on, to=to)


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"body": " \n"}, "input.body"),
        ({"body": "x" * 1601}, "input.body"),
        ({"key": ""}, "input.idempotencyKey"),
        ({"key": "k" * 201}, "input.idempotencyKey"),
    ],
)
async def test_an_empty_or_endless_field_is_refused(changes: dict[str, Any], path: str) -> None:
    with pytest.raises(BadUserInput) as refused:
        await send(bench(), **changes)
    assert [fault.path for fault in refused.value.fields] == [path]


async def test_a_recipient_gets_no_more_than_the_cap_until_the_oldest_is_a_day_old() -> None:
    on = bench(queued(1), queued(3), queued(25), per_recipient_daily=2)
    with pytest.raises(RateLimited) as refused:
        await send(on)
    assert refused.value.extensions["retryAfterMs"] == 21 * 3_600_000
    on.clock.advance(21 * 3_600)
    _, row, _ = await send(on)
    assert row is not None


async def test_cancelled_messages_and_those_to_others_do_not_count_for_a_recipient() -> None:
    cancelled = queued(1, status=NotificationStatus.CANCELLED)
    on = bench(cancelled, queued(2, to=OTHER), per_recipient_daily=1)
    _, row, _ = await send(on)
    assert row is not None


async def test_all_recipients_together_have_a_cap_too() -> None:
    on = bench(queued(1, to=OTHER), queued(2), total_daily=2)
    with pytest.raises(RateLimited, match="in all"):
        await send(on)


async def test_a_cap_of_nothing_lets_nothing_pass() -> None:
    with pytest.raises(RateLimited):
        await send(bench(per_recipient_daily=0))


async def test_the_budget_counts_segments() -> None:
    on = bench(queued(5, body="x" * 320), daily_budget=Decimal(4), price_per_segment=Decimal(1))
    _, row, _ = await send(on, body="short")
    assert row is not None
    with pytest.raises(RateLimited, match="budget") as refused:
        await send(on, key="second", body="short")
    assert refused.value.extensions["retryAfterMs"] == 19 * 3_600_000


async def test_a_message_dearer_than_the_whole_budget_can_never_be_sent() -> None:
    on = bench(daily_budget=Decimal(1), price_per_segment=Decimal(1))
    with pytest.raises(LimitExceeded, match="alone"):
        await send(on, body="x" * 161)


async def test_the_demo_goes_to_the_configured_recipient() -> None:
    on = bench()
    _, row, _ = await notifications.send_demo(
        on.services, OPERATOR, body="Margin 72 %", idempotency_key=None
    )
    assert (row.to, row.body) == (BOSS, "Margin 72 %")


async def test_the_demo_with_the_same_key_is_one_row_though_the_envelope_has_moved() -> None:
    on = bench()
    rows = [
        (await notifications.send_demo(on.services, OPERATOR, body=body, idempotency_key="once"))[1]
        for body in ("Margin 72 %", "Margin 73 %")
    ]
    assert rows[0] == rows[1]
    assert rows[1].body == "Margin 72 %"


async def test_without_credentials_and_recipient_the_demo_is_queued_to_a_number_of_fiction() -> (
    None
):
    on = bench(default_recipient=None)
    on.notifier.ready = False
    _, row, refusals = await notifications.send_demo(
        on.services, OPERATOR, body="Hello", idempotency_key="k"
    )
    assert (row.to, row.status, refusals) == (DEMO_RECIPIENT, NotificationStatus.QUEUED, ())


async def test_with_credentials_the_demo_needs_a_recipient() -> None:
    on = bench(default_recipient=None)
    _, row, refusals = await notifications.send_demo(
        on.services, OPERATOR, body="Hello", idempotency_key="k"
    )
    assert row is None
    assert [refusal.code for refusal in refusals] == ["NO_RECIPIENT"]


@pytest.mark.parametrize("status", sorted(notifications.RETRYABLE))
async def test_a_message_that_came_to_nothing_can_be_queued_again(
    status: NotificationStatus,
) -> None:
    failed = queued(
        1, status=status, attempts=5, provider_id="SM1", error_code="30003", error_message="gone"
    )
    on = bench(failed)
    _, row, refusals = await notifications.retry(on.services, OPERATOR, "n1")
    assert refusals == ()
    assert (row.status, row.attempts, row.provider_id) == (NotificationStatus.QUEUED, 0, None)
    assert (row.error_code, row.error_message, row.next_attempt_at) == (None, None, None)
    assert len(on.wakes) == 1


@pytest.mark.parametrize(
    "status", sorted(set(NotificationStatus) - notifications.RETRYABLE), ids=str
)
async def test_a_message_under_way_or_done_is_not_queued_again(status: NotificationStatus) -> None:
    on = bench(queued(1, status=status))
    snapshot, row, refusals = await notifications.retry(on.services, OPERATOR, "n1")
    assert [refusal.code for refusal in refusals] == ["NOTIFICATION_STATE"]
    assert row.status is status
    assert snapshot.revision == 1


async def test_what_is_still_being_looked_up_at_twilio_is_not_sent_a_second_time() -> None:
    """Its answer was lost. The look-up tells, or leaves it to a person; until then nobody knows whether it went out."""
    looked_up_at = NOON + timedelta(seconds=20)
    on = bench(queued(1, status=NotificationStatus.UNCONFIRMED, next_attempt_at=looked_up_at))
    _, row, (refusal,) = await notifications.retry(on.services, OPERATOR, "n1")
    assert (refusal.code, refusal.field) == ("NOTIFICATION_STATE", "id")
    assert "looked up" in refusal.message
    assert (row.status, row.next_attempt_at) == (NotificationStatus.UNCONFIRMED, looked_up_at)
    assert not on.wakes


async def test_cancelling_and_retrying_is_no_way_around_the_caps() -> None:
    on = bench(queued(1, status=NotificationStatus.CANCELLED), queued(2), per_recipient_daily=1)
    with pytest.raises(RateLimited):
        await notifications.retry(on.services, OPERATOR, "n1")


@pytest.mark.parametrize("status", sorted(notifications.CANCELLABLE))
async def test_a_message_that_nobody_is_sending_can_be_cancelled(
    status: NotificationStatus,
) -> None:
    on = bench(queued(1, status=status))
    _, row, refusals = await notifications.cancel(on.services, OPERATOR, "n1")
    assert (row.status, refusals) == (NotificationStatus.CANCELLED, ())


async def test_one_that_failed_leaves_the_list_and_still_says_why() -> None:
    on = bench(refused_by_stop(1))
    _, row, _ = await notifications.cancel(on.services, OPERATOR, "n1")
    assert (row.status, row.error_code) == (NotificationStatus.CANCELLED, "21610")
    _, _, [refusal] = await send(on)
    assert refusal.code == "RECIPIENT_OPTED_OUT"


async def test_a_message_that_is_being_sent_cannot_be_cancelled() -> None:
    on = bench(queued(1, status=NotificationStatus.SENDING))
    _, row, refusals = await notifications.cancel(on.services, OPERATOR, "n1")
    assert refusals[0].code == "NOTIFICATION_STATE"
    assert row.status is NotificationStatus.SENDING


async def test_a_message_that_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFound):
        await notifications.cancel(bench().services, OPERATOR, "none")


def test_the_list_is_newest_first_and_can_be_narrowed() -> None:
    on = bench(queued(3), queued(1), queued(2, status=NotificationStatus.SENT))
    rows = notifications.listing(on.view(), None, first=2, after=None)
    assert [row.id for row in rows.rows] == ["n1", "n2"]
    sent = notifications.listing(on.view(), [NotificationStatus.SENT], first=None, after=None)
    assert [row.id for row in sent.rows] == ["n2"]


def test_numbers_are_masked_for_those_who_do_not_need_them() -> None:
    on = bench(queued(1))
    row = on.store.snapshot().notifications["n1"]
    assert notifications.shown_number(on.view(actor("negotiator")), row) == BOSS
    assert notifications.shown_number(on.view(actor("analyst")), row) == "+1•••••2671"


# --- who has opted out


def refused_by_stop(number: int, **changes: Any) -> Notification:
    return queued(number, status=NotificationStatus.FAILED, error_code="21610", **changes)


async def test_nothing_more_is_queued_for_someone_who_replied_stop() -> None:
    on = bench(refused_by_stop(1))
    snapshot, row, (refusal,) = await send(on)
    assert (row, refusal.code, refusal.field) == (None, "RECIPIENT_OPTED_OUT", "to")
    assert BOSS not in refusal.message
    assert len(snapshot.notifications) == 1
    _, _, (demo,) = await notifications.send_demo(
        on.services, OPERATOR, body="Hello", idempotency_key=None
    )
    assert demo.code == "RECIPIENT_OPTED_OUT"


async def test_others_are_texted_all_the_same() -> None:
    on = bench(refused_by_stop(1), allowed=(OTHER,))
    _, row, refusals = await send(on, to=OTHER)
    assert (row.to, refusals) == (OTHER, ())


async def test_a_message_accepted_since_shows_that_they_have_opted_in_again() -> None:
    later = NOON + timedelta(minutes=1)
    on = bench(refused_by_stop(2), queued(1, status=NotificationStatus.SENT, updated_at=later))
    _, row, refusals = await send(on)
    assert (row.to, refusals) == (BOSS, ())


async def test_whoever_knows_that_they_replied_start_retries_the_refused_message() -> None:
    on = bench(refused_by_stop(1))
    _, row, refusals = await notifications.retry(on.services, OPERATOR, "n1")
    assert (row.status, refusals) == (NotificationStatus.QUEUED, ())


# --- all that failed, again


async def test_what_failed_is_queued_again_at_once_with_all_its_tries() -> None:
    on = bench(
        queued(1, status=NotificationStatus.FAILED, attempts=10, error_code="30003"),
        queued(2, status=NotificationStatus.FAILED, error_code="21211"),
        queued(3, status=NotificationStatus.UNCONFIRMED),
        queued(4, status=NotificationStatus.DELIVERED),
        queued(5, status=NotificationStatus.CANCELLED),
    )
    snapshot, again, notices = await batches.retry_failed(on.services, OPERATOR)
    assert [row.id for row in again] == ["n2", "n1"]
    assert notices == ()
    first = snapshot.notifications["n1"]
    assert (first.status, first.attempts, first.error_code) == (NotificationStatus.QUEUED, 0, None)
    assert snapshot.notifications["n3"].status is NotificationStatus.UNCONFIRMED
    assert len(on.wakes) == 1


async def test_who_opted_out_or_may_not_be_texted_any_more_is_left_and_said() -> None:
    on = bench(
        refused_by_stop(1),
        queued(2, status=NotificationStatus.FAILED, to=OTHER),
        queued(3, status=NotificationStatus.FAILED),
    )
    _, again, notices = await batches.retry_failed(on.services, OPERATOR)
    assert [row.id for row in again] == ["n3"]
    assert [notice.code for notice in notices] == ["NOT_RETRIED"] * 2
    assert "opted out" in notices[1].message
    assert "not on the list" in notices[0].message


async def test_those_of_other_days_count_as_of_today() -> None:
    old = [
        queued(number, status=NotificationStatus.FAILED, queued_at=NOON - timedelta(days=number))
        for number in range(2, 6)
    ]
    on = bench(*old, per_recipient_daily=3)
    snapshot, again, (notice,) = await batches.retry_failed(on.services, OPERATOR)
    assert [row.id for row in again] == ["n5", "n4", "n3"]
    assert snapshot.notifications["n2"].status is NotificationStatus.FAILED
    assert "At most 3 messages" in notice.message


async def test_so_many_at_once_and_the_rest_the_next_time() -> None:
    most = batches.RETRY_AT_ONCE
    rows = [queued(n, status=NotificationStatus.FAILED) for n in range(1, most + 4)]
    on = bench(*rows, per_recipient_daily=2_000, total_daily=2_000, daily_budget=Decimal(100))
    _, again, (notice,) = await batches.retry_failed(on.services, OPERATOR)
    assert (len(again), notice.message[:2]) == (most, "3 ")
    _, rest, notices = await batches.retry_failed(on.services, OPERATOR)
    assert (len(rest), notices) == (3, ())


# --- before it is sent


@pytest.mark.parametrize(
    ("body", "encoding", "units", "segments"),
    [
        ("Hello", "GSM-7", 5, 1),
        ("x" * 161, "GSM-7", 161, 2),
        ("[€]", "GSM-7", 6, 1),
        ("Привет", "UCS-2", 6, 1),
        ("ы" * 71, "UCS-2", 71, 2),
        ("😀", "UCS-2", 2, 1),
    ],
)
def test_a_text_says_what_it_takes_and_costs(
    body: str, encoding: str, units: int, segments: int
) -> None:
    on = bench(price_per_segment=Decimal("0.0083"))
    found = notifications.preview(on.view(), body, None)
    assert (found.encoding, found.units, found.segments) == (encoding, units, segments)
    assert (found.price, found.currency) == (Decimal("0.0083") * segments, "USD")
    assert (found.characters, found.refusal) == (len(body), None)


@pytest.mark.parametrize(
    ("body", "to", "code", "field"),
    [
        ("", None, "BAD_USER_INPUT", "body"),
        ("Hello", OTHER, "BAD_USER_INPUT", "to"),
        ("Hello", BOSS, "RATE_LIMITED", None),
    ],
)
def test_a_text_that_would_be_refused_says_why(
    body: str, to: str | None, code: str, field: str | None
) -> None:
    on = bench(per_recipient_daily=0)
    refusal = notifications.preview(on.view(), body, to).refusal
    assert refusal is not None
    assert (refusal.code, refusal.field) == (code, field)


def test_a_text_to_someone_who_opted_out_says_so() -> None:
    refusal = notifications.preview(bench(refused_by_stop(1)).view(), "Hello", None).refusal
    assert refusal is not None
    assert refusal.code == "RECIPIENT_OPTED_OUT"


# --- not before its time


async def test_a_scheduled_message_is_due_at_its_time_and_a_past_one_at_once() -> None:
    on = bench()
    later = NOON + timedelta(days=30)
    _, row, _ = await send(on, send_at=later)
    assert (row.status, row.next_attempt_at) == (NotificationStatus.QUEUED, later)
    _, past, _ = await send(on, key="past", send_at=NOON - timedelta(hours=1))
    assert past.next_attempt_at is None


@pytest.mark.parametrize(
    "send_at",
    [NOON + timedelta(days=30, seconds=1), NOON.replace(tzinfo=None)],
    ids=["far", "zone"],
)
async def test_a_time_that_cannot_be_kept_is_an_error_of_that_field(send_at: Any) -> None:
    on = bench()
    with pytest.raises(BadUserInput) as refused:
        await send(on, send_at=send_at)
    assert refused.value.fields[0].path == "input.sendAt"
    assert on.store.snapshot().revision == 0


# --- numbers that cost whoever texts them


@pytest.mark.parametrize("number", ["+19002345678", "+499001234567", "+33891123456"])
async def test_a_prefix_does_not_stand_for_premium_numbers(number: str) -> None:
    on = bench(allowed=("+1*", "+49*", "+33*"))
    with pytest.raises(BadUserInput, match="premium-rate or shared-cost") as refused:
        await send(on, to=number)
    assert number not in str(refused.value)
    _, row, _ = await send(bench(allowed=("+1*", number)), to=number)
    assert row.to == number
