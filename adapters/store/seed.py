"""The demonstration data into an empty store, in one commit that says what it is. The data itself is the model's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from negotiation.records import Provenance, Record, Snapshot
from resolvers.ports import Put, SetWorkspace, Store, Write


async def seed(
    store: Store, records: Iterable[Record], *, current_negotiation_id: str, anchor: date
) -> Snapshot:
    """Put `records`, made for the day `anchor`, as FIXTURE. A store that was ever written to stays as it is.

    Two processes that seed the same file at once seed it once.
    """
    puts = [Put(record) for record in records]

    def decide(picture: Snapshot) -> Sequence[Write]:
        if picture.revision > 0:
            return []
        told = SetWorkspace(
            current_negotiation_id=current_negotiation_id,
            provenance=Provenance.FIXTURE,
            demo_anchor=anchor,
        )
        return [told, *puts]

    return await store.commit(decide, actor="system", cause="demo workspace")
