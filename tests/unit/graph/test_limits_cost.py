"""Tokens, variables, cost and budget: what is counted, and what refusing costs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from graphql import (
    GraphQLSchema,
    OperationDefinitionNode,
    Source,
    TokenKind,
    get_introspection_query,
    parse,
)
from graphql.language import Lexer
from hypothesis import given
from hypothesis import strategies as st

from graph.limits import Budget, Limits, Prices, check, check_text, check_values
from graph.limits.cost import Cost
from graph.limits.prices import SIZES, WEIGHTS
from graph.limits.tokens import count_tokens
from graph.schema import build_schema
from graph.surfaces import trusted_documents
from resolvers.errors import LimitExceeded, RateLimited
from tests.effort import effort
from tests.fakes import FakeClock

ROOT = Path(__file__).parents[3]

"""Five times the 20 ms that are promised: the machine is shared. What is counted says the rest."""


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    core: GraphQLSchema = build_schema()._schema
    return core


def cost(schema: GraphQLSchema, text: str, **variables: Any) -> Cost:
    document = parse(text)
    definition = next(
        node for node in document.definitions if isinstance(node, OperationDefinitionNode)
    )
    return Prices(schema).of(document, definition).cost(variables)


def lexed(text: str) -> int:
    lexer, found = Lexer(Source(text)), 0
    while lexer.advance().kind is not TokenKind.EOF:
        found += 1
    return found


# --- tokens


@pytest.mark.parametrize(
    "text",
    [
        "{ a }",
        '{ a(x: -1.5e+3, y: "q\\"uote", z: """block " "" \\""" end""") # comment }\n ...on Q @i { b } }',
        "query ($a: [Int!]! = [1, 2]) { a: b(c: $a) @skip(if: true) { ...f } }",
        "",
        ",,, # nothing",
        get_introspection_query(),
    ],
)
def test_tokens_are_counted_as_the_lexer_counts_them(text: str) -> None:
    assert count_tokens(text, 10**6) == lexed(text)


def test_every_document_of_our_clients_is_counted_so_and_is_far_below_every_limit(
    schema: GraphQLSchema,
) -> None:
    limits = Limits()
    for each in trusted_documents(ROOT):
        tokens = count_tokens(each.text, 10**6)
        assert tokens == lexed(each.text)
        assert tokens < limits.tokens / 4
        assert check(parse(each.text), limits) == []
        assert cost(schema, each.text).units < limits.cost / 2


@pytest.mark.parametrize(
    "piece", ["a ", "# c\n", '"', '"""', '\\"', ",", '"a', '""" ', "-1", "{", '# "\n"a" ', "\u20ac"]
)
def test_a_text_is_counted_no_further_than_what_is_allowed(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    assert effort(lambda: count_tokens(text, 2_501)) < 3 * 2_501


def refused(limit: str, act: Any) -> dict[str, Any]:
    with pytest.raises(LimitExceeded) as found:
        act()
    assert found.value.extensions["limit"] == limit
    return found.value.extensions


def test_100_000_tokens_are_refused_without_being_parsed() -> None:
    text = "{" + "a " * 100_000 + "}"
    assert refused("characters", lambda: check_text(text, Limits()))["found"] == len(text)
    short = "{" + "a" + ",b" * 20_000 + "}"
    assert refused("tokens", lambda: check_text(short, Limits()))["found"] == 2_501
    assert effort(lambda: lexed(short)) > 10 * effort(
        lambda: refused("tokens", lambda: check_text(short, Limits()))
    )


# --- variables


def test_values_in_variables_are_counted_at_every_depth() -> None:
    check_values({"a": 1, "b": [1, 2, {"c": [3]}]}, 7)
    assert refused("inputValues", lambda: check_values({"b": [1, 2, {"c": [3]}]}, 5))["found"] == 6


def test_a_list_of_a_million_is_refused_at_once() -> None:
    variables = {"status": ["QUEUED"] * 1_000_000}
    assert effort(lambda: refused("inputValues", lambda: check_values(variables, 10_000))) < 1_000


# --- cost


def test_a_page_costs_by_what_is_asked_for(schema: GraphQLSchema) -> None:
    text = "query ($n: Int) { invoices(first: $n) { edges { node { id number } } } }"
    ten, hundred = cost(schema, text, n=10).units, cost(schema, text, n=100).units
    assert 9 < hundred / ten < 11
    assert cost(schema, text).units == cost(schema, text, n=50).units
    literal = text.replace("($n: Int)", "").replace("$n", "100")
    assert cost(schema, literal).units == hundred
    default = text.replace("Int)", "Int = 100)")
    assert cost(schema, default).units == hundred


@pytest.mark.parametrize("value", ["many", None, 1.5, True, [200], {}])
def test_a_page_size_that_is_no_number_costs_the_default_and_is_refused_later(
    schema: GraphQLSchema, value: Any
) -> None:
    text = "query ($n: Int) { invoices(first: $n) { edges { node { id } } } }"
    assert cost(schema, text, n=value) == cost(schema, text)


def test_pages_multiply_and_too_long_ones_are_refused(schema: GraphQLSchema) -> None:
    text = "{ negotiations(first: 200) { edges { node { skus(first: 200) { edges { node { id } } } } } } }"
    found = cost(schema, text)
    assert found.page == 200
    assert found.units > 200 * 200
    document = parse("{ invoices(first: 201) { totalCount } }")
    (definition,) = document.definitions
    assert isinstance(definition, OperationDefinitionNode)
    priced = Prices(schema).of(document, definition)
    extensions = refused("first", lambda: priced.check({}, Limits()))
    assert (extensions["value"], extensions["found"]) == (200, 201)
    dear = parse(text.replace("{ id }", "{ id key name family unit listRate }"))
    (definition,) = dear.definitions
    assert isinstance(definition, OperationDefinitionNode)
    refused("cost", lambda: Prices(schema).of(dear, definition).check({}, Limits()))


def test_of_an_abstract_type_the_dearest_stands_for_all(schema: GraphQLSchema) -> None:
    parts = ["... on Offer { evaluation { npv } }", "... on Sku { id }"]
    both = cost(schema, f'{{ node(id: "x") {{ {" ".join(parts)} }} }}').units
    offer = cost(schema, f'{{ node(id: "x") {{ {parts[0]} }} }}').units
    assert both == offer > WEIGHTS["Offer.evaluation"]


def test_the_introspection_of_explorers_is_affordable_once(schema: GraphQLSchema) -> None:
    assert cost(schema, get_introspection_query()).units < Limits().cost


@given(st.integers(1, 60))
def test_doubling_fragments_cost_what_their_text_costs_to_estimate(doublings: int) -> None:
    fragments = " ".join(
        f"fragment f{n} on Query {{ ...f{n + 1} ...f{n + 1} }}" for n in range(doublings)
    )
    text = f"{{ ...f0 }} {fragments} fragment f{doublings} on Query {{ viewer {{ id }} }}"
    assert cost(SCHEMA, text).units == 2 * 2**doublings
    assert effort(lambda: cost(SCHEMA, text)) < 1_000 + 500 * doublings


SCHEMA: GraphQLSchema = build_schema()._schema


def test_the_table_names_only_what_there_is(schema: GraphQLSchema) -> None:
    for coordinate in (*WEIGHTS, *SIZES):
        kind, _, name = coordinate.partition(".")
        assert name in getattr(schema.type_map.get(kind), "fields", {}), coordinate


# --- budget


def test_a_caller_has_one_minutes_worth_and_it_comes_back_steadily() -> None:
    clock = FakeClock()
    budget = Budget(6_000, clock.monotonic)
    budget.charge("kim", 6_000)
    with pytest.raises(RateLimited) as refusal:
        budget.charge("kim", 500)
    assert refusal.value.extensions["retryAfterMs"] == 5_000
    budget.charge("lee", 6_000)
    clock.advance(4.9)
    with pytest.raises(RateLimited):
        budget.charge("kim", 500)
    clock.advance(0.1)
    budget.charge("kim", 500)
    clock.advance(3_600)
    budget.charge("kim", 6_000)
    with pytest.raises(RateLimited):
        budget.charge("kim", 1)


def test_only_so_many_callers_are_remembered() -> None:
    budget = Budget(100, FakeClock().monotonic, remembered=10)
    for number in range(1_000):
        budget.charge(str(number), 100)
    assert len(budget._left) == 10
