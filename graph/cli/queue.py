"""The queue of notifications: how sending stands, and stopping and resuming it. Single messages: dashboard and API."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.table import Table

from graph.cli.client import run_operation, where
from graph.cli.common import DataDir, console, fail, settings_with

FIELDS = """{
  pause { reason by since } waiting scheduled oldestSeconds failed unconfirmed sent spent budget currency
  ready circuit probeIn perSecond
}"""
STATUS = f"query QueueStatus {{ notificationQueue {FIELDS} }}"
PAUSE = f"""mutation QueuePause($reason: String!) {{
  pauseNotifications(reason: $reason) {{ queue {FIELDS} userErrors {{ message }} }}
}}"""
RESUME = f"""mutation QueueResume {{
  resumeNotifications {{ queue {FIELDS} userErrors {{ message }} }}
}}"""
DOCUMENTS = (STATUS, PAUSE, RESUME)

Endpoint = Annotated[str | None, typer.Option(help="Gateway to ask.")]


def register(app: typer.Typer) -> None:
    queue = typer.Typer(help="The queue of notifications.", no_args_is_help=True)
    queue.command("status")(status)
    queue.command("pause")(pause)
    queue.command("resume")(resume)
    app.add_typer(queue, name="queue")


def status(endpoint: Endpoint = None, data_dir: DataDir = None) -> None:
    """How sending stands: paused or not, what waits, what failed, what the last 24 hours cost."""
    settings = settings_with(data_dir=data_dir)
    found = run_operation(settings, STATUS, {}, endpoint=endpoint)["notificationQueue"]
    console.print(f"{where(settings, endpoint)}:", soft_wrap=True)
    _show(found)


def pause(
    reason: Annotated[str, typer.Argument(help="Why; everybody who wonders reads it.")],
    endpoint: Endpoint = None,
    data_dir: DataDir = None,
) -> None:
    """Stop all sending until it is resumed. What is under way is settled; what is queued waits."""
    settings = settings_with(data_dir=data_dir)
    _done(run_operation(settings, PAUSE, {"reason": reason}, endpoint=endpoint))


def resume(endpoint: Endpoint = None, data_dir: DataDir = None) -> None:
    """Send again."""
    _done(run_operation(settings_with(data_dir=data_dir), RESUME, {}, endpoint=endpoint))


def _done(data: dict[str, Any]) -> None:
    [payload] = data.values()
    for refusal in payload["userErrors"]:
        fail(refusal["message"])
    _show(payload["queue"])


def _show(found: dict[str, Any]) -> None:
    table = Table(show_header=False)
    held = found["pause"]
    said = f"by {held['by']} since {held['since']}: {held['reason']}" if held else "no"
    table.add_row("paused", said)
    oldest = found["oldestSeconds"]
    age = "" if oldest is None else f", the oldest for {oldest} s"
    table.add_row("waiting", f"{found['waiting']}{age}")
    for name in ("scheduled", "failed", "unconfirmed"):
        table.add_row(name, str(found[name]))
    currency = found["currency"]
    table.add_row(
        "last 24 hours",
        f"{found['sent']} sent, {found['spent']} of {found['budget']} {currency} spent",
    )
    probe = found["probeIn"]
    state = found["circuit"].lower().replace("_", "-")
    table.add_row("circuit", state if probe is None else f"{state}, tried again in {probe} s")
    rate = found["perSecond"]
    table.add_row("most in a second", "no limit" if rate is None else f"{rate:g}")
    if not found["ready"]:
        table.add_row("Twilio", "not set up: messages wait")
    console.print(table)
