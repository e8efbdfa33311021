"""`preflight`: run the catalogue before a deployment; exit with 1 when something blocks it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.padding import Padding
from rich.text import Text

from graph.cli.common import DataDir, console, settings_with

if TYPE_CHECKING:
    from graph.preflight.findings import Result
    from graph.settings import Settings

COLOURS = {"BLOCK": "bold red", "WARN": "yellow", "OK": "green"}
HTTP_SECONDS = 5.0
INDENT = 10


def register(app: typer.Typer) -> None:
    app.command()(preflight)


def preflight(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for machines.")] = False,
    live: Annotated[
        str | None,
        typer.Option(help="A running gateway to look at too, such as http://127.0.0.1:8000."),
    ] = None,
    root: Annotated[
        Path, typer.Option(help="The checkout to look at.", file_okay=False, exists=True)
    ] = Path(),
    data_dir: DataDir = None,
) -> None:
    """Check this machine, its settings, its data and every surface before a deployment."""
    results = asyncio.run(_run(settings_with(data_dir=data_dir), live, root.resolve()))
    blocked = [result for result in results if result.finding.severity.value == "BLOCK"]
    if as_json:
        typer.echo(json.dumps(as_object(results), indent=2, ensure_ascii=False))
    else:
        show(results)
    raise typer.Exit(1 if blocked else 0)


async def _run(settings: Settings, live: str | None, root: Path) -> list[Result]:
    import httpx

    from graph.preflight.catalogue import CATALOGUE
    from graph.preflight.findings import World, run_all
    from graph.wiring.parts import system_clock

    async with httpx.AsyncClient(timeout=HTTP_SECONDS) as client:
        world = World(
            settings=settings,
            root=root,
            home=Path.home(),
            now=system_clock().now(),
            http=client,
            live_url=live.rstrip("/") if live else None,
        )
        return await run_all(CATALOGUE, world)


def as_object(results: Sequence[Result]) -> dict[str, object]:
    """`{"ok": bool, "checks": [{id, title, severity, found, why, todo}]}`"""
    return {
        "ok": all(result.finding.severity.value != "BLOCK" for result in results),
        "checks": [
            {
                "id": result.check.id,
                "title": result.check.title,
                "severity": result.finding.severity.value,
                "found": result.finding.found,
                "why": result.finding.why,
                "todo": result.finding.todo,
            }
            for result in results
        ],
    }


def show(results: Sequence[Result]) -> None:
    """What is in order in a line each; what is not with its consequence and what to do."""
    for result in results:
        finding = result.finding
        severity = finding.severity.value
        console.print(
            f"{result.check.id} [{COLOURS[severity]}]{severity:<5}[/] [bold]{result.check.title}[/bold]"
        )
        lines = [finding.found, finding.why, f"→ {finding.todo}" if finding.todo else ""]
        for line in filter(None, lines):
            console.print(Padding(Text(line), (0, 0, 0, INDENT)))
    count = {name: sum(r.finding.severity.value == name for r in results) for name in COLOURS}
    console.print(
        f"{count['BLOCK']} blocking, {count['WARN']} warnings, {count['OK']} in order."
        + (" Do not deploy." if count["BLOCK"] else "")
    )
