"""`import usage|invoices FILE`: CSV into the running gateway, or into the store when none runs. All or nothing."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, SpinnerColumn, TextColumn
from rich.table import Table

from graph.cli.client import run_operation, where
from graph.cli.common import USAGE, DataDir, console, errors, fail, settings_with
from negotiation.importing.encoding import decode

SHOWN_ROWS = 20

PAYLOAD = """
  accepted unchanged rejected revision
  rows { row column message } warnings { code message field } userErrors { code message field }
"""
DOCUMENTS = {
    "usage": f"mutation ImportUsage($input: ImportInput!) {{ result: importUsage(input: $input) {{ {PAYLOAD} }} }}",
    "invoices": f"mutation ImportInvoices($input: ImportInput!) {{ result: importInvoices(input: $input) {{ {PAYLOAD} }} }}",
}


class Kind(StrEnum):
    USAGE = "usage"
    INVOICES = "invoices"


def register(app: typer.Typer) -> None:
    app.command("import")(import_)


def import_(
    kind: Annotated[Kind, typer.Argument(help="What the file holds.")],
    file: Annotated[
        Path,
        typer.Argument(
            help="CSV file: UTF-8, UTF-16 or Windows-1252.",
            exists=True,
            dir_okay=False,
            readable=True,
        ),
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check every row, change nothing.")
    ] = False,
    negotiation: Annotated[
        str | None, typer.Option(help="Negotiation id. Default: the current one.")
    ] = None,
    endpoint: Annotated[
        str | None,
        typer.Option(help="Gateway to send it to. Default: the one running on this data folder."),
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Import a usage export or an invoice list.

    **usage**: a Twilio Usage Records export (category, start_date, end_date, usage, usage_unit, price, price_unit), or
    day, sku, quantity. **invoices**: number, period_start, period_end, amount, currency, status.

    All or nothing: one wrong row and nothing is imported; each wrong row is listed with its column and reason.
    """
    settings = settings_with(data_dir=data_dir)
    variables = {
        "input": {
            "csv": text_of(file),
            "filename": file.name,
            "dryRun": dry_run,
            "negotiationId": negotiation,
        }
    }
    target = where(settings, endpoint)
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        console=errors,
        transient=True,
    ) as progress:
        task = progress.add_task(f"{file.name} → {target}", total=file.stat().st_size)

        def sent(done: int, total: int) -> None:
            text = "Checking and committing" if done == total else f"{file.name} → {target}"
            progress.update(task, completed=done, total=total, description=text)

        data = run_operation(
            settings, DOCUMENTS[kind.value], variables, endpoint=endpoint, sent=sent
        )
    report(data["result"], kind, target, dry_run=dry_run)


def text_of(file: Path) -> str:
    try:
        return decode(file.read_bytes())
    except OSError as error:
        fail(f"{file} cannot be read: {error.strerror}.", USAGE)


def report(payload: dict[str, Any], kind: Kind, target: str, *, dry_run: bool) -> None:
    """What happened, row by row where something was wrong; ends the command with 1 then."""
    for warning in payload["warnings"]:
        errors.print(f"Note: {warning['message']}", style="yellow", markup=False, soft_wrap=True)
    if payload["rows"]:
        table = Table("Row", "Column", "What is wrong")
        for row in payload["rows"][:SHOWN_ROWS]:
            table.add_row(str(row["row"]), row["column"] or "", row["message"])
        errors.print(table)
        if len(payload["rows"]) > SHOWN_ROWS:
            errors.print(f"These are the first {SHOWN_ROWS} faults.")
    if payload["userErrors"]:
        fail("\n".join(refusal["message"] for refusal in payload["userErrors"]))
    done = "would be imported" if dry_run else "imported"
    console.print(
        f"{kind.value}: {counted(payload['accepted'])} {done} into {target}, "
        f"{counted(payload['unchanged'])} already there.",
        soft_wrap=True,
    )
    if payload["revision"] is not None:
        console.print(f"Revision {payload['revision']}.")


def counted(rows: int) -> str:
    return "1 row" if rows == 1 else f"{rows:,} rows"
