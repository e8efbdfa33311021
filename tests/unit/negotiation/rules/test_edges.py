"""When a rule fires: once as something begins to hold, and not again before it has ended or the cooldown has."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from negotiation.rules.conditions import Condition
from negotiation.rules.edges import LOOKED, judge
from negotiation.rules.model import Rule, RuleState
from tests.builders import NOW, a_rule

SUBJECTS = ("a", "b")
looks = st.lists(
    st.tuples(
        st.sets(st.sampled_from(SUBJECTS)),
        st.integers(min_value=0, max_value=12),  # hours since the look before
    ),
    max_size=20,
)


class Watched:
    """A rule and what it knows, look by look. `fired`: (subject, number, hour) of every edge."""

    def __init__(self, rule: Rule, *, news: bool = False) -> None:
        self.rule = rule
        self.news = news
        self.states: dict[str, RuleState] = {}
        self.hours = 0
        self.fired: list[tuple[str, int, int]] = []

    def look(self, holding: Any, after: int = 1) -> list[str]:
        self.hours += after
        now = NOW + timedelta(hours=self.hours)
        conditions = [Condition(subject=each, news=self.news) for each in sorted(holding)]
        judgement = judge(self.rule, self.states, conditions, now)
        self.states |= {each.subject: each for each in judgement.states}
        self.fired += [
            (edge.condition.subject, edge.number, self.hours) for edge in judgement.edges
        ]
        return [edge.condition.subject for edge in judgement.edges]


def watched(**changes: Any) -> Watched:
    return Watched(a_rule(**changes))


def test_it_fires_as_something_begins_to_hold_and_again_only_after_it_did_not() -> None:
    rule = watched()
    assert [rule.look(each) for each in ("", "a", "a", "ab", "b", "ab")] == [
        [],
        ["a"],
        [],
        ["b"],
        [],
        ["a"],
    ]
    assert rule.fired == [("a", 1, 2), ("b", 1, 4), ("a", 2, 6)]


def test_what_holds_at_the_first_look_is_told_but_not_what_is_only_news() -> None:
    assert watched().look("a") == ["a"]
    news = Watched(a_rule(), news=True)
    assert [news.look(each) for each in ("a", "ab", "b", "ab")] == [[], ["b"], [], ["a"]]


def test_a_first_look_that_finds_nothing_is_a_first_look_all_the_same() -> None:
    news = Watched(a_rule(), news=True)
    assert news.look("") == []
    assert LOOKED in news.states
    assert news.look("a") == ["a"]


def test_what_was_known_before_is_no_news_to_a_rule_that_begins_anew() -> None:
    for is_news, again in ((True, []), (False, ["a"])):
        rule = Watched(a_rule(), news=is_news)
        rule.look("")
        assert rule.look("a") == ["a"]
        del rule.states[LOOKED]
        rule.states["a"] = replace(rule.states["a"], holds=False, told=False)
        assert rule.look("a") == again
        rule.look("")
        assert rule.look("a") == ["a"]


def test_within_the_cooldown_it_keeps_quiet_and_tells_afterwards_what_still_holds() -> None:
    rule = watched(cooldown_hours=6)
    assert rule.look("a") == ["a"]
    assert rule.look("") == []
    assert rule.look("a") == []
    assert rule.look("a", after=4) == ["a"]


def test_a_rule_that_repeats_itself_does_so_after_each_cooldown_while_it_holds() -> None:
    rule = watched(cooldown_hours=6, repeats=True)
    told = [bool(rule.look("a", after=3)) for _ in range(5)]
    assert told == [True, False, True, False, True]
    assert rule.look("", after=6) == []


def test_a_look_that_changes_nothing_writes_nothing() -> None:
    rule = watched()
    rule.look("a")
    assert judge(rule.rule, rule.states, [Condition(subject="a")], NOW).states == ()


@given(looks)
def test_without_a_cooldown_each_beginning_is_told_exactly_once(steps: Any) -> None:
    rule = watched()
    before: set[str] = set()
    for holding, after in steps:
        assert set(rule.look(holding, after)) == holding - before
        before = holding


@given(looks, st.integers(min_value=1, max_value=30), st.booleans(), st.booleans())
def test_no_two_firings_on_one_subject_are_closer_than_the_cooldown_or_share_a_number(
    steps: Any, cooldown: int, repeats: bool, news: bool
) -> None:
    rule = Watched(a_rule(cooldown_hours=cooldown, repeats=repeats), news=news)
    for holding, after in steps:
        rule.look(holding, after)
        assert {each.subject for each in rule.states.values() if each.holds} - {LOOKED} == holding
    for subject in SUBJECTS:
        mine = [(number, hour) for each, number, hour in rule.fired if each == subject]
        assert [number for number, _ in mine] == list(range(1, len(mine) + 1))
        assert all(later - earlier >= cooldown for (_, earlier), (_, later) in pairwise(mine))


@given(looks, st.integers(min_value=0, max_value=6))
def test_looking_twice_is_looking_once(steps: Any, cooldown: int) -> None:
    once, twice = watched(cooldown_hours=cooldown), watched(cooldown_hours=cooldown)
    for holding, after in steps:
        assert once.look(holding, after) == twice.look(holding, after)
        assert twice.look(holding, after=0) == []
