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

FEW = st.sampled_from(["a", "b", "c"])
FEW_DAYS = st.dates(date(2026, 1, 1), date(2026, 1, 3))
UNIQUE = {"invoices": "number", "notifications": "idempotency_key"}


def puts() -> st.SearchStrategy[Write]:
    """Records of every kind under few ids, so that they meet."""
    usage = strategies.of_fields(
        UsageRow, day=FEW_DAYS, sku=FEW, revision=st.integers(min_value=1, max_value=3)
    )
    others = [strategies.of_fields(cls, **{key: FEW}) for key, cls in RECORDS.values()]
    return st.one_of(usage, *others).map(lambda record: Put(_unique(record)))


def _unique(record: Any) -> Any:
    """What must be unique follows the id."""
    for field in UNIQUE.values():
        if hasattr(record, field):
            return dataclasses.replace(record, **{field: f"of {record.id}"})
    return record


def deletes() -> st.SearchStrategy[Write]:
    return st.one_of(
        st.builds(Delete, st.sampled_from(list(RECORDS)), FEW),
        st.builds(Delete, st.just("usage"), st.builds(usage_id, FEW_DAYS, FEW)),
    )


def descriptions() -> st.SearchStrategy[Write]:
    return st.builds(
        SetWorkspace,
        current_negotiation_id=st.none() | FEW,
        provenance=st.none() | st.sampled_from(list(Provenance)),
        demo_anchor=st.none() | strategies.days,
    )


COMMITS = st.lists(
    st.lists(st.one_of(puts(), puts(), deletes(), descriptions()), max_size=6), max_size=8
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(COMMITS)
def test_every_reader_sees_the_same_whatever_is_committed(commits: list[list[Write]]) -> None:
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
