"""Terms to JSON and back: exact, stable, and clear about what cannot be read."""

import dataclasses
import json
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given

from negotiation.errors import TermError
from negotiation.terms import (
    CreditTerm,
    LadderTerm,
    LadderTier,
    PaymentTerm,
    RateTerm,
    RenewalTerm,
    Term,
)
from negotiation.terms_json import (
    TERM_KINDS,
    canonical_terms,
    term_from_plain,
    term_to_plain,
    terms_from_json,
    terms_from_plain,
    terms_to_json,
    terms_to_plain,
)
from tests import strategies

LADDER = LadderTerm(
    id="ladder",
    clause="4.2",
    tiers=(
        LadderTier("A", Decimal(0), Decimal("0.32")),
        LadderTier("B", Decimal("250000.00"), Decimal("0.37")),
    ),
)


@given(strategies.terms())
def test_any_terms_come_back_as_they_were(terms: tuple[Term, ...]) -> None:
    assert terms_from_json(terms_to_json(terms)) == terms


@given(strategies.terms())
def test_every_digit_comes_back_as_it_was_written(terms: tuple[Term, ...]) -> None:
    assert repr(terms_from_json(terms_to_json(terms))) == repr(terms)


@given(strategies.terms())
def test_the_plain_form_is_only_json(terms: tuple[Term, ...]) -> None:
    assert json.loads(json.dumps(terms_to_plain(terms))) == terms_to_plain(terms)


def test_every_kind_of_term_has_a_name() -> None:
    assert set(TERM_KINDS.values()) == set(Term.__args__)


def test_the_form_of_a_term_is_fixed() -> None:
    assert term_to_plain(LADDER) == {
        "kind": "ladder",
        "id": "ladder",
        "clause": "4.2",
        "tiers": [
            {"name": "A", "threshold": "0", "discount": "0.32"},
            {"name": "B", "threshold": "250000.00", "discount": "0.37"},
        ],
        "boundary": "EXCLUSIVE",
        "application": "CLIFF",
        "basis": "LIST",
        "window_days": 90,
        "effective": "NEXT_INVOICE",
        "downgrade": "FOLLOWS",
        "grace_months": 0,
        "stacking": "BETTER_OF",
    }


def test_zero_is_kept_and_only_nothing_is_left_out() -> None:
    free = RateTerm(id="r", sku="sms", unit_price=Decimal(0))
    plain = term_to_plain(free)
    assert plain["unit_price"] == "0"
    assert "discount" not in plain
    assert term_from_plain(plain) == free


def test_a_field_left_out_takes_its_default() -> None:
    plain = {"kind": "renewal", "id": "r", "start": "2025-09-15", "term_months": 24}
    assert term_from_plain(plain) == RenewalTerm(id="r", start=date(2025, 9, 15), term_months=24)


def test_equal_terms_have_one_canonical_text_however_their_decimals_are_written() -> None:
    short = (CreditTerm(id="c", amount=Decimal(50000)),)
    long = (CreditTerm(id="c", amount=Decimal("50000.00")),)
    exponent = (CreditTerm(id="c", amount=Decimal("5E+4")),)
    assert canonical_terms(short) == canonical_terms(long) == canonical_terms(exponent)
    assert canonical_terms(short) == '[{"amount":"50000","id":"c","kind":"credit"}]'
    assert terms_to_json(short) != terms_to_json(long)


def test_another_value_or_another_order_is_another_canonical_text() -> None:
    other = dataclasses.replace(LADDER, window_days=91)
    net30 = PaymentTerm(id="p", net_days=30)
    texts = [(LADDER,), (other,), (LADDER, net30), (net30, LADDER)]
    assert len({canonical_terms(terms) for terms in texts}) == len(texts)


@pytest.mark.parametrize(
    ("change", "path", "says"),
    [
        ({"kind": "bonus"}, "0.kind", "'bonus' is not a kind of term"),
        ({"window_days": "90"}, "0.window_days", "'90' is not a whole number"),
        ({"window_days": True}, "0.window_days", "True is not a whole number"),
        ({"basis": "GROSS"}, "0.basis", "'GROSS' is not one of LIST, NET, BILLED"),
        ({"tiers": "A"}, "0.tiers", "'A' is not a list"),
        (
            {"tiers": [{"name": "A", "threshold": 0.5, "discount": "0"}]},
            "0.tiers.0.threshold",
            "0.5 is not a decimal number as text",
        ),
        (
            {"tiers": [{"name": "A", "threshold": "1,5", "discount": "0"}]},
            "0.tiers.0.threshold",
            "'1,5' is not a plain decimal number",
        ),
        ({"tiers": [{"name": "A", "discount": "0"}]}, "0.tiers.0.threshold", "needs this field"),
        ({"colour": "red"}, "0.colour", "LadderTerm has no such field"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_place(change: dict, path: str, says: str) -> None:
    with pytest.raises(TermError) as caught:
        terms_from_plain([{**term_to_plain(LADDER), **change}])
    assert caught.value.field == path
    assert says in str(caught.value)


def test_text_that_is_no_json_is_refused() -> None:
    with pytest.raises(TermError, match="no JSON"):
        terms_from_json("[{")


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "1E+20"])
def test_an_amount_that_could_not_be_read_back_is_not_written(amount: str) -> None:
    with pytest.raises(ValueError, match=r"cannot be written|too large"):
        terms_to_json((CreditTerm(id="c", amount=Decimal(amount)),))
