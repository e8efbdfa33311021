"""The vendor's own daily usage records to our rows: what a span of days says, against what is there.

The vendor's word on a day is whole: it lists every category. So a row of an earlier run that is no longer said, and any
row that was made up for demonstration, leaves those days; what came from elsewhere (a CSV file) stays. Pure; asking the
vendor is the adapters' business, writing the resolvers'.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Final, Protocol, TypeVar

from negotiation.decimals import exact_arithmetic, format_decimal
from negotiation.importing.lines import ZERO, Line, listed, new_sku, used, without_totals
from negotiation.importing.mapping import effective_mappings, totals_above, unmapped
from negotiation.imports import UsageMapping, UsageMappingRule
from negotiation.records import Sku, Snapshot, UsageRow
from negotiation.trace import Notice

SOURCE: Final = "twilio"
MADE_UP: Final = "demo"
"""The source of rows that were made for demonstration (`negotiation.demo`)."""
_CHECK_MAPPING: Final = (
    "If they are more, a category is part of another: say so in its mapping (`parent`)."
)


T = TypeVar("T")


class Pacing(Protocol):
    """The same items, with rests in between where others need the time."""

    def __call__(self, items: Iterable[T], /) -> Iterable[T]: ...


def at_once(items: Iterable[T]) -> Iterable[T]:
    """Nobody else is there."""
    return items


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageRecord:
    """What the vendor says of one category on one UTC day. `price` in `currency`; None where it does not say."""

    day: date
    category: str
    quantity: Decimal
    price: Decimal | None
    currency: str | None
    unit: str = ""
    description: str = ""


class ProviderDataError(Exception):
    """The records cannot be taken: `code`, and in `message` what is wrong and what to do. `retry`: read again, they may be
    right, as where pages shifted while they were read.
    """

    def __init__(self, code: str, message: str, *, retry: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retry = retry


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageSlice:
    """What a span of days changes. `gone`: (day, SKU) of rows to remove. `unmapped`: categories seen for the first time.

    `restated`: of `rows`, those that say otherwise than an earlier one of the vendor's.
    """

    rows: tuple[UsageRow, ...]
    gone: tuple[tuple[date, str], ...]
    skus: tuple[Sku, ...]
    unmapped: tuple[UsageMapping, ...]
    unchanged: int
    restated: int
    warnings: tuple[Notice, ...]


def usage_slice(
    records: Iterable[UsageRecord],
    snapshot: Snapshot,
    *,
    first: date,
    last: date,
    currency: str,
    pace: Pacing = at_once,
) -> UsageSlice:
    """What the records of `first` to `last` change in the snapshot. Raises ProviderDataError: nothing of it is taken.

    `currency` is the negotiation's; a price in another is refused, never converted. `pace`: records and rows go through it one
    by one.
    """
    lines = [_line(number, each, currency) for number, each in enumerate(pace(records))]
    _check(lines, first, last)
    mappings = effective_mappings(snapshot.usage_mappings)
    strangers = _strangers(lines, mappings)
    mappings |= {each.category: each for each in strangers}
    warnings: list[Notice] = []
    counted = [
        line
        for line in lines
        if line.key in mappings and mappings[line.key].rule is not UsageMappingRule.IGNORE
    ]
    kept = without_totals(counted, partial(totals_above, mappings), warnings, _CHECK_MAPPING)
    by_sku = _by_sku(kept, mappings)
    skus = tuple(_new_skus(by_sku, mappings, snapshot.skus))
    catalogue = snapshot.skus.keys() | {sku.key for sku in skus}
    rows: list[UsageRow] = []
    said: set[tuple[date, str]] = set()
    unchanged = restated = 0
    for (day, key), parts in pace(sorted(by_sku.items())):
        if key not in catalogue:
            continue
        said.add((day, key))
        usage_day = snapshot.usage.get(day)
        stored = None if usage_day is None else usage_day.rows.get(key)
        row = _row(day, key, parts, stored)
        if row is None:
            unchanged += 1
        else:
            rows.append(row)
            restated += stored is not None and stored.source != MADE_UP
    warnings.extend(_new(skus))
    return UsageSlice(
        rows=tuple(rows),
        gone=tuple(_gone(snapshot, said, first, last)),
        skus=skus,
        unmapped=strangers,
        unchanged=unchanged,
        restated=restated,
        warnings=tuple(warnings),
    )


def _line(number: int, record: UsageRecord, currency: str) -> Line:
    if record.currency is not None and record.price and record.currency != currency:
        raise ProviderDataError(
            "CURRENCY_MISMATCH",
            f"Twilio bills {record.category} on {record.day} in {record.currency}, the negotiation is in {currency}. "
            "Currencies are never added: give the negotiation the account's currency, or read another account.",
        )
    return Line(
        number,
        record.day,
        record.category,
        record.quantity,
        record.price,
        record.unit,
        record.description,
    )


def _check(lines: Sequence[Line], first: date, last: date) -> None:
    seen: dict[tuple[date, str], Line] = {}
    for line in lines:
        if not first <= line.day <= last:
            raise ProviderDataError(
                "UNREADABLE",
                f"Asked for {first} to {last}, Twilio answered with {line.day}. Try again; if it stays, ask Twilio.",
                retry=True,
            )
        if seen.setdefault((line.day, line.key), line) is not line:
            raise ProviderDataError(
                "UNREADABLE",
                f"Twilio lists {line.key} on {line.day} twice. Try again; if it stays, ask Twilio.",
                retry=True,
            )


def _strangers(
    lines: Iterable[Line], mappings: Mapping[str, UsageMapping]
) -> tuple[UsageMapping, ...]:
    """A mapping for each category that was used and that nobody knows."""
    found = {
        line.key: unmapped(line.key, line.unit)
        for line in lines
        if line.key not in mappings and used(line)
    }
    return tuple(found[key] for key in sorted(found))


def _by_sku(
    lines: Iterable[Line], mappings: Mapping[str, UsageMapping]
) -> dict[tuple[date, str], list[Line]]:
    found: dict[tuple[date, str], list[Line]] = defaultdict(list)
    for line in lines:
        found[line.day, mappings[line.key].sku].append(line)
    return found


def _new_skus(
    by_sku: Mapping[tuple[date, str], Sequence[Line]],
    mappings: Mapping[str, UsageMapping],
    catalogue: Mapping[str, Sku],
) -> Iterator[Sku]:
    """A SKU for each that the catalogue lacks but that was used."""
    lines: dict[str, list[Line]] = defaultdict(list)
    for (_, key), parts in by_sku.items():
        if key not in catalogue:
            lines[key].extend(parts)
    for key, parts in sorted(lines.items()):
        if any(used(line) for line in parts):
            mapping = mappings[parts[0].key]
            yield replace(new_sku(key, parts, mapping), unit=mapping.unit)


def _row(day: date, key: str, parts: Sequence[Line], stored: UsageRow | None) -> UsageRow | None:
    """The row that says something new; None where all is known. A restatement gets the next revision."""
    with exact_arithmetic():
        quantity = sum((part.quantity for part in parts), ZERO)
        prices = [part.billed for part in parts if part.billed is not None]
        billed = sum(prices, ZERO) if prices else None
    row = UsageRow(day=day, sku=key, quantity=quantity, billed=billed, source=SOURCE)
    if stored is None:
        return row
    known = stored.quantity == quantity and (billed is None or stored.billed == billed)
    if known and stored.source != MADE_UP:
        return None
    return replace(row, revision=stored.revision + 1)


def _gone(
    snapshot: Snapshot, said: set[tuple[date, str]], first: date, last: date
) -> Iterator[tuple[date, str]]:
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        usage_day = snapshot.usage.get(day)
        if usage_day is None:
            continue
        for key, row in usage_day.rows.items():
            if row.source in (SOURCE, MADE_UP) and (day, key) not in said:
                yield day, key


def _new(skus: Sequence[Sku]) -> Iterator[Notice]:
    if skus:
        yield Notice(
            "NEW_SKU",
            f"New in the catalogue: {listed([sku.key for sku in skus])}. Their list rate is what was billed a unit "
            f"({skus[0].key}: {format_decimal(skus[0].list_rate)}): put the true one in its place.",
            f"skus.{skus[0].key}",
        )
