"""The documents that our own clients send, collected from their sources: dashboard, terminal, REST, commands.

Needs a checkout. A deployment reads what was made of it: `schema/trusted-documents.json`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from graphql import parse

from graph.cli import data, imports, queue, sync
from graph.execution.canonical import content_key
from graph.execution.trusted import Trusted
from graph.http import documents as rest

WEB = Path("web/src/gql/persisted-documents.json")
TERMINAL = Path("desktop/graphql")
TRUSTED_FILE = Path("schema/trusted-documents.json")
VERSION_QUERY = "{ schemaVersion { version } }"


def trusted_documents(root: Path) -> list[Trusted]:
    """Every document of every client. Raises OSError or ValueError where a client's cannot be read, GraphQLError where
    one is no GraphQL."""
    return [
        Trusted(id=own_id, content=content_key(parse(text)), client=client, text=text)
        for client, own_id, text in _found(root)
    ]


def sources_present(root: Path) -> bool:
    return (root / WEB).is_file() and (root / TERMINAL).is_dir()


def _found(root: Path) -> Iterator[tuple[str, str, str]]:
    """Client, id, text."""
    for own_id, text in json.loads((root / WEB).read_text(encoding="utf-8")).items():
        yield "web", own_id.removeprefix("sha256:"), text
    for path in sorted((root / TERMINAL).glob("*.graphql")):
        yield "terminal", *_with_id(path.read_text(encoding="utf-8"))
    for text in rest.STORED.values():
        yield "rest", *_with_id(text)
    for text in (
        data.HISTORY,
        *sync.DOCUMENTS,
        *imports.DOCUMENTS.values(),
        *queue.DOCUMENTS,
        VERSION_QUERY,
    ):
        yield "commands", *_with_id(text)


def _with_id(text: str) -> tuple[str, str]:
    return sha256(text.encode()).hexdigest(), text
