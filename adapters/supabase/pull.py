"""Takes what is new in Supabase: everything at first, then what the feed tells, in slices that leave room for readers.

A place in the feed is remembered in the transaction that takes what stands before it, so that a kill loses nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import quote

import structlog

from adapters.pace import Pace
from adapters.resilience import RetryPolicy
from adapters.store.codec import USAGE
from adapters.store.ledger import Ledger, Place
from adapters.supabase.client import PAGE, Failed, SupabaseReader
from adapters.supabase.merge import Merge
from adapters.supabase.ports import SyncStore, ask
from adapters.supabase.rows import INVOICES, TABLES, Reading, Table, read
from negotiation.records import Snapshot
from resolvers.ports import Clock, Write

T = TypeVar("T")

SLICE = 2000
"""So many rows at most are taken in one commit: readers and writers come in between."""
_IDS = 100
_ADDRESS = 4000
"""So many ids, and so many bytes of them, fit into one address."""
_TOO_LONG = f"Its id is longer than the {_ADDRESS:,} bytes that an address has room for."


@dataclass(slots=True)
class Pulled:
    """`behind`: more is there, in transactions that have not ended."""

    applied: int = 0
    conflicts: int = 0
    behind: bool = False


@dataclass(slots=True)
class _Pending:
    """Rows that were read and not yet taken."""

    readings: list[tuple[Table, Reading]] = field(default_factory=list)
    rows: int = 0


class Pull:
    """`changed` hears when `progress` does: the words of a first load under way, None when there is none."""

    def __init__(
        self,
        store: SyncStore,
        reader: SupabaseReader,
        clock: Clock,
        changed: Callable[[], None],
        pace: Pace,
    ) -> None:
        self._store = store
        self._reader = reader
        self._clock = clock
        self._changed = changed
        self._pace = pace
        self.progress: str | None = None
        self.unknown: set[tuple[str, str]] = set()

    async def run(
        self,
        gateway: str,
        *,
        policy: RetryPolicy,
        failed: Failed,
        refused: Collection[tuple[str, str]] = (),
        doubtful: bool = False,
    ) -> Pulled:
        """Until nothing is new. `refused`: rows (area, id) to be read once more; `doubtful`: it was away, and may be another
        than before. Raises PeerFault; what was taken by then stays taken.
        """
        asking = _Asking(self, self._store, self._reader, gateway, policy, failed, doubtful)
        pulled = Pulled()
        if refused:
            await asking.again(refused, pulled)
        while not await asking.step(pulled):
            pass
        return pulled

    async def sample(self, *, policy: RetryPolicy, failed: Failed) -> tuple[float, list[str]]:
        """Read a page of each table: how many seconds one answer takes, and what cannot be read. Changes nothing. Raises
        PeerFault.
        """
        for _ in range(2):  # the first one connects
            started = self._clock.monotonic()
            await self._reader.call(
                "feed_after", {}, is_readable=is_feed, policy=policy, failed=failed
            )
            seconds = self._clock.monotonic() - started
        refused = []
        for table in TABLES.values():
            async for page in self._reader.pages(table, policy=policy, failed=failed):
                reading = await self.read(table, page.rows)
                refused += [f"{table.name} {id_}: {why}" for id_, why in reading.refused.items()]
                break
        return seconds, refused

    async def read(self, table: Table, rows: Sequence[dict[str, Any]]) -> Reading:
        """Off the loop. Columns that nobody knows are logged once each."""
        reading = await asyncio.to_thread(read, table, self._pace(rows))
        for key in sorted(reading.unknown):
            if (table.name, key) not in self.unknown:
                self.unknown.add((table.name, key))
                structlog.get_logger().warning(
                    "supabase.unknown_column", table=table.name, column=key
                )
        return reading

    async def take(
        self,
        gateway: str,
        pending: _Pending,
        pulled: Pulled,
        *,
        place: Place | None = None,
        fresh: str | None = None,
    ) -> None:
        """One commit. `place`: everything before it is taken then; `fresh`: this table is being read whole from here on."""
        if not pending.readings and place is None and fresh is None:
            return
        now = self._clock.now()
        merges: list[Merge] = []

        def step(snapshot: Snapshot, ledger: Ledger) -> Sequence[Write]:
            merge = Merge(snapshot, ledger, gateway=gateway, now=now)
            merges[:] = [merge]
            merge.expect(
                row
                for table, reading in pending.readings
                if table is INVOICES
                for row in reading.rows
            )
            if fresh is not None:
                ledger.accept_all(fresh)
            for table, reading in pending.readings:
                for row in self._pace(reading.rows):
                    merge.take(table, row)
                for id_, reason in reading.refused.items():
                    ledger.refuse(table.name, id_, reason)
            if place is not None:
                ledger.move(place)
            return merge.writes

        await self._store.exchange(step, cause="pull from Supabase", pace=self._pace)
        pending.readings.clear()
        pending.rows = 0
        pulled.applied += merges[-1].taken
        pulled.conflicts += merges[-1].conflicts

    def tell(self, progress: str | None) -> None:
        if progress != self.progress:
            self.progress = progress
            self._changed()


@dataclass(slots=True)
class _Asking:
    """One pull: whose it is, and how patient."""

    pull: Pull
    store: SyncStore
    reader: SupabaseReader
    gateway: str
    policy: RetryPolicy
    failed: Failed
    doubtful: bool

    async def step(self, pulled: Pulled) -> bool:
        """Take what the feed has next; whether that was all."""
        place = await self._place()
        answer = await self._feed(place)
        horizon = Place(str(answer["horizon"]), 0)
        if await self._met(str(answer["peer"])) or place is None:
            await self._load(horizon, pulled)
            return True
        if await self._went_back(place, horizon):
            structlog.get_logger().warning("supabase.went_back", to=horizon.xid)
            await self._ask(lambda ledger: ledger.compare_anew())
            await self._load(horizon, pulled)
            return True
        lines = answer["lines"]
        pulled.behind = bool(answer["behind"])
        touched: dict[str, dict[str, None]] = {}
        for _, _, area, id_, _, gateway in lines:
            if area in TABLES and gateway != self.gateway:
                touched.setdefault(area, {})[id_] = None
        pending = _Pending()
        for area, table in TABLES.items():
            if area in touched:
                await self._read(table, list(touched[area]), pending, pulled)
        if lines:
            await self.pull.take(
                self.gateway, pending, pulled, place=Place(lines[-1][0], lines[-1][1])
            )
        return len(lines) < PAGE

    async def again(self, refused: Iterable[tuple[str, str]], pulled: Pulled) -> None:
        """Read once more what did not fit: what it refers to may be there by now."""
        pending = _Pending()
        ids: dict[str, dict[str, None]] = {}
        for area, id_ in refused:
            ids.setdefault(area, {})[id_.split("/")[0] if area == USAGE else id_] = None
        for area in TABLES.keys() & ids.keys():
            await self._read(TABLES[area], list(ids[area]), pending, pulled)
        await self.pull.take(self.gateway, pending, pulled)

    async def _load(self, place: Place, pulled: Pulled) -> None:
        """Everything. What changes meanwhile stands in the feed behind `place`."""
        try:
            for table in TABLES.values():
                pending = _Pending()
                await self.pull.take(self.gateway, pending, pulled, fresh=table.name)
                pages = self.reader.pages(table, policy=self.policy, failed=self.failed)
                async for page in pages:
                    self.pull.tell(
                        f"First load: {table.name}, {page.read:,} of {page.total:,} rows."
                    )
                    await self._add(table, page.rows, pending, pulled)
                await self.pull.take(self.gateway, pending, pulled)
            await self.pull.take(self.gateway, _Pending(), pulled, place=place)
        finally:
            self.pull.tell(None)

    async def _read(
        self, table: Table, ids: Sequence[str], pending: _Pending, pulled: Pulled
    ) -> None:
        too_long = [id_ for id_ in ids if len(quote(id_)) > _ADDRESS]
        if too_long:
            pending.readings.append((table, Reading(refused=dict.fromkeys(too_long, _TOO_LONG))))
        for some in _addressed([id_ for id_ in ids if id_ not in too_long]):
            pages = self.reader.pages(table, policy=self.policy, failed=self.failed, only=some)
            async for page in pages:
                await self._add(table, page.rows, pending, pulled)

    async def _add(
        self, table: Table, rows: Sequence[dict[str, Any]], pending: _Pending, pulled: Pulled
    ) -> None:
        pending.readings.append((table, await self.pull.read(table, rows)))
        pending.rows += len(rows)
        if pending.rows >= SLICE:
            await self.pull.take(self.gateway, pending, pulled)

    async def _feed(self, place: Place | None) -> dict[str, Any]:
        asked = (
            {}
            if place is None
            else {"after_xid": place.xid, "after_position": place.position, "wanted": PAGE}
        )
        answer: dict[str, Any] = await self.reader.call(
            "feed_after", asked, is_readable=is_feed, policy=self.policy, failed=self.failed
        )
        return answer

    async def _place(self) -> Place | None:
        return await self._ask(lambda ledger: ledger.place())

    async def _met(self, peer: str) -> bool:
        """Whether this is another database than the last."""
        return await self._ask(lambda ledger: ledger.meet(peer))

    async def _went_back(self, place: Place, horizon: Place) -> bool:
        """The database was made anew from a copy: its feed has not come as far as ours, or took another way since."""
        if int(horizon.xid) < int(place.xid):
            return True
        if not self.doubtful or place.position == 0:
            return False
        self.doubtful = not await self.reader.has_line(
            place, policy=self.policy, failed=self.failed
        )
        return self.doubtful

    async def _ask(self, question: Callable[[Ledger], T]) -> T:
        return await ask(self.store, question)


def is_feed(answer: Any) -> bool:
    """Whether this is what feed_after answers."""
    return isinstance(answer, dict) and {"peer", "horizon", "behind", "lines"} <= answer.keys()


def _addressed(ids: Sequence[str]) -> Iterator[list[str]]:
    """The ids in groups that fit into an address each."""
    some: list[str] = []
    length = 0
    for id_ in ids:
        more = len(quote(id_)) + len("%2C")
        if some and (len(some) == _IDS or length + more > _ADDRESS):
            yield some
            some, length = [], 0
        some.append(id_)
        length += more
    if some:
        yield some
