"""Streams: every form a caller may have, in one currency, exact, with zero as a value."""

from collections import namedtuple
from dataclasses import dataclass
from decimal import Decimal
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from negotiation.errors import AmountError, CurrencyError, NegotiationError, StreamError
from negotiation.streams import (
    LIST_PRICE_KEYS,
    LIST_TOTAL_KEYS,
    MAX_STREAMS,
    NAME_KEYS,
    PRICE_KEYS,
    TOTAL_KEYS,
    VOLUME_KEYS,
    Stream,
    read_streams,
    total,
)


@dataclass
class Line:
    product: str
    rate: float
    units: int


@dataclass(slots=True)
class SlottedLine:
    product: str
    rate: str
    units: int


class NamedLine(NamedTuple):
    name: str
    amount: int
    currency: str


def one(stream, **options) -> Stream:
    (found,) = read_streams(stream, **options).revenue
    return found


@pytest.mark.parametrize(
    ("stream", "name", "amount"),
    [
        ({"name": "sms", "unit_price": "0.0075", "volume": 100_000}, "sms", "750"),
        ({"total": 5}, "revenue_1", "5"),
        (1000, "revenue_1", "1000"),
        (0.1, "revenue_1", "0.1"),
        (np.float64(0.1), "revenue_1", "0.1"),
        ("1,234.56", "revenue_1", "1234.56"),
        ("(5.00)", "revenue_1", "-5"),
        ("1e3", "revenue_1", "1000"),
        (("sms", "0.0075", 100_000), "sms", "750"),
        (("sms", 750), "sms", "750"),
        ((0.0075, 100_000), "revenue_1", "750"),
        ((750,), "revenue_1", "750"),
        ((None, 3, 4), "revenue_1", "12"),
        (Line("sms", 0.0075, 100_000), "sms", "750"),
        (SlottedLine("sms", "0.0075", 100_000), "sms", "750"),
        (SimpleNamespace(id=7, price=2, quantity="3"), "7", "6"),
        (NamedLine("sms", 750, "USD"), "sms", "750"),
        (namedtuple("Priced", "price volume")(2, 3), "revenue_1", "6"),  # noqa: PYI024 - the other kind of it
        (Stream(name="sms", amount=Decimal(5), list_amount=Decimal(6)), "sms", "5"),
    ],
)
def test_a_stream_may_come_in_any_form_alone_or_in_a_list(stream, name, amount):
    assert (one(stream).name, one(stream).amount) == (name, Decimal(amount))
    assert one([stream]) == one(stream)


@pytest.mark.parametrize("key", NAME_KEYS)
def test_a_name_is_found_under_each_of_its_keys(key):
    assert one({key: "sms", "total": 1}).name == "sms"


@pytest.mark.parametrize("key", TOTAL_KEYS)
def test_a_total_is_found_under_each_of_its_keys_and_goes_before_a_price(key):
    assert one({key: 5, "unit_price": 2, "volume": 10}).amount == 5


@pytest.mark.parametrize("price", PRICE_KEYS)
@pytest.mark.parametrize("volume", VOLUME_KEYS)
def test_price_and_volume_are_found_under_each_of_their_keys(price, volume):
    assert one({price: "0.5", volume: 3}).amount == Decimal("1.5")


@pytest.mark.parametrize("key", LIST_TOTAL_KEYS)
def test_a_list_total_goes_before_a_list_price(key):
    assert one({"price": 1, "volume": 2, key: 9, "list_price": 3}).list_amount == 9


@pytest.mark.parametrize("key", LIST_PRICE_KEYS)
def test_a_list_price_is_multiplied_by_the_volume_even_of_a_total(key):
    assert one({"total": 5, "volume": 4, key: 2}).list_amount == 8
    assert one({"total": 5, key: 2}).list_amount == 2


def test_keys_are_taken_in_their_stated_order():
    every = {key: index for index, key in enumerate((*TOTAL_KEYS, *PRICE_KEYS, *VOLUME_KEYS), 1)}
    assert one(every).amount == 1
    prices = {key: every[key] for key in (*PRICE_KEYS, *VOLUME_KEYS)}
    assert one(prices).amount == every["unit_price"] * every["volume"]


def test_without_a_list_price_the_list_amount_is_the_amount():
    assert one({"price": 2, "volume": 3}).list_amount == 6


def test_zero_is_a_value_and_none_or_blank_is_not():
    assert one({"total": 0, "unit_price": 5}).amount == 0
    assert one({"unit_price": 0, "price": 5, "volume": 2}).amount == 0
    assert one({"unit_price": 5, "volume": 0, "units": 3}).amount == 0
    assert one({"unit_price": 5, "list_total": 0, "list_price": 7}).list_amount == 0
    assert one({"total": None, "amount": " ", "value": 3}).amount == 3
    assert one({"name": "", "id": "x", "total": 1}).name == "x"


def test_unit_prices_keep_12_places_and_amounts_all():
    assert one({"price": "0.1234567890125", "volume": 1}).amount == Decimal("0.123456789012")
    assert one({"total": "0.1234567890125"}).amount == Decimal("0.1234567890125")


def test_a_list_a_generator_and_a_tuple_of_streams_are_collections():
    for streams in (
        [1, 2],
        (each for each in (1, 2)),
        ({"total": 1}, {"total": 2}),
        {1, 2},
        np.array([1, 2]),
    ):
        assert [each.amount for each in read_streams(streams).revenue] == [1, 2]
    names = [each.name for each in read_streams([["sms", "0.5", 2], ["voice", 3]], [4]).revenue]
    assert names == ["sms", "voice"]


def test_expense_may_be_none_but_not_empty():
    assert read_streams(1).expense == ()
    assert read_streams(1, None).expense == ()
    for empty in ([], (), {}.values(), iter(())):
        with pytest.raises(StreamError) as refused:
            read_streams(1, empty)
        assert (refused.value.code, refused.value.field) == ("STREAMS_EMPTY", "expense_streams")


@pytest.mark.parametrize(
    ("streams", "code", "field"),
    [
        (None, "STREAMS_MISSING", "revenue_streams"),
        ([], "STREAMS_EMPTY", "revenue_streams"),
        ({}, "STREAM_WITHOUT_PRICE", "revenue_streams"),
        ([{"name": "sms", "volume": 3}], "STREAM_WITHOUT_PRICE", "revenue_streams.0"),
        (object(), "STREAM_WITHOUT_PRICE", "revenue_streams"),
        ([1, None], "STREAM_UNREADABLE", "revenue_streams.1"),
        (b"5", "STREAM_UNREADABLE", "revenue_streams"),
        ([[]], "STREAM_MALFORMED", "revenue_streams.0"),
        ([(1, 2, 3)], "STREAM_MALFORMED", "revenue_streams.0"),
        ([("a", 1, 2, 3)], "STREAM_MALFORMED", "revenue_streams.0"),
        ([("0.0075", 100)], "STREAM_AMBIGUOUS", "revenue_streams.0"),
        ([True], "NOT_A_NUMBER", "revenue_streams.0.total"),
        ([float("nan")], "NOT_FINITE", "revenue_streams.0.total"),
        ([{"rate": "12,34,5"}], "AMOUNT_MALFORMED", "revenue_streams.0.rate"),
        ([{"price": 1, "units": "many"}], "AMOUNT_MALFORMED", "revenue_streams.0.units"),
        ([{"price": 1, "units": "$5"}], "NOT_A_QUANTITY", "revenue_streams.0.units"),
        ([{"price": 1, "units": True}], "NOT_A_NUMBER", "revenue_streams.0.units"),
        ([{"total": 1, "list_price": []}], "NOT_A_NUMBER", "revenue_streams.0.list_price"),
        ([{"total": "1.234", "currency": "EUR"}], "AMOUNT_AMBIGUOUS", "revenue_streams.0.total"),
        ([{"total": "€5", "currency": "USD"}], "CURRENCY_CONTRADICTION", "revenue_streams.0.total"),
        ([{"total": 5, "currency": 7}], "CURRENCY_INVALID", "revenue_streams.0.currency"),
        (range(MAX_STREAMS + 1), "STREAMS_TOO_MANY", "revenue_streams"),
    ],
)
def test_what_cannot_be_read_is_refused_with_code_and_path(streams, code, field):
    with pytest.raises(NegotiationError) as refused:
        read_streams(streams)
    assert (refused.value.code, refused.value.field) == (code, field)


def test_a_volume_is_grouped_as_the_currencys_amounts_are():
    assert one({"price": 1, "volume": "100,000"}).amount == 100_000
    assert one({"price": 1, "volume": "100.000", "currency": "BRL"}).amount == 100_000
    with pytest.raises(AmountError):
        one({"price": 1, "volume": "100.000", "currency": "EUR"})


def test_the_currency_is_the_streams_own_else_the_hint_else_usd():
    assert read_streams({"total": 1, "currency": "eur"}).currency == "EUR"
    assert read_streams(1, currency="gbp").currency == "GBP"
    assert read_streams(1).currency == "USD"
    assert read_streams(1, currency="").currency == "USD"
    assert (
        read_streams([{"total": 1, "currency": "usd"}, 5], {"cost": 1, "currency": "Usd"}).currency
        == "USD"
    )
    assert read_streams([5, {"total": 1, "currency": "EUR"}], 3).currency == "EUR"


def test_a_currency_named_only_in_the_texts_is_taken():
    assert read_streams("€5", ["4,50 EUR"]).currency == "EUR"


@pytest.mark.parametrize(
    ("revenue", "expense", "hint"),
    [
        ([{"total": 1, "currency": "EUR"}, {"total": 1, "currency": "USD"}], None, None),
        ({"total": 1, "currency": "EUR"}, {"total": 1, "currency": "USD"}, None),
        ({"total": 1, "currency": "EUR"}, None, "USD"),
        (["€5", "£5"], None, None),
    ],
)
def test_two_different_currencies_anywhere_are_refused(revenue, expense, hint):
    with pytest.raises(CurrencyError) as refused:
        read_streams(revenue, expense, currency=hint)
    assert refused.value.code == "CURRENCIES_DIFFER"


def test_sums_are_exact_and_unrounded():
    assert total(each.amount for each in read_streams(["0.005"] * 3).revenue) == Decimal("0.015")
    assert total([Decimal("1E+20"), Decimal("1E-30"), Decimal("-1E+20")]) == Decimal("1E-30")


def test_a_priced_stream_can_be_made_directly():
    stream = Stream.priced("sms", Decimal("0.0075"), Decimal(100_000), Decimal("0.01"))
    assert (stream.amount, stream.list_amount) == (750, 1000)
    assert stream == one(
        {"name": "sms", "unit_price": "0.0075", "volume": 100_000, "list_unit_price": "0.01"}
    )


class Treacherous:
    """An object whose attributes, iteration and text all fail in ways of their own."""

    @property
    def total(self) -> int:
        raise RuntimeError("no total")

    def __iter__(self):
        raise KeyError("no streams")

    def __str__(self) -> str:
        raise OSError("no text")

    __repr__ = __str__


def test_foreign_objects_that_fail_are_refused_not_leaked():
    for stream in (Treacherous(), [Treacherous()], {"name": Treacherous(), "total": 1}):
        with pytest.raises(StreamError) as refused:
            read_streams(stream)
        assert refused.value.code == "STREAM_UNREADABLE"


def test_methods_are_not_attributes():
    class Line:
        def total(self) -> int:
            return 5

    with pytest.raises(StreamError, match="neither a total nor a price"):
        read_streams(Line())


def refusal(function, *arguments, **options) -> NegotiationError | None:
    """The model's error, None if the call is answered; any other error fails the test."""
    try:
        function(*arguments, **options)
    except NegotiationError as error:
        return error
    return None


scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.decimals(), st.text(max_size=8)
)
keys = st.sampled_from(
    [*NAME_KEYS, *TOTAL_KEYS, *PRICE_KEYS, *VOLUME_KEYS, *LIST_TOTAL_KEYS, "currency"]
)
streams_of_any_kind = st.recursive(
    st.one_of(scalars, st.binary(max_size=4), st.dictionaries(keys, scalars, max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.tuples(inner, inner), st.dictionaries(keys, inner)
    ),
    max_leaves=8,
)


@given(streams_of_any_kind, streams_of_any_kind, st.one_of(st.none(), st.text(max_size=4)))
@settings(deadline=None, max_examples=500)
def test_nothing_but_the_models_own_error_leaves(revenue, expense, currency):
    if refusal(read_streams, revenue, expense, currency=currency):
        return
    streams = read_streams(revenue, expense, currency=currency)
    assert all(each.amount.is_finite() for each in (*streams.revenue, *streams.expense))
