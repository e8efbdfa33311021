"""The list of revoked tokens: read again when it changes, never forgotten because it cannot be read."""

from __future__ import annotations

from pathlib import Path

from adapters.revocations import RevocationFile

TEN = 1_795_514_400.0  # 2026-11-24T10:00:00Z


def listed(path: Path, text: str) -> RevocationFile:
    path.write_text(text)
    found = RevocationFile(path)
    found.refresh()
    return found


def test_tokens_sessions_and_subjects_are_refused(tmp_path: Path) -> None:
    found = listed(
        tmp_path / "list", "jti abc  # stolen laptop\n\n# all of kim's\nsub kim\nsession s-1\n"
    )
    assert found.refuses("jti", "abc", TEN)
    assert found.refuses("sub", "kim", None)
    assert found.refuses("session", "s-1", TEN)
    assert not found.refuses("jti", "kim", TEN)
    assert not found.refuses("sub", "abc", TEN)


def test_a_subject_may_be_refused_up_to_an_instant(tmp_path: Path) -> None:
    found = listed(tmp_path / "list", "sub kim 2026-11-24T10:00:00Z\nsub kim 2026-11-23T00:00:00Z")
    assert found.refuses("sub", "kim", TEN - 1)
    assert not found.refuses("sub", "kim", TEN)
    assert found.refuses("sub", "kim", None)


def test_a_line_that_cannot_be_read_does_not_hide_the_others(tmp_path: Path) -> None:
    found = listed(
        tmp_path / "list", "nonsense\nsub kim yesterday\nrole admin\nsub\njti abc\nsub a b c d"
    )
    assert found.refuses("jti", "abc", TEN)
    assert not found.refuses("sub", "kim", TEN)


def test_a_change_is_seen_and_a_list_that_went_away_still_holds(tmp_path: Path) -> None:
    path = tmp_path / "list"
    found = listed(path, "jti abc")
    assert not found.refresh()
    path.write_text("jti abc\njti def")
    assert found.refresh()
    assert found.refuses("jti", "def", TEN)
    path.unlink()
    assert not found.refresh()
    assert found.refuses("jti", "abc", TEN)
    path.write_text("jti xyz")
    assert found.refresh()
    assert not found.refuses("jti", "abc", TEN)


def test_without_a_file_nothing_is_refused() -> None:
    found = RevocationFile(None)
    assert not found.refresh()
    assert not found.refuses("sub", "kim", None)
