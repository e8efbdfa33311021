"""Builds the schema: the types, the limits, the permission table and the error format, joined.

No globals: every call builds a new one. Transports and identity are left to the rest of `graph`.
"""

from __future__ import annotations

import strawberry

from graph.context import Info


@strawberry.type
class SchemaVersion:
    version: str
    sdl_sha256: str


@strawberry.type
class Query:
    @strawberry.field
    def schema_version(self, info: Info) -> SchemaVersion:
        version = info.context.services.schema_version
        return SchemaVersion(version=version.version, sdl_sha256=version.sdl_sha256)


def build_schema() -> strawberry.Schema:
    """The schema, ready to execute with a `graph.context.Context` as context value."""
    return strawberry.Schema(query=Query)
