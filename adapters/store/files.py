"""The store's file as a file: made, opened, checked, copied, never overwritten. What is in it is the engine's business."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import sleep
from uuid import uuid4

from adapters.store.audit import AuditReport, verify
from adapters.store.picture import GENESIS
from adapters.store.schema import migrate, refusal, version_of
from adapters.store.trouble import DAMAGED, primary_code, unavailable
from negotiation.plain import instant_text
from resolvers.errors import Unavailable
from resolvers.ports import Clock

_BUSY_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreReport:
    """What is known of a store's file without starting on it. `problems`: what keeps it from being used, in words."""

    exists: bool
    version: int | None
    revision: int | None
    writable: bool
    free_bytes: int
    problems: tuple[str, ...]


def connect(path: Path, busy_timeout: float = _BUSY_SECONDS) -> sqlite3.Connection:
    """A connection to an existing file, without implicit transactions, for one thread at a time.

    sqlite3.Error when there is no file.
    """
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=busy_timeout,
        isolation_level=None,
        check_same_thread=False,
    )


def prepare(path: Path, clock: Clock) -> None:
    """Make the file where there is none, refuse one that must be left alone, migrate an older one.

    Unavailable with the reason and what to do. A refused file is not touched. Safe to race.
    """
    if sqlite3.sqlite_version_info < (3, 37):
        raise Unavailable(
            f"SQLite {sqlite3.sqlite_version} is too old: 3.37 or newer is needed. Use a newer Python."
        )
    try:
        _create(path)
        with _opened(path) as connection:
            _refuse_foreign(connection, path)
            _use_wal(connection)
            now = instant_text(clock.now())
            reason = migrate(connection, store_id=uuid4().hex, created_at=now, head=GENESIS)
        if reason:
            raise Unavailable(f"The store {path} was not opened: {reason}.")
    except OSError as error:
        raise Unavailable(
            f"The store {path} cannot be used: {error.strerror or error}. "
            "Give this user the right to read and write the data directory, or choose another."
        ) from error


def integrity(path: Path) -> tuple[str, ...]:
    """What SQLite's full check finds wrong with the file; empty when it is sound. Unavailable when it cannot be read."""
    with _opened(path) as connection:
        return _problems(connection, "integrity_check")


def verify_audit(path: Path) -> AuditReport:
    """Walk the audit trail of the file, also while others write. Unavailable when it cannot be read."""
    with _opened(path) as connection:
        _refuse_foreign(connection, path)
        _refuse_empty(connection, path)
        return verify(connection)


def backup(path: Path, target: Path) -> int:
    """Copy the store, as it is at one instant and also under writes, into the new file `target`; its revision.

    The copy is checked before it gets its name. Unavailable where `target` exists, or anything fails.
    """
    return _copy(path, target, lambda _: None)


def restore(source: Path, path: Path) -> int:
    """Make a store at `path`, where there must be none, from a backup, also one of an older version; its revision.

    The trail of the copy is verified before it gets its name. The store gets a new identity, because its future is another
    than that of the store it was copied from: a cursor of the old one must not be taken for one of the new.
    """

    def as_another(connection: sqlite3.Connection) -> None:
        migrate(connection, store_id="", created_at="", head=GENESIS)
        report = verify(connection)
        if not report.ok:
            raise Unavailable(f"The backup {source} was not restored: {report.fault}")
        connection.execute("UPDATE workspace SET store_id = ?", (uuid4().hex,))

    return _copy(source, path, as_another)


def is_begun(path: Path) -> bool:
    """Whether there is a store: none where there is no file, or one whose maker is still at it, or was killed.

    Unavailable where it is no file of ours.
    """
    if not path.exists():
        return False
    with _opened(path) as connection:
        _refuse_foreign(connection, path)
        return version_of(connection) > 0


def inspect(path: Path) -> StoreReport:
    """What a start would find, without making or changing anything."""
    folder = path if path.is_dir() else path.parent
    while not folder.exists():
        folder = folder.parent
    writable = folder.is_dir() and _may_write(folder) and (not path.exists() or _may_write(path))
    exists, version, revision = path.exists(), None, None
    problems: tuple[str, ...] = ()
    if not folder.is_dir():
        problems += (f"{folder} is a file, no folder.",)
    elif not writable:
        problems += (f"{path if exists else folder} cannot be written by this user.",)
    if exists:
        try:
            with _opened(path) as connection:
                version = version_of(connection)
                _refuse_foreign(connection, path)
                problems += _problems(connection, "integrity_check")
                if version:
                    revision = _revision(connection)
        except Unavailable as error:
            problems += (error.message,)
    return StoreReport(
        exists=exists,
        version=version,
        revision=revision,
        writable=writable,
        free_bytes=shutil.disk_usage(folder).free,
        problems=problems,
    )


def _may_write(path: Path) -> bool:
    return os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids)


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    try:
        connection = connect(path)
        try:
            yield connection
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise unavailable(error, so=f"It is {path}.") from error


def _create(path: Path) -> None:
    """An empty file for its owner only: there are phone numbers in it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _refuse_leftovers(path)
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        os.close(os.open(path, os.O_RDWR))


def _refuse_leftovers(path: Path) -> None:
    """A log without its file would be taken for the log of the file that comes in its place.

    Looked at in this order, because another process may be making the store: its file comes first, and stays.
    """
    logs = [path.with_name(f"{path.name}{suffix}") for suffix in ("-wal", "-journal")]
    left = [log for log in logs if log.exists() and log.stat().st_size]
    if left and not path.exists():
        raise Unavailable(
            f"{left[0]} is left of a store whose file is gone; it holds that store's newest changes. Put the file back, "
            "or move this one to where it is."
        )


def _refuse_foreign(connection: sqlite3.Connection, path: Path) -> None:
    if reason := refusal(connection):
        raise Unavailable(f"The store {path} was not opened: {reason}.")
    if problems := _problems(connection, "quick_check(1)"):
        raise Unavailable(
            f"The store {path} was not opened: it is damaged ({problems[0]}). "
            "Keep the file, and restore the newest backup beside it."
        )


def _refuse_empty(connection: sqlite3.Connection, path: Path) -> None:
    if not version_of(connection):
        raise Unavailable(f"The store {path} is empty: nothing was written to it yet.")


def _problems(connection: sqlite3.Connection, check: str) -> tuple[str, ...]:
    try:
        found = [str(row[0]) for row in connection.execute(f"PRAGMA {check}")]
    except sqlite3.DatabaseError as error:
        if primary_code(error) not in DAMAGED:
            raise
        return (str(error),)
    return tuple(line for line in found if line != "ok")


def _use_wal(connection: sqlite3.Connection) -> None:
    """Several processes may start at once, and SQLite does not wait for its turn here."""
    for _ in range(int(_BUSY_SECONDS / 0.05)):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if primary_code(error) != sqlite3.SQLITE_BUSY:
                raise
            sleep(0.05)
        else:
            return
    connection.execute("PRAGMA journal_mode = WAL")


def _copy(source: Path, target: Path, finish: Callable[[sqlite3.Connection], None]) -> int:
    """The target gets its name when it is whole. Until then nobody finds a file there that could be taken for a new store."""
    partial = target.with_name(f".{target.name}.{uuid4().hex}.partial")
    try:
        if os.path.lexists(target):
            raise _taken(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        _refuse_leftovers(target)
        os.close(os.open(partial, os.O_CREAT | os.O_EXCL, 0o600))
        try:
            revision = _fill(source, partial, finish)
            _name(partial, target)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise Unavailable(f"{target} cannot be written: {error.strerror or error}.") from error
    return revision


def _name(partial: Path, target: Path) -> None:
    """Never over another file, whenever that one came."""
    try:
        try:
            target.hardlink_to(partial)
        except FileExistsError:
            raise
        except OSError:  # a disk that knows no links
            os.close(os.open(target, os.O_CREAT | os.O_EXCL, 0o600))
            partial.replace(target)
    except FileExistsError:
        raise _taken(target) from None


def _taken(target: Path) -> Unavailable:
    return Unavailable(f"{target} exists and was left as it is. Choose another name.")


def _fill(source: Path, copy: Path, finish: Callable[[sqlite3.Connection], None]) -> int:
    with _opened(source) as reading, _opened(copy) as writing:
        _refuse_foreign(reading, source)
        _refuse_empty(reading, source)
        reading.backup(writing)
        writing.execute("PRAGMA journal_mode = DELETE")
        finish(writing)
        if problems := _problems(writing, "integrity_check"):
            raise Unavailable(f"The copy of {source} was damaged ({problems[0]}). Try again.")
        return _revision(writing)


def _revision(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT revision FROM workspace").fetchone()[0])
