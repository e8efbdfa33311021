"""Operations on changes that came second: reading them, following them, settling one."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

import strawberry

from graph.context import Info
from graph.types.common import Connection, Notice, described, given
from graph.types.conflicts import Conflict, ResolveConflictPayload, conflict_connection
from negotiation.conflicts import ConflictSide
from resolvers import conflicts, ids, live

UNSET = strawberry.UNSET
Id = Annotated[strawberry.ID, strawberry.argument(name="id")]
Open = Annotated[bool | None, strawberry.argument(name="open")]


@strawberry.type
class ConflictQuery:
    @described(
        "Newest first; `open`: only those that wait for a decision, or only those that do not."
    )
    def conflicts(
        self,
        info: Info,
        open_: Open = UNSET,
        first: int | None = 50,
        after: str | None = UNSET,
    ) -> Connection[Conflict]:
        view = info.context.view(info)
        found = conflicts.listing(view, is_open=given(open_), first=first, after=given(after))
        return conflict_connection(found)


@strawberry.type
class ConflictMutation:
    @described(
        "Settle a conflict: THEIRS stands already; OURS puts the differing values on top of the record as it is now.",
        strawberry.mutation,
    )
    async def resolve_conflict(
        self, info: Info, id_: Id, keep: ConflictSide
    ) -> ResolveConflictPayload:
        context = info.context
        own = ids.own_id(ids.CONFLICT, id_)
        snapshot, found, refusals = await conflicts.resolve(
            context.services, context.actor, own, keep
        )
        return ResolveConflictPayload(
            conflict=Conflict.of(found),
            revision=snapshot.revision,
            user_errors=Notice.of(refusals),
        )


@strawberry.type
class ConflictSubscription:
    @strawberry.subscription
    async def conflicts_updated(
        self, info: Info, open_: Open = UNSET, first: int | None = 50
    ) -> AsyncGenerator[Connection[Conflict], None]:
        context = info.context
        async with aclosing(live.snapshots(context.services)) as source:
            async for snapshot in source:
                view = context.view_of(snapshot)
                found = conflicts.listing(view, is_open=given(open_), first=first, after=None)
                yield conflict_connection(found)
