"""A text file of revoked tokens, one a line, which an operator or another program writes.

    jti 3f0c…                            the token with this id
    session 9b1d…                        every token of this session
    sub user-1                           every token of this subject
    sub user-1 2026-11-24T10:00:00Z      those issued before; newer ones are believed again

`#` begins a comment. A line that cannot be read is logged and left out; a file that cannot be read leaves the last list.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from math import inf
from pathlib import Path

import structlog

KINDS = frozenset({"jti", "session", "sub"})


class RevocationFile:
    """Satisfies `resolvers.ports.Revocations`. path: None revokes nothing."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._before: dict[tuple[str, str], float] = {}
        self._stamp: tuple[int, int, int] | None = None

    def refuses(self, kind: str, value: str, issued_at: float | None) -> bool:
        before = self._before.get((kind, value))
        return before is not None and (issued_at is None or issued_at < before)

    def refresh(self) -> bool:
        if self._path is None:
            return False
        try:
            found = self._path.stat()
            stamp = (found.st_mtime_ns, found.st_size, found.st_ino)
            if stamp == self._stamp:
                return False
            text = self._path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            if self._stamp != (0, 0, 0):  # said once
                structlog.get_logger().warning(
                    "revocations_unreadable", path=os.fspath(self._path), reason=str(error)
                )
            self._stamp = (0, 0, 0)
            return False
        self._before, self._stamp = _read(text), stamp
        return True


def _read(text: str) -> dict[tuple[str, str], float]:
    """What is revoked, and before which instant (POSIX seconds) its tokens were issued."""
    found: dict[tuple[str, str], float] = {}
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        before = _before(words)
        if before is None:
            structlog.get_logger().warning("revocation_not_understood", line=number)
        else:
            known = (words[0], words[1])
            found[known] = max(before, found.get(known, before))
    return found


def _before(words: list[str]) -> float | None:
    match words:
        case [kind, _] if kind in KINDS:
            return inf
        case [kind, _, instant] if kind in KINDS:
            try:
                return _instant(instant)
            except ValueError:
                return None
    return None


def _instant(text: str) -> float:
    found = datetime.fromisoformat(text)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
