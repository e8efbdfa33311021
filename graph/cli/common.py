"""What commands share: settings with their faults explained, and how a command fails."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from pydantic import ValidationError
from rich.console import Console

from graph.settings import Settings, explain

USAGE, FAILED = 2, 1

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)

DataDir = Annotated[
    Path | None, typer.Option("--data-dir", help="Folder of the store. Default: DATA_DIR or .data.")
]


def settings_with(**overrides: Any) -> Settings:
    """The settings, with the options that were given; ends the command when a variable is wrong."""
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        fail(f"Wrong settings:\n{explain(error)}", USAGE)


def fail(message: str, code: int = FAILED) -> NoReturn:
    """Say what is wrong and what to do, and end."""
    errors.print(message, style="red", markup=False, soft_wrap=True)
    raise typer.Exit(code)
