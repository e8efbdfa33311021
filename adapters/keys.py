"""Machine keys in a small SQLite file of their own, beside the store: only hashes, readable by their owner only.

The gateway reads what `refresh` last found; the command line writes. Several processes may have it open. What a key may do
is `graph.auth`'s business.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from negotiation.plain import instant_text
from resolvers.errors import Unavailable
from resolvers.ports import MachineKey

_BUSY_SECONDS = 5.0
_TABLE = """CREATE TABLE IF NOT EXISTS keys (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    secret_sha256 TEXT NOT NULL,
    roles TEXT NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT,
    revoked_at TEXT
) STRICT"""
_COLUMNS = "id, name, secret_sha256, roles, created_at, expires_at, revoked_at"

Stamp = tuple[int, bytes] | None
_COUNTER = slice(
    24, 28
)  # SQLite counts the commits of a rollback journal in the header of the file


class KeyFile:
    """Satisfies `resolvers.ports.Keys`. Nothing is made before the first key is added."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, MachineKey] = {}
        self._stamp: Stamp = None

    def find(self, key_id: str) -> MachineKey | None:
        return self._known.get(key_id)

    def all(self) -> Sequence[MachineKey]:
        return sorted(self._known.values(), key=lambda key: (key.created_at, key.id))

    def refresh(self) -> bool:
        """Read the file again where it has changed; did it? Unavailable when it cannot be read: the old keys stay."""
        stamp = self._stamped()
        if stamp == self._stamp:
            return False
        known: dict[str, MachineKey] = {}
        if stamp is not None:
            with self._opened() as connection:
                rows = connection.execute(f"SELECT {_COLUMNS} FROM keys").fetchall()  # noqa: S608 - our own columns
            known = {row[0]: _key(row) for row in rows}
        self._known, self._stamp = known, stamp
        return True

    def add(self, key: MachineKey) -> None:
        """Unavailable when the file cannot be written."""
        self._create()
        with self._opened() as connection:
            connection.execute(
                f"INSERT INTO keys ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - our own columns
                (
                    key.id,
                    key.name,
                    key.secret_sha256,
                    " ".join(sorted(key.roles)),
                    instant_text(key.created_at),
                    instant_text(key.expires_at) if key.expires_at else None,
                    instant_text(key.revoked_at) if key.revoked_at else None,
                ),
            )
        self.refresh()

    def revoke(self, key_id: str, at: datetime) -> MachineKey | None:
        """The key, revoked (since when it first was); None where there is no such key."""
        self.refresh()
        known = self._known.get(key_id)
        if known is None or known.revoked_at is not None:
            return known
        with self._opened() as connection:
            connection.execute(
                "UPDATE keys SET revoked_at = ? WHERE id = ?", (instant_text(at), key_id)
            )
        self.refresh()
        return self._known.get(key_id, replace(known, revoked_at=at))

    def _stamped(self) -> Stamp:
        """Changes with every commit, and with the file."""
        try:
            with self._path.open("rb") as file:
                return os.fstat(file.fileno()).st_ino, file.read(_COUNTER.stop)[_COUNTER]
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unavailable(error) from error

    def _create(self) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as error:
            raise self._unavailable(error) from error

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        try:
            with (
                closing(sqlite3.connect(self._path, timeout=_BUSY_SECONDS)) as connection,
                connection,
            ):
                connection.execute(_TABLE)
                yield connection
        except sqlite3.Error as error:
            raise self._unavailable(error) from error

    def _unavailable(self, error: Exception) -> Unavailable:
        return Unavailable(
            f"The machine keys in {self._path} cannot be used: {error}. "
            "The file belongs to the user the gateway runs as."
        )


def _key(row: Sequence[str | None]) -> MachineKey:
    own_id, name, secret, roles, created, expires, revoked = row
    assert own_id is not None
    assert created is not None
    return MachineKey(
        id=own_id,
        name=name or "",
        secret_sha256=secret or "",
        roles=frozenset((roles or "").split()),
        created_at=datetime.fromisoformat(created),
        expires_at=datetime.fromisoformat(expires) if expires else None,
        revoked_at=datetime.fromisoformat(revoked) if revoked else None,
    )
