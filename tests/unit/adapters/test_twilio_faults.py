import json
import re
from pathlib import Path

import pytest

from adapters.outbox.transitions import speaks_against
from adapters.twilio import TwilioCredentials
from adapters.twilio.codes import TABLE, Kind
from adapters.twilio.faults import HOLD_SECONDS, explain, of_answer

FINAL = [
    21211,
    21408,
    21608,
    21610,
    21614,
    21703,
    30003,
    30004,
    30005,
    30006,
    30007,
    30008,
    63003,
    63016,
]


@pytest.mark.parametrize("code", FINAL)
def test_a_refusal_of_one_message_is_final(code):
    assert TABLE[str(code)].kind is Kind.FINAL


@pytest.mark.parametrize("code", [20003, 20403, 20404, 21611, 21701, 21704, 21705, 30002, 63038])
def test_a_refusal_of_the_account_holds_the_queue(code):
    fault = of_answer(400, json.dumps({"code": code}), None, sending=True)
    assert (fault.hold, fault.retry, fault.ambiguous) == (True, True, False)


@pytest.mark.parametrize("code", [21611, 63038])
def test_a_limit_of_sender_or_account_holds_the_queue_and_counts_against_no_message(code):
    fault = of_answer(429, json.dumps({"code": code}), None, sending=True)
    assert (fault.hold, fault.retry, fault.retry_after) == (True, True, HOLD_SECONDS)
    assert not speaks_against(fault)


def test_a_recipient_s_other_run_is_waited_for_and_keeps_nobody_else_waiting():
    fault = of_answer(409, json.dumps({"code": 20409}), None, sending=True)
    assert (fault.hold, fault.retry, fault.retry_after) == (False, True, 300.0)
    assert not speaks_against(fault)
    assert of_answer(409, json.dumps({"code": 20409}), "7", sending=True).retry_after == 7.0


@pytest.mark.parametrize("code", [21214, 21217, 30009, 30010])
def test_a_code_that_no_message_of_ours_can_meet_is_not_in_the_table(code):
    assert str(code) not in TABLE


@pytest.mark.parametrize("code", TABLE)
def test_every_known_code_says_what_is_so_and_what_to_do(code):
    entry = TABLE[code]
    assert entry.told.endswith(".")
    assert entry.act.endswith(".")
    assert entry.told != entry.act


def test_a_newer_kind_of_error_body_is_read_too():
    body = {"type": "t", "title": "Bad", "status": 400, "code": 21211, "detail": "long words"}
    assert of_answer(400, json.dumps(body), None, sending=True).code == "21211"


@pytest.mark.parametrize("body", ["", "<html>", "[]", '"x"', "null"])
def test_a_body_that_says_nothing_still_makes_a_fault_with_a_code(body):
    assert of_answer(400, body, None, sending=True).code == "HTTP_400"
    assert of_answer(401, body, None, sending=True).code == "20003"
    assert of_answer(429, body, None, sending=True).code == "20429"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("3", 3.0), ("0", 0.0), ("99999", 3600.0), ("-5", 0.0), ("soon", None), (None, None)],
)
def test_the_requested_wait_is_read_and_bounded(header, seconds):
    assert of_answer(429, "", header, sending=True).retry_after == seconds


@pytest.mark.parametrize("status", [502, 504])
def test_a_proxy_that_gave_up_waiting_leaves_the_request_under_way(status):
    """Twilio may take the message yet: a look-up is conclusive only after as long as after no answer at all."""
    for asked in (None, "0"):
        fault = of_answer(status, "", asked, sending=True)
        assert (fault.ambiguous, fault.retry_after) == (True, None)


@pytest.mark.parametrize(("asked", "seconds"), [(None, 2.0), ("0", 2.0), ("7", 7.0)])
def test_after_a_complete_failure_a_look_up_waits_a_little_whatever_is_asked(asked, seconds):
    fault = of_answer(500, json.dumps({"code": 20500}), asked, sending=True)
    assert (fault.ambiguous, fault.retry_after) == (True, seconds)


@pytest.mark.parametrize("status", [400, 403, 404, 407, 408])
def test_a_refusal_that_is_not_twilio_s_is_no_reason_to_fail_a_message_at_once(status):
    """A proxy on the way, or a wrong address: it has no code."""
    fault = of_answer(status, "<html>Forbidden</html>", None, sending=True)
    assert (fault.code, fault.retry, fault.hold, fault.ambiguous) == (
        f"HTTP_{status}",
        True,
        False,
        False,
    )
    assert speaks_against(fault)


def test_a_look_up_that_finds_nothing_does_not_hold_the_queue():
    fault = of_answer(404, json.dumps({"code": 20404}), None, sending=False)
    assert (fault.hold, fault.retry) == (False, False)


def test_an_unknown_code_leads_to_its_page_without_the_number():
    said = explain("29999", "To +14155550100 went wrong")
    assert "+1•••••0100" in said
    assert "29999" in said


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"account_sid": None}, "TWILIO_ACCOUNT_SID is missing"),
        ({"account_sid": "SK1"}, "TWILIO_ACCOUNT_SID does not start with AC"),
        ({"auth_token": None}, "TWILIO_AUTH_TOKEN is missing"),
        ({"sender": None}, "TWILIO_FROM (or TWILIO_MESSAGING_SERVICE_SID) is missing"),
        ({"messaging_service_sid": "x"}, "TWILIO_MESSAGING_SERVICE_SID does not start with MG"),
        ({"studio_flow_sid": "x"}, "TWILIO_STUDIO_FLOW_SID does not start with FW"),
    ],
)
def test_what_is_wrong_with_the_credentials_is_named(changes, named):
    whole = {"account_sid": "AC1", "auth_token": "planted-token", "sender": "+14155550199"}
    credentials = TwilioCredentials(**(whole | changes))
    assert credentials.faults() == (named,)
    assert not credentials.complete
    assert "planted-token" not in repr(credentials)


def test_the_page_of_errors_says_what_the_table_says():
    done = {Kind.FINAL: "final", Kind.LATER: "tried again", Kind.HOLD: "queue held"}
    page = (Path(__file__).parents[3] / "docs" / "twilio-errors.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", page, flags=re.MULTILINE)
    assert rows == [
        (code, done[entry.kind], entry.told, entry.act) for code, entry in TABLE.items()
    ]
