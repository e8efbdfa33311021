"""One result of a subscription as bytes, made once and shared by everyone who receives it."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import orjson

from graph.live.frames import frame_head

CLOSE = b"}}"


def encode(value: Any) -> bytes:
    return orjson.dumps(value)


class Event:
    """`{"data": ..., "extensions": {"cursor": ...}}`, in two pieces so that a gap notice fits between.

    digest: tells whether two results are equal. cursor: opaque to clients; store, revision and digest.
    """

    __slots__ = ("cursor", "digest", "frame_heads", "head", "revision", "shared", "whole")

    def __init__(self, result: dict[str, Any], store_id: str, revision: int) -> None:
        body = encode(result)
        self.revision = revision
        self.digest = blake2b(body, digest_size=9).hexdigest()
        self.cursor = f"{store_id[:8]}.{revision}.{self.digest}"
        self.head = b'%b,"extensions":{"cursor":"%b"' % (body[:-1], self.cursor.encode())
        self.whole = self.head + CLOSE
        self.shared = self.whole + b"}"  # as the end of a protocol message

        self.frame_heads: dict[int, bytes] = {}

    def frame_head(self, prefix_length: int) -> bytes:
        """The head of the frame prefix + shared; most clients' prefixes have one length."""
        head = self.frame_heads[prefix_length] = frame_head(prefix_length + len(self.shared))
        return head

    def with_gap(self, since: str | None, skipped: int) -> bytes:
        """The same result with the notice that results were left out since the cursor `since`."""
        notice = encode({"cursor": since, "skipped": skipped})
        return b'%b,"gap":%b%b' % (self.head, notice, CLOSE)

    def after(self, cursor: str) -> bytes | None:
        """What a client that has `cursor` must be sent now: nothing when it is up to date, else this, gaps announced.

        A cursor that is none of ours tells nothing: that is a gap too.
        """
        try:
            store, revision, digest = parse_cursor(cursor)
        except ValueError:
            return self.with_gap(None, 0)
        if digest == self.digest:
            return None
        missed = self.revision - revision - 1
        if store == self.cursor.split(".", 1)[0] and missed == 0:
            return self.whole
        return self.with_gap(cursor, max(missed, 1))


def parse_cursor(cursor: str) -> tuple[str, int, str]:
    """Store, revision and digest. Raises ValueError for what is no cursor of ours."""
    store, revision, digest = cursor.split(".")
    if not (revision.isdecimal() and len(revision) <= 18 and len(digest) == 18 and store):
        raise ValueError("not a cursor of this gateway")
    return store, int(revision), digest
