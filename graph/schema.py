"""Builds the schema: the types, the scalars, the permission table and the error format, joined.

No globals: every call builds a new one. Transports, limits and identity are left to the rest of `graph`.
"""

from __future__ import annotations

import strawberry
from graphql import GraphQLError, GraphQLInputObjectType
from strawberry.schema.config import StrawberryConfig
from strawberry.types.execution import ExecutionContext

from graph.auth.permissions import enforce, permissions
from graph.errors import describe
from graph.operations.mutation import Mutation
from graph.operations.query import Query
from graph.operations.subscription import Subscription
from graph.scalars import scalar_map


class GatewaySchema(strawberry.Schema):
    """Strawberry's schema with our error format, whoever executes it."""

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        context = None if execution_context is None else execution_context.context
        errors[:] = describe(errors, getattr(context, "correlation_id", "none"))


def build_schema() -> strawberry.Schema:
    """The schema, ready to execute with a `graph.context.Context` as context value.

    Raises ValueError when a field has no entry in the permission table.
    """
    schema = GatewaySchema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        config=StrawberryConfig(scalar_map=scalar_map()),
    )
    core = schema._schema  # noqa: SLF001 - Strawberry's documented handle to the core schema
    for kind in core.type_map.values():
        if isinstance(kind, GraphQLInputObjectType):
            # Strawberry checks "exactly one" itself, without telling where; the library names the path.
            kind.is_one_of = kind.extensions["strawberry-definition"].is_one_of
    enforce(core, permissions())
    return schema
