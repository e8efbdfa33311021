"""What SQLite's errors mean to the one who asked: what is so, and what to do. Nobody else reads its codes."""

from __future__ import annotations

import sqlite3
from typing import Final

from resolvers.errors import Unavailable

_MEANINGS: Final = {
    sqlite3.SQLITE_FULL: (
        "The disk that holds the store is full.",
        "Free some space; writing resumes by itself.",
    ),
    sqlite3.SQLITE_BUSY: (
        "Another process has locked the store for too long.",
        "Try again; if it stays so, end the process that holds it.",
    ),
    sqlite3.SQLITE_LOCKED: (
        "The store is locked.",
        "Try again.",
    ),
    sqlite3.SQLITE_READONLY: (
        "The store cannot be written: its file or disk is read-only.",
        "Give this user the right to write the data directory, or mount its disk writable.",
    ),
    sqlite3.SQLITE_PERM: (
        "The store's file may not be used by this user.",
        "Give this user the right to read and write the data directory.",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "The store's file cannot be opened.",
        "See that the data directory exists and this user may read and write it.",
    ),
    sqlite3.SQLITE_IOERR: (
        "The disk that holds the store gave an error.",
        "See that it has space left and is healthy; writing resumes by itself.",
    ),
    sqlite3.SQLITE_CORRUPT: (
        "The store's file is damaged.",
        "Stop the gateway, keep the file, and restore the newest backup beside it.",
    ),
    sqlite3.SQLITE_NOTADB: (
        "The store's file is no database of this program, or is damaged.",
        "It was left as it is. Choose another data directory, or restore a backup.",
    ),
    sqlite3.SQLITE_SCHEMA: (
        "A newer version of this program has changed the store's file.",
        "Start this gateway again with that version.",
    ),
    sqlite3.SQLITE_MISMATCH: (
        "The store's file holds something that this version of the program cannot read.",
        "Start the version that wrote it, or restore a backup.",
    ),
}

DAMAGED: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


def primary_code(error: sqlite3.Error) -> int:
    """The result code without its extension; SQLITE_ERROR for what Python itself found wrong."""
    code: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    return code & 0xFF


def newer(version: int) -> sqlite3.Error:
    """As SQLite would say it: the file is of a version that this program does not know."""
    return _coded(f"file version {version}", sqlite3.SQLITE_SCHEMA, "SQLITE_SCHEMA")


def unreadable(what: str, error: Exception) -> sqlite3.Error:
    """As SQLite would say it: something in the file is no value that this program knows."""
    return _coded(f"{what}: {error}", sqlite3.SQLITE_MISMATCH, "SQLITE_MISMATCH")


def _coded(message: str, code: int, name: str) -> sqlite3.Error:
    error = sqlite3.DatabaseError(message)
    error.sqlite_errorcode, error.sqlite_errorname = code, name
    return error


def code_name(error: sqlite3.Error) -> str:
    """SQLITE_FULL, SQLITE_IOERR_WRITE, ..."""
    name: str = getattr(error, "sqlite_errorname", type(error).__name__)
    return name


def unavailable(error: sqlite3.Error, *, so: str = "") -> Unavailable:
    """The error for whoever wanted to use the store. `so`: what became of what was asked, in a sentence."""
    what, advice = _MEANINGS.get(
        primary_code(error),
        (f"The store does not answer as it should ({error}).", "See the log of the gateway."),
    )
    message = " ".join(part for part in (what, so, advice) if part)
    return Unavailable(message, storeCode=code_name(error))
