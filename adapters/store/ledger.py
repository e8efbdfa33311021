"""What the file remembers of the database it syncs with: what waits to be sent, and which version of each row was seen.

The queue is filled by every commit, in its own transaction, from the moment something syncs; a row waits once, however
often it changed. What is sent and taken is `adapters.supabase`'s business. For the store's thread only.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

from adapters.store.codec import USAGE

UNSURE: Final = -1
"""The version of a row that the peer has known, and may know otherwise by now."""

PEER_ACTOR: Final = "supabase"
"""Who commits what was taken from the peer: it need not be sent there."""

SHARED: Final = (
    "negotiations",
    "positions",
    "skus",
    USAGE,
    "streams",
    "offers",
    "milestones",
    "invoices",
    "notifications",
    "conflicts",
    "pauses",
    "opt_outs",
    "rules",
    "usage_mappings",
    "price_links",
)
"""The areas that gateways share, those that others refer to first."""

TABLES: Final = (
    """CREATE TABLE sync_self (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        store_id TEXT NOT NULL,
        gateway TEXT NOT NULL,
        areas TEXT NOT NULL,
        peer TEXT,
        xid TEXT,
        position INTEGER NOT NULL
    ) STRICT""",
    """CREATE TABLE sync_queue (
        area TEXT NOT NULL,
        id TEXT NOT NULL,
        revision INTEGER NOT NULL,
        problem TEXT,
        PRIMARY KEY (area, id)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX sync_queue_order ON sync_queue (revision)",
    """CREATE TABLE sync_versions (
        area TEXT NOT NULL,
        id TEXT NOT NULL,
        row_version INTEGER NOT NULL,
        PRIMARY KEY (area, id)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE sync_refused (
        area TEXT NOT NULL,
        id TEXT NOT NULL,
        reason TEXT NOT NULL,
        PRIMARY KEY (area, id)
    ) STRICT, WITHOUT ROWID""",
)

_SEEDED: Final = "actor = 'system' AND cause IN ('demo workspace', 'first start')"
_ENQUEUE: Final = (
    "INSERT INTO sync_queue (area, id, revision) VALUES (?, ?, ?)"
    " ON CONFLICT (area, id) DO UPDATE SET revision = excluded.revision, problem = NULL"
)


@dataclass(frozen=True, slots=True)
class Queued:
    """A row that waits to be sent as it is now. `revision`: of the last commit that changed it here. `problem`: why the
    peer refused it as it was then."""

    area: str
    id: str
    revision: int
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """How far the peer's feed is read."""

    xid: str
    position: int


def enqueue(connection: sqlite3.Connection, rows: Iterable[tuple[str, str]], revision: int) -> None:
    """These rows (area, id) changed here."""
    connection.executemany(_ENQUEUE, [(area, id_, revision) for area, id_ in rows])


def is_followed(connection: sqlite3.Connection) -> bool:
    """Whether anything syncs this file."""
    return connection.execute("SELECT 1 FROM sync_self").fetchone() is not None


class Ledger:
    """The sync tables within one open transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._sql = connection
        self.announced: set[tuple[str, str]] = set()
        """Rows (area, id) that this transaction writes and that are to be sent all the same."""
        self._filled: dict[str, bool] = {}
        """What `_has_rows` found, by table; kept true by what adds rows."""

    # --- who syncs with whom

    def begin(self) -> str:
        """Remember from now on what changes; what was there before, and is no demonstration, waits too. The name of this
        gateway: another one after a restore, whose future is another."""
        [store_id] = self._sql.execute("SELECT store_id FROM workspace").fetchone()
        known = self._sql.execute("SELECT store_id, gateway, areas FROM sync_self").fetchone()
        areas = ",".join(SHARED)
        if known is None:
            self._sql.execute(
                "INSERT INTO sync_self VALUES (1, ?, ?, ?, NULL, NULL, 0)",
                (store_id, store_id, areas),
            )
            self._fill(SHARED, taken=False)
            return str(store_id)
        was, gateway, shared = known
        if new := set(SHARED) - set(shared.split(",")):
            self._fill(new, taken=False)
        if was != store_id:
            gateway = store_id
        self._sql.execute(
            "UPDATE sync_self SET store_id = ?, gateway = ?, areas = ?", (store_id, gateway, areas)
        )
        return str(gateway)

    def rename(self) -> str:
        """A new name for this gateway: the file was set back in time, and the old name has a future already."""
        gateway = uuid4().hex
        self._sql.execute("UPDATE sync_self SET gateway = ?", (gateway,))
        return gateway

    def meet(self, peer: str) -> bool:
        """Another database than the last: nothing is known of it, and everything of ours waits to be sent. Whether it is."""
        [known] = self._sql.execute("SELECT peer FROM sync_self").fetchone()
        if known == peer:
            return False
        self._sql.execute("UPDATE sync_self SET peer = ?, xid = NULL, position = 0", (peer,))
        if known is not None:
            self._sql.execute("DELETE FROM sync_versions")
            self._sql.execute("DELETE FROM sync_refused")
            self._fill(SHARED, taken=True)
        return True

    def compare_anew(self) -> None:
        """The database was set back in time: it may have lost what was seen of it, and what was sent. What left has left all
        the same.
        """
        self.move(None)
        self._sql.execute("UPDATE sync_versions SET row_version = ?", (UNSURE,))
        self._sql.execute("DELETE FROM sync_refused")
        self._fill(SHARED, taken=True)

    def place(self) -> Place | None:
        """None: nothing was loaded yet."""
        xid, position = self._sql.execute("SELECT xid, position FROM sync_self").fetchone()
        return None if xid is None else Place(xid, position)

    def move(self, place: Place | None) -> None:
        """Everything before `place` is taken; None: load everything again."""
        xid, position = (None, 0) if place is None else (place.xid, place.position)
        self._sql.execute("UPDATE sync_self SET xid = ?, position = ?", (xid, position))

    # --- the queue

    def queued(self, area: str, id_: str) -> Queued | None:
        if not self._has_rows("sync_queue"):
            return None
        row = self._sql.execute(
            "SELECT area, id, revision, problem FROM sync_queue WHERE area = ? AND id = ?",
            (area, id_),
        ).fetchone()
        return None if row is None else Queued(*row)

    def next(self, most: int) -> list[Queued]:
        """What is to be sent next: what others refer to, then oldest first; nothing that was refused as it is."""
        rows = self._sql.execute(
            "SELECT area, id, revision, problem FROM sync_queue WHERE problem IS NULL"
            " ORDER BY area <> 'negotiations', revision, area, id LIMIT ?",
            (most,),
        )
        return [Queued(*row) for row in rows]

    def sent(self, area: str, id_: str, revision: int) -> None:
        """The row as it was at `revision` waits no more; as it became since, it does."""
        self._sql.execute(
            "DELETE FROM sync_queue WHERE area = ? AND id = ? AND revision <= ?",
            (area, id_, revision),
        )

    def drop(self, area: str, id_: str) -> None:
        """The row waits no more, whatever it became."""
        if self._has_rows("sync_queue"):
            self._sql.execute("DELETE FROM sync_queue WHERE area = ? AND id = ?", (area, id_))

    def complain(self, area: str, id_: str, revision: int, problem: str) -> None:
        """The peer refused the row as it was at `revision`: it waits for a change."""
        self._sql.execute(
            "UPDATE sync_queue SET problem = ? WHERE area = ? AND id = ? AND revision <= ?",
            (problem, area, id_, revision),
        )

    def try_again(self) -> None:
        """What was refused is sent once more: what it refers to may be there by now."""
        self._sql.execute("UPDATE sync_queue SET problem = NULL WHERE problem IS NOT NULL")

    def problems(self) -> list[Queued]:
        rows = self._sql.execute(
            "SELECT area, id, revision, problem FROM sync_queue WHERE problem IS NOT NULL"
        )
        return [Queued(*row) for row in rows]

    def waiting(self) -> int:
        """How many rows wait to be sent, without those that were refused."""
        found = self._sql.execute("SELECT count(*) FROM sync_queue WHERE problem IS NULL")
        return int(found.fetchone()[0])

    def author(self, waits: Queued) -> str | None:
        """Who made the change that waits."""
        entity = "1" if waits.area == USAGE else "entity_id = :id"
        row = self._sql.execute(
            f"SELECT actor FROM changes WHERE revision = :revision AND area = :area AND {entity}",  # noqa: S608 - constants
            {"revision": waits.revision, "area": waits.area, "id": waits.id},
        ).fetchone()
        return None if row is None else str(row[0])

    # --- versions

    def version(self, area: str, id_: str) -> int | None:
        """The newest version of the row that was seen; 0: it was sent, and no answer came yet; UNSURE; None: it never left."""
        row = self._sql.execute(
            "SELECT row_version FROM sync_versions WHERE area = ? AND id = ?", (area, id_)
        ).fetchone()
        return None if row is None else int(row[0])

    def found(self, area: str, id_: str, version: int) -> None:
        """The row as it is there now, whatever was seen of it before."""
        self._sql.execute(
            "INSERT OR REPLACE INTO sync_versions VALUES (?, ?, ?)", (area, id_, version)
        )

    def saw(self, area: str, id_: str, version: int) -> None:
        """The row has been there in this version, and may have a higher one by now."""
        self._sql.execute(
            "INSERT INTO sync_versions VALUES (?, ?, ?) ON CONFLICT (area, id)"
            " DO UPDATE SET row_version = max(row_version, excluded.row_version)",
            (area, id_, version),
        )

    def forget(self, area: str, id_: str) -> None:
        """The peer does not have the row after all."""
        self._sql.execute("DELETE FROM sync_versions WHERE area = ? AND id = ?", (area, id_))

    # --- rows of theirs that could not be taken

    def refuse(self, area: str, id_: str, reason: str) -> None:
        self._filled["sync_refused"] = True
        self._sql.execute(
            "INSERT OR REPLACE INTO sync_refused VALUES (?, ?, ?)", (area, id_, reason)
        )

    def accept(self, area: str, id_: str) -> None:
        if self._has_rows("sync_refused"):
            self._sql.execute("DELETE FROM sync_refused WHERE area = ? AND id = ?", (area, id_))

    def refusal(self, area: str, id_: str) -> str | None:
        row = self._sql.execute(
            "SELECT reason FROM sync_refused WHERE area = ? AND id = ?", (area, id_)
        ).fetchone()
        return None if row is None else str(row[0])

    def accept_all(self, area: str) -> None:
        """The whole area is being read again."""
        self._sql.execute("DELETE FROM sync_refused WHERE area = ?", (area,))

    def refused(self) -> dict[tuple[str, str], str]:
        rows = self._sql.execute("SELECT area, id, reason FROM sync_refused ORDER BY area, id")
        return {(area, id_): reason for area, id_, reason in rows}

    def _has_rows(self, table: str) -> bool:
        """Whether there may be any; looked at once, for a first load asks about each of its rows."""
        if table not in self._filled:
            [found] = self._sql.execute(f"SELECT EXISTS (SELECT 1 FROM {table})").fetchone()  # noqa: S608 - our own names
            self._filled[table] = bool(found)
        return self._filled[table]

    # --- how the queue begins

    def _fill(self, areas: Collection[str], *, taken: bool) -> None:
        """Queue what is there and was not made by the program itself; with `taken`, also what came from a peer."""
        self._filled.pop("sync_queue", None)
        mine = "1" if taken else f"actor <> '{PEER_ACTOR}'"
        for area in areas:
            if area == USAGE:
                self._sql.execute(
                    "INSERT OR IGNORE INTO sync_queue (area, id, revision)"  # noqa: S608 - constants
                    " SELECT 'usage', day || '/' || sku, max(committed) FROM usage WHERE committed IN"
                    f" (SELECT revision FROM changes WHERE area = 'usage' AND NOT ({_SEEDED}) AND {mine})"
                    " GROUP BY day, sku"
                )
            else:
                self._sql.execute(
                    "INSERT OR IGNORE INTO sync_queue (area, id, revision)"  # noqa: S608 - constants
                    " SELECT area, entity_id, revision FROM"
                    " (SELECT area, entity_id, max(revision) AS revision, actor, cause, after_hash FROM changes"
                    "  WHERE area = ? GROUP BY area, entity_id)"
                    f" WHERE after_hash IS NOT NULL AND NOT ({_SEEDED}) AND {mine}",
                    (area,),
                )
