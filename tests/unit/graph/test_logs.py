"""What is told in the log, seen from outside: logging belongs to a process, so each case has its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

SAYS = """
import logging, sys
from graph.logs import configure_logging
from graph.settings import LogFormat
configure_logging(sys.argv[1], LogFormat.JSON)
logging.getLogger("fontTools.subset").info("a font was pruned")
logging.getLogger("httpx").warning("a library warns")
logging.getLogger("adapters.outbox").info("we inform")
logging.getLogger("adapters.outbox").error("we fail")
"""


@pytest.mark.parametrize(
    ("level", "told"),
    [
        ("INFO", ["a library warns", "we inform", "we fail"]),
        ("ERROR", ["we fail"]),
    ],
)
def test_libraries_tell_only_what_is_wrong_and_nothing_below_the_level(
    level: str, told: list[str]
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SAYS, level], capture_output=True, text=True, timeout=50, check=True
    )
    everything = ["a font was pruned", "a library warns", "we inform", "we fail"]
    assert [line for line in everything if line in done.stderr] == told
    assert done.stdout == ""
