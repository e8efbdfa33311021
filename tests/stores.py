"""Helpers for tests that use a store."""

from __future__ import annotations

import dataclasses
from typing import Any

from negotiation.records import Record, Snapshot
from resolvers.ports import Put, Store


async def put(store: Store, *records: Record, actor: str = "tester") -> Snapshot:
    """One commit that puts the records."""
    return await store.commit(
        lambda _: [Put(record) for record in records], actor=actor, cause="a test"
    )


def contents(picture: Snapshot) -> dict[str, Any]:
    """Everything the picture says, comparable by value (days of usage are compared by identity)."""
    said = {f.name: getattr(picture, f.name) for f in dataclasses.fields(picture)}
    return said | {"usage": {day: dict(each.rows) for day, each in picture.usage.items()}}
