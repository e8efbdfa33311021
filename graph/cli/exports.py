"""`export NAME`: a table as CSV, or the briefing as Markdown or PDF, into a file or to standard output."""

from __future__ import annotations

import asyncio
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import httpx
import typer

from graph.cli.client import gateway_url
from graph.cli.common import USAGE, DataDir, console, fail, settings_with
from graph.settings import Settings

ANSWER_SECONDS = 120.0


class Format(StrEnum):
    CSV = "csv"
    MARKDOWN = "md"
    PDF = "pdf"


def register(app: typer.Typer) -> None:
    app.command("export")(export)


def export(
    name: Annotated[
        str,
        typer.Argument(
            help="invoices, invoice-lines, findings, usage, spend, skus, streams, offers, offer-months, "
            "milestones, focus (FOCUS contract commitments), or briefing."
        ),
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write. Default: standard output.")
    ] = None,
    form: Annotated[
        Format | None, typer.Option("--format", help="Of the briefing: md (default) or pdf.")
    ] = None,
    endpoint: Annotated[str | None, typer.Option(help="Gateway to ask.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Export a table, the FOCUS contract commitments, or the briefing."""
    settings = settings_with(data_dir=data_dir)
    wanted = form or _by_ending(output) or (Format.MARKDOWN if name == "briefing" else Format.CSV)
    if output is None and wanted is Format.PDF and sys.stdout.isatty():
        fail("A PDF does not belong on a terminal: name a file with --output.", USAGE)
    url = gateway_url(settings, endpoint)
    if url is not None:
        body = _remotely(settings, url.removesuffix("/graphql"), f"{name}.{wanted.value}")
    elif settings.database_path.exists():
        body = asyncio.run(_locally(settings, name, wanted))
    else:
        fail(f"There is no store at {settings.database_path} and no gateway to ask.", USAGE)
    if output is None:
        sys.stdout.buffer.write(body)
    else:
        try:
            output.write_bytes(body)
        except OSError as error:
            fail(f"{output} cannot be written: {error.strerror}. Name another file.", USAGE)
        console.print(f"{output}: {len(body):,} bytes.")


def _by_ending(output: Path | None) -> Format | None:
    endings = {f".{each.value}": each for each in Format}
    return endings.get(output.suffix.lower()) if output else None


def _remotely(settings: Settings, url: str, file: str) -> bytes:
    headers = {}
    if settings.twilio_negotiation_token is not None:
        headers["authorization"] = f"Bearer {settings.twilio_negotiation_token.get_secret_value()}"
    try:
        answer = httpx.get(f"{url}/api/v1/exports/{file}", headers=headers, timeout=ANSWER_SECONDS)
    except httpx.HTTPError as error:
        fail(f"The gateway at {url} cannot be reached: {error}.")
    if not answer.is_success:
        try:
            fail(answer.json()["error"]["message"])
        except (ValueError, KeyError, TypeError):
            fail(f"The gateway at {url} answered {answer.status_code}.")
    return answer.content


async def _locally(settings: Settings, name: str, form: Format) -> bytes:
    from graph import sdl
    from graph.auth.identity import LOCAL_OPERATOR
    from graph.exports.pdf import render
    from graph.schema import build_schema
    from graph.wiring.running import running_services
    from resolvers import exports
    from resolvers.errors import GatewayError
    from resolvers.view import Pictures, View

    version = sdl.version_of(sdl.render(build_schema()))
    try:
        async with running_services(settings, version, background=False) as running:
            view = View(Pictures(running.services).present(), LOCAL_OPERATOR, running.services)
            made = await exports.export(view, name)
            if form is Format.PDF and name == exports.BRIEFING:
                return render(made.text, running.services.clock.now())
            return made.text.encode()
    except GatewayError as error:
        fail(error.message)
