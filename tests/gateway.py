"""Runs operations against the real schema over test services, as a transport would."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import strawberry

from graph.context import Context
from resolvers.ports import Actor
from tests.services import OPERATOR, Workbench

CORRELATION = "corr-0001"


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of an operation, with its errors as the wire has them."""

    data: Any
    errors: list[dict[str, Any]]

    @property
    def codes(self) -> list[str]:
        return [error["extensions"]["code"] for error in self.errors]

    @property
    def fields(self) -> list[str]:
        """The paths of all fields at fault."""
        return [each["path"] for error in self.errors for each in error["extensions"]["fields"]]


@dataclass(frozen=True, slots=True)
class Client:
    """Somebody who talks to the schema. `client.as_(actor)` is somebody else on the same services."""

    schema: strawberry.Schema
    bench: Workbench
    actor: Actor = OPERATOR

    def as_(self, actor: Actor) -> Client:
        return Client(self.schema, self.bench, actor)

    @property
    def context(self) -> Context:
        return Context(
            services=self.bench.services,
            pictures=self.bench.pictures,
            actor=self.actor,
            correlation_id=CORRELATION,
        )

    async def run(self, document: str, **variables: Any) -> Answer:
        """The answer, whatever it is."""
        return answer(
            await self.schema.execute(
                document, variable_values=variables, context_value=self.context
            )
        )

    async def ask(self, document: str, **variables: Any) -> Any:
        """The data; an error fails the test."""
        found = await self.run(document, **variables)
        assert found.errors == []
        return found.data

    @asynccontextmanager
    async def subscribed(
        self, document: str, **variables: Any
    ) -> AsyncGenerator[AsyncGenerator[Answer, None], None]:
        """The events of a subscription, which ends with the block."""
        source = await self.schema.subscribe(
            document, variable_values=variables, context_value=self.context
        )

        async def events() -> AsyncGenerator[Answer, None]:
            async with aclosing(source):
                async for result in source:
                    yield answer(result)

        async with aclosing(events()) as stream:
            yield stream


def answer(result: Any) -> Answer:
    return Answer(result.data, [dict(error.formatted) for error in result.errors or ()])
