"""The outermost ASGI layer: correlation ids, Host and Origin checks, body limit, security headers, the last net.

Pure ASGI, so that sockets and streams pass through untouched. What a path does is the routers' business.
"""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from graph.http.errors import error_body

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CORRELATION_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
BODY_SECONDS = 30.0
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})

SECURITY_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "content-security-policy": (
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        "font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'self'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
}


class Refusal(Exception):
    """Stop here and answer this."""

    def __init__(self, status: int, code: str, message: str, **extensions: int | str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.extensions = extensions


class Edge:
    """Wraps the whole application."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        allowed_hosts: Iterable[str],
        allowed_origins: Iterable[str],
        max_body_bytes: int,
        body_seconds: float = BODY_SECONDS,
    ) -> None:
        self._app = app
        self._hosts = LOOPBACK_NAMES | {host.lower() for host in allowed_hosts}
        self._origins = frozenset(origin.lower() for origin in allowed_origins)
        self._max_body = max_body_bytes
        self._body_seconds = body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        correlation_id = correlation_id_of(headers)
        scope.setdefault("state", {})["correlation_id"] = correlation_id
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(correlation_id=correlation_id)
        answer = _Answer(send, correlation_id)
        try:
            self._check(scope, headers)
            if scope["type"] == "http":
                receive = await self._limited(scope, headers, receive)
            await self._app(scope, receive, answer)
        except Refusal as refusal:
            await answer.refuse(scope, refusal)
        except Exception:
            structlog.get_logger().exception("unhandled", path=scope["path"])
            if scope["type"] == "websocket" or answer.started:
                raise
            await answer.refuse(
                scope,
                Refusal(
                    500, "INTERNAL", f"Something went wrong on our side. Quote {correlation_id}."
                ),
            )

    def _check(self, scope: Scope, headers: Headers) -> None:
        host = headers.get("host", "")
        if host_name(host) not in self._hosts:
            raise Refusal(
                421,
                "FORBIDDEN",
                f"This gateway does not answer to the host {host!r}. Its operator lists names in ALLOWED_HOSTS.",
            )
        origin = headers.get("origin")
        reaches_in = scope["type"] == "websocket" or scope["method"] not in SAFE_METHODS
        if origin is not None and reaches_in and not self._same_site(origin, host):
            raise Refusal(
                403,
                "FORBIDDEN",
                f"Pages of {origin!r} may not call this gateway. Its operator lists sites in ALLOWED_ORIGINS.",
            )

    def _same_site(self, origin: str, host: str) -> bool:
        return origin.lower() in self._origins or urlsplit(origin).netloc.lower() == host.lower()

    async def _limited(self, scope: Scope, headers: Headers, receive: Receive) -> Receive:
        """Reads the body here, so that a large or a slow one is answered before anything is done with it."""
        if scope["method"] in SAFE_METHODS:
            return receive
        declared = headers.get("content-length", "0")
        if declared.isdecimal() and int(declared) > self._max_body:
            raise self._too_large()
        body = bytearray()
        try:
            async with asyncio.timeout(self._body_seconds):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        break
                    body += message.get("body", b"")
                    if len(body) > self._max_body:
                        raise self._too_large()
                    if not message.get("more_body", False):
                        break
        except TimeoutError:
            raise Refusal(
                408, "LIMIT_EXCEEDED", f"The body did not arrive within {self._body_seconds:g} s."
            ) from None
        return _replay(bytes(body), receive)

    def _too_large(self) -> Refusal:
        return Refusal(
            413,
            "LIMIT_EXCEEDED",
            f"The body is larger than {self._max_body} bytes. Split it; imports accept any number of files.",
            limit="maxBodyBytes",
            value=self._max_body,
        )


class _Answer:
    """`send`, with our headers on every response."""

    def __init__(self, send: Send, correlation_id: str) -> None:
        self._send = send
        self._correlation_id = correlation_id
        self.started = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            headers = MutableHeaders(scope=message)
            headers["x-correlation-id"] = self._correlation_id
            for name, value in SECURITY_HEADERS.items():
                headers.setdefault(name, value)
        await self._send(message)

    async def refuse(self, scope: Scope, refusal: Refusal) -> None:
        structlog.get_logger().info("refused", path=scope["path"], reason=refusal.message)
        prefix = ""
        if scope["type"] == "websocket":
            if "websocket.http.response" not in scope.get("extensions", {}):
                await self._send({"type": "websocket.close", "code": 1008})
                return
            prefix = "websocket."
        body = error_body(
            scope["path"],
            refusal.code,
            refusal.message,
            self._correlation_id,
            **refusal.extensions,
        )
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"x-correlation-id", self._correlation_id.encode()),
            (b"connection", b"close"),
        ]
        await self._send(
            {"type": f"{prefix}http.response.start", "status": refusal.status, "headers": headers}
        )
        await self._send({"type": f"{prefix}http.response.body", "body": body})


def correlation_id_of(headers: Headers) -> str:
    """The caller's own id where it is a plain token (it ends in logs), else a new one."""
    given = headers.get("x-correlation-id", "")
    return given if CORRELATION_ID.fullmatch(given) else uuid.uuid4().hex


def host_name(host: str) -> str:
    """The name in a Host header, lower-cased, without port and IPv6 brackets."""
    name = urlsplit(f"//{host}").hostname or ""
    try:
        return str(ip_address(name))
    except ValueError:
        return name


def _replay(body: bytes, receive: Receive) -> Receive:
    delivered = False

    async def replayed() -> Message:
        nonlocal delivered
        if delivered:
            return await receive()
        delivered = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed
