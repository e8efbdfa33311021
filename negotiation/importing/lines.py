"""Lines of reported usage, wherever they come from: what counts once, what is a total of others, what SKU a new one makes.

How lines are read is `usage`'s (CSV text) and `provider`'s (the vendor's own records).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, Protocol

from negotiation.decimals import exact_arithmetic, format_decimal, keep_price
from negotiation.importing.categories import CARRIER_FEES, OTHER
from negotiation.records import Sku
from negotiation.trace import Notice

ZERO: Final = Decimal(0)
MAX_KEY: Final = 100
_NAMED = 6

Ancestors = Callable[[str], Iterable[str]]
"""The totals that contain a category, the nearest first."""


@dataclass(frozen=True, slots=True)
class Line:
    """Usage of one category or SKU (`key`) on one day; `number` tells it from the others: its line in the file."""

    number: int
    day: date
    key: str
    quantity: Decimal
    billed: Decimal | None
    unit: str = ""
    description: str = ""


class Kind(Protocol):
    """What is known of a new SKU: the family it belongs to, the unit it is counted in."""

    @property
    def family(self) -> str: ...

    @property
    def unit(self) -> str: ...


def used(line: Line) -> bool:
    return line.quantity != 0 or (line.billed is not None and line.billed != 0)


def without_totals(
    lines: Sequence[Line], ancestors: Ancestors, warnings: list[Notice], advice: str
) -> list[Line]:
    """The lines without those that hold others of the same day, so that nothing counts twice.

    `advice`: what to do where the parts do not add up.
    """
    parts: dict[tuple[date, str], list[Line]] = {}
    for line in lines:
        for total in ancestors(line.key):
            parts.setdefault((line.day, total), []).append(line)

    def is_total(line: Line) -> bool:
        held = parts.get((line.day, line.key), ())
        return bool(held) and (not used(line) or any(used(part) for part in held))

    totals = [line for line in lines if is_total(line)]
    if not totals:
        return list(lines)
    names = sorted({line.key for line in totals})
    warnings.append(
        Notice(
            "TOTALS_LEFT_OUT",
            f"{len(totals)} rows of {listed(names)} are totals of other rows and were left out, "
            "so that nothing counts twice.",
            "category",
        )
    )
    dropped = {line.number for line in totals}
    kept = [line for line in lines if line.number not in dropped]
    warnings.extend(_gaps(totals, parts, dropped, advice))
    return kept


def _gaps(
    totals: Iterable[Line],
    parts: Mapping[tuple[date, str], list[Line]],
    dropped: set[int],
    advice: str,
) -> Iterator[Notice]:
    """The total that its parts miss by most, if one does: the export is incomplete, or the total is none."""
    worst: tuple[Decimal, Line] | None = None
    for total in totals:
        held = [part for part in parts[total.day, total.key] if part.number not in dropped]
        prices = [part.billed for part in held]
        if total.billed is None or None in prices:
            continue
        with exact_arithmetic():
            gap = total.billed - sum((price for price in prices if price is not None), ZERO)
        if abs(gap) > Decimal("0.01") * len(held) and (worst is None or abs(gap) > abs(worst[0])):
            worst = gap, total
    if worst is not None:
        gap, total = worst
        yield Notice(
            "TOTAL_DIFFERS_FROM_PARTS",
            f"{total.key} on {total.day} cost {format_decimal(total.billed or ZERO)}, which is "
            f"{format_decimal(abs(gap))} {'more' if gap > 0 else 'less'} than its parts. {advice}",
            "price",
        )


def new_sku(key: str, lines: Sequence[Line], kind: Kind | None) -> Sku:
    """A synthetic SKU: its list rate is what was billed per unit, 0 where nothing says."""
    with exact_arithmetic():
        priced = [line for line in lines if line.billed is not None]
        units = sum((line.quantity for line in priced), ZERO)
        billed = sum((line.billed for line in priced if line.billed is not None), ZERO)
        rate = keep_price(billed / units) if units > 0 else ZERO
    unit = next((line.unit for line in lines if line.unit), kind.unit if kind else "unit")
    name = next((line.description for line in lines if line.description), key.replace("-", " "))
    return Sku(
        key=key,
        name=name[:MAX_KEY],
        family=kind.family if kind else OTHER,
        unit=unit[:MAX_KEY],
        list_rate=rate,
        pass_through=kind is not None and kind.family == CARRIER_FEES,
        synthetic=True,
    )


def listed(names: Sequence[str]) -> str:
    """The first of them, and how many more there are."""
    return ", ".join(names[:_NAMED]) + (
        f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    )
