"""The machine: which cores are whose, and its description for the record."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Cores:
    """Server and load each have a core of their own; on a machine with one core they share it."""

    server: int
    load: int

    @classmethod
    def of_this_machine(cls) -> Cores:
        free = sorted(os.sched_getaffinity(0))
        return cls(server=free[0], load=free[min(1, len(free) - 1)])


def description() -> str:
    """Processor, cores, kernel and interpreter, in one line."""
    cpu = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{cpu}, {os.cpu_count()} cores, {gigabytes:.0f} GB, Linux {'.'.join(platform.release().split('.')[:2])}, "
        f"Python {platform.python_version()}"
    )
