"""The errors a use case may raise; the edge turns each into `extensions.code`, the REST facade into a status.

    GatewayError                      code, http status
    ├── BadUserInput                  BAD_USER_INPUT, 422   fields: what was wrong, where
    ├── Unauthenticated               UNAUTHENTICATED, 401
    ├── Forbidden                     FORBIDDEN, 403
    ├── NotFound                      NOT_FOUND, 404
    ├── Conflict                      CONFLICT, 409         the version there is now
    ├── RateLimited                   RATE_LIMITED, 429     retry_after_ms
    ├── LimitExceeded                 LIMIT_EXCEEDED, 400   which limit, its value, what was found
    └── Unavailable                   UNAVAILABLE, 503

Anything else that escapes a resolver is INTERNAL: masked, logged under its correlation id.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """`path` is dotted, as in the input ("terms.2.tiers"); `hint` says what to do, `code` what kind of fault it is."""

    path: str
    message: str
    hint: str | None = None
    code: str | None = None


class GatewayError(Exception):
    """An expected failure with a stable code. `extensions` is what the client sees beside the message."""

    code: ClassVar[str] = "INTERNAL"
    status: ClassVar[int] = 500

    def __init__(self, message: str, **extensions: Any) -> None:
        super().__init__(message)
        self.message = message
        self.extensions: dict[str, Any] = {k: v for k, v in extensions.items() if v is not None}


class BadUserInput(GatewayError):
    code = "BAD_USER_INPUT"
    status = 422

    def __init__(self, message: str, fields: Sequence[FieldError] = (), **extensions: Any) -> None:
        super().__init__(message, **extensions)
        self.fields = tuple(fields)
        self.extensions["fields"] = [
            {
                "path": f.path,
                "message": f.message,
                **({"hint": f.hint} if f.hint else {}),
                **({"code": f.code} if f.code else {}),
            }
            for f in self.fields
        ]


class Unauthenticated(GatewayError):
    code = "UNAUTHENTICATED"
    status = 401


class Forbidden(GatewayError):
    code = "FORBIDDEN"
    status = 403


class NotFound(GatewayError):
    code = "NOT_FOUND"
    status = 404


class Conflict(GatewayError):
    code = "CONFLICT"
    status = 409

    def __init__(self, message: str, *, current_version: int, **extensions: Any) -> None:
        super().__init__(message, currentVersion=current_version, **extensions)


class RateLimited(GatewayError):
    code = "RATE_LIMITED"
    status = 429

    def __init__(self, message: str, *, retry_after_ms: int, **extensions: Any) -> None:
        super().__init__(message, retryAfterMs=retry_after_ms, **extensions)


class LimitExceeded(GatewayError):
    code = "LIMIT_EXCEEDED"
    status = 400

    def __init__(
        self, message: str, *, limit: str, value: int, found: int | None = None, **extensions: Any
    ) -> None:
        super().__init__(message, limit=limit, value=value, found=found, **extensions)


class Unavailable(GatewayError):
    code = "UNAVAILABLE"
    status = 503
