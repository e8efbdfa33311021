"""Supabase Lite (npm), a Supabase that others wrote, as a process of its own: its REST over our PostgreSQL, or its Auth."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FOLDER = Path(__file__).with_name("lite")
PUBLISHABLE_KEY = "sb_publishable_planted-0123456789abcde_0a1b2c"
SECRET_KEY = "sb_secret_planted-0123456789abcde_0a1b2c"


def missing_lite() -> str | None:
    """What to do before it can run; None, where it can."""
    if _node() is None:
        return "Node is neither beside this Python nor on PATH"
    if not (FOLDER / "node_modules/@supabase/lite").is_dir():
        return f"npm --prefix {FOLDER} ci"
    return None


def _node() -> str | None:
    beside = Path(sys.executable).parent
    return shutil.which("node", path=os.pathsep.join((str(beside), os.environ.get("PATH", ""))))


@contextmanager
def running_lite(
    what: str, folder: Path, *, jwt_secret: str, max_rows: int = 1000
) -> Iterator[str]:
    """`what`: "rest", over the PostgreSQL whose socket is in the folder, or "auth", which keeps its users in
    `folder`/data.db. The address it answers on.
    """
    process = subprocess.Popen(
        [str(_node()), str(FOLDER / "serve.mjs"), what, str(folder)],
        env=os.environ
        | {
            "PUBLISHABLE_KEY": PUBLISHABLE_KEY,
            "SECRET_KEY": SECRET_KEY,
            "JWT_SECRET": jwt_secret,
            "MAX_ROWS": str(max_rows),
            "DO_NOT_TRACK": "1",
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        said = process.stdout.readline()
        if not said.startswith("port "):
            raise RuntimeError(f"Supabase Lite did not start: {said!r}")
        yield f"http://127.0.0.1:{int(said.split()[1])}"
    finally:
        process.stdin.close()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
