"""What one actor sees of one snapshot on one day, and the figures derived from it.

Derived figures are computed once per snapshot and day and shared by everybody who reads it: they are kept here,
never in a request's context, so that each event of a subscription has its own. How figures are computed is the
model's business, how they look on the wire that of `graph.types`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar, cast

from negotiation import picture
from negotiation.assessment import Analyst
from negotiation.records import Negotiation, Offer, OfferStatus, Party, Provenance, Snapshot
from resolvers.later import Later
from resolvers.ports import Actor, Services

T = TypeVar("T")

GUEST = "vendor_guest"
MOST_KNOWN = 1_000
"""What-ifs are as many as clients care to ask for."""
_UNKNOWN = object()


class Analyses:
    """Work with the process's one analyst, in a thread of its own: what it remembers is not for many, and who waits for it
    keeps no other work waiting."""

    def __init__(self) -> None:
        self._analyst = Analyst()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="analyst")

    async def run(self, work: Callable[[Analyst], T]) -> T:
        """What `work` returns, off the event loop. Cancelled before its turn, it is not done at all."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, work, self._analyst)


@dataclass(slots=True)
class _Underway:
    """A figure that is being computed, and how many wait for it."""

    task: asyncio.Task[Any]
    waiting: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Figures:
    """One snapshot, seen on the UTC day `today`, with what was derived from it so far. Read it on the event loop."""

    snapshot: Snapshot
    today: date
    pictures: picture.Pictures
    analyses: Analyses
    _known: dict[Hashable, Any] = field(default_factory=dict)
    _underway: dict[Hashable, _Underway] = field(default_factory=dict)

    def soon(self, key: Hashable, work: Callable[[Analyst], T]) -> T | Awaitable[T]:
        """What `work` returned under this key, else something to await that has the analyst do it once for all who ask."""
        known = self._known.get(key, _UNKNOWN)
        return cast("T", known) if known is not _UNKNOWN else Later(lambda: self._done(key, work))

    async def _done(self, key: Hashable, work: Callable[[Analyst], T]) -> T:
        known = self._known.get(key, _UNKNOWN)
        if known is not _UNKNOWN:
            return cast("T", known)
        underway = self._underway.get(key)
        if underway is None or underway.task.get_loop() is not asyncio.get_running_loop():
            task = asyncio.ensure_future(self.analyses.run(work))
            underway = self._underway[key] = _Underway(task)
        underway.waiting += 1
        try:
            found = cast("T", await asyncio.shield(underway.task))
            return self.once(key, lambda: found)
        finally:
            underway.waiting -= 1
            if underway.waiting == 0:
                underway.task.cancel()
                if self._underway.get(key) is underway:
                    del self._underway[key]

    def once(self, key: Hashable, compute: Callable[[], T]) -> T:
        """`compute()`, the first time; what it returned, after that, while it is among the newest. A failure is not kept."""
        if key not in self._known:
            found = compute()
            if len(self._known) >= MOST_KNOWN:
                del self._known[next(iter(self._known))]
            self._known[key] = found
        return cast("T", self._known[key])


class Pictures:
    """Hands out figures; all who ask for the same snapshot on the same day share them. One per process."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._pictures = picture.Pictures()
        self._analyses = Analyses()
        self._newest: Figures | None = None

    def of(self, snapshot: Snapshot) -> Figures:
        """The figures of this snapshot today."""
        today = self._services.clock.today()
        newest = self._newest
        if newest is not None and newest.snapshot is snapshot and newest.today == today:
            return newest
        figures = Figures(snapshot, today, self._pictures, self._analyses)
        if newest is None or newest.snapshot.revision <= snapshot.revision:
            self._newest = figures
        return figures

    def present(self) -> Figures:
        """The figures of the store's newest snapshot."""
        return self.of(self._services.store.snapshot())


@dataclass(frozen=True, slots=True)
class View:
    """`figures` as `actor` may see them, with the services that know the rest (health, policy)."""

    figures: Figures
    actor: Actor
    services: Services

    @property
    def snapshot(self) -> Snapshot:
        return self.figures.snapshot

    @property
    def today(self) -> date:
        return self.figures.today

    @property
    def is_guest(self) -> bool:
        """True for the vendor's people: rows that are the buyer's secret are left out for them."""
        return self.actor.roles <= {GUEST}

    def picture(self, negotiation: Negotiation) -> picture.Picture:
        """The negotiation today, derived from usage and terms."""
        return self.figures.pictures.of(self.snapshot, negotiation, self.today)

    def may_see(self, offer: Offer) -> bool:
        """Our drafts are not shown to the vendor."""
        ours = offer.party is Party.BUYER and offer.status is OfferStatus.DRAFT
        return not (self.is_guest and ours)

    def provenance(self, own: Provenance) -> Provenance:
        """A row's provenance now: what was LIVE is CACHED while its source cannot be reached."""
        if own is Provenance.LIVE and self.services.peer.provenance() is Provenance.CACHED:
            return Provenance.CACHED
        return own
