"""The store's file among others: reopened, shared, locked, copied, tampered with, damaged, refused."""

from __future__ import annotations

import asyncio
import errno
import os
import re
import shutil
import sqlite3
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import aclosing, closing, contextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import ClassVar

import pytest

from adapters.store import (
    SqliteStore,
    backup,
    inspect,
    integrity,
    is_begun,
    open_store,
    restore,
    seed,
    verify_audit,
)
from adapters.store.codec import ADDED, digest
from adapters.store.picture import GENESIS
from adapters.store.schema import APPLICATION_ID, MIGRATIONS, SCHEMA_VERSION, migrate, refusal
from negotiation.records import InvoiceStatus, Provenance, Snapshot
from resolvers.errors import Unavailable
from resolvers.ports import Delete, Put, Status, Write
from tests.builders import (
    a_negotiation,
    a_notification,
    a_position,
    a_row,
    a_sku,
    an_attempt,
    an_invoice,
)
from tests.fakes import CountingSignal, FakeClock
from tests.stores import contents, put

Open = Callable[..., SqliteStore]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "store.sqlite3"


@pytest.fixture
def opened(path: Path) -> Iterator[Open]:
    stores: list[SqliteStore] = []

    def one(at: Path = path, **options: object) -> SqliteStore:
        stores.append(open_store(at, FakeClock(), **options))  # type: ignore[arg-type]
        return stores[-1]

    yield one
    for store in stores:
        store.close()


def execute(path: Path, *statements: str) -> None:
    """What somebody with another program could do to the file."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def files_in(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


async def revision(store: SqliteStore, wanted: int) -> Snapshot:
    """The picture of that revision, once the store has noticed it."""
    async with aclosing(store.watch()) as pictures, asyncio.timeout(60):
        async for picture in pictures:
            if picture.revision >= wanted:
                return picture
    raise AssertionError


# --- reopened


async def test_a_store_opened_again_is_as_it_was(opened: Open) -> None:
    store = opened()
    await put(store, a_negotiation(), a_sku(), an_invoice(), a_row("2026-01-31", revision=2))
    await put(store, an_invoice(status=InvoiceStatus.PAID), a_row("2026-01-31"))
    before, trail = contents(store.snapshot()), await store.history(first=99)
    store.close()
    again = opened()
    assert contents(again.snapshot()) == before
    assert await again.history(first=99) == trail
    assert (await put(again, a_sku("next"))).revision == 3
    assert (await again.verify_audit()).ok


async def test_deleted_usage_stays_deleted_for_the_next_start_and_for_another_process(
    opened: Open,
) -> None:
    store, beside = opened(), opened()
    await put(store, a_row("2026-01-01"), a_row("2026-01-02"), a_row("2026-01-02", "voice"))
    await revision(beside, 1)
    gone = [Delete("usage", f"2026-01-0{n}/sms-outbound-us") for n in (1, 2)]
    await store.commit(lambda _: gone, actor="a", cause="c")
    expected = {date(2026, 1, 2): {"voice": a_row("2026-01-02", "voice")}}
    for each in (store, opened()):
        assert contents(each.snapshot())["usage"] == expected
    assert contents(await revision(beside, 2))["usage"] == expected


async def test_the_file_is_for_its_owner_only(path: Path, opened: Open) -> None:
    await put(opened(), a_notification())
    files = list(path.parent.iterdir())
    assert len(files) == 3  # with its log and its index
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


async def test_a_closed_store_says_so_and_keeps_its_picture(opened: Open) -> None:
    store = opened()
    await put(store, a_sku())
    await store.aclose()
    store.close()
    assert store.snapshot().revision == 1
    with pytest.raises(Unavailable, match="closed"):
        await put(store, a_sku())
    with pytest.raises(Unavailable, match="closed"):
        await store.history(first=1)


async def test_closing_finishes_what_was_asked_for(opened: Open) -> None:
    store = opened()
    asked = [asyncio.ensure_future(put(store, a_sku(f"sku-{n}"))) for n in range(20)]
    await asyncio.sleep(0)
    await store.aclose()
    assert len(await asyncio.gather(*asked)) == 20
    assert len(opened().snapshot().skus) == 20


async def test_demonstration_data_goes_into_an_empty_store_once(opened: Open) -> None:
    async def sow(store: SqliteStore) -> Snapshot:
        records = [a_negotiation(id="n1"), a_negotiation(id="n2"), a_row("2026-01-01")]
        return await seed(store, records, current_negotiation_id="n2", anchor=date(2026, 4, 1))

    store = opened()
    picture = await sow(store)
    assert (picture.revision, picture.provenance) == (1, Provenance.FIXTURE)
    assert picture.current_negotiation_id == "n2"
    assert await sow(store) is picture
    store.close()
    assert opened().demo_anchor == date(2026, 4, 1)


async def test_two_processes_that_fill_the_same_new_store_at_once_fill_it_once(
    opened: Open,
) -> None:
    async def sow(store: SqliteStore, name: str, anchor: date | None) -> Snapshot:
        records = [a_negotiation(id=name)]
        return await seed(store, records, current_negotiation_id=name, anchor=anchor)

    one, two = opened(poll_every=60), opened(poll_every=60)
    assert one.snapshot().revision == two.snapshot().revision == 0
    await asyncio.gather(sow(one, "demo", date(2026, 4, 1)), sow(two, "empty", None))
    assert contents(one.snapshot()) == contents(two.snapshot())
    assert (one.snapshot().revision, one.demo_anchor) == (1, two.demo_anchor)
    assert (one.demo_anchor is None) == ("empty" in one.snapshot().negotiations)
    assert (await one.verify_audit()).ok


async def test_a_store_that_starts_without_demonstration_data_is_not_marked_as_made_up(
    opened: Open,
) -> None:
    store = opened()
    picture = await seed(store, [a_negotiation()], current_negotiation_id="neg-1", anchor=None)
    assert (picture.revision, picture.provenance) == (1, Provenance.LIVE)
    assert store.demo_anchor is None


async def test_an_answer_waits_for_the_disk(opened: Open) -> None:
    connection = opened()._engine._connection
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL


# --- shared


async def test_another_processes_commit_is_noticed_without_being_asked_for(opened: Open) -> None:
    one, two = opened(), opened()
    await put(one, a_sku(), an_invoice(), a_row("2026-01-01"))
    assert contents(await revision(two, 1)) == contents(one.snapshot())
    await put(two, an_invoice(status=InvoiceStatus.PAID), a_row("2026-01-02"))
    seen = await revision(one, 2)
    assert contents(seen) == contents(two.snapshot())
    assert seen.skus["sms-outbound-us"] == a_sku()


@pytest.mark.parametrize("key", ["a\x00b", 'ä, "b"', "\ud7ff"])
async def test_another_process_sees_a_record_whatever_its_key(opened: Open, key: str) -> None:
    one, two = opened(), opened()
    for name in ("first", "second"):
        before = await put(one, a_sku(key, name=name))
        assert (await revision(two, before.revision)).skus[key].name == name


async def test_what_another_process_did_not_touch_stays_shared(opened: Open) -> None:
    one, two = opened(), opened()
    await put(one, a_sku(), a_row("2026-01-01"), a_row("2026-01-02"))
    before = await revision(two, 1)
    await put(one, a_row("2026-01-02", quantity=5))
    after = await revision(two, 2)
    assert after.skus is before.skus
    assert after.usage[date(2026, 1, 1)] is before.usage[date(2026, 1, 1)]
    assert after.usage[date(2026, 1, 2)].rows["sms-outbound-us"].quantity == 5


async def test_decisions_rest_on_what_another_process_has_just_committed(opened: Open) -> None:
    stores = [opened(poll_every=60), opened(poll_every=60)]
    await put(stores[0], a_negotiation(version=0))

    def raise_version(picture: Snapshot) -> Sequence[Write]:
        negotiation = picture.negotiations["neg-1"]
        return [Put(replace(negotiation, version=negotiation.version + 1))]

    for n in range(20):
        await stores[n % 2].commit(raise_version, actor="a", cause="c")
    assert stores[1].snapshot().negotiations["neg-1"].version == 20


# --- locked


async def test_a_file_locked_for_too_long_is_unavailable_and_then_available_again(
    path: Path, opened: Open
) -> None:
    signal = CountingSignal()
    store = opened(busy_timeout=0.05, poll_every=0.01, signal=signal)
    before = await put(store, a_sku())
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="locked the store for too long") as caught:
            await put(store, a_sku("late"))
        assert caught.value.extensions["storeCode"] == "SQLITE_BUSY"
        assert "Nothing was written" in caught.value.message
        assert store.snapshot() is before
        assert await store.history_size() == 1
        await asyncio.sleep(0.5)  # it tries again by itself, in vain
        assert (store.health().status, signal.count) == (Status.DEGRADED, 1)
    async with asyncio.timeout(60):
        async for _ in signal.watch():
            if store.health().status is Status.OK:
                break
    assert (await put(store, a_sku("late"))).revision == 2


async def test_a_short_lock_is_waited_for(path: Path, opened: Open) -> None:
    store = opened()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        asked = asyncio.ensure_future(put(store, a_sku()))
        await asyncio.sleep(0.1)
        assert not asked.done()
        other.execute("ROLLBACK")
        assert (await asked).revision == 1


async def test_reading_and_the_loop_go_on_while_a_commit_is_slow(opened: Open) -> None:
    store, go = opened(), Event()
    before = await put(store, a_sku())

    def slow(_: Snapshot) -> Sequence[Write]:
        go.wait(60)
        return [Put(a_sku("slow"))]

    asked = asyncio.ensure_future(store.commit(slow, actor="a", cause="c"))
    for _ in range(10):
        await asyncio.sleep(0.001)
        assert store.snapshot() is before
    go.set()
    assert "slow" in (await asked).skus


async def test_a_commit_cancelled_while_it_is_written_is_published(opened: Open) -> None:
    store, deciding, go = opened(), Event(), Event()

    def decide(_: Snapshot) -> Sequence[Write]:
        deciding.set()
        go.wait(60)
        return [Put(a_sku())]

    asked = asyncio.ensure_future(store.commit(decide, actor="a", cause="c"))
    await asyncio.to_thread(deciding.wait, 60)
    waiting = asyncio.ensure_future(put(store, a_sku("never")))
    await asyncio.sleep(0)
    waiting.cancel()
    asked.cancel()
    await asyncio.gather(asked, waiting, return_exceptions=True)
    go.set()
    assert (await revision(store, 1)).skus.keys() == {"sms-outbound-us"}
    assert (await put(store, a_sku("next"))).revision == 2


# --- copied


async def test_a_backup_under_writes_is_one_instant_and_verifies(
    tmp_path: Path, opened: Open
) -> None:
    store = opened()
    await put(
        store, *(a_row(f"2026-01-{d:02}", f"sku-{n}") for d in range(1, 29) for n in range(99))
    )

    async def write() -> None:
        n = 0
        while True:
            n += 1
            await put(store, a_notification(id=f"{n}", idempotency_key=f"{n}"), an_invoice())

    writing = asyncio.ensure_future(write())
    copies = []
    for n in range(5):
        target = tmp_path / f"backup-{n}.sqlite3"
        copies.append((target, await store.backup(target)))
        await asyncio.sleep(0.02)
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    assert len({made for _, made in copies}) == 5
    for target, made in copies:
        report = verify_audit(target)
        assert (report.ok, report.revision) == (True, made)
        assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert files_in(tmp_path) == {"data"} | {target.name for target, _ in copies}


async def test_a_restored_store_has_the_same_picture_and_trail_but_its_own_identity(
    tmp_path: Path, opened: Open
) -> None:
    store = opened()
    await put(store, a_negotiation(), an_invoice(), a_notification(), a_row("2026-01-01"))
    await put(store, a_notification(attempts=1))
    made = await store.backup(tmp_path / "backup")
    await put(store, a_sku("later"))
    assert restore(tmp_path / "backup", tmp_path / "other" / "store.sqlite3") == made == 2
    restored = opened(tmp_path / "other" / "store.sqlite3")
    old, new = contents(store.snapshot()), contents(restored.snapshot())
    assert new.pop("store_id") != old.pop("store_id")
    assert new["notifications"] == old["notifications"]
    assert new["revision"] == 2
    assert await restored.history(first=99) == (await store.history(first=99))[1:]
    assert (await restored.verify_audit()).ok
    assert (await put(restored, a_sku("on"))).revision == 3


async def test_neither_backup_nor_restore_overwrites_anything(
    path: Path, tmp_path: Path, opened: Open
) -> None:
    store = opened()
    await put(store, a_sku())
    precious = tmp_path / "precious"
    precious.write_text("mine")
    with pytest.raises(Unavailable, match="exists and was left as it is"):
        backup(path, precious)
    await store.backup(tmp_path / "backup")
    with pytest.raises(Unavailable, match="exists and was left as it is"):
        restore(tmp_path / "backup", path)
    assert precious.read_text() == "mine"
    assert (await store.verify_audit()).ok


class WatchedPath(type(Path())):  # type: ignore[misc]  # which of the two classes it is depends on the system
    """A path that says when the file is opened: `at` holds what is done then, in order."""

    at: ClassVar[list[Callable[[], None]]] = []
    links = True

    def absolute(self) -> Path:
        if WatchedPath.at:
            WatchedPath.at.pop(0)()
        return Path(self).absolute()

    def hardlink_to(self, target: object) -> None:
        if not WatchedPath.links:
            raise PermissionError(errno.EPERM, "Operation not permitted")
        super().hardlink_to(target)


async def test_a_store_that_is_made_while_another_is_restored_in_its_place_stays(
    tmp_path: Path, opened: Open
) -> None:
    await put(opened(), a_sku("old"))
    backup(tmp_path / "data" / "store.sqlite3", tmp_path / "backup")
    target = tmp_path / "other" / "store.sqlite3"
    made: list[SqliteStore] = []

    def start_a_gateway() -> None:
        assert not target.exists()  # whoever is killed now leaves nothing under this name
        made.append(opened(target))

    WatchedPath.at = [start_a_gateway]
    with pytest.raises(Unavailable, match="exists and was left as it is"):
        restore(WatchedPath(tmp_path / "backup"), target)
    await put(made[0], a_sku("new"))
    assert opened(target).snapshot().skus.keys() == {"new"}
    assert files_in(target.parent) == {target.name, f"{target.name}-wal", f"{target.name}-shm"}


@pytest.mark.parametrize("links", [True, False])
def test_a_disk_without_links_takes_a_backup_too(
    tmp_path: Path, opened: Open, *, links: bool
) -> None:
    store = opened()
    WatchedPath.links = links
    for n in range(2):
        target = WatchedPath(tmp_path / f"backup-{n}")
        assert backup(tmp_path / "data" / "store.sqlite3", target) == 0
        with pytest.raises(Unavailable, match="exists and was left as it is"):
            backup(tmp_path / "data" / "store.sqlite3", target)
    assert store.snapshot().revision == 0
    assert files_in(tmp_path) == {"data", "backup-0", "backup-1"}


async def test_what_a_store_left_beside_it_is_neither_mixed_into_another_nor_thrown_away(
    path: Path, tmp_path: Path, opened: Open
) -> None:
    store = opened()
    await put(store, a_sku("old"))
    await store.backup(tmp_path / "backup")
    await put(store, a_sku("newest"))
    left = tmp_path / "other" / "store.sqlite3-wal"
    left.parent.mkdir()
    shutil.copy(f"{path}-wal", left)  # the file itself was moved away after a crash
    before = left.read_bytes()
    other = left.with_name("store.sqlite3")
    for use in (lambda: restore(tmp_path / "backup", other), lambda: opened(other)):
        with pytest.raises(
            Unavailable, match=r"store\.sqlite3-wal is left of a store whose file is gone"
        ):
            use()
    assert files_in(left.parent) == {left.name}
    assert left.read_bytes() == before
    left.unlink()
    restore(tmp_path / "backup", other)
    assert opened(other).snapshot().skus.keys() == {"old"}


def test_a_file_that_somebody_only_began_to_make_is_no_store_yet(path: Path, opened: Open) -> None:
    path.parent.mkdir()
    execute(path, "PRAGMA journal_mode = WAL")
    assert not is_begun(path)
    for use in (
        verify_audit,
        lambda it: backup(it, it.with_name("b")),
        lambda it: restore(it, it.with_name("r")),
    ):
        with pytest.raises(Unavailable, match="is empty: nothing was written to it yet"):
            use(path)
    assert files_in(path.parent) == {path.name}
    opened()
    assert is_begun(path)
    assert not is_begun(path.with_name("absent"))


def test_a_backup_of_nothing_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="cannot be opened"):
        backup(tmp_path / "absent", tmp_path / "copy")
    assert list(tmp_path.iterdir()) == []


async def test_a_tampered_backup_is_not_restored(tmp_path: Path, opened: Open) -> None:
    store = opened()
    await put(store, an_invoice())
    await store.backup(tmp_path / "backup")
    execute(tmp_path / "backup", "UPDATE invoices SET amount = '1.00'")
    with pytest.raises(Unavailable, match="not restored: invoices INV-2026-03 is not as"):
        restore(tmp_path / "backup", tmp_path / "restored")
    assert not (tmp_path / "restored").exists()


# --- tampered with


@pytest.mark.parametrize("verb", ["UPDATE {} SET source = 'x'", "DELETE FROM {}"])
@pytest.mark.parametrize("table", ["changes", "usage"])
async def test_what_only_grows_cannot_be_changed(
    path: Path, opened: Open, table: str, verb: str
) -> None:
    await put(opened(), a_row("2026-01-01"))
    statement = verb.format(table).replace("source", "actor" if table == "changes" else "source")
    with pytest.raises(sqlite3.IntegrityError, match=f"{table} only grows"):
        execute(path, statement)


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE changes SET actor = 'nobody' WHERE revision = 2", r"Line 2/0 \(invoices INV"),
        ("UPDATE changes SET hash = 'x' WHERE revision = 2", r"Line 2/0 \(invoices INV"),
        ("DELETE FROM changes WHERE revision = 2", "missing between 1/3 and 3/0"),
        ("DELETE FROM changes WHERE revision = 1 AND sequence = 1", "between 1/0 and 1/2"),
        ("DELETE FROM changes WHERE revision = 3", "ends at line 2/0, but the store was at rev"),
        ("UPDATE invoices SET amount = '1.00'", "invoices INV-2026-03 is not as the newest line"),
        ("DELETE FROM invoices", "invoices INV-2026-03 is gone, and no line says"),
        (
            "INSERT INTO milestones VALUES ('m', 'neg-1', 'n', 'r', '2026-01-01', 'PENDING', NULL, NULL, NULL)",
            "milestones m has no line",
        ),
        ("UPDATE usage SET quantity = '2' WHERE day = '2026-01-02'", "usage written by revision 1"),
        ("DELETE FROM usage", "usage written by revision 1 is gone"),
        ("UPDATE usage SET committed = 2", "usage written by revision 2 is not as its line"),
        ("UPDATE workspace SET provenance = 'CACHED'", "What the store says of itself"),
    ],
)
async def test_any_change_behind_the_programs_back_is_found_and_named(
    path: Path, opened: Open, statement: str, fault: str
) -> None:
    store = opened()
    await store.commit(
        lambda _: [
            Put(an_invoice()),
            *(Put(a_row(f"2026-01-0{n}")) for n in (1, 2)),
            *[Put(a_negotiation())],
        ],
        actor="anna",
        cause="start",
    )
    await put(store, an_invoice(status=InvoiceStatus.PAID))
    await put(store, a_row("2026-01-03"))
    assert (await store.verify_audit()).ok
    triggers = [
        f"DROP TRIGGER {table}_refuses_{verb}"
        for table in ("changes", "usage")
        for verb in ("update", "delete")
    ]
    execute(path, *triggers, statement)
    report = await store.verify_audit()
    assert not report.ok
    assert report.fault is not None
    assert re.search(fault, report.fault), report.fault


# --- older


def a_file_of_the_first_version(path: Path) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in MIGRATIONS[0]:
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(
            "INSERT INTO workspace VALUES (1, 'store-1', '2026-01-01', 0, ?, "
            "'2026-01-01T00:00:00+00:00', 'LIVE', NULL, NULL)",
            (GENESIS,),
        )
        connection.execute("PRAGMA user_version = 1")


def test_a_backup_of_the_first_version_is_restored_and_the_backup_stays_as_it_was(
    path: Path, tmp_path: Path, opened: Open
) -> None:
    a_file_of_the_first_version(path)
    before = path.read_bytes()
    restore(path, tmp_path / "restored")
    assert path.read_bytes() == before
    asyncio.run(put(opened(tmp_path / "restored"), a_negotiation()))
    assert verify_audit(tmp_path / "restored").ok


def test_a_file_of_the_first_version_gets_the_tables_that_came_later(
    path: Path, opened: Open
) -> None:
    a_file_of_the_first_version(path)
    store = opened()
    asyncio.run(put(store, a_negotiation(), a_position(batna_cost=Decimal("540000.00"))))
    assert store.snapshot().store_id == "store-1"
    assert store.snapshot().positions["neg-1"].batna_cost == 540_000
    assert asyncio.run(store.verify_audit()).ok


async def test_lines_of_the_trail_stay_true_when_a_record_gets_new_fields(
    path: Path, opened: Open
) -> None:
    """A file from before a notification had a priority, an expiry and a history."""
    store = opened()
    await put(store, a_notification())
    await store.aclose()
    execute(
        path,
        *(f"ALTER TABLE notifications DROP COLUMN {name}" for name in ADDED["notifications"]),
    )
    with closing(sqlite3.connect(path)) as connection:
        [row] = connection.execute("SELECT * FROM notifications")
        [told] = connection.execute("SELECT after_hash FROM changes").fetchone()
    assert told == digest(["notifications", *row])
    for statement in chain.from_iterable(MIGRATIONS):
        if statement.startswith("ALTER TABLE notifications"):
            execute(path, statement)
    later = opened()
    assert (await later.verify_audit()).ok
    before = later.snapshot().notifications["notification-1"]
    assert before == a_notification()
    await put(later, replace(before, history=(an_attempt(),)))
    assert (await later.verify_audit()).ok
    await later.aclose()
    execute(path, "UPDATE notifications SET history = '[]'")
    assert not (await opened().verify_audit()).ok


# --- refused


def a_file_of_a_newer_version(path: Path) -> None:
    open_store(path, FakeClock()).close()
    execute(path, "PRAGMA user_version = 99")


def another_programs_database(path: Path) -> None:
    execute(path, "CREATE TABLE cookies (name TEXT)")


def a_text_file(path: Path) -> None:
    path.write_text("dear diary, " * 100)


def a_damaged_file(path: Path) -> None:
    store = open_store(path, FakeClock())
    rows = [a_row(f"2026-01-{d:02}", f"sku-{n}") for d in range(1, 29) for n in range(50)]
    asyncio.run(put(store, *rows))
    store.close()
    damaged = bytearray(path.read_bytes())
    for at in range(4096 * 8, len(damaged), 4096):
        damaged[at : at + 64] = b"\xff" * 64
    path.write_bytes(damaged)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (a_file_of_a_newer_version, "written by a newer version of this program .file version 99"),
        (another_programs_database, "the database of another program"),
        (a_text_file, "no database of this program, or is damaged"),
        (a_damaged_file, "it is damaged"),
    ],
)
def test_a_file_that_must_be_left_alone_is_refused_with_the_reason_and_not_touched(
    path: Path, make: Callable[[Path], None], reason: str
) -> None:
    path.parent.mkdir()
    make(path)
    before = path.read_bytes()
    with pytest.raises(Unavailable, match=reason):
        open_store(path, FakeClock())
    assert path.read_bytes() == before
    report = inspect(path)
    assert report.exists
    assert report.problems
    assert path.read_bytes() == before


@pytest.mark.parametrize("question", range(3))
def test_a_file_that_another_process_makes_while_it_is_looked_at_is_not_foreign(
    path: Path, question: int
) -> None:
    path.parent.mkdir()
    execute(path, "PRAGMA journal_mode = WAL")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        questions = 0

        def made_meanwhile(statement: str) -> None:
            nonlocal questions
            if statement not in ("BEGIN", "ROLLBACK"):
                if questions == question:
                    open_store(path, FakeClock()).close()
                questions += 1

        connection.set_trace_callback(made_meanwhile)
        assert refusal(connection) is None
    assert inspect(path).version == SCHEMA_VERSION


def test_a_file_that_a_newer_version_migrates_meanwhile_is_left_as_it_is(path: Path) -> None:
    path.parent.mkdir()
    execute(path, "PRAGMA journal_mode = WAL")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        assert refusal(connection) is None
        open_store(path, FakeClock()).close()
        execute(path, f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
        told = migrate(connection, store_id="s", created_at="2026-01-01", head=GENESIS)
    assert "written by a newer version of this program" in str(told)
    assert inspect(path).version == SCHEMA_VERSION + 1


async def healthy(store: SqliteStore, signal: CountingSignal, status: Status) -> None:
    async with asyncio.timeout(60), aclosing(signal.watch()) as news:
        async for _ in news:
            if store.health().status is status:
                return


@pytest.mark.parametrize(
    ("change", "back", "reason"),
    [
        (
            f"PRAGMA user_version = {SCHEMA_VERSION + 1}",
            f"PRAGMA user_version = {SCHEMA_VERSION}",
            "A newer version of this program has changed the store's file",
        ),
        (
            "UPDATE workspace SET revision = 2, provenance = 'OF_A_LATER_KIND'",
            "UPDATE workspace SET revision = 1, provenance = 'LIVE'",
            "holds something that this version of the program cannot read",
        ),
    ],
)
async def test_a_file_that_another_version_writes_meanwhile_is_read_no_further_and_not_written(
    path: Path, opened: Open, change: str, back: str, reason: str
) -> None:
    signal = CountingSignal()
    store = opened(poll_every=0.01, signal=signal)
    before = await put(store, a_sku())
    execute(path, change)
    await healthy(store, signal, Status.DEGRADED)
    assert reason in store.health().message
    async with asyncio.timeout(60):
        with pytest.raises(Unavailable, match=reason):
            await put(store, a_sku("late"))
    assert store.snapshot() is before
    execute(path, back)
    await healthy(store, signal, Status.OK)
    assert (await put(store, a_sku("late"))).revision == 2


def test_a_folder_in_place_of_the_file_is_refused(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(Unavailable, match="cannot be used: Is a directory"):
        open_store(path, FakeClock())


def test_a_file_in_place_of_the_folder_is_refused(path: Path) -> None:
    path.parent.write_text("not a folder")
    with pytest.raises(Unavailable, match="choose another"):
        open_store(path, FakeClock())


def test_the_report_on_no_file_at_all_makes_none(path: Path) -> None:
    report = inspect(path)
    assert (report.exists, report.version, report.revision) == (False, None, None)
    assert (report.writable, report.problems) == (True, ())
    assert report.free_bytes > 0
    assert not path.parent.exists()


async def test_the_report_on_a_sound_file_tells_its_version_and_revision(
    path: Path, opened: Open
) -> None:
    await put(opened(), a_sku())
    report = inspect(path)
    assert (report.version, report.revision, report.problems) == (SCHEMA_VERSION, 1, ())
    assert integrity(path) == ()


@contextmanager
def an_ordinary_user() -> Iterator[None]:
    """Root may write everywhere; for a while this process is somebody else."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(before)


def test_a_directory_that_may_not_be_written_is_refused_with_the_reason() -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "store.sqlite3"
        open_store(path, FakeClock()).close()
        path.chmod(0o444)
        Path(folder).chmod(0o555)
        with an_ordinary_user():
            with pytest.raises(Unavailable, match=r"Permission denied\. Give this user the right"):
                open_store(path, FakeClock())
            report = inspect(path)
        assert not report.writable
        assert "cannot be written by this user" in report.problems[0]
        Path(folder).chmod(0o700)


async def test_money_survives_the_file_to_the_last_digit(opened: Open) -> None:
    amount = Decimal("12345678901234567890.1234567890")
    await put(opened(), an_invoice(amount=amount), a_sku(list_rate=Decimal("0.000000000001")))
    picture = opened().snapshot()
    assert str(picture.invoices["INV-2026-03"].amount) == "12345678901234567890.1234567890"
    assert picture.skus["sms-outbound-us"].list_rate == Decimal("0.000000000001")
