"""What STOP and START do, whatever their order and however often they come."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from negotiation.opt_outs import (
    KEPT_TEXTS,
    START_WORDS,
    STOP_WORDS,
    OptOutSource,
    heard,
    refuser,
    stopped,
    word_of,
)
from negotiation.records import NotificationStatus, Snapshot
from tests.builders import NOW, a_notification, a_snapshot, an_opt_out

NUMBER = "+14155550100"
LATER = NOW + timedelta(hours=1)


def after(snapshot: Snapshot, word: str, text_id: str, at: int = 0) -> Snapshot:
    now = NOW + timedelta(minutes=at)
    rows = heard(snapshot, NUMBER, word, text_id=text_id, now=now)
    return replace(snapshot, opt_outs={**snapshot.opt_outs, **{row.id: row for row in rows}})


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("STOP", "STOP"),
        (" stop. ", "STOP"),
        ("Opt-Out", "OPTOUT"),
        ("StopAll!", "STOPALL"),
        ("yes", "YES"),
        ("UNSTOP", "UNSTOP"),
        ("please stop", None),
        ("HELP", None),
        ("stopp", None),
        ("", None),
    ],
)
def test_a_text_is_one_of_the_words_or_none(text: str, word: str | None) -> None:
    assert word_of(text) == word


@pytest.mark.parametrize("word", sorted(STOP_WORDS))
def test_each_word_for_stop_opts_out(word: str) -> None:
    snapshot = after(a_snapshot(), word, "SM1")
    found = refuser(snapshot, NUMBER)
    assert found is not None
    assert (found.since, found.source, found.keyword) == (NOW, OptOutSource.TEXTED, word)
    assert stopped(snapshot) == {NUMBER}


@pytest.mark.parametrize("word", sorted(START_WORDS))
def test_each_word_for_start_lifts_it(word: str) -> None:
    snapshot = after(after(a_snapshot(), "STOP", "SM1"), word, "SM2", 5)
    assert refuser(snapshot, NUMBER) is None
    [row] = snapshot.opt_outs.values()
    assert (row.lifted_at, row.texts) == (NOW + timedelta(minutes=5), ("SM1", "SM2"))


def test_a_second_stop_does_not_move_the_first() -> None:
    snapshot = after(after(a_snapshot(), "STOP", "SM1"), "END", "SM2", 60)
    found = refuser(snapshot, NUMBER)
    assert found is not None
    assert found.since == NOW


def test_yes_from_somebody_who_never_opted_out_is_not_kept() -> None:
    assert not heard(a_snapshot(), NUMBER, "YES", text_id="SM1", now=NOW)


def test_start_also_lifts_what_only_the_provider_knew() -> None:
    refused = a_notification(status=NotificationStatus.FAILED, error_code="21610")
    snapshot = a_snapshot(notifications=[refused])
    found = refuser(snapshot, NUMBER)
    assert found is not None
    assert (found.source, found.since) == (OptOutSource.REFUSED, NOW)
    lifted = after(snapshot, "START", "SM1", 5)
    assert refuser(lifted, NUMBER) is None
    again = replace(refused, id="n2", updated_at=LATER)
    refused_again = replace(lifted, notifications={"n2": again})
    assert refuser(refused_again, NUMBER) is not None


def test_a_message_that_was_accepted_since_shows_that_they_started_again_at_the_provider() -> None:
    rows = [
        a_notification(id="n1", status=NotificationStatus.FAILED, error_code="21610"),
        a_notification(id="n2", status=NotificationStatus.SENT, updated_at=LATER),
    ]
    assert refuser(a_snapshot(notifications=rows), NUMBER) is None


def test_what_they_texted_to_us_holds_even_if_the_provider_takes_messages() -> None:
    sent = a_notification(status=NotificationStatus.SENT, updated_at=LATER)
    snapshot = replace(a_snapshot(notifications=[sent]), opt_outs={"a": an_opt_out()})
    assert refuser(snapshot, NUMBER) is not None


def test_start_lifts_all_that_several_gateways_remember() -> None:
    two = {"a": an_opt_out(id="a", texts=("a",)), "b": an_opt_out(id="b", texts=("b",))}
    assert refuser(after(replace(a_snapshot(), opt_outs=two), "START", "c"), NUMBER) is None


WORDS = st.sampled_from(["STOP", "QUIT", "START", "YES"])


@given(st.lists(WORDS, max_size=12), st.data())
def test_the_last_word_counts_and_a_text_that_comes_again_changes_nothing(
    words: list[str], data: st.DataObject
) -> None:
    snapshot = a_snapshot()
    for number, word in enumerate(words):
        snapshot = after(snapshot, word, f"SM{number}", number)
    known = {text for row in snapshot.opt_outs.values() for text in row.texts}
    for _ in range(3 if known else 0):
        again = data.draw(st.sampled_from(sorted(known)))
        word = words[int(again.removeprefix("SM"))]
        assert not heard(snapshot, NUMBER, word, text_id=again, now=LATER)
    assert (refuser(snapshot, NUMBER) is not None) == bool(words and words[-1] in STOP_WORDS)


def test_what_is_remembered_of_one_who_texts_all_day_is_bounded() -> None:
    snapshot = a_snapshot()
    for number in range(KEPT_TEXTS + 50):
        snapshot = after(snapshot, "START" if number % 2 else "STOP", f"SM{number}")
    [row] = snapshot.opt_outs.values()
    assert len(row.texts) == KEPT_TEXTS
