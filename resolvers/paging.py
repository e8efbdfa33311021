"""Pages of a list by cursor. A cursor is the sort key of its row: inserts and deletions elsewhere do not move it."""

from __future__ import annotations

import base64
import binascii
import json
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, TypeVar

from resolvers.errors import BadUserInput, FieldError, LimitExceeded

T = TypeVar("T")

MAX_PAGE = 200

Key = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """`rows` with their cursors, in order. `total`: rows in the whole list."""

    rows: tuple[T, ...]
    cursors: tuple[str, ...]
    has_next: bool
    has_previous: bool
    total: int


def checked_first(first: int | None, default: int, *, path: str = "first") -> int:
    """The page size: 1 to 200, `default` for null. Raises BadUserInput or LimitExceeded."""
    size = default if first is None else first
    if size < 1:
        message = f"{size} rows cannot be a page."
        hint = f"Ask for 1 to {MAX_PAGE}."
        raise BadUserInput(f"{message} {hint}", [FieldError(path, message, hint)])
    if size > MAX_PAGE:
        raise LimitExceeded(
            f"A page has at most {MAX_PAGE} rows, {size} were asked for. Ask for the next ones with `after`.",
            limit=path,
            value=MAX_PAGE,
            found=size,
        )
    return size


def page(rows: Sequence[T], key: Callable[[T], Key], *, first: int, after: str | None) -> Page[T]:
    """The `first` rows behind the cursor `after`. `rows` are in ascending order of `key`, which is unique."""
    start = 0
    if after is not None:
        start = bisect_right(rows, read_cursor(after, like=key(rows[0]) if rows else None), key=key)
    taken = tuple(rows[start : start + first])
    return Page(
        rows=taken,
        cursors=tuple(cursor(key(row)) for row in taken),
        has_next=start + len(taken) < len(rows),
        has_previous=start > 0,
        total=len(rows),
    )


def cursor(key: Key) -> str:
    """Opaque text for a sort key."""
    return (
        base64.urlsafe_b64encode(json.dumps(key, separators=(",", ":")).encode())
        .decode()
        .rstrip("=")
    )


def read_cursor(text: str, *, like: Key | None = None) -> Key:
    """The sort key in a cursor; of the shape of `like` where that is given. Raises BadUserInput."""
    try:
        found = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        found = None
    if (
        not isinstance(found, list)
        or not all(type(part) in (str, int) for part in found)
        or (like is not None and [type(part) for part in found] != [type(part) for part in like])
    ):
        message = "This cursor is not one of this list."
        hint = "Pass back an `endCursor` as it was given, or leave `after` out."
        raise BadUserInput(f"{message} {hint}", [FieldError("after", message, hint)])
    return tuple(found)


def latest_first(instant: datetime | date) -> int:
    """A key part that sorts the newest first."""
    if isinstance(instant, datetime):
        return -round(instant.timestamp() * 1_000_000)
    return -instant.toordinal()
