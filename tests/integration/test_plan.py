"""A plan's answer is the ordinary executor's, byte for byte, over operations generated from the schema itself."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import orjson
import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_leaf_type,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.auth.permissions import permissions
from graph.context import Context
from graph.execution.documents import Documents, RequestError
from graph.execution.executor import Executor
from graph.schema import build_schema
from resolvers.ports import Put
from tests.gateway import CORRELATION
from tests.services import Workbench, a_workbench, actor
from tests.workspace import workspace

SCHEMA = build_schema()
CORE: GraphQLSchema = SCHEMA._schema
DOCUMENTS = Documents(CORE)
ORDINARY = Executor(SCHEMA, table=permissions(), compiled=False)
COMPILED = Executor(SCHEMA, table=permissions())
DEEPEST = 5
ROLES = ("viewer", "analyst", "approver", "vendor_guest", "admin")

# Each execution asks the clock, so that two of them differ by themselves.
MOVING = {"Health.asOf", "HealthComponent.lastOkAt", "HealthComponent.latencyMs"}


@pytest.fixture(scope="module")
def bench() -> Workbench:
    made = a_workbench()
    asyncio.run(
        made.store.commit(
            lambda _: [Put(record) for record in workspace()], actor="test", cause="set up"
        )
    )
    return made


# --- operations from the schema


def argument_text(draw: Any, kind: Any) -> str | None:
    """A literal that fits, now and then one that does not; None to leave the argument out."""
    named = get_named_type(kind)
    if isinstance(named, GraphQLInputObjectType) or isinstance(
        get_nullable_type(kind), GraphQLList
    ):
        return None
    if isinstance(named, GraphQLEnumType):
        return str(draw(st.sampled_from(sorted(named.values))))
    literals = {
        "Int": ["1", "3", "200", "0", "-1"],
        "Boolean": ["true", "false"],
        "ID": ['"negotiation:demo"', '"sku:sms-outbound-us"', '"nothing"', '"offer:missing"'],
        "Ratio": ['"0.4"', '"70%"', '"1.5"'],
        "Date": ['"2026-03-31"', '"2026-02-30"'],
        "String": ['"sms"', '"zzz"'],
    }.get(named.name)
    return None if literals is None else str(draw(st.sampled_from(literals)))


@st.composite
def selections(draw: Any, kind: Any, depth: int, prefix: str = "") -> str:
    named = get_named_type(kind)
    if is_leaf_type(named):
        return ""
    parts: list[str] = ["__typename"] if draw(st.booleans()) else []
    if is_abstract_type(named):
        for each in CORE.get_possible_types(named):
            if draw(st.booleans()):
                inner = draw(selections(each, depth - 1, prefix=f"{prefix}{each.name.lower()}_"))
                parts.append(f"... on {each.name} {inner}")
        return "{ " + " ".join(parts or ["__typename"]) + " }"
    assert isinstance(named, GraphQLObjectType)
    fields = [
        (name, field)
        for name, field in named.fields.items()
        if depth > 0 or is_leaf_type(get_named_type(field.type))
    ]
    chosen = draw(st.lists(st.sampled_from(fields), max_size=6)) if fields else []
    for number, (name, field) in enumerate(chosen):
        if f"{named.name}.{name}" not in MOVING:
            parts.append(draw(one_field(name, field, depth, f"{prefix}f{number}_")))
    return "{ " + " ".join(parts or ["__typename"]) + " }"


@st.composite
def one_field(draw: Any, name: str, field: GraphQLField, depth: int, alias: str) -> str:
    given_arguments = []
    for argument, definition in field.args.items():
        needed = isinstance(definition.type, GraphQLNonNull)
        if needed or draw(st.integers(0, 3)) == 0:
            text = argument_text(draw, definition.type)
            if text is not None:
                given_arguments.append(f"{argument}: {text}")
    call = f"({', '.join(given_arguments)})" if given_arguments else ""
    condition = draw(st.sampled_from(["", "", "", " @include(if: $yes)", " @skip(if: $yes)"]))
    label = f"{alias}{name}: " if given_arguments or draw(st.booleans()) else ""
    return f"{label}{name}{call}{condition} {draw(selections(field.type, depth - 1, alias))}"


@st.composite
def queries(draw: Any) -> str:
    assert CORE.query_type is not None
    body = draw(selections(CORE.query_type, DEEPEST))
    return f"query ($yes: Boolean!) {body} "


def execute(executor: Executor, text: str, context: Context, *, yes: bool = True) -> bytes | None:
    """The answer's bytes; None where the operation is not valid."""
    try:
        operation = DOCUMENTS.prepare(text)
    except RequestError:
        return None
    result = asyncio.run(executor.execute(operation, {"yes": yes}, context))
    return orjson.dumps(result)


def context_of(bench: Workbench, role: str) -> Context:
    return Context(
        services=bench.services,
        pictures=bench.pictures,
        actor=actor(role),
        correlation_id=CORRELATION,
    )


# The library drops what it has begun to await when a sibling that may not be null has failed.
@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.filter_too_much,
    ],
)
@given(text=queries(), yes=st.booleans(), role=st.sampled_from(ROLES))
def test_generated_queries_have_the_same_answer_by_plan_and_by_the_library(
    bench: Workbench, text: str, yes: bool, role: str
) -> None:
    context = context_of(bench, role)
    ordinary = execute(ORDINARY, text, context, yes=yes)
    assert execute(COMPILED, text, context_of(bench, role), yes=yes) == ordinary
    # and again, with the plan that is kept by now
    assert execute(COMPILED, text, context_of(bench, role), yes=yes) == ordinary


DASHBOARD = """
query ($yes: Boolean!) {
  negotiation {
    id name status version provenance
    envelope(targetMargin: "45%") { revenue expense currentMargin trace { id label value inputs } warnings { code } }
    streams { name side amount }
    skus(first: 50) @include(if: $yes) { totalCount edges { cursor node { ...Sku } } pageInfo { hasNextPage } }
    ladder { tiers { name threshold discount } basis }
    trailing90 { amount tier { name } missingDays }
    rounds { number offers { id terms { __typename ... on RateTerm { family discount } ... on LadderTerm { tiers { name } } } } }
  }
  invoices(first: 5) { totals { currency amount } edges { node { number lines { number amount } } } }
  viewer { roles }
}
fragment Sku on Sku { key family listRate contractRate locked }
"""


def planned(executor: Executor, text: str) -> bool:
    kept = executor._plans[DOCUMENTS.prepare(text)]
    return any(plan is not None for name, plan in kept.items() if name != "directives")


@pytest.mark.parametrize("yes", [True, False])
def test_the_dashboards_query_is_covered_and_its_answer_is_the_same(
    bench: Workbench, yes: bool
) -> None:
    context = context_of(bench, "admin")
    assert execute(COMPILED, DASHBOARD, context, yes=yes) == execute(
        ORDINARY, DASHBOARD, context, yes=yes
    )
    assert planned(COMPILED, DASHBOARD)


@pytest.mark.parametrize(
    "text",
    [
        "query ($yes: Boolean!) { changes { totalCount @include(if: $yes) } }",
        "query ($yes: Boolean!) { __schema { queryType { name @include(if: $yes) } } }",
    ],
    ids=["an asynchronous field", "introspection"],
)
def test_what_a_plan_does_not_cover_is_left_to_the_library(bench: Workbench, text: str) -> None:
    answer = execute(COMPILED, text, context_of(bench, "admin"))
    assert answer is not None
    assert b"errors" not in answer
    assert not planned(COMPILED, text)


def test_a_field_that_fails_is_told_by_the_library_with_its_place(bench: Workbench) -> None:
    text = (
        'query ($yes: Boolean!) { a: node(id: "nonsense") { id @include(if: $yes) } viewer { id } }'
    )
    for executor in (COMPILED, ORDINARY):
        answer = execute(executor, text, context_of(bench, "admin"))
        assert answer is not None
        error = orjson.loads(answer)["errors"][0]
        assert (error["path"], error["extensions"]["code"]) == (["a"], "BAD_USER_INPUT")


def test_rights_are_part_of_a_plan(bench: Workbench) -> None:
    text = "query ($yes: Boolean!) { negotiation { name envelope { revenue @include(if: $yes) } } }"
    allowed = execute(COMPILED, text, context_of(bench, "viewer"))
    refused = execute(COMPILED, text, context_of(bench, "vendor_guest"))
    assert allowed is not None
    assert refused is not None
    assert b"FORBIDDEN" not in allowed
    assert b"FORBIDDEN" in refused


async def test_each_event_of_a_subscription_by_plan_equals_the_librarys(bench: Workbench) -> None:
    text = "subscription { negotiationUpdated { name envelope { revenue trace { value } } streams { amount } } }"
    operation = DOCUMENTS.prepare(text)

    async def first_two(executor: Executor) -> list[bytes]:
        events = executor.subscribe(operation, {}, context_of(bench, "admin"))
        found = []
        async for result in events:
            found.append(orjson.dumps(result))
            if len(found) == 2:
                break
            await rename(bench, f"after {len(found)}")
        await events.aclose()
        await rename(bench, "before")
        return found

    await rename(bench, "before")
    assert await first_two(COMPILED) == await first_two(ORDINARY)


async def rename(bench: Workbench, name: str) -> None:
    record = next(iter(bench.store.snapshot().negotiations.values()))
    await bench.store.commit(lambda _: [Put(replace(record, name=name))], actor="test", cause="x")


async def test_what_must_be_computed_elsewhere_first_is_awaited_once_and_planned_after_that(
    bench: Workbench,
) -> None:
    text = "{ negotiation { rounds { offers { evaluation { cash monthly { net } } lint { code } } } } }"
    operation = DOCUMENTS.prepare(text)
    context = context_of(bench, "admin")
    first = await COMPILED.execute(operation, {}, context)
    assert "errors" not in first
    again = await COMPILED.execute(operation, {}, context_of(bench, "admin"))
    assert orjson.dumps(again) == orjson.dumps(first)
    assert planned(COMPILED, text)
