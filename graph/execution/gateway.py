"""The one way in: every transport prepares and executes operations here, and learns here what to tell a refused client."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, cast

from graphql import GraphQLError, GraphQLSchema

from graph.context import Context
from graph.errors import format_errors
from graph.execution.admission import Admission
from graph.execution.documents import Documents, Operation, RequestError
from graph.execution.executor import Executor, Result
from resolvers.errors import GatewayError, RateLimited
from resolvers.ports import Actor, Services
from resolvers.view import Pictures


class Refused(Exception):
    """The operation will not be executed; `errors` is what the client is told."""

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        super().__init__(errors[0]["message"])
        self.errors = errors


class Gateway:
    """Made once, beside the services. admission: None admits every valid operation, whoever asks."""

    def __init__(
        self,
        services: Services,
        pictures: Pictures,
        documents: Documents,
        executor: Executor,
        admission: Admission | None = None,
    ) -> None:
        self.services = services
        self._pictures = pictures
        self._documents = documents
        self._executor = executor
        self._admission = admission

    @property
    def schema(self) -> GraphQLSchema:
        return self._executor.schema

    def context(self, actor: Actor, correlation_id: str) -> Context:
        return Context(
            services=self.services,
            pictures=self._pictures,
            actor=actor,
            correlation_id=correlation_id,
        )

    def prepare(
        self,
        text: str | None,
        operation_name: str | None,
        context: Context,
        *,
        variables: Mapping[str, Any] | None = None,
        document_id: str | None = None,
    ) -> Operation:
        """The validated operation of a text, or of a document known by its id, for this caller and these variables.

        Raises Refused, and RateLimited.
        """
        try:
            if self._admission is None:
                return self._documents.prepare(text if text is not None else "", operation_name)
            return self._admission.admit(
                text, document_id, operation_name, variables or {}, context.actor
            )
        except RequestError as error:
            raise _refused(error.errors, context) from error
        except RateLimited:
            raise
        except GatewayError as error:
            raise self.refusal(error, context) from error

    async def execute(
        self, operation: Operation, variables: Mapping[str, Any] | None, context: Context
    ) -> Result:
        """The result of a query or mutation. Never raises for a fault of the operation."""
        return await self._executor.execute(operation, variables, context)

    def subscribe(
        self, operation: Operation, variables: Mapping[str, Any] | None, context: Context
    ) -> AsyncGenerator[Result, None]:
        """A subscription's results, one for each event of its source."""
        return self._executor.subscribe(operation, variables, context)

    def refusal(self, error: GatewayError, context: Context) -> Refused:
        """The same words that a resolver's refusal would get."""
        wrapped = GraphQLError(error.message, original_error=error)
        return _refused([wrapped], context)


def _refused(errors: Sequence[GraphQLError], context: Context) -> Refused:
    told = format_errors(errors, context.correlation_id)
    return Refused([cast("dict[str, Any]", error) for error in told])
