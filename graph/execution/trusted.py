"""The documents of our own clients: known by id, and recognised by what they ask for however they are printed.

In the production profile nothing else is executed, but for those whose work is to ask freely. Where the documents come
from is `graph.surfaces`' business; this module only reads the list that was made of them, so that a deployment needs no
sources.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import orjson
from graphql import DocumentNode

from graph.auth.permissions import ANY_DOCUMENT
from graph.execution.canonical import content_key
from resolvers.errors import Forbidden, GatewayError, Unavailable

_ID = re.compile(r"(?:sha256:)?([0-9a-f]{64})")


class UnknownDocument(GatewayError):
    """The id names no document of ours. The code is the one that clients answer with the text itself."""

    code = "PERSISTED_QUERY_NOT_FOUND"
    status = 400


def untrusted() -> Forbidden:
    """What is told to who may not send documents of their own."""
    return Forbidden(
        "This gateway executes only the documents of its own clients. "
        f"Others are for the roles {', '.join(sorted(ANY_DOCUMENT))}.",
        documents="trusted",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Trusted:
    """One document. id: SHA-256 that its client calls it by. content: `content_key`. client: who sends it."""

    id: str
    content: str
    client: str
    text: str


class TrustedDocuments:
    """All of them."""

    def __init__(self, documents: Iterable[Trusted] = ()) -> None:
        listed = tuple(documents)
        self._texts = {each.id: each.text for each in listed}
        self._contents = frozenset(each.content for each in listed)

    def __len__(self) -> int:
        return len(self._texts)

    def text(self, document_id: str) -> str:
        """The document with this id: hex, or `sha256:` and hex. Raises UnknownDocument."""
        found = _ID.fullmatch(document_id)
        text = self._texts.get(found[1]) if found else None
        if text is None:
            raise UnknownDocument("PersistedQueryNotFound")
        return text

    def includes(self, document: DocumentNode) -> bool:
        return content_key(document) in self._contents

    @classmethod
    def read(cls, path: Path) -> Self:
        """The committed list. Raises Unavailable, with what to do, where it is missing or none."""
        try:
            return cls(Trusted(**each) for each in orjson.loads(path.read_bytes())["documents"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Unavailable(
                f"The list of trusted documents {path} cannot be read ({error!r}). It belongs to every release: "
                "name its place in TRUSTED_DOCUMENTS, or make it with `twilio-negotiation schema --write`."
            ) from error


def render(documents: Iterable[Trusted]) -> str:
    """The list as it is committed."""
    lines = [
        {"id": each.id, "content": each.content, "client": each.client, "text": each.text}
        for each in sorted(documents, key=lambda each: (each.client, each.text, each.id))
    ]
    return orjson.dumps({"documents": lines}, option=orjson.OPT_INDENT_2).decode() + "\n"


def document_id(given: Mapping[str, Any]) -> str | None:
    """The id in a request's parameters: `documentId`, or Apollo's `extensions.persistedQuery.sha256Hash`.

    Raises ValueError, with words for the client, for one that is no text.
    """
    persisted = (given.get("extensions") or {}).get("persistedQuery")
    found = given.get("documentId")
    if found is None and isinstance(persisted, Mapping):
        found = persisted.get("sha256Hash")
    if found is not None and not isinstance(found, str):
        raise ValueError("The id of a document must be a string: the SHA-256 of its text.")
    return found
