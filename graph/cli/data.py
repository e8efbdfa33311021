"""What belongs to the stored data: the audit trail, backup and restore, the demo workspace's digest."""

from __future__ import annotations

import asyncio
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from graph.cli.client import run_operation
from graph.cli.common import USAGE, DataDir, console, fail, settings_with
from graph.settings import Settings

HISTORY = """
query Audit($first: Int!) {
  changes(first: $first) { edges { node { revision area entityId action actor cause at } } }
}
"""


def register(app: typer.Typer) -> None:
    audit = typer.Typer(help="The audit trail: append-only, hash-chained.", no_args_is_help=True)
    audit.command("verify")(verify)
    audit.command("list")(list_changes)
    app.add_typer(audit, name="audit")
    app.command()(backup)
    app.command()(restore)
    app.command()(demo)


def verify(data_dir: DataDir = None) -> None:
    """Walk the whole chain of the store and say whether a line was changed, removed or added."""
    settings = _existing(data_dir)

    async def walk() -> None:
        from graph.wiring.parts import opened_store

        async with opened_store(settings) as store:
            found = await store.verify_audit()
        if not found.ok:
            fail(f"The audit trail is broken: {found.fault}")
        console.print(
            f"The audit trail is whole: {found.lines:,} lines, up to revision {found.revision}."
        )

    _run(walk())


def list_changes(
    first: Annotated[int, typer.Option(min=1, max=200, help="How many, newest first.")] = 20,
    endpoint: Annotated[str | None, typer.Option(help="Gateway to ask.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Who changed what, when and why."""
    data = run_operation(_existing(data_dir), HISTORY, {"first": first}, endpoint=endpoint)
    table = Table("Revision", "When", "Who", "What", "Why")
    for edge in data["changes"]["edges"]:
        line = edge["node"]
        what = f"{line['action']} {line['area']} {line['entityId']}"
        table.add_row(str(line["revision"]), line["at"], line["actor"], what, line["cause"])
    console.print(table)


def backup(
    target: Annotated[Path, typer.Argument(help="File to write; must not exist.")],
    data_dir: DataDir = None,
) -> None:
    """Copy the store, consistently, while the gateway goes on writing."""
    settings = _existing(data_dir)
    if target.exists():
        fail(f"{target} exists already. Name a new file.", USAGE)

    async def copy() -> None:
        from graph.wiring.parts import opened_store

        async with opened_store(settings) as store:
            await store.backup(target)
            revision = store.snapshot().revision
        console.print(f"{target}: revision {revision}, {target.stat().st_size:,} bytes.")

    _run(copy())


def restore(
    source: Annotated[Path, typer.Argument(help="A backup.", exists=True, dir_okay=False)],
    data_dir: DataDir = None,
) -> None:
    """Put a backup in place of a store that does not exist yet. Never overwrites one."""
    settings = settings_with(data_dir=data_dir)
    if settings.database_path.exists():
        fail(
            f"{settings.database_path} exists already. Move it away, or restore into another --data-dir.",
            USAGE,
        )

    async def place() -> None:
        from graph.wiring.outside import restore_store
        from graph.wiring.parts import opened_store

        restore_store(source, settings)
        async with opened_store(settings) as store:
            found = await store.verify_audit()
            if not found.ok:
                fail(f"Restored, but its audit trail is broken: {found.fault}")
            console.print(
                f"Restored revision {store.snapshot().revision} into {settings.data_dir}; the audit trail is whole."
            )

    _run(place())


def demo(
    anchor: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The day it is made for. Default: today (UTC)."),
    ] = None,
    sql: Annotated[
        bool,
        typer.Option("--sql", help="Print it as SQL for an empty Supabase project instead."),
    ] = False,
) -> None:
    """Describe the demo workspace of a day: the same counts and digest on every machine."""
    from negotiation import demo as workspace

    if sql:
        from graph.wiring.outside import demo_seed

        typer.echo(demo_seed(anchor.date() if anchor else None), nl=False)
        return
    day = anchor.date() if anchor else _today()
    made = workspace.generate(workspace.DEMO_SEED, day)
    console.print(f"Demo workspace for {day}: digest {workspace.digest(made)}", soft_wrap=True)
    for name in ("skus", "usage", "invoices", "offers", "milestones", "streams"):
        console.print(f"  {name:<12} {len(getattr(made, name)):>7,}")


def _today() -> date:
    from graph.wiring.parts import system_clock

    return system_clock().today()


def _existing(data_dir: Path | None) -> Settings:
    settings = settings_with(data_dir=data_dir)
    if not settings.database_path.exists():
        fail(
            f"There is no store at {settings.database_path}. Start the gateway once, or name --data-dir.",
            USAGE,
        )
    return settings


def _run(work: object) -> None:
    from resolvers.errors import Unavailable

    try:
        asyncio.run(work)  # type: ignore[arg-type]
    except Unavailable as error:
        fail(error.message)
