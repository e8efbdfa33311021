"""Whatever is committed, four readers agree: the store, its double, another process's store, and the one after it."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.store import SqliteStore, open_store, verify_audit
from adapters.store.codec import RECORDS, usage_id
from negotiation.records import Provenance, UsageRow
from resolvers.ports import Delete, Put, SetWorkspace, Write
from tests import strategies
from tests.fakes import FakeClock, MemoryStore
from tests.stores import contents

FEW = st.sampled_from(["a", "b"])
FEW_DAYS = st.dates(date(2026, 1, 1), date(2026, 1, 2))
UNIQUE = {"invoices": "number", "notifications": "idempotency_key"}


def usage() -> st.SearchStrategy[Write]:
    rows = strategies.of_fields(
        UsageRow, day=FEW_DAYS, sku=FEW, revision=st.integers(min_value=1, max_value=3)
    )
    ids = st.builds(usage_id, FEW_DAYS, FEW)
    return st.one_of(rows.map(Put), st.builds(Delete, st.just("usage"), ids))


def records() -> st.SearchStrategy[Write]:
    """Records of every kind under few ids, so that they meet."""
    kinds = [strategies.of_fields(cls, **{key: FEW}) for key, cls in RECORDS.values()]
    deleted = st.builds(Delete, st.sampled_from(list(RECORDS)), FEW)
    return st.one_of(st.one_of(*kinds).map(_put), st.one_of(*kinds).map(_put), deleted)


def _put(record: Any) -> Write:
    """What must be unique follows the id."""
    for field in UNIQUE.values():
        if hasattr(record, field):
            return Put(dataclasses.replace(record, **{field: f"of {record.id}"}))
    return Put(record)


def descriptions() -> st.SearchStrategy[Write]:
    return st.builds(
        SetWorkspace,
        current_negotiation_id=st.none() | FEW,
        provenance=st.none() | st.sampled_from(list(Provenance)),
        demo_anchor=st.none() | strategies.days,
    )


def commits_of(*writes: st.SearchStrategy[Write]) -> st.SearchStrategy[list[list[Write]]]:
    return st.lists(st.lists(st.one_of(*writes), max_size=5), max_size=8)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(commits_of(usage(), records(), descriptions()))
def test_every_reader_sees_the_same_whatever_is_committed(commits: list[list[Write]]) -> None:
    with TemporaryDirectory() as folder:
        asyncio.run(_compare(Path(folder) / "store.sqlite3", commits))


@settings(max_examples=50, deadline=None)
@given(commits_of(usage()))
def test_every_reader_sees_the_same_usage_however_it_is_restated(
    commits: list[list[Write]],
) -> None:
    with TemporaryDirectory() as folder:
        asyncio.run(_compare(Path(folder) / "store.sqlite3", commits))


async def _compare(path: Path, commits: Sequence[Sequence[Write]]) -> None:
    clock = FakeClock()
    store = open_store(path, clock, poll_every=60)
    beside = open_store(path, clock, poll_every=60)
    double = MemoryStore(clock, store_id=store.snapshot().store_id)
    try:
        for writes in commits:
            clock.advance(1)
            for each in (double, store):
                await each.commit(lambda _, made=writes: made, actor="anna", cause="chance")
            await beside.commit(lambda _: [], actor="reader", cause="to catch up")
            assert _said(store) == _said(double)
            assert _said(beside) == _said(double)
        assert await store.history(first=999) == await double.history(first=999)
        after = open_store(path, clock)
        assert _said(after) == _said(store)
        after.close()
        report = verify_audit(path)
        assert report.ok, report.fault
    finally:
        store.close()
        beside.close()


def _said(store: SqliteStore | MemoryStore) -> Any:
    return contents(store.snapshot()), store.demo_anchor
