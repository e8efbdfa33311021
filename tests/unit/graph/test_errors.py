"""What a client is told when something fails."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from decimal import Decimal
from typing import Any

import pytest
import strawberry
from strawberry.schema.config import StrawberryConfig
from structlog.testing import capture_logs

from graph.errors import format_error, format_errors
from graph.scalars import Ratio, scalar_map
from graph.schema import GatewaySchema
from negotiation.errors import TermError, ValidationFailed
from resolvers.errors import (
    BadUserInput,
    Conflict,
    FieldError,
    Forbidden,
    GatewayError,
    LimitExceeded,
    NotFound,
    RateLimited,
    Unauthenticated,
    Unavailable,
)
from tests.gateway import Answer, answer

RAISED: dict[str, Exception] = {
    "bad": BadUserInput("Bad.", [FieldError("input.to", "No number.", "Write one.")]),
    "signin": Unauthenticated("Sign in."),
    "forbidden": Forbidden("Not you."),
    "missing": NotFound("Gone."),
    "conflict": Conflict("Changed.", current_version=7),
    "often": RateLimited("Later.", retry_after_ms=1500),
    "much": LimitExceeded("Too much.", limit="rows", value=3, found=4),
    "away": Unavailable("Away."),
    "model": ValidationFailed([TermError("X", "Is wrong.", "terms.2.tiers", "Mend it.")]),
    "bug": KeyError("the secret password"),
}


@strawberry.input
class Thing:
    amount: Decimal
    shares: list[Ratio] | None = strawberry.UNSET


@strawberry.type
class Query:
    @strawberry.field
    def fails(self, how: str) -> str:
        raise RAISED[how]

    @strawberry.field
    def echo(
        self,
        share: Ratio | None = strawberry.UNSET,
        thing: Thing | None = strawberry.UNSET,
        number: int = 1,
    ) -> str:
        return f"{share} {thing} {number}"

    @strawberry.field
    def nothing(self) -> str:
        return None  # type: ignore[return-value]


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def counts(self, fails: str, after: int = 0) -> AsyncGenerator[int, None]:
        for number in range(after):
            yield number
        raise RAISED[fails]


class Context:
    correlation_id = "corr-1"


@pytest.fixture(scope="module")
def schema() -> strawberry.Schema:
    return GatewaySchema(
        Query, subscription=Subscription, config=StrawberryConfig(scalar_map=scalar_map())
    )


async def run(schema: strawberry.Schema, document: str, **variables: Any) -> Answer:
    return answer(
        await schema.execute(document, variable_values=variables, context_value=Context())
    )


@pytest.mark.parametrize(
    ("how", "code", "more"),
    [
        ("bad", "BAD_USER_INPUT", {"fields": [{"path": "input.to", "message": "No number.", "hint": "Write one."}]}),
        ("signin", "UNAUTHENTICATED", {}),
        ("forbidden", "FORBIDDEN", {}),
        ("missing", "NOT_FOUND", {}),
        ("conflict", "CONFLICT", {"currentVersion": 7}),
        ("often", "RATE_LIMITED", {"retryAfterMs": 1500}),
        ("much", "LIMIT_EXCEEDED", {"limit": "rows", "value": 3, "found": 4}),
        ("away", "UNAVAILABLE", {}),
        ("model", "BAD_USER_INPUT", {"fields": [{"path": "terms.2.tiers", "message": "Is wrong.", "hint": "Mend it.", "code": "X"}]}),
    ],
)  # fmt: skip
async def test_what_is_raised_on_purpose_keeps_its_words(
    schema: strawberry.Schema, how: str, code: str, more: dict[str, Any]
) -> None:
    found = await run(schema, "query($how: String!) { fails(how: $how) }", how=how)
    (error,) = found.errors
    assert error["extensions"] == {"code": code, "correlationId": "corr-1", **more}
    assert error["path"] == ["fails"]
    raised = RAISED[how]
    if isinstance(raised, GatewayError):
        assert error["message"] == raised.message


async def test_an_unexpected_exception_is_masked_and_logged_under_the_correlation_id(
    schema: strawberry.Schema,
) -> None:
    with capture_logs() as logs:
        found = await run(schema, '{ fails(how: "bug") }')
    (error,) = found.errors
    assert error["extensions"] == {"code": "INTERNAL", "correlationId": "corr-1"}
    assert "corr-1" in error["message"]
    assert "password" not in str(error)
    (line,) = logs
    assert (line["log_level"], line["correlation_id"]) == ("error", "corr-1")
    assert line["exc_info"] is RAISED["bug"]


async def test_a_null_where_there_must_be_none_is_a_fault_of_ours(
    schema: strawberry.Schema,
) -> None:
    with capture_logs():
        assert (await run(schema, "{ nothing }")).codes == ["INTERNAL"]


@pytest.mark.parametrize("after", [0, 2])
@pytest.mark.parametrize(("how", "code"), [("bug", "INTERNAL"), ("missing", "NOT_FOUND")])
async def test_a_subscription_that_breaks_says_so_in_the_same_format(
    schema: strawberry.Schema, after: int, how: str, code: str
) -> None:
    source = await schema.subscribe(
        "subscription($how: String!, $after: Int!) { counts(fails: $how, after: $after) }",
        variable_values={"how": how, "after": after},
        context_value=Context(),
    )
    with capture_logs():
        events = [answer(event) async for event in source]
    assert [event.data for event in events[:-1]] == [{"counts": n} for n in range(after)]
    (error,) = events[-1].errors
    assert error["extensions"] == {"code": code, "correlationId": "corr-1"}


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("{ echo(", "GRAPHQL_PARSE_FAILED"),
        ("{ nowhere }", "GRAPHQL_VALIDATION_FAILED"),
        ('{ echo(number: "1") }', "GRAPHQL_VALIDATION_FAILED"),
        ("{ echo(thing: {}) }", "GRAPHQL_VALIDATION_FAILED"),
        ("query($x: Int!) { echo(number: $x) }", "BAD_USER_INPUT"),
    ],
)
async def test_a_document_that_cannot_be_executed_has_a_code_of_its_own(
    schema: strawberry.Schema, document: str, code: str
) -> None:
    assert (await run(schema, document)).codes == [code]


async def test_a_bad_literal_is_bad_input_with_its_path(schema: strawberry.Schema) -> None:
    found = await run(
        schema, '{ a: echo(share: 0.5) b: echo(thing: {amount: "1,5", shares: ["0.1", "70"]}) }'
    )
    assert set(found.codes) == {"BAD_USER_INPUT"}
    assert found.fields == ["share", "thing.amount", "thing.shares.1"]
    assert all(error["locations"] for error in found.errors)


async def test_a_bad_default_of_a_variable_has_the_variables_name(
    schema: strawberry.Schema,
) -> None:
    found = await run(schema, 'query($s: Ratio = "x") { echo(share: $s) }')
    assert (found.codes, found.fields) == (["BAD_USER_INPUT"], ["s"])


async def test_all_bad_variables_are_one_error_with_every_path(schema: strawberry.Schema) -> None:
    found = await run(
        schema,
        "query($t: Thing!, $s: Ratio, $n: Int) { echo(thing: $t, share: $s, number: 1) x: echo(number: 2) @skip(if: true) y: echo }",
        t={"amount": 0.1, "shares": ["0.1", "70", "x"]},
        s="2",
    )
    assert found.codes == ["GRAPHQL_VALIDATION_FAILED"]  # $n is never used
    found = await run(
        schema,
        "query($t: Thing!, $s: Ratio) { echo(thing: $t, share: $s) }",
        t={"amount": 0.1, "shares": ["0.1", "70", "x"]},
        s="2",
    )
    assert found.codes == ["BAD_USER_INPUT"]
    assert found.fields == ["t.amount", "t.shares.1", "t.shares.2", "s"]
    assert '"0.1"' in found.errors[0]["extensions"]["fields"][0]["hint"]


async def test_a_field_that_the_input_does_not_have_is_named(schema: strawberry.Schema) -> None:
    found = await run(
        schema, "query($t: Thing!) { echo(thing: $t) }", t={"amount": "1", "colour": "red"}
    )
    assert found.codes == ["BAD_USER_INPUT"]
    assert "colour" in found.errors[0]["message"]


async def test_a_null_for_an_argument_that_takes_none_is_bad_input(
    schema: strawberry.Schema,
) -> None:
    found = await run(schema, "query($n: Int = 1) { echo(number: $n) }", n=None)
    assert found.codes == ["BAD_USER_INPUT"]


async def test_errors_shared_between_requests_are_not_written_on(
    schema: strawberry.Schema,
) -> None:
    result = await schema.execute("{ nowhere }", context_value=Context())
    (shared,) = result.errors or ()
    before = dict(shared.extensions or {})
    assert format_error(shared, "corr-2")["extensions"]["correlationId"] == "corr-2"
    assert shared.extensions == before
    assert len(format_errors([shared, shared], "corr-3")) == 2
