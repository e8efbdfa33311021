"""The structured answers of the HTTP edge: one body for REST paths, GraphQL's for `/graphql`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from resolvers.errors import (
    BadUserInput,
    Conflict,
    Forbidden,
    GatewayError,
    LimitExceeded,
    NotFound,
    RateLimited,
    Unauthenticated,
    Unavailable,
)

STATUS_BY_CODE: Mapping[str, int] = {
    error.code: error.status
    for error in (
        BadUserInput,
        Conflict,
        Forbidden,
        LimitExceeded,
        NotFound,
        RateLimited,
        Unauthenticated,
        Unavailable,
    )
} | {"INTERNAL": 500, "GRAPHQL_PARSE_FAILED": 400, "GRAPHQL_VALIDATION_FAILED": 400}


def error_body(path: str, code: str, message: str, correlation_id: str, **extensions: Any) -> bytes:
    """`{"errors": [...]}` under /graphql, `{"error": {...}}` elsewhere; both with code and correlation id."""
    details = {"code": code, "correlationId": correlation_id, **extensions}
    if path.startswith("/graphql"):
        return orjson.dumps({"errors": [{"message": message, "extensions": details}]})
    return orjson.dumps({"error": {"message": message, **details}})


def rest_error(
    errors: Sequence[Mapping[str, Any]], correlation_id: str, *, inside: str
) -> tuple[int, bytes]:
    """The status and body for a stored document that failed: the gravest error speaks for all.

    `inside`: the argument that holds some of the parameters; its name is left out of the fields' paths.
    """

    def status(error: Mapping[str, Any]) -> int:
        return STATUS_BY_CODE.get((error.get("extensions") or {}).get("code", "INTERNAL"), 500)

    gravest = max(errors, key=status)
    extensions = {"correlationId": correlation_id, **(gravest.get("extensions") or {})}
    if "fields" in extensions:
        extensions["fields"] = [
            {**field, "path": field["path"].removeprefix(inside)} for field in extensions["fields"]
        ]
    return status(gravest), orjson.dumps({"error": {"message": gravest["message"], **extensions}})


def gateway_error_body(path: str, error: GatewayError, correlation_id: str) -> bytes:
    return error_body(path, error.code, error.message, correlation_id, **error.extensions)


def retry_after(error: GatewayError) -> dict[str, str]:
    """The header that tells any HTTP client when to come back, where the error says so."""
    wait = error.extensions.get("retryAfterMs")
    return {} if wait is None else {"retry-after": str(max(1, -(-wait // 1000)))}
