"""The store's file and the picture read from it: begin, catch up, decide, write, commit. Blocking, for one thread only.

Several processes may have an engine on the same file; each sees what the others committed before it decides. Threads,
watchers and health are `adapters.store.sqlite`'s.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from adapters.pace import HURRIED, Pace
from adapters.store.audit import LINE_COLUMNS, line_from_row, line_to_row
from adapters.store.codec import USAGE, Table, replay_usage, tables
from adapters.store.files import connect
from adapters.store.ledger import PEER_ACTOR, SHARED, Ledger, enqueue, is_followed
from adapters.store.picture import Edit, apply, ordered_days, seal
from adapters.store.schema import SCHEMA_VERSION, version_of
from adapters.store.trouble import newer, unreadable
from negotiation.plain import instant_text
from negotiation.records import AuditLine, Provenance, Snapshot, UsageDay
from resolvers.ports import Clock, Decide, Write

_LINE = (
    "revision, sequence, area, entity_id, action, actor, cause, at, before_hash, after_hash, hash"
)
_UNIQUE = {"invoices": "number"}
_USAGE = "day, sku, revision, quantity, billed, source"


@dataclass(frozen=True, slots=True)
class Request:
    """One commit that somebody waits for."""

    decide: Decide
    actor: str
    cause: str


Outcome = Snapshot | BaseException
Step = Callable[[Snapshot, Ledger], Sequence[Write]]
"""What a sync does in one transaction: it reads and writes the ledger, and says what changes in the picture."""


class Engine:
    """Opens the prepared file and reads the picture. sqlite3.Error where it cannot."""

    def __init__(self, path: Path, clock: Clock, *, busy_timeout: float) -> None:
        self._clock = clock
        self._connection = connect(path, busy_timeout)
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute(f"PRAGMA journal_size_limit = {16 * 1024 * 1024}")
        self._head = ""
        self._data_version = -1
        self._followed = False
        self.demo_anchor: date | None = None
        self.written = 0
        """How many transactions this engine has committed."""
        self.snapshot = Snapshot(
            store_id="", revision=-1, as_of=clock.now(), provenance=Provenance.LIVE
        )
        self.refresh()

    def close(self) -> None:
        self._connection.close()

    def commit(self, requests: Sequence[Request]) -> list[Outcome]:
        """Serve the requests in order, together in one transaction; each gets its own revision or its own error.

        Where the file refuses them together, each is tried alone, so that none pays for another. An outcome may be
        a sqlite3.Error.
        """
        try:
            return self._commit_together(requests)
        except Exception as error:  # noqa: BLE001 - it belongs to whoever asked
            self._roll_back()
            if len(requests) == 1:
                return [error]
        return [outcome for request in requests for outcome in self.commit([request])]

    def exchange(
        self, step: Step, *, actor: str = PEER_ACTOR, cause: str, pace: Pace = HURRIED
    ) -> Snapshot:
        """One transaction of the sync: the ledger and the picture change together, or neither does."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            self._catch_up()
            self._followed = is_followed(self._connection)
            before, ledger, at = self.snapshot, Ledger(self._connection), self._clock.now()
            writes = step(before, ledger)
            if not writes:
                self._connection.execute("COMMIT")
                return before
            edit = apply(before, pace(writes), at, self.demo_anchor)
            head = self._write(edit, Request(lambda _: writes, actor, cause), self._head, at)
            enqueue(self._connection, ledger.announced, edit.after.revision)
            self._connection.execute("COMMIT")
        finally:
            self._roll_back()
        self.written += 1
        self.snapshot, self._head, self.demo_anchor = edit.after, head, edit.demo_anchor
        return edit.after

    def refresh(self) -> bool:
        """Take in what other processes have committed; True when there was something. sqlite3.Error."""
        version = self._connection.execute("PRAGMA data_version").fetchone()[0]
        if version == self._data_version:
            return False
        self._connection.execute("BEGIN")
        try:
            changed = self._catch_up()
        finally:
            self._roll_back()
        self._data_version = version
        return changed

    def probe(self) -> None:
        """Write without changing anything, to see whether writing works again. sqlite3.Error when it does not."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.execute("UPDATE workspace SET store_id = store_id")
            self._connection.execute("COMMIT")
        finally:
            self._roll_back()

    def history(self, first: int, before: tuple[int, int] | None) -> list[AuditLine]:
        """Lines of the audit trail, newest first, strictly before (revision, sequence)."""
        found = self._connection.execute(
            f"SELECT {LINE_COLUMNS} FROM changes WHERE (revision, sequence) < (?, ?)"  # noqa: S608 - constants
            " ORDER BY revision DESC, sequence DESC LIMIT ?",
            (*(before or (2**62, 0)), first),
        )
        return [line_from_row(row) for row in found]

    def history_size(self) -> int:
        return int(self._connection.execute("SELECT count(*) FROM changes").fetchone()[0])

    def _commit_together(self, requests: Sequence[Request]) -> list[Outcome]:
        self._connection.execute("BEGIN IMMEDIATE")
        self._catch_up()
        self._followed = is_followed(self._connection)
        picture, head, anchor = self.snapshot, self._head, self.demo_anchor
        outcomes: list[Outcome] = []
        for request in requests:
            at = self._clock.now()
            try:
                writes = request.decide(picture)
                edit = apply(picture, writes, at, anchor) if writes else None
            except BaseException as error:  # noqa: BLE001 - it belongs to whoever asked
                outcomes.append(error)
                continue
            if edit is not None:
                head = self._write(edit, request, head, at)
                picture, anchor = edit.after, edit.demo_anchor
            outcomes.append(picture)
        if picture is self.snapshot:
            self._roll_back()
        else:
            self._connection.execute("COMMIT")
            self.written += 1
            self.snapshot, self._head, self.demo_anchor = picture, head, anchor
        return outcomes

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    # --- writing

    def _write(self, edit: Edit, request: Request, head: str, at: datetime) -> str:
        """Write one commit into the open transaction; the hash of its last line."""
        after = edit.after
        for area, rows in edit.rows.items():
            table = tables()[area]
            gone = [(id_,) for id_, row in rows.items() if row is None]
            self._connection.executemany(f"DELETE FROM {area} WHERE {table.key} = ?", gone)  # noqa: S608 - our own names
            kept = [row for row in rows.values() if row]
            if area in _UNIQUE:  # what records trade among themselves is let go of first
                column = _UNIQUE[area]
                at_column, at_key = table.columns.index(column), table.columns.index(table.key)
                self._connection.executemany(
                    f"UPDATE {area} SET {column} = char(0) || {table.key} WHERE {table.key} = ? AND {column} <> ?",  # noqa: S608 - our own names
                    [(row[at_key], row[at_column]) for row in kept],
                )
            self._connection.executemany(_upsert(area), kept)
        if edit.usage:
            self._connection.executemany(
                f"INSERT INTO usage (committed, {_USAGE}) VALUES (?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - our own names
                [(after.revision, *row) for row in edit.usage],
            )
            self._connection.executemany(
                "INSERT INTO usage_days VALUES (?, ?)"
                " ON CONFLICT (day) DO UPDATE SET committed = excluded.committed",
                [(day, after.revision) for day in dict.fromkeys(row[0] for row in edit.usage)],
            )
        lines = seal(
            edit.drafts, after.revision, head, actor=request.actor, cause=request.cause, at=at
        )
        self._connection.executemany(
            f"INSERT INTO changes ({LINE_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - our own names
            [line_to_row(line) for line in lines],
        )
        if self._followed and request.actor != PEER_ACTOR:
            enqueue(self._connection, _shared(edit), after.revision)
        anchor = edit.demo_anchor
        self._connection.execute(
            "UPDATE workspace SET revision = ?, head = ?, as_of = ?, provenance = ?,"
            " current_negotiation_id = ?, demo_anchor = ?",
            (
                after.revision,
                lines[-1].hash,
                instant_text(after.as_of),
                after.provenance,
                after.current_negotiation_id,
                None if anchor is None else anchor.isoformat(),
            ),
        )
        return lines[-1].hash

    # --- reading

    def _catch_up(self) -> bool:
        """Within a transaction: bring the picture to the file's revision, reading only what changed since ours.

        sqlite3.Error, too, where a newer version of the program was at the file: it is read no further, and not written.
        """
        if (version := version_of(self._connection)) > SCHEMA_VERSION:
            raise newer(version)
        store_id, revision, head, as_of, provenance, current, anchor = self._connection.execute(
            "SELECT store_id, revision, head, as_of, provenance, current_negotiation_id, demo_anchor"
            " FROM workspace"
        ).fetchone()
        ours = self.snapshot
        if revision == ours.revision and store_id == ours.store_id:
            return False
        if revision > ours.revision >= 0 and store_id == ours.store_id:
            changes = self._changed_since(ours)
        else:
            changes = self._everything()
        try:
            demo_anchor = None if anchor is None else date.fromisoformat(anchor)
            self.snapshot = dataclasses.replace(
                ours,
                store_id=store_id,
                revision=revision,
                as_of=datetime.fromisoformat(as_of),
                provenance=Provenance(provenance),
                current_negotiation_id=current,
                **changes,
            )
        except ValueError as error:
            raise unreadable("workspace", error) from error
        self._head, self.demo_anchor = head, demo_anchor
        return True

    def _everything(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            area: MappingProxyType(dict(self._records(table, "")))
            for area, table in tables().items()
        }
        found[USAGE] = ordered_days(dict(self._usage("")))
        return found

    def _changed_since(self, ours: Snapshot) -> dict[str, Any]:
        found: dict[str, Any] = {}
        touched: dict[str, list[str]] = {}
        for area, id_ in self._connection.execute(
            "SELECT DISTINCT area, entity_id FROM changes WHERE revision > ?", (ours.revision,)
        ):
            touched.setdefault(area, []).append(id_)
        for area in touched.keys() & tables().keys():
            table = tables()[area]
            where = f"WHERE {table.key} IN (SELECT entity_id FROM changes WHERE revision > ? AND area = ?)"  # noqa: S608 - constants
            newest = dict(self._records(table, where, ours.revision, area))
            records = {**getattr(ours, area), **newest}
            for id_ in touched[area]:
                if id_ not in newest:
                    records.pop(id_, None)
            found[area] = MappingProxyType(records)
        if USAGE in touched:
            where = "WHERE day IN (SELECT day FROM usage_days WHERE committed > ?)"
            days = dict(ours.usage)
            for (day,) in self._connection.execute(
                "SELECT day FROM usage_days WHERE committed > ?", (ours.revision,)
            ):
                days.pop(date.fromisoformat(day), None)
            days.update(self._usage(where, ours.revision))
            found[USAGE] = ordered_days(days)
        return found

    def _records(self, table: Table, where: str, *values: Any) -> Iterable[tuple[str, Any]]:
        columns = ", ".join(f'"{column}"' for column in table.columns)
        key = table.columns.index(table.key)
        for row in self._connection.execute(
            f"SELECT {columns} FROM {table.area} {where} ORDER BY rowid",  # noqa: S608 - constants
            values,
        ):
            try:
                record = table.from_row(row)
            except Exception as error:
                raise unreadable(f"{table.area} {row[key]}", error) from error
            yield row[key], record

    def _usage(self, where: str, *values: Any) -> Iterable[tuple[date, UsageDay]]:
        rows = self._connection.execute(
            f"SELECT {_USAGE} FROM usage {where} ORDER BY day, sku, committed, revision",  # noqa: S608 - our own names
            values,
        )
        for day, newest in replay_usage(rows):
            yield day, UsageDay(day, newest)


def _shared(edit: Edit) -> Iterable[tuple[str, str]]:
    """The rows of a commit that others want to know of. Deleted usage is forgotten here only: elsewhere it only grows."""
    for area, rows in edit.rows.items():
        if area in SHARED:
            yield from ((area, id_) for id_ in rows)
    for day, sku, _, quantity, *_rest in edit.usage:
        if quantity is not None:
            yield USAGE, f"{day}/{sku}"


@cache
def _upsert(area: str) -> str:
    table = tables()[area]
    names = [f'"{column}"' for column in table.columns]
    updates = ", ".join(f"{name} = excluded.{name}" for name in names)
    return (
        f"INSERT INTO {area} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"  # noqa: S608 - our own names
        f" ON CONFLICT ({table.key}) DO UPDATE SET {updates}"
    )
