"""Machine keys on disk: hashed, private, seen by other processes, never lost by two writers."""

from __future__ import annotations

import stat
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.keys import KeyFile
from graph.auth.keys import new_key
from resolvers.errors import Unavailable
from resolvers.ports import MachineKey
from tests.fakes import NOON


def a_key(name: str = "export") -> tuple[MachineKey, str]:
    return new_key(name, ["viewer", "analyst"], now=NOON, expires_at=NOON + timedelta(days=1))


def test_a_key_comes_back_as_it_was_added(tmp_path: Path) -> None:
    kept, _ = a_key()
    KeyFile(tmp_path / "keys.sqlite3").add(kept)
    other = KeyFile(tmp_path / "keys.sqlite3")
    assert other.find(kept.id) is None
    assert other.refresh()
    assert other.find(kept.id) == kept
    assert not other.refresh()


def test_only_its_owner_can_read_the_file_and_the_secret_is_not_in_it(tmp_path: Path) -> None:
    path = tmp_path / "keys.sqlite3"
    kept, shown = a_key()
    KeyFile(path).add(kept)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    secret = shown.split("_", 2)[2]  # which may have more of them in it
    assert secret.encode() not in path.read_bytes()
    assert [each.name for each in tmp_path.iterdir()] == ["keys.sqlite3"]


def test_nothing_is_made_before_the_first_key(tmp_path: Path) -> None:
    keys = KeyFile(tmp_path / "none" / "keys.sqlite3")
    assert not keys.refresh()
    assert keys.all() == []
    assert keys.revoke("nothing", NOON) is None
    assert not (tmp_path / "none").exists()


def test_every_change_of_another_process_is_seen(tmp_path: Path) -> None:
    ours, theirs = KeyFile(tmp_path / "keys.sqlite3"), KeyFile(tmp_path / "keys.sqlite3")
    for number in range(20):
        kept, _ = a_key(str(number))
        theirs.add(kept)
        assert ours.refresh()
        assert ours.find(kept.id) == kept
        theirs.revoke(kept.id, NOON)
        assert ours.refresh()
        found = ours.find(kept.id)
        assert found is not None
        assert found.revoked_at == NOON


def test_a_key_stays_revoked_since_when_it_first_was(tmp_path: Path) -> None:
    keys = KeyFile(tmp_path / "keys.sqlite3")
    kept, _ = a_key()
    keys.add(kept)
    keys.revoke(kept.id, NOON)
    again = keys.revoke(kept.id, NOON + timedelta(hours=1))
    assert again is not None
    assert again.revoked_at == NOON


def test_a_file_that_is_none_is_said_and_what_was_known_stays(tmp_path: Path) -> None:
    path = tmp_path / "keys.sqlite3"
    keys = KeyFile(path)
    kept, _ = a_key()
    keys.add(kept)
    path.write_bytes(b"not a database at all, but long enough to have a header of its own " * 40)
    with pytest.raises(Unavailable, match="machine keys"):
        keys.refresh()
    assert keys.find(kept.id) == kept
