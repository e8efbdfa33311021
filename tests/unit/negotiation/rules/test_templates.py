"""The text of a rule: words and known names, nothing else; what somebody else wrote stays on its line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from negotiation.rules.kinds import KINDS
from negotiation.rules.model import RuleKind
from negotiation.rules.template import MAX_TEMPLATE, faults, render
from negotiation.sms import MAX_CHARACTERS

NAMES = ("negotiation", "amount")


def test_names_are_replaced_by_their_facts() -> None:
    assert not list(faults("{{negotiation}} costs {{ amount }}.", NAMES))
    facts = {"negotiation": "Renewal", "amount": "USD 5.00"}
    assert render("{{negotiation}} costs {{ amount }}.", facts) == "Renewal costs USD 5.00."


@pytest.mark.parametrize(
    ("template", "code", "said"),
    [
        (" ", "TEMPLATE_EMPTY", "empty"),
        ("{{vendor}}", "TEMPLATE_NAME", "'vendor'"),
        ("It is {{amount", "TEMPLATE_BRACES", "At character 7"),
        ("amount}}", "TEMPLATE_BRACES", "At character 7"),
        ("{{}}", "TEMPLATE_BRACES", "At character 1"),
        ("{{amount.__class__}}", "TEMPLATE_BRACES", "At character 1"),
        ("{{7*7}}", "TEMPLATE_BRACES", "At character 1"),
        ("{{" * MAX_TEMPLATE, "TEMPLATE_TOO_LONG", "1280 characters"),
    ],
)
def test_anything_else_is_a_fault_that_says_where_and_what_to_write(
    template: str, code: str, said: str
) -> None:
    found = list(faults(template, NAMES))
    assert code in {each.code for each in found}
    assert said in found[0].message
    assert found[0].field == "template"
    assert found[0].hint


def test_a_fact_is_one_short_line_whatever_the_vendor_called_its_offer() -> None:
    said = render("{{amount}}|", {"amount": "A\r\nB\x07\u202e {{negotiation}} " + "x" * 200})
    assert said.startswith("A B {{negotiation}} x")
    assert len(said) == 81
    assert said.endswith("...|")
    assert said.isprintable()


@given(st.text(max_size=60))
def test_no_text_is_both_refused_and_rendered_or_neither(template: str) -> None:
    facts = dict.fromkeys(NAMES, "1")
    refused = bool(list(faults(template, NAMES)))
    try:
        render(template, facts)
    except (KeyError, ValueError):
        assert refused
    else:
        assert not refused or not template.strip()


@pytest.mark.parametrize("kind", RuleKind)
def test_each_kind_has_a_text_of_one_segment_that_names_only_its_facts(kind: RuleKind) -> None:
    found = KINDS[kind]
    assert not list(faults(found.template, tuple(found.facts)))
    assert found.template.isascii()


def test_a_message_is_never_longer_than_one_may_be() -> None:
    assert len(render("{{amount}}" * 60, {"amount": "y" * 80})) == MAX_CHARACTERS


def test_a_text_that_is_too_long_is_not_looked_at_any_further() -> None:
    assert len(list(faults("{{" * 100_000, NAMES))) == 1
