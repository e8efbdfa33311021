"""What a check finds, and the run of the whole catalogue. A check that breaks is itself a blocking finding."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import httpx

from graph.settings import Settings

CHECK_SECONDS = 20.0


class Severity(StrEnum):
    """BLOCK: do not deploy. WARN: it works, degraded. OK: nothing found."""

    BLOCK = "BLOCK"
    WARN = "WARN"
    OK = "OK"


@dataclass(frozen=True, slots=True)
class Finding:
    """found: what is so. why: what it would lead to. todo: what to do about it."""

    severity: Severity
    found: str
    why: str = ""
    todo: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What checks may look at. root: the checkout. home: of the user whose terminal cache is looked at."""

    settings: Settings
    root: Path
    home: Path
    now: datetime
    http: httpx.AsyncClient
    live_url: str | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One scenario of the catalogue. title: the scenario, as docs/preflight.md names it."""

    id: str
    title: str
    run: Callable[[World], Awaitable[Finding]]


@dataclass(frozen=True, slots=True)
class Result:
    check: Check
    finding: Finding


def ok(found: str) -> Finding:
    return Finding(Severity.OK, found)


def warn(found: str, why: str, todo: str) -> Finding:
    return Finding(Severity.WARN, found, why, todo)


def block(found: str, why: str, todo: str) -> Finding:
    return Finding(Severity.BLOCK, found, why, todo)


async def run_all(checks: Sequence[Check], world: World) -> list[Result]:
    """Every check, side by side, in the catalogue's order."""
    return list(await asyncio.gather(*(_run(check, world) for check in checks)))


def blocking(results: Sequence[Result]) -> list[Result]:
    return [result for result in results if result.finding.severity is Severity.BLOCK]


async def _run(check: Check, world: World) -> Result:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return Result(check, await check.run(world))
    except TimeoutError:
        found = f"The check did not end within {CHECK_SECONDS:g} s."
    except Exception as error:  # noqa: BLE001 - a check that breaks must be seen, not end the run
        found = f"The check itself failed: {type(error).__name__}: {error}"
    return Result(check, block(found, "What it looks for is unknown.", "Mend the check."))
