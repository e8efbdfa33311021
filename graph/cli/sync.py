"""`sync`: what is new in Supabase, and `sync twilio`: usage and list prices from the vendor, with its progress."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime
from typing import Annotated, Any, Self

import orjson
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.table import Table

from graph.cli.client import gateway_url, local_gateway, run_operation, where
from graph.cli.common import FAILED, USAGE, DataDir, console, errors, fail, settings_with
from graph.settings import Settings

POLL_SECONDS = 0.3
SHOWN_RATES = 20

PULL = """
mutation Sync { syncNow { revision components { name status mode message } userErrors { code message } } }
"""
RUN = """
  id state requestedBy startedAt finishedAt firstDay lastDay nextDay daysDone daysTotal rowsRead rowsWritten
  rowsRestated rowsUnchanged pricing pricesRead pricesTotal dryRun nextAttemptAt error { code message } warnings
"""
ASK = f"""
mutation SyncTwilio($input: SyncTwilioInput!) {{
  syncTwilio(input: $input) {{ run {{ {RUN} }} userErrors {{ code message }} }}
}}
"""
STATE = f"query ImportRuns {{ twilioImport {{ unmapped runs {{ {RUN} }} }} }}"
RATES = """
query ListRates($status: ListRateStatus) {
  listRates(status: $status, first: 200) { totalCount edges { node { sku ours theirs currency message } } }
}
"""
APPLY = """
mutation ApplyListRates { applyListRates(input: {}) { applied { sku ours } userErrors { message } } }
"""

DOCUMENTS = (PULL, ASK, STATE, RATES, APPLY)


def register(app: typer.Typer) -> None:
    sync = typer.Typer(
        help="Pull from Supabase now and say how every dependency is; `sync twilio`: usage and prices.",
        invoke_without_command=True,
    )
    sync.callback()(pull)
    sync.command("twilio")(twilio)
    app.add_typer(sync, name="sync")


def pull(
    context: typer.Context,
    endpoint: Annotated[str | None, typer.Option(help="Gateway to ask.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Pull from Supabase now, and say how every dependency is. `sync twilio`: usage and prices from Twilio."""
    if context.invoked_subcommand is not None:
        return
    settings = settings_with(data_dir=data_dir)
    payload = run_operation(settings, PULL, {}, endpoint=endpoint)["syncNow"]
    table = Table("Component", "Status", "Mode", "What it says")
    for component in payload["components"]:
        table.add_row(
            component["name"], component["status"], component["mode"], component["message"]
        )
    console.print(f"{where(settings, endpoint)}: revision {payload['revision']}.", soft_wrap=True)
    console.print(table)
    for refusal in payload["userErrors"]:
        fail(refusal["message"])


def twilio(
    since: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help="First day to read again. Default: behind the last run, and 14 days before.",
        ),
    ] = None,
    pricing: Annotated[bool, typer.Option(help="Read list prices too.")] = True,
    apply_rates: Annotated[
        bool, typer.Option("--apply-rates", help="Take list prices over where they differ.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Read and count, write nothing.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The result for machines.")] = False,
    endpoint: Annotated[
        str | None,
        typer.Option(help="Gateway to ask. Default: the one running on this data folder."),
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Read daily usage and list prices from Twilio: every category, every page, restated days too.

    What is in stays in when it breaks off: the next run goes on from there. Ends with 0 when all is in, 1 when not.
    """
    settings = settings_with(data_dir=data_dir)
    wanted: dict[str, Any] = {"pricing": pricing, "dryRun": dry_run}
    if since is not None:
        wanted["since"] = _past_day(since)
    if apply_rates and (dry_run or not pricing):
        fail("--apply-rates needs list prices: leave --dry-run and --no-pricing out.", USAGE)
    url = gateway_url(settings, endpoint)
    asked = "the gateway at " + url if url else f"the store {settings.database_path}"
    if url is None:
        found = asyncio.run(_alone(settings, wanted, apply_rates=apply_rates, quiet=as_json))
    else:
        found = _at_gateway(settings, url, wanted, apply_rates=apply_rates, quiet=as_json)
    if as_json:
        console.print_json(orjson.dumps(found).decode())
    else:
        _report(found, asked)
    if found["run"]["state"] != "DONE":
        raise typer.Exit(FAILED)


def _past_day(since: datetime) -> str:
    from graph.wiring.parts import system_clock

    if since.date() >= system_clock().today():
        fail(f"--since {since.date()} is not over yet: only whole days (UTC) are read.", USAGE)
    return since.date().isoformat()


class _Bar:
    """The progress of a run, on the error stream while it lasts."""

    def __init__(self, *, quiet: bool) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            console=errors,
            transient=True,
            disable=quiet,
        )
        self._task = self._progress.add_task("Asking Twilio", total=None)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def show(self, run: dict[str, Any]) -> None:
        if run["daysDone"] < run["daysTotal"]:
            told = f"Usage, days: {run['rowsRead']:,} records"
            done, total = run["daysDone"], run["daysTotal"]
        else:
            told, done, total = "Price lists", run["pricesRead"], run["pricesTotal"]
        self._progress.update(self._task, description=told, completed=done, total=total or None)


def _at_gateway(
    settings: Settings, url: str, wanted: dict[str, Any], *, apply_rates: bool, quiet: bool
) -> dict[str, Any]:
    def ask(document: str, variables: dict[str, Any]) -> dict[str, Any]:
        return run_operation(settings, document, variables, endpoint=url)

    run = _begun(ask(ASK, {"input": wanted}))
    with _Bar(quiet=quiet) as bar:
        while _goes_on(run):
            bar.show(run)
            time.sleep(POLL_SECONDS)
            run = _own(ask(STATE, {}), run)
    applied = ask(APPLY, {}) if apply_rates and run["state"] == "DONE" else None
    return _result(run, ask(STATE, {}), ask(RATES, {}), applied)


async def _alone(
    settings: Settings, wanted: dict[str, Any], *, apply_rates: bool, quiet: bool
) -> dict[str, Any]:
    """The same without a gateway: this process does the run."""
    async with local_gateway(settings) as (running, ask):
        run = _begun(await ask(ASK, {"input": wanted}))
        worker = asyncio.create_task(running.importer.step())
        try:
            with _Bar(quiet=quiet) as bar:
                while _goes_on(run):
                    bar.show(run)
                    if worker.done():  # another process holds the run; its lease may be over soon
                        worker.result()
                        await asyncio.sleep(POLL_SECONDS)
                        worker = asyncio.create_task(running.importer.step())
                    await asyncio.wait((worker,), timeout=POLL_SECONDS)
                    run = _own(await ask(STATE, {}), run)
        finally:
            worker.cancel()
            await asyncio.gather(worker, return_exceptions=True)
            await running.importer.release()
        applied = await ask(APPLY, {}) if apply_rates and run["state"] == "DONE" else None
        return _result(run, await ask(STATE, {}), await ask(RATES, {}), applied)


def _begun(data: dict[str, Any]) -> dict[str, Any]:
    """The run to follow; ends the command where there is none."""
    payload = data["syncTwilio"]
    run: dict[str, Any] | None = payload["run"]
    for refusal in payload["userErrors"]:
        if run is None:
            fail(refusal["message"])
        errors.print(
            f"Note: {refusal['message']} This follows it.",
            style="yellow",
            markup=False,
            soft_wrap=True,
        )
    assert run is not None
    return run


def _goes_on(run: dict[str, Any]) -> bool:
    """Whether somebody is at it. Where it waits for its next try there is nothing to watch."""
    return run["state"] in {"QUEUED", "RUNNING"} and run["nextAttemptAt"] is None


def _own(data: dict[str, Any], run: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] | None = next(
        (each for each in data["twilioImport"]["runs"] if each["id"] == run["id"]), None
    )
    if found is None:
        fail("The run is gone from the store; somebody restored another. Ask again.")
    return found


def _result(
    run: dict[str, Any],
    state: dict[str, Any],
    rates: dict[str, Any],
    applied: dict[str, Any] | None,
) -> dict[str, Any]:
    return {
        "run": run,
        "unmapped": state["twilioImport"]["unmapped"],
        "listRates": [edge["node"] for edge in rates["listRates"]["edges"]],
        "applied": [] if applied is None else applied["applyListRates"]["applied"],
    }


def _report(found: dict[str, Any], asked: str) -> None:
    run = found["run"]
    for warning in run["warnings"]:
        errors.print(f"Note: {warning}", style="yellow", markup=False, soft_wrap=True)
    if found["unmapped"]:
        errors.print(
            f"Note: categories with usage that wait for a decision: {found['unmapped']}.",
            style="yellow",
            soft_wrap=True,
        )
    would = "would be " if run["dryRun"] else ""
    console.print(
        f"Twilio into {asked}: days {run['firstDay']} to {run['lastDay']}, {run['daysDone']} of {run['daysTotal']} in; "
        f"{run['rowsRead']:,} records, {run['rowsWritten']:,} rows {would}new, of these {run['rowsRestated']:,} restated, "
        f"{run['rowsUnchanged']:,} as they were.",
        soft_wrap=True,
    )
    if run["pricing"] and run["state"] == "DONE":
        _report_rates(found)
    if run["error"] is not None:
        errors.print(run["error"]["message"], style="red", markup=False, soft_wrap=True)
        again = run["nextAttemptAt"]
        errors.print(
            f"What is in stays in: the next run goes on at {run['nextDay']}"
            + (f"; the gateway tries again at {again}." if again else "."),
            markup=False,
            soft_wrap=True,
        )


def _report_rates(found: dict[str, Any]) -> None:
    rates = found["listRates"]
    changed = [each for each in rates if each["theirs"] not in (None, each["ours"])]
    unknown = [each for each in rates if each["theirs"] is None]
    table = Table("SKU", "Ours", "Twilio's")
    for each in changed[:SHOWN_RATES]:
        table.add_row(each["sku"], each["ours"], each["theirs"])
    if changed:
        console.print(table)
    console.print(
        f"List rates: {len(rates) - len(changed) - len(unknown)} as ours, {len(changed)} differ, "
        f"{len(unknown)} unknown, {len(found['applied'])} taken over.",
        soft_wrap=True,
    )
    if changed and not found["applied"]:
        console.print("Take them over with --apply-rates.")
