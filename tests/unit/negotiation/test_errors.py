"""The error tree: what a refusal says, and that it survives a trip between processes."""

import pickle

from negotiation.errors import (
    AmountError,
    CurrencyError,
    NegotiationError,
    RatioError,
    ValidationFailed,
)


def test_a_refusal_says_where_what_and_what_to_do():
    error = AmountError("EMPTY", "An amount is missing here.", "lines.3.amount", "Write an amount.")
    assert str(error) == "lines.3.amount: An amount is missing here. Write an amount."
    assert str(NegotiationError("X", "Bare.")) == "Bare."


def test_every_refusal_is_a_value_error_for_callers_who_know_no_other():
    for kind in (AmountError, CurrencyError, RatioError, ValidationFailed):
        assert issubclass(kind, NegotiationError)
        assert issubclass(kind, ValueError)


def test_several_refusals_are_kept_each_in_order():
    errors = [AmountError("EMPTY", "No amount.", "a"), RatioError("EMPTY", "No ratio.", "b")]
    failed = ValidationFailed(errors)
    assert failed.errors == tuple(errors)
    assert str(failed) == "a: No amount.; b: No ratio."
    assert failed.field is None
    assert ValidationFailed(errors[:1]).field == "a"


def test_refusals_can_be_pickled():
    error = AmountError("EMPTY", "No amount.", "a", "Write one.")
    for each in (error, ValidationFailed([error])):
        again = pickle.loads(pickle.dumps(each))
        assert type(again) is type(each)
        assert (again.code, again.message, again.field, again.hint) == (
            each.code,
            each.message,
            each.field,
            each.hint,
        )
