"""Hypothesis strategies for the values of the model: any record, any term, within what the model accepts."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from negotiation.terms_json import TERM_KINDS

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
decimals = st.builds(
    lambda digits, places: Decimal(f"{digits}E-{places}"),
    st.integers(min_value=-(10**19), max_value=10**19),
    st.integers(min_value=0, max_value=30),
)
days = st.dates(min_value=date(1970, 1, 1), max_value=date(2200, 12, 31))
instants = st.integers(min_value=0, max_value=7 * 10**15).map(
    lambda microseconds: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
)


def of(hint: Any) -> st.SearchStrategy[Any]:
    """Any value of the type `hint`, dataclasses and unions of them included."""
    simple = {
        Decimal: decimals,
        str: texts,
        int: st.integers(min_value=-(2**63), max_value=2**63 - 1),
        bool: st.booleans(),
        date: days,
        datetime: instants,
        NoneType: st.none(),
    }
    if hint in simple:
        return simple[hint]
    if get_origin(hint) in (Union, UnionType):
        return st.one_of(*map(of, get_args(hint)))
    if get_origin(hint) is tuple:
        return st.lists(of(get_args(hint)[0]), max_size=3).map(tuple)
    if dataclasses.is_dataclass(hint):
        return of_fields(hint)
    return st.sampled_from(list(hint))


def of_fields(cls: Any, **given: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Any instance of the dataclass `cls`, with `given` strategies for some of its fields."""
    hints = get_type_hints(cls)
    chosen = {f.name: of(hints[f.name]) for f in dataclasses.fields(cls)}
    return st.builds(cls, **{**chosen, **given})


def terms() -> st.SearchStrategy[Any]:
    """A tuple of any terms."""
    return st.lists(st.one_of(*map(of_fields, TERM_KINDS.values())), max_size=4).map(tuple)
