from dataclasses import replace

import pytest
from twilio.request_validator import RequestValidator

from adapters.clock import SystemClock
from adapters.outbox import OutboxPolicy
from adapters.outbox.transitions import Took, settled
from adapters.resilience import CircuitBreaker
from adapters.twilio import Signature, StatusCallbacks, TwilioCredentials, make_notifier
from adapters.twilio.callbacks import callback_address
from negotiation.records import AttemptOutcome as A
from negotiation.records import NotificationAttempt
from negotiation.records import NotificationStatus as S
from resolvers.errors import Forbidden
from tests.builders import NOW, a_notification
from tests.doubles.twilio import SID, TOKEN, TwilioDouble
from tests.fakes import CountingSignal, FakeClock, MemoryStore

PUBLIC = "https://gateway.example"


class Receiver:
    """Callbacks on a store in memory, and a Twilio that signs."""

    def __init__(self, **changes):
        defaults = {"id": "n1", "status": S.SENT, "provider_id": "SM1"}
        clock = FakeClock()
        self.store = MemoryStore(clock, a_notification(**(defaults | changes)))
        self.callbacks = StatusCallbacks(
            signature=Signature(account_sid=SID, auth_token=TOKEN, public_url=PUBLIC),
            store=self.store,
            clock=clock,
        )

    @property
    def row(self):
        return self.store.snapshot().notifications["n1"]

    async def report(self, status, sid="SM1", *, token=TOKEN, tamper=None, named="n1", **more):
        url = callback_address(PUBLIC, named)
        form = {"MessageSid": sid, "MessageStatus": status, "AccountSid": SID, "To": "+1"} | more
        signature = RequestValidator(token).compute_signature(url, form)
        return await self.callbacks.receive(
            url.removeprefix(PUBLIC), form | (tamper or {}), signature
        )


async def test_a_signed_report_moves_the_notification_on():
    receiver = Receiver()
    assert await receiver.report("delivered")
    assert receiver.row.status is S.DELIVERED


async def test_a_failure_comes_with_its_reason():
    receiver = Receiver()
    assert await receiver.report("undelivered", ErrorCode="30003")
    assert (receiver.row.status, receiver.row.error_code) == (S.FAILED, "30003")
    assert "switched off" in receiver.row.error_message


async def test_the_state_only_moves_forward_whatever_the_order_and_however_often():
    receiver = Receiver()
    assert await receiver.report("delivered")
    revision = receiver.store.snapshot().revision
    for late in ("queued", "sent", "delivered", "failed", "undelivered"):
        assert not await receiver.report(late)
    assert receiver.row.status is S.DELIVERED
    assert receiver.store.snapshot().revision == revision


@pytest.mark.parametrize("named", ["n1", "unknown"])
async def test_a_report_on_a_message_that_is_not_ours_changes_nothing(named):
    receiver = Receiver()
    assert not await receiver.report("delivered", sid="SM-other", named=named)
    assert receiver.row.status is S.SENT


@pytest.mark.parametrize("status", [S.SENDING, S.UNCONFIRMED])
async def test_a_report_settles_a_message_whose_acceptance_we_never_heard_of(status):
    receiver = Receiver(status=status, provider_id=None, attempts=1, lease_owner="me")
    assert await receiver.report("sent", sid="SM7")
    assert (receiver.row.status, receiver.row.provider_id) == (S.SENT, "SM7")
    assert receiver.row.lease_owner is None
    later = settled(
        receiver.store.snapshot().notifications,
        [Took(replace(receiver.row, provider_id=None), "SM7")],
        owner="me",
        now=receiver.row.updated_at,
        policy=OutboxPolicy(),
    )
    assert later == []


@pytest.mark.parametrize("status", [S.QUEUED, S.CANCELLED, S.FAILED])
async def test_an_old_report_does_not_touch_what_waits_or_has_ended(status):
    receiver = Receiver(status=status, provider_id=None)
    assert not await receiver.report("delivered", sid="SM7")
    assert receiver.row.status is status


def tries(*outcomes):
    """A history: each outcome, and the message that it is about."""
    return tuple(
        NotificationAttempt(
            number=1, outcome=outcome, started_at=NOW, ended_at=NOW, provider_id=provider_id
        )
        for outcome, provider_id in outcomes
    )


@pytest.mark.parametrize("status", [S.QUEUED, S.SENDING, S.UNCONFIRMED])
async def test_a_repeated_report_on_an_earlier_try_says_nothing_about_the_present_one(status):
    """It was undelivered, a person has queued it again, and Twilio reports on the first message once more."""
    before = tries((A.ACCEPTED, "SM-old"), (A.UNDELIVERED, "SM-old"))
    receiver = Receiver(status=status, provider_id=None, attempts=1, history=before)
    assert not await receiver.report("undelivered", sid="SM-old", ErrorCode="30003")
    assert (receiver.row.status, receiver.row.provider_id) == (status, None)


@pytest.mark.parametrize(
    ("status", "last"),
    [
        (S.QUEUED, A.NOT_TAKEN),
        (S.FAILED, A.NOT_TAKEN),
        (S.CANCELLED, A.UNCONFIRMED),
        (S.QUEUED, A.UNCONFIRMED),
    ],
)
async def test_a_late_report_ends_a_doubt_that_was_decided_otherwise(status, last):
    """Twilio listed it too late for the look-up: it was taken all the same, and is not sent again."""
    receiver = Receiver(status=status, provider_id=None, attempts=1, history=tries((last, None)))
    assert await receiver.report("sent", sid="SM7")
    row = receiver.row
    assert (row.status, row.provider_id, row.error_code) == (S.SENT, "SM7", None)
    assert row.history[-1].outcome is A.ACCEPTED
    assert row.history[-1].number == 1


@pytest.mark.parametrize("last", [A.POSTPONED, A.REFUSED])
async def test_a_report_on_a_try_that_was_certainly_refused_is_about_something_else(last):
    receiver = Receiver(status=S.QUEUED, provider_id=None, attempts=1, history=tries((last, None)))
    assert not await receiver.report("sent", sid="SM7")
    assert receiver.row.status is S.QUEUED


@pytest.mark.parametrize(
    "forgery",
    [
        {"token": "guess"},
        {"tamper": {"MessageStatus": "failed"}},
        {"tamper": {"Extra": "1"}},
        {"AccountSid": "AC" + "9" * 32},
    ],
)
async def test_a_forged_report_is_refused(forgery):
    receiver = Receiver()
    with pytest.raises(Forbidden):
        await receiver.report("delivered", **forgery)
    assert receiver.row.status is S.SENT


async def test_a_report_for_another_address_or_without_signature_is_refused():
    receiver = Receiver()
    form = {"MessageSid": "SM1", "MessageStatus": "delivered", "AccountSid": SID}
    url = callback_address("https://other.example", "n1")
    signature = RequestValidator(TOKEN).compute_signature(url, form)
    for attempt in (signature, None, "", "ü"):
        with pytest.raises(Forbidden):
            await receiver.callbacks.receive(
                url.removeprefix("https://other.example"), form, attempt
            )


async def test_twilio_is_told_where_to_report():
    async with TwilioDouble() as twilio:
        clock = SystemClock()
        credentials = TwilioCredentials(
            account_sid=SID,
            auth_token=TOKEN,
            sender="+14155550199",
            base_url=twilio.url,
            public_url=f"{PUBLIC}/",
        )
        notifier = make_notifier(
            credentials, clock=clock, signal=CountingSignal(), circuit=CircuitBreaker(clock)
        )
        await notifier.send(a_notification(id="n 1"))
        await notifier.close()
        [(_, _, form)] = twilio.requests
        assert form["StatusCallback"] == f"{PUBLIC}/webhooks/twilio/status?notification=n+1"
