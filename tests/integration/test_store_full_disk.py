"""A disk that is really full: refused clearly, nothing lost, reading goes on, writing resumes when there is space."""

from __future__ import annotations

import asyncio
import resource
import subprocess
from collections.abc import Callable, Iterator
from contextlib import aclosing, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from adapters.store import SqliteStore, open_store
from resolvers.errors import Unavailable
from resolvers.ports import Status
from tests.builders import a_notification, a_row, a_sku
from tests.fakes import CountingSignal, FakeClock
from tests.stores import contents, put


@dataclass(frozen=True, slots=True)
class SmallDisk:
    """A folder whose disk can be filled to the last byte, and freed again."""

    folder: Path
    fill: Callable[[], None]
    free: Callable[[], None]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """A tmpfs of 4 MB; where mounting is not allowed, a limit of this process on the size of files."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "small", str(folder)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        yield from limited(folder)
        return
    try:
        yield SmallDisk(folder, lambda: fill(folder), (folder / "filler").unlink)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def limited(folder: Path) -> Iterator[SmallDisk]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    def set_limit(limit: int) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))

    def largest() -> int:
        return max(file.stat().st_size for file in folder.iterdir())

    try:
        yield SmallDisk(folder, lambda: set_limit(largest()), lambda: set_limit(soft))
    finally:
        set_limit(soft)


def fill(folder: Path) -> None:
    with (folder / "filler").open("wb", buffering=0) as filler, suppress(OSError):
        for size in (4096, 512, 1):
            with suppress(OSError):
                while filler.write(b"x" * size) == size:
                    pass


def open_on(disk: SmallDisk, signal: CountingSignal | None = None) -> SqliteStore:
    return open_store(disk.folder / "store.sqlite3", FakeClock(), signal=signal, poll_every=0.01)


async def write_until_refused(store: SqliteStore) -> list[str]:
    """The ids of what was answered before the first refusal."""
    answered: list[str] = []

    async def write() -> None:
        for n in range(100_000):
            await put(store, a_notification(id=f"{n}", idempotency_key=f"{n}", body="x" * 500))
            answered.append(f"{n}")

    with pytest.raises(Unavailable) as caught:
        await write()
    assert "full" in caught.value.message or "space left" in caught.value.message
    assert "Nothing was written" in caught.value.message
    assert "writing resumes by itself" in caught.value.message
    return answered


async def test_a_full_disk_loses_nothing_and_writing_resumes(disk: SmallDisk) -> None:
    signal = CountingSignal()
    store = open_on(disk, signal)
    await put(store, a_sku())
    disk.fill()
    answered = await write_until_refused(store)
    at_refusal = contents(store.snapshot())
    assert list(store.snapshot().notifications) == answered
    assert await store.history_size() == 1 + len(answered)
    assert (store.health().status, signal.count) == (Status.DEGRADED, 1)
    with pytest.raises(Unavailable):
        await put(store, *(a_row("2026-01-01", f"sku-{n}") for n in range(5000)))
    assert contents(store.snapshot()) == at_refusal

    disk.free()
    async with asyncio.timeout(60), aclosing(signal.watch()) as changes:
        async for _ in changes:  # it notices by itself
            if store.health().status is Status.OK:
                break
    after = await put(store, a_sku("after"))
    assert list(after.notifications) == answered
    assert await store.integrity() == ()
    assert (await store.verify_audit()).ok
    store.close()
    again = open_on(disk)
    assert contents(again.snapshot()) == contents(after)
    again.close()


async def test_a_store_whose_disk_filled_up_opens_again_with_all_that_was_answered(
    disk: SmallDisk,
) -> None:
    store = open_on(disk)
    disk.fill()
    answered = await write_until_refused(store)
    store.close()
    disk.free()
    again = open_on(disk)
    assert list(again.snapshot().notifications) == answered
    assert (await again.verify_audit()).ok
    again.close()


async def test_writes_of_any_size_around_the_limit_never_tear(disk: SmallDisk) -> None:
    """Fill, refuse and free again, over and over, with commits large and small, alone and together."""
    store, chance, answered = open_on(disk), Random(7), set[str]()
    for turn in range(8):
        if turn % 2:
            disk.fill()
        asked = [f"{turn}-{n}" for n in range(20)]
        results = await asyncio.gather(
            *(
                put(
                    store,
                    a_notification(id=name, idempotency_key=name),
                    *(a_row("2026-01-01", f"{name}-{k}") for k in range(chance.randint(0, 60))),
                )
                for name in asked
            ),
            return_exceptions=True,
        )
        for name, result in zip(asked, results, strict=True):
            if not isinstance(result, BaseException):
                answered.add(name)
            else:
                assert isinstance(result, Unavailable)
        assert store.snapshot().notifications.keys() == answered
        if turn % 2:
            disk.free()
    assert len(answered) >= 80
    assert (await store.verify_audit()).ok
    store.close()
    again = open_on(disk)
    assert again.snapshot().notifications.keys() == answered
    again.close()


async def test_a_backup_onto_a_full_disk_is_refused_and_leaves_nothing(
    disk: SmallDisk, tmp_path: Path
) -> None:
    store = open_store(tmp_path / "store.sqlite3", FakeClock())
    await put(
        store, *(a_row(f"2026-01-{d:02}", f"sku-{n}") for d in range(1, 29) for n in range(300))
    )
    (disk.folder / "first").write_bytes(b"x" * 8192)
    disk.fill()
    before = {file.name for file in disk.folder.iterdir()}
    with pytest.raises(Unavailable):
        await store.backup(disk.folder / "backup")
    assert {file.name for file in disk.folder.iterdir()} == before
    disk.free()
    store.close()
