"""`schema`: the SDL as the code has it, written to or compared with the committed file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from graph.cli.common import console, fail

SDL_FILE = Path("schema/schema.graphql")
VERSION_FILE = Path("docs/schema-version.json")


def register(app: typer.Typer) -> None:
    app.command()(schema)


def schema(
    write: Annotated[
        bool, typer.Option("--write", help=f"Write {SDL_FILE} and {VERSION_FILE}.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Exit with 1 when a committed file is stale.")
    ] = False,
) -> None:
    """Print the GraphQL schema (SDL), write it, or check that the committed files are true."""
    from graph import sdl
    from graph.schema import build_schema

    text = sdl.render(build_schema())
    version = sdl.version_of(text)
    wanted = {
        SDL_FILE: text,
        VERSION_FILE: json.dumps(
            {"version": version.version, "sdlSha256": version.sdl_sha256}, indent=2
        )
        + "\n",
    }
    if not write and not check:
        typer.echo(text, nl=False)
        return
    stale = [path for path, content in wanted.items() if _read(path) != content]
    if check:
        if stale:
            fail(
                f"Stale: {', '.join(map(str, stale))}. Run `make schema` and commit what it writes."
            )
        console.print(f"Schema {version.version} is up to date.")
        return
    for path in stale:
        path.write_text(wanted[path], encoding="utf-8", newline="\n")
    console.print(
        f"Schema {version.version}: "
        + (f"wrote {', '.join(map(str, stale))}." if stale else "nothing to write.")
    )


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None
