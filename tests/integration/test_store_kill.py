"""Kill -9 at any moment: what was answered is on disk, what was not is whole or absent, and the trail verifies."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from adapters.store import integrity, open_store, verify_audit
from tests.fakes import FakeClock

KILLS = int(os.environ.get("STORE_KILLS", "25"))
ROOT = Path(__file__).parents[2]


def start(path: Path, name: str, *more: str) -> subprocess.Popen[str]:
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.integration.store_child", str(path), name, *more],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    return child


@pytest.mark.timeout(60 + 5 * KILLS)
def test_nothing_answered_is_lost_however_often_the_writer_is_killed(tmp_path: Path) -> None:
    path, chance = tmp_path / "store.sqlite3", random.Random(KILLS)
    answered: set[str] = set()
    for n in range(KILLS):
        child = start(path, f"child-{n}")
        assert child.stdout is not None
        for _ in range(chance.randint(1, 30)):
            answered.add(child.stdout.readline().strip())
        time.sleep(chance.random() * 0.003)
        child.send_signal(signal.SIGKILL)
        answered.update(line.strip() for line in child.stdout if line.endswith("\n"))
        assert child.wait(60) == -signal.SIGKILL
        child.stdout.close()
        report = verify_audit(path)
        assert report.ok, report.fault
    assert integrity(path) == ()
    store = open_store(path, FakeClock())
    picture = store.snapshot()
    store.close()
    assert len(answered) >= KILLS
    assert answered <= picture.notifications.keys()
    for day in picture.usage.values():
        assert day.rows.keys() == picture.notifications.keys()
    assert picture.revision == len(picture.notifications)


def test_two_processes_write_to_one_file_and_each_sees_the_other(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite3"
    children = [start(path, name, "60") for name in ("anna", "ben")]
    for child in children:
        assert child.stdout is not None
        with child.stdout as said:  # `communicate` would miss what was read along with "ready"
            assert len(said.readlines()) == 60
        assert child.wait(120) == 0
    store = open_store(path, FakeClock())
    assert store.snapshot().revision == 120
    assert len(store.snapshot().notifications) == 120
    assert verify_audit(path).ok
    store.close()


def test_two_processes_that_make_the_same_file_at_once_make_one_store(tmp_path: Path) -> None:
    path = tmp_path / "new" / "store.sqlite3"
    command = [sys.executable, "-m", "tests.integration.store_child", str(path)]
    children = [
        subprocess.Popen([*command, f"child-{n}", "3"], stdout=subprocess.DEVNULL, cwd=ROOT)
        for n in range(4)
    ]
    assert [child.wait(120) for child in children] == [0, 0, 0, 0]
    report = verify_audit(path)
    assert (report.ok, report.revision) == (True, 12)
