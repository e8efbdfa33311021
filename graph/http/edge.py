"""The outermost ASGI layer: correlation ids, Host and Origin checks, body limit, security headers, the last net.

Pure ASGI, so that sockets and streams pass through untouched. What a path does is the routers' business.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from ipaddress import ip_address
from itertools import count
from urllib.parse import urlsplit

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from graph import logs
from graph.http.errors import error_body
from graph.http.patience import Patience
from graph.http.responses import ReadyHeaders, header_lines
from graph.http.server_protocol import EXTENSION as ANSWERS

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CORRELATION_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")
BODY_SECONDS = 30.0
GRAPHQL_PATH = "/graphql"
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})

OK = 200
API_HEADERS = ((b"x-content-type-options", b"nosniff"),)
API_LINES = header_lines(API_HEADERS)
PAGE_HEADERS = (
    *API_HEADERS,
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (
        b"content-security-policy",
        (
            b"default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
            b"img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
            b"object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
        ),
    ),
)


class Refusal(Exception):
    """Stop here and answer this."""

    def __init__(self, status: int, code: str, message: str, **extensions: int | str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.extensions = extensions


class Edge:
    """Wraps the whole application. `scope["state"]` gets the correlation id and the headers as a dict.

    `signed_paths`: where a signature is asked for, which no page can make and no foreign name can lend: these answer to
    any Host and Origin, so that a public name (a tunnel's, a proxy's) opens them and nothing else.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        allowed_hosts: Iterable[str],
        allowed_origins: Iterable[str],
        max_body_bytes: int,
        body_seconds: float = BODY_SECONDS,
        signed_paths: Iterable[str] = (),
    ) -> None:
        self._app = app
        self._hosts = LOOPBACK_NAMES | {host.lower() for host in allowed_hosts}
        self._origins = frozenset(origin.lower() for origin in allowed_origins)
        self._signed = frozenset(signed_paths)
        self._max_body = max_body_bytes
        self._patience = Patience(body_seconds)
        self._ids = correlation_ids()
        self._answered = lru_cache(maxsize=64)(self._answers_to)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers: Mapping[bytes, bytes] = dict(scope["headers"])
        given = headers.get(b"x-correlation-id")
        identifier = next(self._ids) if given is None else self._kept(given)
        state = scope.setdefault("state", {})
        state["correlation_id"] = identifier
        state["headers"] = headers
        logs.correlation_id.set(identifier)
        own = API_HEADERS if scope["path"] == GRAPHQL_PATH else PAGE_HEADERS
        answer = _Answer(scope, send, own, identifier.encode())
        try:
            self._check(scope, headers)
            if scope["type"] == "http" and scope["method"] not in SAFE_METHODS:
                receive = await self._limited(headers, receive)
            await self._app(scope, receive, answer.send)
        except Refusal as refusal:
            await answer.refuse(refusal)
        except Exception:
            structlog.get_logger().exception("unhandled", path=scope["path"])
            if scope["type"] == "websocket" or answer.started:
                raise
            message = f"Something went wrong on our side. Quote {identifier}."
            await answer.refuse(Refusal(500, "INTERNAL", message))

    def _kept(self, given: bytes) -> str:
        """The caller's own id where it is a plain token (it ends in logs), else a new one."""
        return given.decode() if CORRELATION_ID.fullmatch(given) else next(self._ids)

    def _check(self, scope: Scope, headers: Mapping[bytes, bytes]) -> None:
        if scope["path"] in self._signed:
            return
        host = headers.get(b"host", b"")
        if not self._answered(host):
            raise Refusal(
                421,
                "FORBIDDEN",
                f"This gateway does not answer to the host {host.decode('latin-1')!r}. "
                "Its operator lists names in ALLOWED_HOSTS.",
            )
        origin = headers.get(b"origin")
        if origin is None or (scope["type"] == "http" and scope["method"] in SAFE_METHODS):
            return
        if not self._same_site(origin.decode("latin-1").lower(), host.decode("latin-1").lower()):
            raise Refusal(
                403,
                "FORBIDDEN",
                f"Pages of {origin.decode('latin-1')!r} may not call this gateway. "
                "Its operator lists sites in ALLOWED_ORIGINS.",
            )

    def _answers_to(self, host: bytes) -> bool:
        return host_name(host.decode("latin-1")) in self._hosts

    def _same_site(self, origin: str, host: str) -> bool:
        return origin in self._origins or urlsplit(origin).netloc == host

    async def _limited(self, headers: Mapping[bytes, bytes], receive: Receive) -> Receive:
        """Reads the body here, so that a large or a slow one is answered before anything is done with it."""
        declared = headers.get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > self._max_body:
            raise self._too_large()
        loop = asyncio.get_running_loop()
        task = asyncio.current_task(loop)
        assert task is not None
        self._patience.enter(task, loop)
        try:
            body = await self._read(receive)
        except asyncio.CancelledError:
            if not self._patience.was_cut(task):
                raise
            seconds = self._patience.seconds
            raise Refusal(
                408, "LIMIT_EXCEEDED", f"The body did not arrive within {seconds:g} s."
            ) from None
        finally:
            self._patience.leave(task)
        return Replay(body, receive)

    async def _read(self, receive: Receive) -> bytes:
        message = await receive()
        body = message.get("body", b"")
        if not message.get("more_body", False):
            if len(body) > self._max_body:
                raise self._too_large()
            return bytes(body)
        parts, size = [body], len(body)
        while message.get("more_body", False):
            message = await receive()
            if message["type"] == "http.disconnect":
                break
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > self._max_body:
                raise self._too_large()
        return b"".join(parts)

    def _too_large(self) -> Refusal:
        return Refusal(
            413,
            "LIMIT_EXCEEDED",
            f"The body is larger than {self._max_body} bytes. Split it; imports accept any number of files.",
            limit="maxBodyBytes",
            value=self._max_body,
        )


class Replay:
    """`receive` for the application: the body that was read here, then whatever comes next."""

    __slots__ = ("_receive", "body", "delivered")

    def __init__(self, body: bytes, receive: Receive) -> None:
        self.body = body
        self.delivered = False
        self._receive = receive

    async def __call__(self) -> Message:
        if self.delivered:
            return await self._receive()
        self.delivered = True
        return {"type": "http.request", "body": self.body, "more_body": False}


class _Answer:
    """`send`, with our headers on every response."""

    __slots__ = ("_correlation_id", "_own", "_ready", "_scope", "_send", "started")

    def __init__(
        self, scope: Scope, send: Send, own: Sequence[tuple[bytes, bytes]], correlation_id: bytes
    ) -> None:
        self._scope = scope
        self._send = send
        self._own = own
        self._correlation_id = correlation_id
        self._ready: ReadyHeaders | None = None
        self.started = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            headers = message.get("headers", ())
            if headers.__class__ is ReadyHeaders and message["status"] == OK:
                self._ready = headers
                return
            message = self._with_ours(message["status"], headers)
        elif (ready := self._ready) is not None:
            self._ready = None
            if self._written(ready, message):
                return
            await self._send(self._with_ours(OK, ready))
        await self._send(message)

    def _written(self, ready: ReadyHeaders, message: Message) -> bool:
        """Whether the server took the whole answer as bytes."""
        server = self._scope.get("extensions", {}).get(ANSWERS)
        if server is None or message.get("more_body", False):
            return False
        head = b"%b%bx-correlation-id: %b\r\n\r\n" % (
            ready.lines,
            API_LINES if self._own is API_HEADERS else header_lines(self._own),
            self._correlation_id,
        )
        taken: bool = server.answer(self._scope, head, message["body"])
        return taken

    def _with_ours(self, status: int, headers: Iterable[tuple[bytes, bytes]]) -> Message:
        ours = (b"x-correlation-id", self._correlation_id)
        return {
            "type": "http.response.start",
            "status": status,
            "headers": [*headers, *self._own, ours],
        }

    async def refuse(self, refusal: Refusal) -> None:
        scope = self._scope
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
            self._correlation_id.decode(),
            **refusal.extensions,
        )
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"x-correlation-id", self._correlation_id),
            (b"connection", b"close"),
        ]
        await self._send(
            {"type": f"{prefix}http.response.start", "status": refusal.status, "headers": headers}
        )
        await self._send({"type": f"{prefix}http.response.body", "body": body})


def correlation_ids() -> Iterator[str]:
    """32 hexadecimal digits each: a random half for the process, and a count."""
    process = secrets.token_hex(8)
    return (f"{process}{number:016x}" for number in count(1))


def host_name(host: str) -> str:
    """The name in a Host header, lower-cased, without port and IPv6 brackets."""
    name = urlsplit(f"//{host}").hostname or ""
    try:
        return str(ip_address(name))
    except ValueError:
        return name
