"""Checks that every surface speaks the same schema: gateway, web, terminal, REST, documents, the last release."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
from graphql import GraphQLError, GraphQLSchema, build_schema, parse, validate
from graphql.utilities import find_breaking_changes

from graph import sdl, surfaces
from graph.execution.trusted import render
from graph.http import documents
from graph.preflight.findings import Check, Finding, World, block, ok, warn
from graph.schema import build_schema as our_schema

if TYPE_CHECKING:
    from strawberry import Schema

SDL = Path("schema/schema.graphql")
VERSION = Path("docs/schema-version.json")
WEB_VERSION = Path("web/src/gql/schema-version.json")
WEB_DOCUMENTS = Path("web/src/gql/persisted-documents.json")
TERMINAL_DOCUMENTS = Path("desktop/graphql")
RELEASES = Path("schema/releases")
TERMINAL_CACHE = Path(".twilio-negotiation/cache.json")
OLD_CACHE = timedelta(days=7)
MOST_SHOWN = 3


async def drift(world: World, make: Callable[[], Schema] = our_schema) -> Finding:
    """The SDL that the code makes against everything that was generated from it or speaks it."""
    try:
        text = sdl.render(make())
    except ValueError as error:
        return block(
            f"The code makes no schema: {error}",
            "The gateway would not start.",
            "Complete what it names: a new field needs an entry in the permission table (`graph/auth`).",
        )
    version = sdl.version_of(text).version
    faults = [*_drifted(world.root, text, version)]
    if world.live_url is not None:
        faults += await _live_drift(world, version)
    if not faults:
        where = "gateway, web, terminal, REST and docs" + (
            " and the live gateway" if world.live_url else ""
        )
        return ok(f"Schema {version} everywhere: {where}.")
    more = f" And {len(faults) - MOST_SHOWN} more." if len(faults) > MOST_SHOWN else ""
    return block(
        " ".join(faults[:MOST_SHOWN]) + more,
        "A surface would ask for what the gateway does not have, or show it wrongly.",
        "Run `make schema`, rebuild web and terminal, commit what changed, deploy them together.",
    )


def _drifted(root: Path, text: str, version: str) -> Iterator[str]:
    committed = root / SDL
    if not committed.is_file() or committed.read_text(encoding="utf-8") != text:
        yield f"{SDL} is not what the code makes."
    for path in (VERSION, WEB_VERSION):
        said = _json(root / path).get("version")
        if said != version:
            yield f"{path} says {said or 'nothing'}, the code makes {version}."
    yield from _untrusted(root)
    schema = build_schema(text)
    for name, document in _documents(root):
        for error in _invalid(schema, document):
            yield f"{name}: {error}"


def _untrusted(root: Path) -> Iterator[str]:
    """The list of trusted documents against what the surfaces send now."""
    try:
        wanted = render(surfaces.trusted_documents(root))
    except (OSError, ValueError, GraphQLError):
        return  # which document it is, the others say
    path = root / surfaces.TRUSTED_FILE
    if not path.is_file() or path.read_text(encoding="utf-8") != wanted:
        yield f"{surfaces.TRUSTED_FILE} is not what the surfaces send: in production some would be refused."


def _documents(root: Path) -> Iterator[tuple[str, str]]:
    """Every operation that a surface sends, with where it stands."""
    persisted = _json(root / WEB_DOCUMENTS)
    if not persisted:
        yield str(WEB_DOCUMENTS), ""
    for digest, document in persisted.items():
        yield f"{WEB_DOCUMENTS} ({digest[:12]})", document
    terminal = sorted((root / TERMINAL_DOCUMENTS).glob("*.graphql"))
    if not terminal:
        yield str(TERMINAL_DOCUMENTS), ""
    for path in terminal:
        yield str(path.relative_to(root)), path.read_text(encoding="utf-8")
    for name, document in documents.STORED.items():
        yield f"REST {name}", document


def _invalid(schema: GraphQLSchema, document: str) -> Iterator[str]:
    if not document.strip():
        yield "there are no documents."
        return
    try:
        yield from (error.message for error in validate(schema, parse(document)))
    except GraphQLError as error:
        yield error.message


async def _live_drift(world: World, version: str) -> list[str]:
    query = {"query": surfaces.VERSION_QUERY}
    try:
        answer = await world.http.post(f"{world.live_url}/graphql", json=query)
        served = answer.json()["data"]["schemaVersion"]["version"]
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        return [f"{world.live_url} cannot be asked for its schema: {error!r}."]
    return (
        []
        if served == version
        else [f"{world.live_url} serves {served}, the code makes {version}."]
    )


async def web_bundle(world: World) -> Finding:
    dist = world.root / world.settings.web_dist
    if not (dist / "index.html").is_file():
        return block(
            f"There is no built dashboard in {dist}.",
            "The gateway would answer 503 at /.",
            "Run `npm --prefix web run build`, or `make run`.",
        )
    version = sdl.version_of(sdl.render(our_schema())).version
    if not any(version in text for text in _scripts(dist)):
        return block(
            f"The built dashboard was not made for schema {version}.",
            "It would show “schema mismatch”.",
            "Build it again: `npm --prefix web run build`.",
        )
    if world.live_url is not None:
        try:
            page = await world.http.get(world.live_url, headers={"accept": "text/html"})
            page.raise_for_status()
        except httpx.HTTPError as error:
            return block(
                f"{world.live_url} does not serve the dashboard: {error}.",
                "People would see nothing.",
                "Start the gateway and look at its log.",
            )
    return ok(f"The dashboard is built for schema {version}.")


def _scripts(dist: Path) -> Iterator[str]:
    for path in sorted((dist / "assets").glob("*.js")):
        yield path.read_text(encoding="utf-8", errors="replace")


async def terminal_cache(world: World) -> Finding:
    path = world.home / TERMINAL_CACHE
    why = "Offline, the terminal would have nothing to show, or nothing it can read."
    todo = "Run `twilio-negotiation-desktop snapshot` once while the gateway is up."
    if not path.is_file():
        return warn(f"{path} is not there.", why, todo)
    entry = _json(path)
    try:
        saved = datetime.fromisoformat(entry["savedAt"])
    except (KeyError, TypeError, ValueError):
        return warn(f"{path} cannot be read.", why, todo)
    version = sdl.version_of(sdl.render(our_schema())).version
    if entry.get("schemaVersion") != version:
        return warn(
            f"{path} was written for schema {entry.get('schemaVersion')}, this is {version}.",
            why,
            todo,
        )
    age = world.now - saved.astimezone(UTC)
    if age > OLD_CACHE:
        return warn(f"{path} is {age.days} days old.", "It would show old figures.", todo)
    return ok(f"{path} is {age.total_seconds() / 3600:.1f} h old and of this schema.")


async def breaking_changes(world: World) -> Finding:
    releases = sorted(
        (world.root / RELEASES).glob("*.graphql"), key=lambda path: _semantic(path.stem)
    )
    if not releases:
        return ok("No release yet to compare with.")
    last = releases[-1]
    before = build_schema(last.read_text(encoding="utf-8"))
    changes = find_breaking_changes(before, build_schema(sdl.render(our_schema())))
    if not changes:
        return ok(f"Nothing that breaks clients of {last.stem}.")
    package = re.search(
        r'^version = "([^"]+)"',
        (world.root / "pyproject.toml").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    if package and _semantic(package[1])[0] > _semantic(last.stem)[0]:
        return ok(f"{len(changes)} breaking changes since {last.stem}; the version says so.")
    shown = "; ".join(change.description for change in changes[:MOST_SHOWN])
    return block(
        f"{len(changes)} breaking changes since {last.stem}: {shown}.",
        "Clients of the last release would fail.",
        "Bring the names back, or raise the major version.",
    )


def _semantic(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)) or (0,)


def _json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


CHECKS = (
    Check("P07", "Terminal offline", terminal_cache),
    Check("P08", "Web cannot fetch", web_bundle),
    Check("P10", "Configuration drift between surfaces", drift),
    Check("P11", "Breaking schema change since the last release", breaking_changes),
)
