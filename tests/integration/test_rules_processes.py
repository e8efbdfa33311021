"""Several processes watch the rules of one file, and are killed at any moment: each beginning is told once, whole."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from adapters.clock import SystemClock
from adapters.store import SqliteStore, open_store, verify_audit
from negotiation.records import MilestoneStatus, Record, Snapshot
from negotiation.rules.model import RuleKind
from tests.builders import a_milestone, a_negotiation, a_rule
from tests.stores import put

ROOT = Path(__file__).parents[2]
BEGINNINGS = 12
KILLS = int(os.environ.get("RULES_KILLS", "6"))
LATE = a_milestone(due_on=date(2020, 1, 1))
DECIDED = a_milestone(due_on=date(2020, 1, 1), status=MilestoneStatus.APPROVED)


def start(path: Path) -> subprocess.Popen[str]:
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.integration.rules_child", str(path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    return child


def kill(child: subprocess.Popen[str]) -> None:
    child.send_signal(signal.SIGKILL)
    assert child.wait(30) == -signal.SIGKILL
    assert child.stdout is not None
    child.stdout.close()


@contextmanager
def watched_by(path: Path, many: int) -> Iterator[list[subprocess.Popen[str]]]:
    children = [start(path) for _ in range(many)]
    try:
        yield children
    finally:
        for child in children:
            kill(child)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    opened = open_store(tmp_path / "store.sqlite3", SystemClock(), poll_every=0.005)
    yield opened
    opened.close()


@pytest.fixture
def path(tmp_path: Path, store: SqliteStore) -> Path:
    rules: list[Record] = [
        a_rule(RuleKind.MILESTONE_LATE, id=each, name=each, daily_cap=10_000)
        for each in ("anna", "ben")
    ]
    asyncio.run(put(store, a_negotiation(), DECIDED, *rules))
    return tmp_path / "store.sqlite3"


def await_that(store: SqliteStore, told: Callable[[Snapshot], bool]) -> None:
    limit = time.monotonic() + 120
    while not told(store.snapshot()):
        assert time.monotonic() < limit, dict(store.snapshot().rule_states)
        time.sleep(0.002)


def holding(picture: Snapshot) -> int:
    """For how many rules the milestone is known to be late."""
    return sum(each.holds for each in picture.rule_states.values() if each.subject != "*")


def assert_whole(picture: Snapshot, beginnings: int) -> None:
    """Each rule fired once for each beginning, and what it says it queued is exactly what is queued."""
    for rule in picture.rules:
        numbers = [each for each in picture.rule_firings.values() if each.rule_id == rule]
        assert len(numbers) == beginnings
    queued = [id_ for each in picture.rule_firings.values() for id_ in each.notification_ids]
    assert len(queued) == len(set(queued)) == beginnings * len(picture.rules)
    assert set(queued) == picture.notifications.keys()


@pytest.mark.timeout(300)
def test_of_two_processes_on_one_file_one_fires(path: Path, store: SqliteStore) -> None:
    with watched_by(path, 2):
        for _ in range(BEGINNINGS):
            asyncio.run(put(store, LATE))
            await_that(store, lambda picture: holding(picture) == 2)
            asyncio.run(put(store, DECIDED))
            await_that(store, lambda picture: holding(picture) == 0)
    assert_whole(store.snapshot(), BEGINNINGS)
    assert verify_audit(path).ok


@pytest.mark.timeout(300 + 20 * KILLS)
def test_a_process_that_is_killed_has_fired_whole_or_not_at_all(
    path: Path, store: SqliteStore
) -> None:
    chance = random.Random(KILLS)
    with watched_by(path, 2) as children:
        for _ in range(KILLS):
            asyncio.run(put(store, LATE))
            time.sleep(chance.random() * 0.03)  # anywhere between the commit and what follows
            kill(children.pop(chance.randrange(len(children))))
            await_that(store, lambda picture: holding(picture) == 2)
            children.append(start(path))
            asyncio.run(put(store, DECIDED))
            await_that(store, lambda picture: holding(picture) == 0)
    assert_whole(store.snapshot(), KILLS)
    assert verify_audit(path).ok
