"""The REST paths of the first version, as stored documents over the same schema: same rules, same errors.

Query parameters and bodies are checked here (422 with field errors); everything else happens in GraphQL.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field

from graph.context import Context
from graph.execution.gateway import Gateway, Refused
from graph.http import documents
from graph.http.errors import error_body, rest_error
from graph.http.openapi import answer_of
from resolvers.errors import NotFound

ContextOf = Callable[[Request], Awaitable[Context]]
JSON = "application/json"


class FieldFault(BaseModel):
    path: str
    message: str


class ErrorDetail(BaseModel):
    """`code` is stable; `correlationId` finds the log lines."""

    code: str
    message: str
    correlationId: str  # noqa: N815 - the wire's name
    fields: list[FieldFault] = []


class ErrorBody(BaseModel):
    error: ErrorDetail


class DemoNotification(BaseModel):
    """The same key never queues twice."""

    model_config = ConfigDict(extra="forbid")

    idempotencyKey: Annotated[str, Field(min_length=1, max_length=200)] | None = None  # noqa: N815


ERRORS: dict[int | str, dict[str, Any]] = {
    401: {"model": ErrorBody, "description": "Not signed in"},
    403: {"model": ErrorBody, "description": "Not allowed"},
    422: {"model": ErrorBody, "description": "Bad input, with the fields"},
    500: {"model": ErrorBody, "description": "A fault of ours; quote the correlation id"},
}


def rest_router(gateway: Gateway, context_of: ContextOf) -> APIRouter:
    """Routes under /api/v1. `context_of` makes a request's GraphQL context."""

    def answers(document: str, status: int = 200) -> dict[int | str, dict[str, Any]]:
        content = {JSON: {"schema": answer_of(gateway.schema, document)}}
        return {status: {"description": "What the stored document selects", "content": content}}

    router = APIRouter(prefix="/api/v1", responses=ERRORS)

    async def run(
        document: str, variables: Mapping[str, Any], field: str, request: Request
    ) -> Response:
        context = await context_of(request)
        try:
            operation = gateway.prepare(document, None, context, variables=variables)
            result = await gateway.execute(operation, variables, context)
        except Refused as refused:
            result = {"errors": refused.errors}
        if "errors" in result:
            status, body = rest_error(result["errors"], context.correlation_id, inside="filter.")
            return Response(body, status, media_type=JSON)
        if result["data"][field] is None:
            raise NotFound("There is no such thing here. Leave the id out for the current one.")
        return Response(orjson.dumps(result["data"][field]), media_type=JSON)

    @router.get(
        "/health",
        summary="Health of every dependency",
        tags=["health"],
        responses=answers(documents.HEALTH),
    )
    async def health(request: Request) -> Response:
        return await run(documents.HEALTH, {}, "health", request)

    @router.get(
        "/negotiation",
        summary="The envelope, its streams and the ladder",
        tags=["negotiation"],
        responses=answers(documents.NEGOTIATION),
    )
    async def negotiation(
        request: Request,
        id: Annotated[str | None, Query(description="Default: the current one.")] = None,  # noqa: A002
        floor_margin: Annotated[str | None, Query(examples=["0.65", "65%"])] = None,
        target_margin: Annotated[str | None, Query(examples=["0.70"])] = None,
        ceiling_margin: Annotated[str | None, Query(examples=["7500bp"])] = None,
    ) -> Response:
        variables = {
            "id": id,
            "floor_margin": floor_margin,
            "target_margin": target_margin,
            "ceiling_margin": ceiling_margin,
        }
        # A variable that is left out falls back to the saved target; an explicit null would be another thing.
        given = {name: value for name, value in variables.items() if value is not None}
        return await run(documents.NEGOTIATION, given, "negotiation", request)

    @router.get(
        "/invoices",
        summary="Invoices and their totals per currency",
        tags=["invoices"],
        responses=answers(documents.INVOICES),
    )
    async def invoices(
        request: Request,
        status: Annotated[list[str] | None, Query(examples=[["OPEN"]])] = None,
        currency: str | None = None,
        first: Annotated[int, Query(ge=1, le=200)] = 50,
        after: str | None = None,
    ) -> Response:
        chosen = {"status": status, "currency": currency, "first": first, "after": after}
        given = {name: value for name, value in chosen.items() if value is not None}
        return await run(documents.INVOICES, given, "invoices", request)

    @router.post(
        "/notifications/demo",
        summary="Queue the demo notification",
        status_code=202,
        tags=["notifications"],
        responses=answers(documents.DEMO_NOTIFICATION, 202),
    )
    async def demo_notification(request: Request, body: DemoNotification | None = None) -> Response:
        key = body.idempotencyKey if body else None
        variables = {"idempotencyKey": key}
        answer = await run(documents.DEMO_NOTIFICATION, variables, "sendDemoNotification", request)
        if answer.status_code == 200:
            refused = orjson.loads(bytes(answer.body))["userErrors"]
            answer.status_code = 422 if refused else 202
        return answer

    return router


async def invalid_request(request: Request, error: Exception) -> Response:
    """FastAPI's validation errors in our form: 422, each field with its path."""
    assert isinstance(error, RequestValidationError)
    fields = [
        {"path": _parameter(fault["loc"]), "message": fault["msg"]} for fault in error.errors()
    ]
    said = "; ".join(f"{fault['path']}: {fault['message']}" for fault in fields)
    body = error_body(
        request.url.path,
        "BAD_USER_INPUT",
        f"The request is not valid: {said}.",
        request.state.correlation_id,
        fields=fields,
    )
    return Response(body, 422, media_type=JSON)


def _parameter(place: Sequence[int | str]) -> str:
    """The name of a parameter or of a field in the body, without where it was; "body" is the body as a whole."""
    return ".".join(str(part) for part in place[1:] or place)
