"""Executes validated operations against one schema, with our error format. Knows no transport.

Queries and mutations give one result; subscriptions a stream of them, one for each event of their source.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any, cast

import strawberry
from graphql import ExecutionResult, GraphQLSchema, execute, subscribe
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from graph.context import Context
from graph.errors import format_errors
from graph.execution.documents import Operation

Result = dict[str, Any]


class Executor:
    """`schema` is Strawberry's; its extensions are not run here: limits and errors are this package's own."""

    def __init__(self, schema: strawberry.Schema, *, hide_suggestions: bool = False) -> None:
        self._schema: GraphQLSchema = schema._schema  # noqa: SLF001 - Strawberry's handle to the core schema
        self._options: dict[str, Any] = {
            "is_awaitable": optimized_is_awaitable,
            "executor_class": StrawberryGraphQLCoreExecutionContext,
            "hide_suggestions": hide_suggestions,
        }

    async def execute(
        self, operation: Operation, variables: Mapping[str, Any] | None, context: Context
    ) -> Result:
        """`{"data": ..., "errors": [...]}` of a query or mutation. `data` is absent when nothing was executed."""
        outcome = execute(
            self._schema,
            operation.document,
            context_value=context,
            variable_values=dict(variables or {}),
            **self._options,
        )
        if optimized_is_awaitable(outcome):
            outcome = await cast("Any", outcome)
        return _result(cast("ExecutionResult", outcome), context)

    async def subscribe(
        self, operation: Operation, variables: Mapping[str, Any] | None, context: Context
    ) -> AsyncGenerator[Result, None]:
        """Each event's result. A subscription that cannot start yields one result without `data`."""
        outcome = subscribe(
            self._schema,
            operation.document,
            context_value=context,
            variable_values=dict(variables or {}),
            **self._options,
        )
        if optimized_is_awaitable(outcome):
            outcome = await cast("Any", outcome)
        if isinstance(outcome, ExecutionResult):
            result = _result(outcome, context)
            result.pop("data", None)
            yield result
            return
        async with aclosing(cast("Any", outcome)) as events:
            async for event in events:
                yield _result(event, context)


def _result(outcome: ExecutionResult, context: Context) -> Result:
    result: Result = {}
    if not _failed_before_execution(outcome):
        result["data"] = outcome.data
    if outcome.errors:
        result["errors"] = format_errors(outcome.errors, context.correlation_id)
    return result


def _failed_before_execution(outcome: ExecutionResult) -> bool:
    """Variables that do not fit have no path: nothing was executed then."""
    return outcome.data is None and all(error.path is None for error in outcome.errors or ())
