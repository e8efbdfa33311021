"""Executes validated operations against one schema, with our error format. Knows no transport.

Queries and mutations give one result; subscriptions a stream of them, one for each event of their source. What a plan
covers is executed by it, the rest by the library's executor.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any, cast
from weakref import WeakKeyDictionary

import strawberry
from graphql import ExecutionResult, GraphQLError, GraphQLSchema, create_source_event_stream
from graphql.execution.executor import Executor as LibraryExecutor
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from graph.auth.permissions import Roles
from graph.context import Context
from graph.errors import format_errors
from graph.execution.documents import Operation
from graph.execution.plan import NotCovered, Plan, compile_plan, directive_variables

Result = dict[str, Any]


class Executor:
    """`schema` is Strawberry's; its extensions are not run here: limits and errors are this package's own.

    table: "Type.field" → the roles that may have it; a plan is made for one set of roles. Without it everything may
    be had. compiled: False leaves everything to the library's executor (to compare with it).
    """

    def __init__(
        self,
        schema: strawberry.Schema,
        *,
        table: Mapping[str, Roles] | None = None,
        hide_suggestions: bool = False,
        compiled: bool = True,
    ) -> None:
        self.schema: GraphQLSchema = schema._schema  # noqa: SLF001 - Strawberry's handle to the core schema
        self._table = table or {}
        self._hide_suggestions = hide_suggestions
        self._compiled = compiled
        self._plans: WeakKeyDictionary[Operation, dict[Any, Plan | None]] = WeakKeyDictionary()

    async def execute(
        self, operation: Operation, variables: Mapping[str, Any] | None, context: Context
    ) -> Result:
        """`{"data": ..., "errors": [...]}` of a query or mutation. `data` is absent when nothing was executed."""
        executor = self._build(operation, variables, context)
        if isinstance(executor, list):
            return _result(ExecutionResult(None, executor), context)
        planned = self._planned(operation, executor, None)
        if planned is not None:
            return planned
        outcome = executor.execute_operation(False)  # noqa: FBT003 - "not serially": the operation decides
        if optimized_is_awaitable(outcome):
            outcome = await cast("Any", outcome)
        return _result(cast("ExecutionResult", outcome), context)

    async def subscribe(
        self, operation: Operation, variables: Mapping[str, Any] | None, context: Context
    ) -> AsyncGenerator[Result, None]:
        """Each event's result. A subscription that cannot start or go on yields one result without `data`, its last."""
        executor = self._build(operation, variables, context)
        if isinstance(executor, list):
            yield _result(ExecutionResult(None, executor), context)
            return
        source: Any = create_source_event_stream(executor)
        if optimized_is_awaitable(source):
            source = await source
        if isinstance(source, ExecutionResult):
            yield {"errors": format_errors(source.errors or [], context.correlation_id)}
            return
        async with aclosing(source) as events:
            try:
                async for event in events:
                    yield await self._event(operation, executor, event, context)
            except Exception as error:  # noqa: BLE001 - a source that refuses or breaks, told as a resolver's error is
                fault = GraphQLError(str(error), original_error=error)
                yield {"errors": format_errors([fault], context.correlation_id)}

    async def _event(
        self, operation: Operation, executor: LibraryExecutor[Any], event: Any, context: Context
    ) -> Result:
        planned = self._planned(operation, executor, event)
        if planned is not None:
            return planned
        outcome = executor.build_per_event_executor(event).execute_operation(False)  # noqa: FBT003
        if optimized_is_awaitable(outcome):
            outcome = await cast("Any", outcome)
        return _result(cast("ExecutionResult", outcome), context)

    def _build(
        self, operation: Operation, variables: Mapping[str, Any] | None, context: Context
    ) -> Any:
        """The library's executor for this execution, or the errors of the variables."""
        return StrawberryGraphQLCoreExecutionContext.build(
            self.schema,
            operation.document,
            context_value=context,
            raw_variable_values=dict(variables or {}),
            is_awaitable=cast("Any", optimized_is_awaitable),
            hide_suggestions=self._hide_suggestions,
        )

    # --- plans

    def _planned(
        self, operation: Operation, executor: LibraryExecutor[Any], source: Any
    ) -> Result | None:
        """The result by a plan, or None where the library must do it: not covered, or something went wrong."""
        if not self._compiled:
            return None
        plan = self._plan(operation, executor)
        if plan is None:
            return None
        try:
            return {"data": plan.run(source, executor)}
        except Exception:  # noqa: BLE001 - the library executes again and tells what is wrong, and where
            return None

    def _plan(self, operation: Operation, executor: LibraryExecutor[Any]) -> Plan | None:
        known = self._plans.setdefault(operation, {})
        names = known.get("directives")
        if names is None:
            names = known["directives"] = cast("Any", directive_variables(operation))
        coerced = executor.variable_values.coerced
        roles = executor.context_value.actor.roles
        key = (roles, tuple(coerced.get(name) for name in cast("Any", names)))
        if key not in known:
            try:
                known[key] = compile_plan(
                    self.schema, operation, coerced, lambda name: self._may(name, roles)
                )
            except NotCovered:
                known[key] = None
        return known[key]

    def _may(self, coordinate: str, roles: Roles) -> bool:
        needed = self._table.get(coordinate)
        return not needed or not needed.isdisjoint(roles)


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
