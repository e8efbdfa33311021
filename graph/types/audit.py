"""The audit trail."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry

from graph.types.common import mirrored
from negotiation import records
from resolvers import ids


@strawberry.type(
    description="One line of the audit trail: who changed what, when and why. Hash-chained."
)
class Change:
    revision: int
    area: str
    entity_id: str
    action: str
    actor: str
    cause: str
    at: datetime
    hash: str

    @classmethod
    def of(cls, line: records.AuditLine) -> Self:
        return mirrored(cls, line, entity_id=ids.entity_id(line.area, line.entity_id))
