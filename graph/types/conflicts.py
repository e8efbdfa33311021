"""Changes that came second, both sides field by field."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry

from graph.types.common import Connection, Node, Notice, connected, mirrored
from negotiation import conflicts as model
from resolvers import ids
from resolvers.paging import Page

strawberry.enum(model.ConflictSide)


@strawberry.type(description="null: empty on that side, or the record is gone there.")
class ConflictField:
    path: str
    ours: str | None
    theirs: str | None


@strawberry.type(
    description="Two gateways, or a gateway and somebody in the database, changed a record without seeing each other's change. "
    "Theirs was first and stands; ours, written by `actor`, is kept here until a person decides. `entityId` is an id where the "
    "record is a node."
)
class Conflict(Node):
    area: str
    entity_id: str
    at: datetime
    actor: str
    fields: list[ConflictField]
    resolved: bool
    resolved_at: datetime | None
    resolved_by: str | None
    kept: model.ConflictSide | None

    @classmethod
    def of(cls, found: model.Conflict) -> Self:
        return mirrored(
            cls,
            found,
            id=strawberry.ID(ids.global_id(ids.CONFLICT, found.id)),
            entity_id=ids.entity_id(found.area, found.entity_id),
            fields=[mirrored(ConflictField, each) for each in model.differences(found)],
            resolved=found.resolved_at is not None,
        )


@strawberry.type(description="`userErrors`: why nothing was decided.")
class ResolveConflictPayload:
    conflict: Conflict
    revision: int
    user_errors: list[Notice]


def conflict_connection(page: Page[model.Conflict]) -> Connection[Conflict]:
    return Connection[Conflict](**connected(page, Conflict.of))
