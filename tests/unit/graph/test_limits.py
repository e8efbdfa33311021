"""What a document may ask for."""

from __future__ import annotations

import pytest
from graphql import get_introspection_query, parse
from hypothesis import given
from hypothesis import strategies as st

from graph.limits import Limits, check
from resolvers.errors import LimitExceeded
from tests.effort import effort

LIMITS = Limits(depth=3, aliases=2, directives=2, fields=6)


def passed(document: str, limits: Limits = LIMITS) -> list[tuple[str, int]]:
    """(limit, found) for each limit that is passed."""
    found = []
    for error in check(parse(document), limits):
        assert isinstance(error.original_error, LimitExceeded)
        extensions = error.original_error.extensions
        found.append((extensions["limit"], extensions["found"]))
    return found


def test_a_document_at_every_limit_passes() -> None:
    assert passed("{ a: x { b: y { z @skip(if: true) @include(if: true) } } q w e }") == []


@pytest.mark.parametrize(
    ("document", "limit", "found"),
    [
        ("{ a { b { c { d } } } }", "depth", 4),
        ("{ ...f } fragment f on Q { a { b { c { d } } } }", "depth", 4),
        ("{ ... on Q { a { ... { b { c { d } } } } } }", "depth", 4),
        ("{ a: x b: x c: x }", "aliases", 3),
        ("{ ...f ...f } fragment f on Q { a: x b: x }", "aliases", 4),
        ("{ a @x @x @x }", "directives", 3),
        ("{ ...f @x ... @x { a @x } } fragment f on Q { b }", "directives", 3),
        ("{ a b c d e f g }", "fields", 7),
    ],
)
def test_each_limit_is_named_with_what_was_found(document: str, limit: str, found: int) -> None:
    assert passed(document) == [(limit, found)]


def test_each_operation_of_a_document_is_measured() -> None:
    assert len(passed("query A { a: x b: x c: x } query B { x } query C { a: x b: x c: x }")) == 2


def test_a_fragment_that_contains_itself_is_left_to_validation() -> None:
    assert passed("{ ...f } fragment f on Q { a { ...g } } fragment g on Q { b { ...f } }") == []


def test_an_unknown_fragment_is_left_to_validation() -> None:
    assert passed("{ ...nowhere }") == []


def test_introspection_is_as_deep_as_it_is() -> None:
    assert passed(get_introspection_query(), Limits()) == []


@given(st.integers(1, 60))
def test_doubling_fragments_cost_what_their_text_costs(doublings: int) -> None:
    fragments = " ".join(
        f"fragment f{n} on Q {{ ...f{n + 1} ...f{n + 1} }}" for n in range(doublings)
    )
    document = parse(f"{{ ...f0 }} {fragments} fragment f{doublings} on Q {{ a: x }}")
    errors = check(document, Limits())
    assert effort(lambda: check(document, Limits())) < 1_000 + 500 * doublings
    assert errors or 2**doublings <= Limits().aliases
