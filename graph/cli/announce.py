"""A running gateway says in its data folder where it listens, so that commands find it. A stale note is harmless."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from graph.settings import Settings

NOTE = "gateway.json"


@contextmanager
def announced(settings: Settings, pid: int) -> Iterator[None]:
    note = settings.data_dir / NOTE
    with suppress(OSError):  # a folder that cannot be written: the store says so, better
        note.write_text(json.dumps({"url": settings.url, "pid": pid}), encoding="utf-8")
    try:
        yield
    finally:
        if _read(note).get("pid") == pid:
            with suppress(OSError):
                note.unlink(missing_ok=True)


def announced_url(data_dir: Path) -> str | None:
    """The address in the note, if there is one; whether somebody answers there is for the caller to see."""
    url = _read(data_dir / NOTE).get("url")
    return url if isinstance(url, str) else None


def _read(note: Path) -> dict[str, object]:
    try:
        content = json.loads(note.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
