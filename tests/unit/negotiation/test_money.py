"""Money: rounded once to the minor unit, read as people write it, never guessed at."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from negotiation.currency import ISO_CODES, decimal_mark, known_currency, minor_units
from negotiation.errors import AmountError, CurrencyError, NegotiationError
from negotiation.money import (
    currency_in,
    format_money,
    parse_money,
    read_money,
    round_money,
    sum_lines,
)

thorough = settings(deadline=None, max_examples=300)
currencies = st.sampled_from(sorted(ISO_CODES))
amounts = st.decimals(
    min_value=-(10**15), max_value=10**15, places=6, allow_nan=False, allow_infinity=False
)


@pytest.mark.parametrize(
    ("code", "places"),
    [
        ("USD", 2),
        ("eur", 2),
        ("JPY", 0),
        ("KRW", 0),
        ("KWD", 3),
        ("TND", 3),
        ("CLF", 4),
        ("ZZZ", 2),
    ],
)
def test_minor_units_follow_iso_4217_and_are_2_for_an_unknown_code(code, places):
    assert minor_units(code) == places


@pytest.mark.parametrize("code", ["", "$", "U S", "ÜSD", 7, None, "US1-"])
def test_what_cannot_be_a_currency_code_is_refused(code):
    with pytest.raises(CurrencyError) as refused:
        minor_units(code)
    assert refused.value.code == "CURRENCY_INVALID"


def test_an_importer_can_insist_on_a_known_currency():
    assert known_currency(" usd ") == "USD"
    with pytest.raises(CurrencyError) as refused:
        known_currency("ZZZ", field="currency")
    assert (refused.value.code, refused.value.field) == ("CURRENCY_UNKNOWN", "currency")


@pytest.mark.parametrize(
    ("amount", "currency", "rounded"),
    [
        ("2.665", "USD", "2.66"),
        ("2.675", "USD", "2.68"),
        ("0.005", "USD", "0.00"),
        ("-2.665", "USD", "-2.66"),
        ("-0.001", "USD", "0.00"),
        ("1234.5", "JPY", "1234"),
        ("1235.5", "JPY", "1236"),
        ("1.2345", "KWD", "1.234"),
        ("1.2355", "KWD", "1.236"),
        ("1.005", "ZZZ", "1.00"),
    ],
)
def test_money_is_rounded_half_even_to_the_minor_unit(amount, currency, rounded):
    assert str(round_money(Decimal(amount), currency)) == rounded


def test_an_invoice_is_the_sum_of_its_rounded_lines():
    assert str(sum_lines([Decimal("0.005")] * 3, "USD")) == "0.00"
    assert str(sum_lines([Decimal("2.675"), Decimal("0.005")], "USD")) == "2.68"
    assert str(sum_lines([], "JPY")) == "0"


@given(st.lists(amounts, max_size=20), currencies)
@thorough
def test_an_invoice_has_no_more_places_than_its_currency(lines, currency):
    invoice = sum_lines(lines, currency)
    assert -invoice.as_tuple().exponent == minor_units(currency)
    assert invoice == sum(round_money(line, currency) for line in lines)


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("1,234.56", None, "1234.56"),
        ("1.234,56", None, "1234.56"),
        ("1,234,567", None, "1234567"),
        ("1.234.567", None, "1234567"),
        ("1,234,567.891", None, "1234567.891"),
        ("1.234,567", None, "1234.567"),
        ("1234567.891", None, "1234567.891"),
        ("12,5", None, "12.5"),
        ("0.0075", None, "0.0075"),
        ("0.123", None, "0.123"),
        (",50", None, "0.5"),
        ("0", None, "0"),
        ("-0.00", None, "0"),
        ("1.234", "USD", "1.234"),
        ("1,234", "USD", "1234"),
        ("1.234", "BRL", "1234"),
        ("1,234", "BRL", "1.234"),
        ("1.234", "KWD", "1.234"),
        ("$1,234", None, "1234"),
        ("1,234 USD", None, "1234"),
        ("1\u00a0234,50", None, "1234.50"),
        ("1\u202f234\u202f567.5", None, "1234567.5"),
        ("1\u2009234", None, "1234"),
        ("1 234", None, "1234"),
        ("1'234'567.89", None, "1234567.89"),
        ("1\u2019234", None, "1234"),
        ("-5", None, "-5"),
        ("+5", None, "5"),
        ("\u22125.25", None, "-5.25"),
        ("- 5", None, "-5"),
        ("(1,234.50)", None, "-1234.50"),
        ("($5)", "USD", "-5"),
        ("$(5)", "USD", "-5"),
        ("(5) USD", None, "-5"),
        ("-$5", None, "-5"),
        ("$-5", None, "-5"),
        ("$5 USD", None, "5"),
        ("USD $5", None, "5"),
        ("$5", "CAD", "5"),
        ("us$5", "USD", "5"),
        ("A$ 5", None, "5"),
        ("5 €", "EUR", "5"),
        ("€\u00a05,5", None, "5.5"),
        ("¥1,000", "JPY", "1000"),
        ("5 kr", "NOK", "5"),
        ("5 zł", None, "5"),
        ("R$ 1.234,50", None, "1234.50"),
        ("5 zzz", "ZZZ", "5"),
        ("usd1,000", None, "1000"),
    ],
)
def test_amounts_are_understood_as_people_write_them(text, currency, amount):
    assert parse_money(text, currency) == Decimal(amount)


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("1.234", None),
        ("1,234", None),
        ("-12.345", None),
        ("€1.234", None),
        ("1.234", "EUR"),
        ("kr 1.234", None),
    ],
)
def test_an_ambiguous_amount_is_refused_with_both_readings(text, currency):
    with pytest.raises(AmountError) as refused:
        parse_money(text, currency, field="amount")
    error = refused.value
    digits = "".join(character for character in text if character.isdigit())
    assert error.code == "AMOUNT_AMBIGUOUS"
    assert error.field == "amount"
    assert f"as {digits} or as {digits[:-3]}.{digits[-3:]}" in error.message
    for reading in error.hint.removeprefix("Write ").split(",")[0].split(" or "):
        assert parse_money(reading).is_finite()


def test_a_malformed_amount_is_refused_with_an_explanation():
    with pytest.raises(AmountError) as refused:
        parse_money("12,34,5", "USD", field="amount")
    assert refused.value.code == "AMOUNT_MALFORMED"
    assert "groups of 2, 2 and 1 digits; thousands come in groups of 3" in refused.value.message
    assert refused.value.hint


@pytest.mark.parametrize(
    "text",
    [
        "12 34", "1.2.3", "1,234.567,8", "1'234 567", "1,234'567", "5.", "1,234.", "--5", "5-", "(-5)", "-(5)",
        "((5))", "(5", "5)", "5 5", "$", "()", "-", ".", ",", "1..5", "$$$5", "5%", "1e3", "1.5E+10", "\u0663",
        "\uff15", "1\t234", "5\u202e", "1/2", "abc", "NaN", "Infinity", "0x10", "1_000",
    ],
)  # fmt: skip
def test_the_grammar_is_strict(text):
    with pytest.raises(AmountError):
        parse_money(text)


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("€5", "USD"),
        ("5 EUR", "USD"),
        ("$5", "EUR"),
        ("$5 EUR", None),
        ("£5 USD", None),
        ("CA$5", "USD"),
    ],
)
def test_a_symbol_or_code_that_contradicts_the_currency_is_refused(text, currency):
    with pytest.raises(CurrencyError) as refused:
        parse_money(text, currency, field="amount")
    assert (refused.value.code, refused.value.field) == ("CURRENCY_CONTRADICTION", "amount")


def test_an_unknown_word_is_no_currency():
    with pytest.raises(CurrencyError) as refused:
        parse_money("5 abc")
    assert refused.value.code == "CURRENCY_UNKNOWN"


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("$5", "USD"),
        ("5 eur", "EUR"),
        ("5", None),
        ("¥5", None),
        ("5 kr", None),
        ("$5 CAD", "CAD"),
        ("x", None),
    ],
)
def test_a_text_names_its_currency_only_when_that_is_sure(text, currency):
    assert currency_in(text) == currency


def test_the_named_currency_comes_with_the_amount():
    assert read_money("€5,50").currency == "EUR"
    assert read_money("5", "USD").currency is None


@pytest.mark.parametrize("text", [None, 5, 5.0, b"5", ["5"], Decimal(5)])
def test_only_text_is_parsed(text):
    with pytest.raises(AmountError) as refused:
        parse_money(text)
    assert refused.value.code == "NOT_TEXT"


@pytest.mark.parametrize("text", ["", "   ", "\u00a0"])
def test_a_missing_amount_is_said_to_be_missing(text):
    with pytest.raises(AmountError) as refused:
        parse_money(text)
    assert refused.value.code == "EMPTY"


@pytest.mark.parametrize("text", ["1" * 21, "9" * 200, "0." + "1" * 31])
def test_amounts_beyond_all_bounds_are_refused(text):
    with pytest.raises(AmountError):
        parse_money(text)


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("1234567.891", "USD", "USD 1,234,567.89"),
        ("-0.5", "USD", "USD -0.50"),
        ("-0.001", "USD", "USD 0.00"),
        ("1234.5", "JPY", "JPY 1,234"),
        ("1234.5678", "KWD", "KWD 1,234.568"),
        ("1234.5", "BRL", "BRL 1.234,50"),
        ("1234.5", "eur", "EUR 1,234.50"),
    ],
)
def test_money_is_written_with_its_code_and_all_its_places(amount, currency, text):
    assert format_money(Decimal(amount), currency) == text
    assert text.isascii()


@given(amounts, currencies)
@thorough
def test_written_money_reads_back(amount, currency):
    text = format_money(amount, currency)
    rounded = round_money(amount, currency)
    assert parse_money(text) == rounded
    assert parse_money(text, currency) == rounded
    assert read_money(text).currency == currency


@given(
    st.decimals(min_value=0, max_value=10**9, places=2),
    st.sampled_from(" '\u00a0\u2009\u202f\u2019"),
)
@thorough
def test_any_quiet_grouping_reads_as_the_same_amount(amount, group):
    assert parse_money(f"{amount:,f}".replace(",", group)) == amount


def test_no_currency_has_a_decimal_mark_that_its_own_amounts_contradict():
    for code in ISO_CODES:
        if minor_units(code) in {0, 3}:
            assert decimal_mark(code) in {".", ","}, code


def refusal(function, *arguments, **options) -> NegotiationError | None:
    """The model's error, None if the call is answered; any other error fails the test."""
    try:
        function(*arguments, **options)
    except NegotiationError as error:
        return error
    return None


money_like = st.text(alphabet="0123456789.,'() -+$€USDkr\u00a0\u2212eE", max_size=16)


@given(st.one_of(st.text(), money_like), st.one_of(st.none(), currencies, st.text(max_size=4)))
@settings(deadline=None, max_examples=1000)
def test_nothing_but_the_models_own_error_leaves_a_parse(text, currency):
    error = refusal(parse_money, text, currency, field="amount")
    assert error.field == "amount" if error else parse_money(text, currency).is_finite()


@given(
    st.one_of(st.decimals(), st.floats(), st.integers(), st.none(), st.text()), st.text(max_size=4)
)
@thorough
def test_nothing_but_the_models_own_error_leaves_rounding(amount, currency):
    for function in (round_money, format_money):
        error = refusal(function, amount, currency)
        assert error is None or error.code.isupper()
