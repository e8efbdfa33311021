from dataclasses import replace
from datetime import timedelta

from adapters.outbox import OutboxPolicy
from adapters.outbox.transitions import Doubtful, NotTaken, Refused, Took, claimed, settled
from negotiation.records import NotificationStatus as S
from tests.builders import NOW, a_notification
from tests.doubles.notifier import doubt, refusal

POLICY = OutboxPolicy()


def rows(*changes):
    made = [a_notification(id=f"n{n}", body="same", **change) for n, change in enumerate(changes)]
    return {row.id: row for row in made}


def sending(**changes):
    return {"status": S.SENDING, "attempts": 1, "lease_owner": "me", "lease_until": NOW} | changes


def settle(held, *outcomes):
    return {row.id: row for row in settled(held, outcomes, owner="me", now=NOW, policy=POLICY)}


def test_an_answer_proves_what_a_look_up_can_only_guess():
    held = rows({"status": S.SENT, "provider_id": "SM1"}, sending())
    after = settle(held, Took(held["n1"], "SM1", found=True))
    assert set(after) == {"n1"}
    assert (after["n1"].status, after["n1"].provider_id) == (S.UNCONFIRMED, None)


def test_a_guess_that_an_answer_disproves_is_a_doubt_again():
    held = rows({"status": S.SENT, "provider_id": "SM1"}, sending())
    after = settle(held, Took(held["n1"], "SM1"))
    assert (after["n1"].status, after["n1"].provider_id) == (S.SENT, "SM1")
    assert (after["n0"].status, after["n0"].provider_id) == (S.UNCONFIRMED, None)


def test_two_look_ups_that_found_the_same_message_credit_it_once():
    held = rows(sending(), sending())
    found = [Took(held[each], "SM1", found=True) for each in held]
    assert [row.status for row in settle(held, *found).values()] == [S.SENT, S.UNCONFIRMED]


def test_an_old_look_up_says_nothing_about_a_new_doubt():
    held = rows({"status": S.UNCONFIRMED, "next_attempt_at": NOW})
    stale = replace(held["n0"], next_attempt_at=NOW - timedelta(seconds=30))
    assert not settle(held, NotTaken(stale, 1.0))
    assert settle(held, NotTaken(held["n0"], 1.0))["n0"].status is S.QUEUED


def test_the_failure_of_an_earlier_try_says_nothing_about_the_present_one():
    held = rows(sending(attempts=2))
    earlier = replace(held["n0"], attempts=1)
    assert not settle(held, Refused(earlier, refusal(), 0.0), Doubtful(earlier, doubt(), 1.0))


def test_a_failure_under_anothers_lease_changes_nothing():
    held = rows(sending(lease_owner="other"))
    assert not settle(held, Refused(held["n0"], refusal(), 0.0))


def test_a_message_that_went_out_is_sent_even_if_it_was_cancelled_meanwhile():
    held = rows({"status": S.CANCELLED})
    assert settle(held, Took(held["n0"], "SM1"))["n0"].status is S.SENT


def test_a_row_that_is_gone_changes_nothing():
    gone = a_notification(id="gone")
    assert not settle({}, Took(gone, "SM1"))


def test_a_claim_counts_the_try_and_names_its_holder():
    row = claimed(a_notification(attempts=2), owner="me", now=NOW, policy=POLICY)
    assert (row.status, row.attempts, row.lease_owner) == (S.SENDING, 3, "me")
    assert row.lease_until == NOW + timedelta(seconds=POLICY.lease)
