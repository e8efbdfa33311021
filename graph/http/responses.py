"""Answers of queries, kept as bytes while they are true: until the next revision, day or change of health.

A query is deterministic for (request, actor, revision, UTC day, what the components said of themselves). One that
reads the clock is kept for a second at most. Bounded by bytes, least recently used out first.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from hashlib import blake2b

from graph.execution.documents import Operation

# What these show changes with the clock alone. Everything below them counts.
CLOCK_FIELDS = frozenset(
    {
        "Query.health",
        "Query.notificationPreview",
        "Query.notificationsPreview",
        "Query.notificationQueue",
    }
)
CLOCK_SECONDS = 1.0
FOREVER = float("inf")
QUERY_HEADERS = ((b"cache-control", b"no-cache, private"), (b"vary", b"accept, authorization"))


Moment = tuple[int, int, int]
"""Revision, UTC day (ordinal), count of health's signal: two queries at one moment have the same answer."""


def header_lines(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """As they stand on the wire, each with its end."""
    return b"".join(b"%b: %b\r\n" % header for header in headers)


class ReadyHeaders(list[tuple[bytes, bytes]]):
    """Headers that are there as `lines` too, for a server that can write them as they are. Never changed."""

    __slots__ = ("lines",)

    def __init__(self, headers: Iterable[tuple[bytes, bytes]]) -> None:
        super().__init__(headers)
        self.lines = header_lines(self)


class CachedResponse:
    """The parts of an answer, ready to send; `not_modified` for whoever has it already."""

    __slots__ = ("body", "etag", "headers", "moment", "not_modified", "size", "until")

    def __init__(self, body: bytes, media_type: bytes, moment: Moment, until: float) -> None:
        self.moment = moment
        self.until = until
        self.size = len(body)
        self.etag = b'"%b"' % blake2b(body, digest_size=12).hexdigest().encode()
        kept = (*QUERY_HEADERS, (b"etag", self.etag))
        self.headers = ReadyHeaders(
            [(b"content-type", media_type), (b"content-length", str(len(body)).encode()), *kept]
        )
        self.not_modified = kept
        self.body = {"type": "http.response.body", "body": body}

    def matches(self, if_none_match: bytes | None) -> bool:
        if if_none_match is None:
            return False
        return if_none_match.strip() == b"*" or self.etag in {
            each.strip().removeprefix(b"W/") for each in if_none_match.split(b",")
        }


class ResponseCache:
    """`moment` tells the present one, `monotonic` the time in seconds."""

    def __init__(
        self,
        moment: Callable[[], Moment],
        monotonic: Callable[[], float],
        *,
        max_bytes: int = 64 * 1024 * 1024,
    ) -> None:
        self.moment = moment
        self._monotonic = monotonic
        self._max_bytes = max_bytes
        self._kept: OrderedDict[Hashable, CachedResponse] = OrderedDict()
        self._bytes = 0

    def get(self, key: Hashable) -> CachedResponse | None:
        kept = self._kept.get(key)
        if kept is None:
            return None
        if kept.moment != self.moment() or (
            kept.until != FOREVER and kept.until <= self._monotonic()
        ):
            self._forget(key)
            return None
        self._kept.move_to_end(key)
        return kept

    def put(
        self, key: Hashable, body: bytes, media_type: bytes, operation: Operation, moment: Moment
    ) -> CachedResponse:
        """Keep `body`, which was computed at `moment`; one that is already past is only returned."""
        until = self._monotonic() + CLOCK_SECONDS if operation.touches(CLOCK_FIELDS) else FOREVER
        response = CachedResponse(body, media_type, moment, until)
        if moment == self.moment() and len(body) <= self._max_bytes:
            self._forget(key)
            self._kept[key] = response
            self._bytes += len(body)
            while self._bytes > self._max_bytes:
                self._forget(next(iter(self._kept)))
        return response

    def _forget(self, key: Hashable) -> None:
        kept = self._kept.pop(key, None)
        if kept is not None:
            self._bytes -= kept.size
