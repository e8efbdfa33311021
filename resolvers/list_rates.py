"""Our list rates against the vendor's published prices: the report, taking them over, and which price is a SKU's."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final

from negotiation.importing.prices import (
    ListRate,
    ListRateStatus,
    applied,
    effective_links,
    list_rates,
)
from negotiation.imports import PriceDirection, PriceLink, PriceService
from negotiation.records import Snapshot
from resolvers.errors import BadUserInput, FieldError, NotFound
from resolvers.paging import Page, checked_first, page
from resolvers.ports import Actor, Put, Services, Write
from resolvers.view import View

LONGEST: Final = 100
MOST_SKUS: Final = 1_000
_COUNTRY = re.compile(r"[A-Z]{2}")
_PREFIX = re.compile(r"[0-9]{1,15}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Where a SKU's price stands. See PriceLink."""

    sku: str
    service: PriceService
    country: str
    direction: PriceDirection
    number_type: str | None = None
    carrier: str | None = None
    prefix: str | None = None


def listing(
    view: View, *, status: ListRateStatus | None, first: int | None, after: str | None
) -> Page[ListRate]:
    """Every linked SKU by key; of one status, where that is asked for."""
    size = checked_first(first, 50)
    found = [each for each in _rates(view) if status in (None, each.status)]
    return page(found, lambda each: (each.sku.key,), first=size, after=after)


def of_sku(view: View, sku: str) -> ListRate | None:
    return next((each for each in _rates(view) if each.sku.key == sku), None)


async def apply(
    services: Services, actor: Actor, only: Collection[str] | None
) -> tuple[Snapshot, tuple[str, ...]]:
    """Take the vendor's prices over as list rates where they differ, all or `only` these SKUs; which were taken.

    Raises NotFound for a SKU without a link.
    """
    if only is not None and len(only) > MOST_SKUS:
        message = f"At most {MOST_SKUS} SKUs at once."
        raise BadUserInput(message, [FieldError("input.skus", message)])
    taken: tuple[str, ...] = ()

    def decide(snapshot: Snapshot) -> Sequence[Write]:
        nonlocal taken
        rates = list_rates(effective_links(snapshot.price_links, snapshot.skus), snapshot.skus)
        known = {each.sku.key for each in rates}
        if strangers := sorted(set(only or ()) - known):
            raise NotFound(f"There is no price link for {', '.join(strangers[:5])}.")
        skus = applied([each for each in rates if only is None or each.sku.key in only])
        taken = tuple(sku.key for sku in skus)
        return [Put(sku) for sku in skus]

    snapshot = await services.store.commit(decide, actor=actor.id, cause="applyListRates")
    return snapshot, taken


async def set_link(services: Services, actor: Actor, link: Link) -> Snapshot:
    """Say where a SKU's price stands; it is read with the next import. Raises BadUserInput or NotFound."""
    wanted = replace(link, country=link.country.strip().upper(), prefix=_digits(link.prefix))
    _check(wanted)

    def decide(snapshot: Snapshot) -> Sequence[Write]:
        if wanted.sku not in snapshot.skus:
            raise NotFound(f"There is no SKU {wanted.sku!r} in the catalogue.")
        before = effective_links(snapshot.price_links, snapshot.skus).get(wanted.sku)
        if before is not None and _same(before, wanted):
            return ()
        made = PriceLink(
            sku=wanted.sku,
            service=wanted.service,
            country=wanted.country,
            direction=wanted.direction,
            number_type=wanted.number_type,
            carrier=wanted.carrier,
            prefix=wanted.prefix,
            decided_by=actor.name,
            decided_at=services.clock.now(),
        )
        return [Put(made)]

    return await services.store.commit(decide, actor=actor.id, cause="setPriceLink")


def _rates(view: View) -> list[ListRate]:
    def compare() -> list[ListRate]:
        snapshot = view.snapshot
        return list_rates(effective_links(snapshot.price_links, snapshot.skus), snapshot.skus)

    return view.figures.once("list rates", compare)


def _check(link: Link) -> None:
    faults = []
    if _COUNTRY.fullmatch(link.country) is None:
        faults.append(
            FieldError("input.country", f"{link.country!r} is no country.", "Two letters: US, GB.")
        )
    for name, text in (("numberType", link.number_type), ("carrier", link.carrier)):
        if text is not None and not 1 <= len(text.strip()) <= LONGEST:
            faults.append(FieldError(f"input.{name}", f"1 to {LONGEST} characters, or null."))
    if link.prefix is not None and _PREFIX.fullmatch(link.prefix) is None:
        faults.append(FieldError("input.prefix", "A prefix is 1 to 15 digits, such as 44."))
    if faults:
        raise BadUserInput(" ".join(fault.message for fault in faults), faults)


def _digits(prefix: str | None) -> str | None:
    return None if prefix is None else prefix.strip().removeprefix("+")


def _same(before: PriceLink, wanted: Link) -> bool:
    return all(getattr(before, name) == getattr(wanted, name) for name in Link.__slots__)
