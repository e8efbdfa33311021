"""GraphQL over HTTP: queries by GET or POST, mutations by POST, with ETags. Raw ASGI, so that a hot answer is cheap.

Follows the GraphQL-over-HTTP specification: `application/graphql-response+json` tells in its status what went wrong,
`application/json` answers 200 to every well-formed request. Subscriptions are streamed by `graph.live`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

import orjson
from graphql import OperationType
from starlette.types import Receive, Scope, Send

from graph.auth.identity import Authenticator, Identity
from graph.context import Context
from graph.execution.documents import Operation
from graph.execution.gateway import Gateway, Refused
from graph.execution.trusted import document_id
from graph.http.errors import error_body, gateway_error_body, retry_after
from graph.http.responses import QUERY_HEADERS, CachedResponse, ResponseCache
from graph.live.live import Live
from graph.live.streams import Format, Stream, StreamConnection, stream_format
from resolvers.errors import GatewayError
from resolvers.ports import Actor

RESPONSE_JSON = b"application/graphql-response+json; charset=utf-8"
PLAIN_JSON = b"application/json; charset=utf-8"
BAD_REQUEST, METHOD_NOT_ALLOWED, NOT_ACCEPTABLE, UNSUPPORTED = 400, 405, 406, 415

Raw = Mapping[bytes, bytes]


class Faulty(Exception):
    """The HTTP request is not a GraphQL request."""

    def __init__(self, status: int, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = headers


@dataclass(frozen=True, slots=True)
class GraphqlRequest:
    """The parameters of a request, checked for shape only."""

    query: str | None
    document_id: str | None
    operation_name: str | None
    variables: dict[str, Any] | None


class GraphqlEndpoint:
    """ASGI, for `http` scopes only."""

    def __init__(
        self,
        gateway: Gateway,
        authenticator: Authenticator,
        cache: ResponseCache,
        live: Live,
        *,
        stuck_seconds: float = 30.0,
    ) -> None:
        self._gateway = gateway
        self._live = live
        self._stuck_seconds = stuck_seconds
        self._authenticator = authenticator
        self._cache = cache

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        state = scope["state"]
        headers: Raw = state["headers"]
        correlation_id = state["correlation_id"]
        try:
            identity = await self._authenticator.authenticate(_text(headers.get(b"authorization")))
            accepted = _accepted(headers.get(b"accept"))
            if isinstance(accepted, bytes):
                await self._answer(scope, receive, send, accepted, identity.actor)
            else:
                context = self._gateway.context(identity.actor, correlation_id)
                connection = StreamConnection(
                    self._live, accepted, receive, send, self._stuck_seconds
                )
                await self._stream(scope, receive, headers, context, identity, connection)
        except Faulty as fault:
            body = error_body(scope["path"], "BAD_USER_INPUT", fault.message, correlation_id)
            await _respond(send, fault.status, body, PLAIN_JSON, fault.headers)
        except GatewayError as error:
            body = gateway_error_body(scope["path"], error, correlation_id)
            await _respond(send, error.status, body, PLAIN_JSON, retry_after(error))

    async def _answer(
        self, scope: Scope, receive: Receive, send: Send, media_type: bytes, actor: Actor
    ) -> None:
        state = scope["state"]
        headers: Raw = state["headers"]
        method = _method(scope)
        raw = scope["query_string"] if method == "GET" else await _json_body(receive, headers)
        key = (raw, media_type, actor.roles, actor.id)
        cached = self._cache.get(key)
        if cached is None:
            context = self._gateway.context(actor, state["correlation_id"])
            request = _from_query(raw) if method == "GET" else _from_body(raw)
            cached = await self._execute(key, request, method, media_type, context, send)
            if cached is None:
                return
        if cached.matches(headers.get(b"if-none-match")):
            known = {"type": "http.response.start", "status": 304, "headers": cached.not_modified}
            await send(known)
            await send({"type": "http.response.body"})
        else:
            await send({"type": "http.response.start", "status": 200, "headers": cached.headers})
            await send(cached.body)

    async def _stream(
        self,
        scope: Scope,
        receive: Receive,
        headers: Raw,
        context: Context,
        identity: Identity,
        connection: StreamConnection,
    ) -> None:
        method = _method(scope)
        request = (
            _from_query(scope["query_string"])
            if method == "GET"
            else _from_body(await _json_body(receive, headers))
        )
        try:
            operation = self._prepare(request, context)
        except Refused as refused:
            await connection.refuse(refused.errors)
            return
        if operation.is_subscription:
            resume = _text(headers.get(b"last-event-id"))
            await connection.run(Stream(operation, request.variables, context, identity, resume))
            return
        _check_kind(operation, method)
        await connection.answer(await self._gateway.execute(operation, request.variables, context))

    def _prepare(self, request: GraphqlRequest, context: Context) -> Operation:
        return self._gateway.prepare(
            request.query,
            request.operation_name,
            context,
            variables=request.variables,
            document_id=request.document_id,
        )

    async def _execute(
        self,
        key: Any,
        request: GraphqlRequest,
        method: str,
        media_type: bytes,
        context: Context,
        send: Send,
    ) -> CachedResponse | None:
        """The remembered answer of a query; None when the answer was given here and is not kept."""
        strict = media_type is RESPONSE_JSON
        try:
            operation = self._prepare(request, context)
            _check_kind(operation, method)
        except Refused as refused:
            body = orjson.dumps({"errors": refused.errors})
            await _respond(send, BAD_REQUEST if strict else 200, body, media_type)
            return None
        seen = self._cache.moment()
        result = await self._gateway.execute(operation, request.variables, context)
        body = orjson.dumps(result)
        if "data" not in result or "errors" in result or operation.kind is OperationType.MUTATION:
            status = BAD_REQUEST if strict and "data" not in result else 200
            await _respond(send, status, body, media_type)
            return None
        return self._cache.put(key, body, media_type, operation, seen)


def _method(scope: Scope) -> str:
    method: str = scope["method"]
    if method not in {"GET", "POST"}:
        raise Faulty(METHOD_NOT_ALLOWED, "Use GET or POST.", allow="GET, POST")
    return method


def _check_kind(operation: Operation, method: str) -> None:
    if operation.is_subscription:
        raise Faulty(
            NOT_ACCEPTABLE,
            "Subscriptions need a WebSocket (graphql-transport-ws) or `Accept: text/event-stream`.",
        )
    if operation.kind is OperationType.MUTATION and method == "GET":
        raise Faulty(METHOD_NOT_ALLOWED, "Mutations must be POSTed.", allow="POST")


@lru_cache(maxsize=256)
def _accepted(accept: bytes | None) -> bytes | Format:
    """The answer's type, or how it is streamed. Who does not care gets application/json, as older clients expect."""
    if accept is None:
        return PLAIN_JSON
    text = accept.decode("latin-1")
    if (form := stream_format(text)) is not None:
        return form
    for part in text.split(","):
        name, _, parameters = part.partition(";")
        if "q=0" in parameters.replace(" ", "").split(";"):
            continue
        match name.strip().lower():
            case "application/graphql-response+json":
                return RESPONSE_JSON
            case "application/json" | "application/*" | "*/*":
                return PLAIN_JSON
    raise Faulty(NOT_ACCEPTABLE, "Accept application/graphql-response+json or application/json.")


@lru_cache(maxsize=256)
def _refused_type(content_type: bytes) -> str | None:
    """Why a body of this type is not read. Only JSON: a form that another site posts never gets in."""
    name, _, parameters = content_type.decode("latin-1").partition(";")
    if name.strip().lower() != "application/json":
        return "POST needs `Content-Type: application/json`."
    charset = parameters.replace(" ", "").lower().replace('"', "")
    if charset.startswith("charset=") and charset not in {"charset=utf-8", "charset=utf8"}:
        return "Send UTF-8."
    return None


def _text(header: bytes | None) -> str | None:
    return None if header is None else header.decode("latin-1")


async def _json_body(receive: Receive, headers: Raw) -> bytes:
    """The body of a POST."""
    if (reason := _refused_type(headers.get(b"content-type", b""))) is not None:
        raise Faulty(UNSUPPORTED, reason)
    message = await receive()
    if not message.get("more_body", False):
        return bytes(message.get("body", b""))
    parts = [message.get("body", b"")]
    while message.get("more_body", False):
        message = await receive()
        parts.append(message.get("body", b""))
    return b"".join(parts)


def _from_body(raw: bytes) -> GraphqlRequest:
    try:
        given = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise Faulty(BAD_REQUEST, f"The body is not JSON: {error}.") from None
    if not isinstance(given, dict):
        raise Faulty(BAD_REQUEST, "The body must be one JSON object; batches are not accepted.")
    return _request(given)


def _from_query(raw: bytes) -> GraphqlRequest:
    given: dict[str, Any] = {}
    for name, value in parse_qsl(raw.decode("latin-1"), keep_blank_values=True):
        if name in {"variables", "extensions"} and value:
            try:
                given[name] = orjson.loads(value)
            except orjson.JSONDecodeError as error:
                raise Faulty(BAD_REQUEST, f"{name} is not JSON: {error}.") from None
        elif value:
            given[name] = value
    return _request(given)


def _request(given: Mapping[str, Any]) -> GraphqlRequest:
    query = given.get("query")
    if query is not None and not isinstance(query, str):
        raise Faulty(BAD_REQUEST, "`query` must be a string: the text of the operation.")
    name = given.get("operationName")
    if name is not None and not isinstance(name, str):
        raise Faulty(BAD_REQUEST, "`operationName` must be a string.")
    for parameter in ("variables", "extensions"):
        if given.get(parameter) is not None and not isinstance(given[parameter], dict):
            raise Faulty(BAD_REQUEST, f"`{parameter}` must be an object.")
    try:
        known_as = document_id(given)
    except ValueError as error:
        raise Faulty(BAD_REQUEST, str(error)) from None
    if query is None and known_as is None:
        raise Faulty(
            BAD_REQUEST,
            "Send the text of the operation as `query`, or a `documentId` that we know.",
        )
    return GraphqlRequest(query, known_as, name or None, given.get("variables"))


async def _respond(
    send: Send,
    status: int,
    body: bytes,
    media_type: bytes,
    headers: Mapping[str, str] | None = None,
) -> None:
    lines = [
        (b"content-type", media_type),
        (b"content-length", str(len(body)).encode()),
        *QUERY_HEADERS,
        *((name.encode(), value.encode()) for name, value in (headers or {}).items()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": lines})
    await send({"type": "http.response.body", "body": body})
