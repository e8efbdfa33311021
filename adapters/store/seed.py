"""What a store starts with, in one commit that says whether it is made up. The records themselves are the model's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from negotiation.records import Provenance, Record, Snapshot
from resolvers.ports import Put, SetWorkspace, Store, Write


async def seed(
    store: Store, records: Iterable[Record], *, current_negotiation_id: str, anchor: date | None
) -> Snapshot:
    """Put `records` into an empty store; one that was ever written to stays as it is.

    `anchor`: the day the demonstration data was made for, which marks the whole picture as FIXTURE; None where the
    records are no demonstration. Two processes that seed the same file at once seed it once.
    """
    told = SetWorkspace(
        current_negotiation_id=current_negotiation_id,
        provenance=None if anchor is None else Provenance.FIXTURE,
        demo_anchor=anchor,
    )
    writes: list[Write] = [told, *(Put(record) for record in records)]

    def decide(picture: Snapshot) -> Sequence[Write]:
        return [] if picture.revision > 0 else writes

    cause = "first start" if anchor is None else "demo workspace"
    return await store.commit(decide, actor="system", cause=cause)
