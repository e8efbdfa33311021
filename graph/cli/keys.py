"""`keys create|list|revoke`: credentials for machines, in the data folder. The running gateway sees a change within a second."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from graph.cli.common import USAGE, DataDir, console, errors, fail, settings_with

if TYPE_CHECKING:
    from resolvers.ports import Keys

DEFAULT_DAYS, MOST_DAYS = 90, 3_650
LONGEST_NAME = 100


def register(app: typer.Typer) -> None:
    keys = typer.Typer(
        help="Machine keys: credentials for programs, with roles and an end.", no_args_is_help=True
    )
    keys.command()(create)
    keys.command("list")(list_keys)
    keys.command()(revoke)
    app.add_typer(keys, name="keys")


def create(
    name: Annotated[str, typer.Argument(help="What it is for, such as `nightly export`.")],
    role: Annotated[
        list[str],
        typer.Option(help="viewer, analyst, negotiator, approver, admin or vendor_guest; repeat."),
    ],
    days: Annotated[
        int, typer.Option(min=1, max=MOST_DAYS, help="How long it lasts.")
    ] = DEFAULT_DAYS,
    data_dir: DataDir = None,
) -> None:
    """Make a key. It is shown once, on standard output, and kept as a hash only."""
    from graph.auth.identity import ROLES
    from graph.auth.keys import new_key
    from graph.wiring.parts import system_clock

    if unknown := sorted(set(role) - ROLES):
        fail(f"No such role: {', '.join(unknown)}. There are: {', '.join(sorted(ROLES))}.", USAGE)
    if not name.strip() or len(name) > LONGEST_NAME:
        fail(f"A name has 1 to {LONGEST_NAME} characters.", USAGE)
    settings = settings_with(data_dir=data_dir)
    now = system_clock().now()
    ends = now + timedelta(days=days)
    kept, shown = new_key(name.strip(), role, now=now, expires_at=ends)
    with _explained():
        _opened(data_dir).add(kept)
    typer.echo(shown)
    errors.print(
        f"Key {kept.id} for {kept.name!r}: {', '.join(sorted(kept.roles))}, until {ends:%Y-%m-%d}. "
        "This is the only time it is shown.",
        markup=False,
    )
    if not settings.authentication_configured:
        errors.print(
            "This gateway asks nobody who they are yet: set AUTH_REQUIRED=true, or a token issuer.",
            style="yellow",
            markup=False,
        )


def list_keys(data_dir: DataDir = None) -> None:
    """Every key with its roles and its state; never the key itself."""
    from graph.auth.keys import fault
    from graph.wiring.parts import system_clock

    with _explained():
        found = _opened(data_dir).all()
    if not found:
        console.print("There are no machine keys.")
        return
    now = system_clock().now()
    table = Table("Id", "Name", "Roles", "Made", "Ends", "State")
    for key in found:
        ends = "never" if key.expires_at is None else f"{key.expires_at:%Y-%m-%d}"
        state = (
            "revoked"
            if key.revoked_at is not None
            else "expired"
            if fault(key, now)
            else "in force"
        )
        made = f"{key.created_at:%Y-%m-%d}"
        table.add_row(key.id, key.name, ", ".join(sorted(key.roles)), made, ends, state)
    console.print(table)


def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="As `keys list` shows it.")],
    data_dir: DataDir = None,
) -> None:
    """End a key now: requests are refused and its open streams closed within seconds."""
    from graph.wiring.parts import system_clock

    with _explained():
        found = _opened(data_dir).revoke(key_id, system_clock().now())
    if found is None:
        fail(f"There is no key {key_id!r}. `twilio-negotiation keys list` shows them.", USAGE)
    console.print(f"Key {found.id} ({found.name}) is revoked.", markup=False)


def _opened(data_dir: Path | None) -> Keys:
    from graph.wiring.parts import machine_keys

    keys = machine_keys(settings_with(data_dir=data_dir))
    keys.refresh()
    return keys


@contextmanager
def _explained() -> Iterator[None]:
    """What goes wrong with the file, said plainly."""
    from resolvers.errors import Unavailable

    try:
        yield
    except Unavailable as error:
        fail(error.message)
