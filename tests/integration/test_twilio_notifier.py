from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import structlog
from aiohttp import web

from adapters.clock import SystemClock
from adapters.resilience import CircuitBreaker, CircuitState
from adapters.twilio import TwilioCredentials, make_notifier
from adapters.twilio.faults import TwilioFault
from negotiation.records import NotificationChannel, NotificationStatus
from resolvers.ports import Status
from tests.builders import a_notification
from tests.doubles.twilio import (
    SID,
    TOKEN,
    TwilioDouble,
    accepts_and_says,
    cuts_after_accepting,
    cuts_before_accepting,
    cuts_inside_the_answer,
    refuses,
    takes,
)
from tests.fakes import CountingSignal

FLOW = "FW" + "0" * 32
SERVICE = "MG" + "0" * 32
TO = "+14155550100"
TEXT = "Margin moved, no. 1"


def fresh(number=1, **changes):
    now = SystemClock().now()
    defaults = {"to": TO, "body": TEXT, "queued_at": now, "updated_at": now}
    return a_notification(id=f"n-{number}", idempotency_key=f"key-{number}", **(defaults | changes))


class Bench:
    """A notifier on a double, with its circuit in reach."""

    def __init__(self, twilio, timeout=60.0, **credentials):
        self.twilio = twilio
        self.signal = CountingSignal()
        clock = SystemClock()
        self.circuit = CircuitBreaker(clock, threshold=3, cooldown=600.0)
        settings = {
            "account_sid": SID,
            "auth_token": TOKEN,
            "sender": "+14155550199",
            "base_url": twilio.url,
            **credentials,
        }
        self.notifier = make_notifier(
            TwilioCredentials(**settings),
            clock=clock,
            signal=self.signal,
            circuit=self.circuit,
            timeout_seconds=timeout,
        )

    async def refusal(self, call) -> TwilioFault:
        with pytest.raises(TwilioFault) as caught:
            await call
        return caught.value


@asynccontextmanager
async def bench(**changes):
    async with TwilioDouble() as twilio:
        made = Bench(twilio, **changes)
        try:
            yield made
        finally:
            await made.notifier.close()


async def test_an_sms_goes_out_from_the_sender_and_its_sid_comes_back():
    async with bench() as b:
        accepted = await b.notifier.send(fresh())
        [message] = b.twilio.sent
        assert accepted.provider_id == message["sid"]
        assert (message["to"], message["from"]) == ("+14155550100", "+14155550199")
        assert message["body"] == "Margin moved, no. 1"
        health = b.notifier.health()
        assert (health.status, health.mode, health.error_code) == (Status.OK, "rest", None)
        assert health.last_ok_at is not None
        assert health.latency_ms is not None


async def test_a_messaging_service_wins_over_a_sender_number():
    async with bench(messaging_service_sid=SERVICE) as b:
        await b.notifier.send(fresh())
        assert b.twilio.sent[0]["messaging_service_sid"] == SERVICE
        assert b.twilio.sent[0]["from"] is None


async def test_a_studio_flow_run_gets_the_text_as_a_parameter():
    async with bench(studio_flow_sid=FLOW) as b:
        sent = fresh(channel=NotificationChannel.STUDIO_FLOW)
        accepted = await b.notifier.send(sent)
        run = b.twilio.runs[accepted.provider_id]
        assert run["context"]["flow"]["data"]["body"] == sent.body
        assert run["flow_sid"] == FLOW


async def test_a_studio_flow_that_is_not_set_is_said_without_asking_twilio():
    async with bench() as b:
        fault = await b.refusal(b.notifier.send(fresh(channel=NotificationChannel.STUDIO_FLOW)))
        assert "TWILIO_STUDIO_FLOW_SID" in fault.message
        assert not fault.retry
        assert not b.twilio.requests


async def test_an_unknown_flow_does_not_hold_the_other_messages():
    async with bench(studio_flow_sid=FLOW) as b:
        b.twilio.default = refuses(404, 20404)
        fault = await b.refusal(b.notifier.send(fresh(channel=NotificationChannel.STUDIO_FLOW)))
        assert fault.code == "UNKNOWN_STUDIO_FLOW"
        assert not fault.retry
        assert b.circuit.state is CircuitState.CLOSED


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (21211, "not valid"),
        (21408, "Geo permissions"),
        (21608, "trial account"),
        (21610, "STOP"),
        (21614, "landline"),
        (21659, "TWILIO_FROM"),
    ],
)
async def test_a_refused_message_is_final_and_says_what_to_do(code, words):
    async with bench() as b:
        b.twilio.default = refuses(400, code, "The 'To' number +14155550100 is bad")
        fault = await b.refusal(b.notifier.send(fresh()))
        assert fault.code == str(code)
        assert (fault.retry, fault.ambiguous) == (False, False)
        assert words in fault.message
        assert "5550100" not in fault.message
        assert b.notifier.health().status is Status.OK
        assert b.notifier.health().error_code == str(code)


async def test_an_unknown_refusal_shows_twilios_words_with_numbers_masked():
    async with bench() as b:
        b.twilio.default = refuses(400, 29999, "Odd thing with +14155550100")
        fault = await b.refusal(b.notifier.send(fresh()))
        assert "Odd thing with +1•••••0100" in fault.message
        assert "29999" in fault.message
        assert not fault.retry


async def test_wrong_credentials_hold_the_queue_and_say_which_settings():
    async with bench(auth_token="wrong") as b:
        fault = await b.refusal(b.notifier.send(fresh()))
        assert fault.code == "20003"
        assert fault.retry
        assert not fault.ambiguous
        health = b.notifier.health()
        assert health.status is Status.DOWN
        assert "TWILIO_AUTH_TOKEN" in health.message
        assert b.circuit.capacity(10) == 0


async def test_a_rate_limit_is_waited_out_as_long_as_twilio_asks():
    async with bench() as b:
        b.twilio.script.append(refuses(429, 20429, retry_after=3000))
        fault = await b.refusal(b.notifier.send(fresh()))
        assert (fault.retry, fault.ambiguous, fault.retry_after) == (True, False, 3000)
        assert 2000 < b.circuit.opens_in <= 3000
        fault = await b.refusal(b.notifier.send(fresh()))
        assert fault.code == "CIRCUIT_OPEN"
        assert b.twilio.creations() == 1


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        (cuts_after_accepting(), "CUT"),
        (cuts_before_accepting(), "CUT"),
        (cuts_inside_the_answer(), "CUT"),
        (takes(60), "TIMEOUT"),
        (accepts_and_says(502), "HTTP_502"),
        (refuses(500, 20500), "20500"),
    ],
)
async def test_a_lost_answer_is_ambiguous(behaviour, code):
    async with bench(**({"timeout": 1.0} if code == "TIMEOUT" else {})) as b:
        b.twilio.script.append(behaviour)
        fault = await b.refusal(b.notifier.send(fresh()))
        assert fault.code == code
        assert (fault.retry, fault.ambiguous, fault.outage) == (True, True, True)
        assert b.notifier.health().status is Status.DEGRADED


async def test_an_unavailable_twilio_has_taken_nothing():
    async with bench() as b:
        b.twilio.script.append(refuses(503, 20503))
        fault = await b.refusal(b.notifier.send(fresh()))
        assert (fault.retry, fault.ambiguous) == (True, False)


async def test_a_refused_connection_is_safe_to_repeat_and_health_recovers():
    async with bench() as b:
        await b.twilio.stop()
        fault = await b.refusal(b.notifier.send(fresh()))
        assert fault.code == "UNREACHABLE"
        assert (fault.retry, fault.ambiguous) == (True, False)
        assert b.notifier.health().status is Status.DEGRADED
        before = b.signal.count
        await b.twilio.start()
        await b.notifier.send(fresh())
        assert b.notifier.health().status is Status.OK
        assert b.notifier.health().error_code == "UNREACHABLE"
        assert b.signal.count > before


async def test_outages_in_a_row_open_the_circuit_and_health_shows_it():
    async with bench() as b:
        await b.twilio.stop()
        for _ in range(3):
            await b.refusal(b.notifier.send(fresh()))
        health = b.notifier.health()
        assert health.status is Status.DEGRADED
        assert "Circuit open" in health.message
        assert (await b.refusal(b.notifier.send(fresh()))).code == "CIRCUIT_OPEN"


async def test_a_twilio_that_lists_but_does_not_take_is_still_in_trouble():
    async with bench() as b:
        b.twilio.default = refuses(500, 20500)
        for _ in range(3):
            await b.refusal(b.notifier.send(fresh()))
            if b.circuit.state is CircuitState.CLOSED:
                assert await b.notifier.find(fresh()) is None
                assert b.notifier.health().status is Status.DEGRADED
        assert b.circuit.state is CircuitState.OPEN


async def test_a_message_twilio_took_is_found():
    async with bench() as b:
        b.twilio.script.append(cuts_after_accepting())
        sent = fresh()
        await b.refusal(b.notifier.send(sent))
        found = await b.notifier.find(sent)
        assert found is not None
        assert found.provider_id == b.twilio.sent[0]["sid"]


async def test_a_message_twilio_never_took_is_not_found():
    async with bench() as b:
        b.twilio.script.append(cuts_before_accepting())
        sent = fresh()
        await b.refusal(b.notifier.send(sent))
        b.twilio.add_message(to=sent.to, body="another text")
        b.twilio.add_message(to=sent.to, body=sent.body, direction="inbound")
        assert await b.notifier.find(sent) is None


async def test_the_twin_of_a_message_is_not_taken_for_it():
    async with bench() as b:
        sent = fresh()
        twin = b.twilio.add_message(to=sent.to, body=sent.body)
        assert await b.notifier.find(sent, exclude={twin["sid"]}) is None


async def test_an_earlier_try_that_failed_on_the_way_is_not_taken_for_this_one():
    async with bench() as b:
        sent = fresh()
        b.twilio.add_message(to=sent.to, body=sent.body, status="undelivered", error_code=30003)
        assert await b.notifier.find(sent) is None


async def test_a_message_of_last_week_is_not_taken_for_todays():
    async with bench() as b:
        sent = fresh(queued_at=SystemClock().now() + timedelta(days=7))
        b.twilio.add_message(to=sent.to, body=sent.body)
        assert await b.notifier.find(sent) is None


async def test_a_clock_that_is_a_day_wrong_does_not_hide_a_message():
    async with bench() as b:
        sent = fresh(queued_at=SystemClock().now() + timedelta(days=1))
        b.twilio.add_message(to=sent.to, body=sent.body)
        assert await b.notifier.find(sent) is not None


@pytest.mark.parametrize("theirs", ["{} Reply STOP to opt out", ""])
async def test_an_altered_or_hidden_text_is_for_a_person_to_judge(theirs):
    async with bench() as b:
        sent = fresh()
        b.twilio.add_message(to=sent.to, body=theirs.format(sent.body))
        fault = await b.refusal(b.notifier.find(sent))
        assert fault.code == "CANNOT_TELL"
        assert not fault.retry


async def test_a_text_that_only_begins_alike_is_another():
    async with bench() as b:
        sent = fresh()
        b.twilio.add_message(to=sent.to, body=f"{sent.body}0")
        assert await b.notifier.find(sent) is None


async def test_a_trial_accounts_preface_does_not_hide_a_message():
    async with bench() as b:
        sent = fresh()
        b.twilio.add_message(to=sent.to, body=f"Sent from your Twilio trial account - {sent.body}")
        assert await b.notifier.find(sent) is not None


async def test_the_look_up_reads_page_after_page():
    async with bench() as b:
        sent = fresh()
        b.twilio.add_message(to=sent.to, body=sent.body)
        for n in range(2300):
            b.twilio.add_message(to=sent.to, body=f"newer {n}")
        assert await b.notifier.find(sent) is not None
        assert sum(method == "GET" for method, _, _ in b.twilio.requests) == 3


async def test_too_many_messages_to_one_recipient_cannot_be_judged():
    async with bench() as b:
        sent = fresh()
        for n in range(30):
            b.twilio.add_message(to=sent.to, body=f"newer {n}")
        b.notifier._look_through = 30
        assert (await b.refusal(b.notifier.find(sent))).code == "CANNOT_TELL"
        b.notifier._look_through = 31
        assert await b.notifier.find(sent) is None


async def test_a_flow_run_is_found_by_our_id_in_its_context():
    async with bench(studio_flow_sid=FLOW) as b:
        sent = fresh(1, channel=NotificationChannel.STUDIO_FLOW)
        other = fresh(2, channel=NotificationChannel.STUDIO_FLOW)
        b.twilio.script.extend([cuts_after_accepting()])
        await b.refusal(b.notifier.send(sent))
        assert await b.notifier.find(sent) is not None
        assert await b.notifier.find(other) is None


@pytest.mark.parametrize(
    ("twilio_says", "code", "status"),
    [
        ("queued", None, NotificationStatus.SENT),
        ("sent", None, NotificationStatus.SENT),
        ("delivered", None, NotificationStatus.DELIVERED),
        ("undelivered", 30003, NotificationStatus.FAILED),
        ("failed", 30007, NotificationStatus.FAILED),
    ],
)
async def test_the_delivery_state_is_read_from_twilio(twilio_says, code, status):
    async with bench() as b:
        sid = (await b.notifier.send(fresh())).provider_id
        b.twilio.messages[sid].update(status=twilio_says, error_code=code)
        delivery = await b.notifier.delivery(fresh(provider_id=sid))
        assert delivery.status is status
        assert delivery.error_code == (str(code) if code else None)
        assert (delivery.error_message is not None) is (status is NotificationStatus.FAILED)


async def test_no_secret_number_or_text_reaches_a_log():
    async with bench() as b:
        b.twilio.script.extend(
            [cuts_after_accepting(), refuses(400, 21211, "To +14155550100"), accepts_and_says(502)]
        )
        with structlog.testing.capture_logs() as logs:
            for n in range(3):
                await b.refusal(b.notifier.send(fresh(n)))
            await b.notifier.send(fresh(4))
        assert len(logs) >= 3
        said = repr(logs)
        assert not any(secret in said for secret in (TOKEN, "5550100", "5550199", "Margin moved"))
        assert TOKEN not in repr(b.notifier.health())


async def test_what_a_number_texted_to_us_is_read_from_twilios_list_oldest_first():
    async with bench() as b:
        dates = {"date_sent": format_datetime(datetime.now(UTC))}
        theirs = {"from": "+14155550100", "to": "+14155550199", "direction": "inbound", **dates}
        b.twilio.add_message(body="STOP", **theirs)
        b.twilio.add_message(body="START", **theirs)
        b.twilio.add_message(body="STOP", **{**theirs, "from": "+14155550111"})
        b.twilio.add_message(body="START", **{**theirs, "direction": "outbound-api"})
        old = {**theirs, "date_sent": format_datetime(datetime.now(UTC) - timedelta(days=3))}
        b.twilio.add_message(body="old", **old)
        since = datetime.now(UTC) - timedelta(days=1)
        texts = await b.notifier.texts_from("+14155550100", since=since)
    assert [text.body for text in texts] == ["STOP", "START"]


async def test_what_expires_is_not_kept_waiting_at_twilio_any_longer():
    async with bench() as b:
        now = SystemClock().now()
        for number, left in enumerate((90, 100_000, 0.2)):
            await b.notifier.send(fresh(number, expires_at=now + timedelta(seconds=left)))
        await b.notifier.send(fresh(9))
    asked = [form.get("ValidityPeriod") for _, _, form in b.twilio.requests]
    assert 80 <= int(asked[0]) <= 90
    assert asked[1:] == ["36000", "1", None]


@pytest.mark.parametrize(
    ("status", "steps", "became"),
    [
        ("active", [("incomingRequest", "Trigger")], NotificationStatus.SENT),
        (
            "ended",
            [("incomingRequest", "Trigger"), ("sent", "text_1")],
            NotificationStatus.DELIVERED,
        ),
        (
            "ended",
            [("incomingRequest", "Trigger"), ("failed", "text_1")],
            NotificationStatus.FAILED,
        ),
        ("ended", [], NotificationStatus.DELIVERED),
    ],
    ids=["active", "sent", "failed", "empty"],
)
async def test_what_became_of_a_flow_run_is_seen_by_its_end_and_its_last_step(
    status, steps, became
):
    async with bench(studio_flow_sid=FLOW) as b:
        sent = fresh(channel=NotificationChannel.STUDIO_FLOW)
        accepted = await b.notifier.send(sent)
        b.twilio.runs[accepted.provider_id].update(status=status, steps=steps)
        found = await b.notifier.delivery(replace(sent, provider_id=accepted.provider_id))
    assert found.status is became
    if became is NotificationStatus.FAILED:
        assert found.error_code == "STUDIO_FLOW_FAILED"
        assert "Widget text_1, event failed." in found.error_message


async def test_a_text_that_smart_encoding_has_rewritten_is_left_to_a_person():
    """A Messaging Service may put plain characters in the place of those that would make a text dearer."""
    async with bench(messaging_service_sid=SERVICE) as b:
        sent = fresh(body="Don\u2019t sign \u2013 \u201cfinal\u201d is 4\u00a0% above\u2026")
        b.twilio.add_message(to=TO, body='Don\'t sign - "final" is 4 % above...')
        assert (await b.refusal(b.notifier.find(sent))).code == "CANNOT_TELL"
        assert await b.notifier.find(fresh(body="Don't sign - it is 4 % above...")) is None


@pytest.mark.parametrize("wrong", [timedelta(days=-1), timedelta(), timedelta(days=1)])
async def test_what_was_there_before_our_request_is_not_ours_whatever_our_clock_says(wrong):
    """Somebody else sent the same words to the same number half an hour ago. Twilio's own clock tells."""
    async with bench() as b:
        sent = fresh(queued_at=SystemClock().now() + wrong)
        earlier = format_datetime(datetime.now(UTC) - timedelta(minutes=30))
        b.twilio.add_message(to=TO, body=TEXT, date_created=earlier)
        assert await b.notifier.find(sent, within=20.0) is None
        assert await b.notifier.find(sent) is not None  # nobody knows when it was asked for
        ours = b.twilio.add_message(to=TO, body=TEXT)
        found = await b.notifier.find(sent, within=20.0)
        assert found is not None
        assert found.provider_id == ours["sid"]


@pytest.mark.parametrize("answer", ["[]", "null", '"ok"', "<html>", "{}"])
async def test_an_answer_that_is_no_message_or_list_is_a_lost_answer(answer):
    async def behave(*_):
        return web.Response(text=answer, status=200, content_type="application/json")

    async with bench() as b:
        b.twilio.default = b.twilio.list_behaviour = behave
        sent = await b.refusal(b.notifier.send(fresh()))
        looked = await b.refusal(b.notifier.find(fresh()))
        assert (sent.code, sent.ambiguous) == ("UNREADABLE", True)
        assert (looked.code, looked.ambiguous, looked.retry) == ("UNREADABLE", False, True)
