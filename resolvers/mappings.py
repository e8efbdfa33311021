"""How the vendor's usage categories count: looking through the mappings, and deciding about one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from negotiation.decimals import exact_arithmetic
from negotiation.importing.mapping import contains_itself, effective_mappings, family_of, totals
from negotiation.imports import UsageMapping, UsageMappingRule
from negotiation.records import Snapshot
from negotiation.trace import Notice
from resolvers.errors import BadUserInput, FieldError, NotFound
from resolvers.paging import Page, checked_first, page
from resolvers.ports import Actor, Put, Services, Write
from resolvers.view import View

LONGEST: Final = 100
LONGEST_NOTE: Final = 2_000
LOOK_BACK: Final = timedelta(days=365)


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingRow:
    """A mapping with what it counts as. The last four: the usage of its SKU in the last 365 days, where there is any."""

    mapping: UsageMapping
    family: str
    unit: str
    is_total: bool
    first_used_on: date | None
    last_used_on: date | None
    quantity: Decimal
    billed: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a category counts as from now on. None leaves a thing as it is; an empty `parent` takes it away.

    `family`: of a SKU that the catalogue lacks, or that an import made up.
    """

    category: str
    rule: UsageMappingRule
    sku: str | None = None
    family: str | None = None
    parent: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class _Use:
    first: date | None
    last: date | None
    quantity: Decimal
    billed: Decimal


def listing(
    view: View,
    *,
    rule: UsageMappingRule | None,
    search: str | None,
    first: int | None,
    after: str | None,
) -> Page[MappingRow]:
    """Mappings by category: of one rule, and with these words in category, SKU or family, where that is asked for."""
    size = checked_first(first, 50)
    every = _effective(view)
    above = view.figures.once("mapping totals", lambda: totals(every.values()))
    words = (search or "").strip().lower()
    found = [
        each
        for _, each in sorted(every.items())
        if rule in (None, each.rule) and words in f"{each.category} {each.sku} {each.family}"
    ]
    taken = page(found, lambda each: (each.category,), first=size, after=after)
    return replace_rows(taken, [_row(view, each, above) for each in taken.rows])


def row(view: View, category: str) -> MappingRow | None:
    """One mapping, as it counts now."""
    every = _effective(view)
    found = every.get(category)
    return None if found is None else _row(view, found, totals(every.values()))


async def decide_mapping(
    services: Services, actor: Actor, decision: Decision
) -> tuple[Snapshot, tuple[Notice, ...]]:
    """Keep the decision; the next import reads everything again by it. Raises BadUserInput or NotFound."""
    category = decision.category.strip().lower()

    def decide(snapshot: Snapshot) -> Sequence[Write]:
        every = effective_mappings(snapshot.usage_mappings)
        before = every.get(category)
        if before is None:
            raise NotFound(
                f"There is no category {category!r}: neither known nor seen in an import yet."
            )
        _check(decision, before, every, snapshot)
        changed = _decided(decision, before, snapshot)
        if changed == before:
            return ()
        sku = snapshot.skus.get(changed.sku)
        moved = sku is not None and sku.family != changed.family
        return [
            Put(replace(changed, decided_by=actor.name, decided_at=services.clock.now())),
            *([Put(replace(sku, family=changed.family))] if sku is not None and moved else []),
        ]

    before = services.store.snapshot()
    snapshot = await services.store.commit(decide, actor=actor.id, cause="setUsageMapping")
    if snapshot is before or services.provider.missing is not None:
        return snapshot, ()
    told = "The next import reads all days again by it. Ask for one now to see it at once."
    return snapshot, (Notice("NEEDS_IMPORT", told, "category"),)


def _effective(view: View) -> dict[str, UsageMapping]:
    return view.figures.once("mappings", lambda: effective_mappings(view.snapshot.usage_mappings))


def _row(view: View, mapping: UsageMapping, above: frozenset[str]) -> MappingRow:
    family, unit = family_of(mapping, view.snapshot.skus)
    used = view.figures.once(("use of", mapping.sku), lambda: _use(view, mapping.sku))
    return MappingRow(
        mapping=mapping,
        family=family,
        unit=unit,
        is_total=mapping.category in above,
        first_used_on=used.first,
        last_used_on=used.last,
        quantity=used.quantity,
        billed=used.billed,
    )


def _use(view: View, sku: str) -> _Use:
    quantity, billed, days = Decimal(0), Decimal(0), []
    since = view.today - LOOK_BACK
    with exact_arithmetic():
        for day, usage_day in view.snapshot.usage.items():
            found = usage_day.rows.get(sku) if day >= since else None
            if found is None or (found.quantity == 0 and not found.billed):
                continue
            days.append(day)
            quantity += found.quantity
            billed += Decimal(0) if found.billed is None else found.billed
    return _Use(min(days, default=None), max(days, default=None), quantity, billed)


def _check(
    decision: Decision, before: UsageMapping, every: dict[str, UsageMapping], snapshot: Snapshot
) -> None:
    faults = []
    if decision.rule is UsageMappingRule.UNMAPPED:
        faults.append(
            FieldError("input.rule", "UNMAPPED is no decision.", "Use COUNT with a SKU, or IGNORE.")
        )
    sku = before.sku if decision.sku is None else decision.sku.strip()
    if not sku or len(sku) > LONGEST or not sku.isprintable():
        faults.append(
            FieldError("input.sku", f"A SKU key has 1 to {LONGEST} printable characters.")
        )
    family = None if decision.family is None else decision.family.strip()
    known = snapshot.skus.get(sku)
    if family is not None and (not family or len(family) > LONGEST or not family.isprintable()):
        faults.append(
            FieldError("input.family", f"A family has 1 to {LONGEST} printable characters.")
        )
    elif known is not None and not known.synthetic and family not in (None, known.family):
        message = f"{sku} is in family {known.family} of the catalogue."
        faults.append(FieldError("input.family", message, "Leave the family out."))
    parent = (decision.parent or "").strip().lower()
    if parent and parent not in every:
        faults.append(FieldError("input.parent", f"There is no category {parent!r}."))
    elif parent and contains_itself(every, before.category, parent):
        faults.append(FieldError("input.parent", f"{parent} is itself part of {before.category}."))
    if decision.note is not None and len(decision.note) > LONGEST_NOTE:
        faults.append(FieldError("input.note", f"A note has at most {LONGEST_NOTE} characters."))
    if faults:
        raise BadUserInput(" ".join(fault.message for fault in faults), faults)


def _decided(decision: Decision, before: UsageMapping, snapshot: Snapshot) -> UsageMapping:
    sku = before.sku if decision.sku is None else decision.sku.strip()
    known = snapshot.skus.get(sku)
    parent = decision.parent
    family = before.family if known is None else known.family
    return replace(
        before,
        rule=decision.rule,
        sku=sku,
        family=family if decision.family is None else decision.family.strip(),
        unit=before.unit if known is None else known.unit,
        parent=before.parent if parent is None else parent.strip().lower() or None,
        note=before.note if decision.note is None else decision.note.strip() or None,
    )


def replace_rows(found: Page[UsageMapping], rows: Sequence[MappingRow]) -> Page[MappingRow]:
    """The same page of other rows."""
    return Page(
        rows=tuple(rows),
        cursors=found.cursors,
        has_next=found.has_next,
        has_previous=found.has_previous,
        total=found.total,
    )
