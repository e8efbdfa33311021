"""The audit trail as it is kept, and the proof that nobody changed it, or the data, behind the program's back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from adapters.store.codec import USAGE, digest, tables
from adapters.store.picture import GENESIS, WORKSPACE, line_hash, usage_hash
from negotiation.plain import instant_text
from negotiation.records import AuditLine

LINE_COLUMNS: Final = (
    "revision, sequence, area, entity_id, action, actor, cause, at, before_hash, after_hash, hash"
)


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What a walk over the trail found. `fault`: the first thing wrong, in words; None when all is as written."""

    lines: int
    revision: int
    fault: str | None = None

    @property
    def ok(self) -> bool:
        return self.fault is None


class _FaultError(Exception):
    pass


def line_to_row(line: AuditLine) -> tuple[Any, ...]:
    return (
        line.revision,
        line.sequence,
        line.area,
        line.entity_id,
        line.action,
        line.actor,
        line.cause,
        instant_text(line.at),
        line.before_hash,
        line.after_hash,
        line.hash,
    )


def line_from_row(row: tuple[Any, ...]) -> AuditLine:
    revision, sequence, area, entity_id, action, actor, cause, at, before, after, own = row
    return AuditLine(
        revision=revision,
        sequence=sequence,
        area=area,
        entity_id=entity_id,
        action=action,
        actor=actor,
        cause=cause,
        at=datetime.fromisoformat(at),
        before_hash=before,
        after_hash=after,
        hash=own,
    )


def verify(connection: sqlite3.Connection) -> AuditReport:
    """Walk the chain from its first line, then hold every row of data against the newest line about it.

    One consistent view, whatever is written meanwhile. sqlite3.Error when the file cannot be read.
    """
    connection.execute("BEGIN")
    try:
        walk = _Walk(connection)
        try:
            walk.chain()
            walk.records()
            walk.usage()
        except _FaultError as fault:
            return AuditReport(walk.lines, walk.revision, str(fault))
        return AuditReport(walk.lines, walk.revision)
    finally:
        connection.execute("ROLLBACK")


class _Walk:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.lines = 0
        self.revision = 0
        self._newest: dict[str, dict[str, str | None]] = {}
        self._imports: dict[int, str | None] = {}

    def chain(self) -> None:
        previous, place = GENESIS, (0, 0)
        for row in self._connection.execute(
            f"SELECT {LINE_COLUMNS} FROM changes ORDER BY revision, sequence"  # noqa: S608 - a constant
        ):
            line = line_from_row(row)
            here = (line.revision, line.sequence)
            if here not in ((place[0], place[1] + 1), (place[0] + 1, 0)):
                raise _FaultError(f"Lines are missing between {_name(place)} and {_name(here)}.")
            if line.hash != line_hash(previous, line):
                raise _FaultError(
                    f"Line {_name(here)} ({line.area} {line.entity_id}, {line.action} by {line.actor}) "
                    "does not follow from the line before it: one of the two was changed."
                )
            previous, place = line.hash, here
            self.lines, self.revision = self.lines + 1, line.revision
            if line.area == USAGE:
                self._imports[line.revision] = line.after_hash
            else:
                self._newest.setdefault(line.area, {})[line.entity_id] = line.after_hash
        head, revision, *described = self._connection.execute(
            "SELECT head, revision, current_negotiation_id, provenance, demo_anchor FROM workspace"
        ).fetchone()
        if (head, revision) != (previous, place[0]):
            raise _FaultError(
                f"The trail ends at line {_name(place)}, but the store was at revision {revision}: "
                "lines after it were removed or changed."
            )
        told = self._newest.get(WORKSPACE, {}).get(WORKSPACE)
        if told is not None and told != digest([WORKSPACE, *described]):
            raise _FaultError("What the store says of itself is not what the trail says.")

    def records(self) -> None:
        for area, table in tables().items():
            expected = {id_: own for id_, own in self._newest.get(area, {}).items() if own}
            columns = ", ".join(f'"{column}"' for column in table.columns)
            key = table.columns.index(table.key)
            for row in self._connection.execute(f"SELECT {columns} FROM {area}"):  # noqa: S608 - our own names
                told = expected.pop(row[key], None)
                if told != table.hash(row):
                    what = "is not as the newest line about it says" if told else "has no line"
                    raise _FaultError(
                        f"{area} {row[key]} {what}: it was changed outside the program."
                    )
            if expected:
                raise _FaultError(
                    f"{area} {next(iter(expected))} is gone, and no line says that it was deleted."
                )

    def usage(self) -> None:
        rows: Iterator[tuple[Any, ...]] = self._connection.execute(
            "SELECT committed, day, sku, revision, quantity, billed, source FROM usage"
            " ORDER BY committed, day, sku, revision"
        )
        for committed, batch in groupby(rows, lambda row: row[0]):
            if self._imports.pop(committed, None) != usage_hash([row[1:] for row in batch]):
                raise _FaultError(
                    f"The usage written by revision {committed} is not as its line says: "
                    "it was changed outside the program."
                )
        if self._imports:
            raise _FaultError(f"The usage written by revision {min(self._imports)} is gone.")


def _name(place: tuple[int, int]) -> str:
    return f"{place[0]}/{place[1]}"
