"""What restated usage changed: late or corrected days against what was known before, in units and in money."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from negotiation.catalogue import Catalogue
from negotiation.decimals import exact_arithmetic
from negotiation.ladder import ZERO
from negotiation.usage import Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageChange:
    """One (day, SKU) that is new, gone or different. `list_delta`: after - before at list, unrounded; 0 for a SKU that the
    catalogue does not have."""

    day: date
    sku: str
    before: Decimal | None
    after: Decimal | None
    revision: int | None
    list_delta: Decimal


def usage_changes(before: Usage, after: Usage, catalogue: Catalogue) -> tuple[UsageChange, ...]:
    """Every row that differs, by day and SKU. Days that both share as one object are not looked into."""
    found = []
    for day in sorted({*before, *after}):
        old, new = before.get(day), after.get(day)
        if old is new:
            continue
        old_rows = old.rows if old is not None else {}
        new_rows = new.rows if new is not None else {}
        for key in sorted({*old_rows, *new_rows}):
            one, other = old_rows.get(key), new_rows.get(key)
            was = one.quantity if one is not None else None
            now = other.quantity if other is not None else None
            if was == now:
                continue
            rate = catalogue.skus[key].list_rate if key in catalogue.skus else ZERO
            with exact_arithmetic():
                delta = ((now or ZERO) - (was or ZERO)) * rate
            found.append(
                UsageChange(
                    day=day,
                    sku=key,
                    before=was,
                    after=now,
                    revision=other.revision if other is not None else None,
                    list_delta=delta,
                )
            )
    return tuple(found)
