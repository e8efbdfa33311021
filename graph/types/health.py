"""Health, the schema's version, and who is asking."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry

from graph.types.common import Notice, mirrored
from negotiation import records, trace
from resolvers import health, ports

# The other enums keep the model's names and need no word.
strawberry.enum(ports.Status, name="HealthStatus")


@strawberry.type(description="version: SHA-256 of the canonical SDL, first 12 hex digits.")
class SchemaVersion:
    version: str
    sdl_sha256: str


@strawberry.type(description="name: store, supabase, twilio, usage, outbox, live, rules.")
class HealthComponent:
    name: str
    status: ports.Status
    mode: str
    message: str
    last_ok_at: datetime | None
    latency_ms: int | None
    last_error: Notice | None

    @classmethod
    def of(cls, found: ports.ComponentHealth) -> Self:
        error = None
        if found.error_code is not None or found.error_message is not None:
            error = Notice(
                code=found.error_code or "ERROR", message=found.error_message or "", field=None
            )
        return mirrored(cls, found, last_error=error)


@strawberry.type
class Health:
    status: ports.Status
    components: list[HealthComponent]
    queue_depth: int
    oldest_queued_seconds: int | None
    revision: int
    provenance: records.Provenance
    as_of: datetime
    banner: Notice | None
    schema_version: SchemaVersion

    @classmethod
    def of(cls, found: health.Health) -> Self:
        return mirrored(
            cls,
            found,
            components=[HealthComponent.of(each) for each in found.components],
            banner=_notice(found.banner),
            schema_version=mirrored(SchemaVersion, found.schema_version),
        )


@strawberry.type
class Viewer:
    id: strawberry.ID
    name: str
    roles: list[str]

    @classmethod
    def of(cls, actor: ports.Actor) -> Self:
        return cls(id=strawberry.ID(actor.id), name=actor.name, roles=sorted(actor.roles))


def _notice(notice: trace.Notice | None) -> Notice | None:
    return None if notice is None else mirrored(Notice, notice)
