"""The SDL file: the contract that the web, the terminal and the preflight compare their own copies with."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import strawberry

from resolvers.ports import SchemaVersion


def render(schema: strawberry.Schema) -> str:
    """The schema as SDL text, ending in a newline; the same schema always gives the same bytes."""
    # The specification defines @oneOf; a definition in the file would be a second one to some readers.
    text = schema.as_str().removeprefix("directive @oneOf on INPUT_OBJECT\n\n")
    return text.rstrip("\n") + "\n"


def version_of(sdl: str) -> SchemaVersion:
    """The version of an SDL text: SHA-256 of its UTF-8 bytes, and its first 12 hex digits."""
    digest = sha256(sdl.encode()).hexdigest()
    return SchemaVersion(version=digest[:12], sdl_sha256=digest)


def write(path: Path, schema: strawberry.Schema) -> bool:
    """Write the SDL file where it differs from what is there; True if it did."""
    text = render(schema)
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return False
    path.write_text(text, encoding="utf-8", newline="\n")
    return True
