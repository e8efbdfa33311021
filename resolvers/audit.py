"""The audit trail, newest first."""

from __future__ import annotations

from negotiation.records import AuditLine
from resolvers.paging import Page, checked_first, cursor, read_cursor
from resolvers.ports import Services


async def changes(services: Services, *, first: int | None, after: str | None) -> Page[AuditLine]:
    """Lines before the cursor `after`. Raises BadUserInput or LimitExceeded."""
    size = checked_first(first, 50)
    before = None
    if after is not None:
        revision, sequence = read_cursor(after, like=(0, 0))
        before = (int(revision), int(sequence))
    lines = await services.store.history(first=size + 1, before=before)
    total = await services.store.history_size()
    shown = tuple(lines[:size])
    return Page(
        rows=shown,
        cursors=tuple(cursor((line.revision, line.sequence)) for line in shown),
        has_next=len(lines) > size,
        has_previous=before is not None,
        total=total,
    )
