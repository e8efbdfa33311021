"""`schema`: the SDL as the code has it, and what is made of it, written to or compared with the committed files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from graph.cli.common import console, fail

if TYPE_CHECKING:
    import strawberry

SDL_FILE = Path("schema/schema.graphql")
VERSION_FILE = Path("docs/schema-version.json")
SECURITY_FILE = Path("docs/security.md")


def register(app: typer.Typer) -> None:
    app.command()(schema)


def schema(
    write: Annotated[
        bool, typer.Option("--write", help=f"Write {SDL_FILE} and what is made of it.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Exit with 1 when a committed file is stale.")
    ] = False,
) -> None:
    """Print the GraphQL schema (SDL), write it, or check that the committed files are true."""
    from graph import sdl
    from graph.schema import build_schema

    built = build_schema()
    text = sdl.render(built)
    version = sdl.version_of(text)
    if not write and not check:
        typer.echo(text, nl=False)
        return
    wanted = {
        SDL_FILE: text,
        VERSION_FILE: json.dumps(
            {"version": version.version, "sdlSha256": version.sdl_sha256}, indent=2
        )
        + "\n",
        **dict(_made_of(built)),
    }
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


def _made_of(built: strawberry.Schema) -> Iterator[tuple[Path, str]]:
    """The list of trusted documents and the table of permissions, where their sources are at hand."""
    from graph import surfaces
    from graph.auth import matrix
    from graph.execution.trusted import render
    from graph.http.access import PUBLIC, SIGNED, rest_access

    if surfaces.sources_present(Path()):
        yield surfaces.TRUSTED_FILE, render(surfaces.trusted_documents(Path()))
    page = _read(SECURITY_FILE)
    if page is not None:
        rest = rest_access(built._schema)  # noqa: SLF001 - Strawberry's handle to the core schema
        yield SECURITY_FILE, matrix.spliced(page, matrix.render(rest, PUBLIC, SIGNED))


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None
