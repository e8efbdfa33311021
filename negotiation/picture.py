"""What a screen shows of one negotiation, derived from a snapshot: streams, trailing spend, rates in force, dates.

The margin envelope itself is `envelope`'s (it takes `Picture.money`), offers are `evaluation`'s. A Pictures object
keeps the figures of usage days between snapshots, so that an import costs only the days it touched.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property

from negotiation.catalogue import Catalogue
from negotiation.decimals import exact_arithmetic, keep_price
from negotiation.months import contract_end, last_notice_day
from negotiation.outlook import Outlook, outlook
from negotiation.records import (
    BuyerPosition,
    Invoice,
    Milestone,
    MilestoneStatus,
    Negotiation,
    Sku,
    Snapshot,
    StreamSide,
    StreamSpec,
)
from negotiation.rerating import Rerating
from negotiation.streams import Stream, Streams
from negotiation.trace import Notice
from negotiation.usage import DailySpend, Trailing, Usage, UsageFigures, Volume, window

ZERO = Decimal(0)
WINDOW_DAYS = 365
MONTHS = Decimal(12)
_PICTURES_KEPT = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamLine:
    """One line of revenue or expense. Amounts are exact and unrounded; a unit price is amount / volume, 12 places.

    `automatic`: made from usage that no stream of the negotiation speaks for.
    """

    name: str
    side: StreamSide
    unit: str
    volume: Decimal
    unit_price: Decimal
    list_unit_price: Decimal
    amount: Decimal
    list_amount: Decimal
    family: str | None = None
    automatic: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractDates:
    """The span [start, end) of the contract in force and the last safe day to give notice."""

    start: date
    end: date
    last_notice_day: date
    auto_renews: bool


@dataclass(frozen=True, kw_only=True)
class Picture:
    """One negotiation as of one day. `specs`: what its `streams` were made from. `usage_from`/`usage_to`: the window whose usage makes the streams.

    `discount`: what the ladder takes off list today, by its own rule of when a tier takes effect; `trailing` is the
    spend up to today and the tier that it will give.
    """

    negotiation: Negotiation
    today: date
    usage: Usage
    figures: UsageFigures
    discount: Decimal
    trailing: Trailing
    usage_from: date
    usage_to: date
    specs: tuple[StreamSpec, ...]
    streams: tuple[StreamLine, ...]
    warnings: tuple[Notice, ...]
    dates: ContractDates | None
    milestones: tuple[Milestone, ...]
    invoices: tuple[Invoice, ...]
    position: BuyerPosition | None = None

    @property
    def catalogue(self) -> Catalogue:
        return self.figures.catalogue

    @cached_property
    def money(self) -> Streams:
        """The streams as `envelope` takes them: revenue is the vendor's, expense our estimate of its cost to serve."""
        return Streams(
            currency=self.negotiation.currency,
            revenue=_as_streams(self.streams, StreamSide.REVENUE),
            expense=_as_streams(self.streams, StreamSide.EXPENSE),
        )

    @cached_property
    def outlook(self) -> Outlook:
        """What the usage before today says about what is to come."""
        return outlook(self.usage, self.figures, self.today)

    @cached_property
    def rerating(self) -> Rerating:
        """Every invoice against the contract in force."""
        return Rerating(self.invoices, self.figures, self.usage)

    def rate(self, sku: Sku) -> Decimal:
        """The effective rate of a SKU today: what one unit costs under the terms in force."""
        return self.catalogue.rate(sku.key, self.discount)

    def trailing_on(self, on: date) -> Trailing:
        """Trailing spend and tier as of another day."""
        return self.trailing if on == self.today else self.figures.trailing(self.usage, on)

    def daily(self, first: date | None = None, last: date | None = None) -> tuple[DailySpend, ...]:
        """Daily spend from `first` to `last`; default: the trailing 90 days before today."""
        default_first, default_last = window(self.today)
        return self.figures.daily(
            self.usage,
            default_first if first is None else first,
            default_last if last is None else last,
        )

    def is_late(self, milestone: Milestone) -> bool:
        """Pending, and its day has passed."""
        return milestone.status is MilestoneStatus.PENDING and milestone.due_on < self.today


_SHOWN = ("usage", "skus", "streams", "milestones", "invoices", "positions")


class Pictures:
    """Makes pictures and remembers what they have in common. One per process; give it to whoever reads."""

    def __init__(self) -> None:
        self._figures: dict[str, UsageFigures] = {}
        self._made: OrderedDict[tuple[str, date], tuple[Snapshot, Picture]] = OrderedDict()

    def of(self, snapshot: Snapshot, negotiation: Negotiation, today: date) -> Picture:
        """The picture of a negotiation in this snapshot; made once per day until something it shows changes.

        A commit replaces only the mappings it touches, so that a queued message costs no new picture.
        """
        key = (negotiation.id, today)
        made = self._made.get(key)
        if (
            made is not None
            and made[1].negotiation is negotiation
            and all(getattr(made[0], name) is getattr(snapshot, name) for name in _SHOWN)
        ):
            return made[1]
        picture = make_picture(snapshot, negotiation, today, self.figures(snapshot, negotiation))
        self._made[key] = (snapshot, picture)
        self._made.move_to_end(key)
        while len(self._made) > _PICTURES_KEPT:
            self._made.popitem(last=False)
        return picture

    def figures(self, snapshot: Snapshot, negotiation: Negotiation) -> UsageFigures:
        """The usage figures under the negotiation's terms: the same object until SKUs or terms change."""
        kept = self._figures.get(negotiation.id)
        if (
            kept is not None
            and kept.currency == negotiation.currency
            and kept.catalogue.terms == negotiation.terms
            and (kept.catalogue.skus is snapshot.skus or kept.catalogue.skus == snapshot.skus)
        ):
            return kept
        figures = UsageFigures(Catalogue(snapshot.skus, negotiation.terms), negotiation.currency)
        self._figures[negotiation.id] = figures
        return figures


def make_picture(
    snapshot: Snapshot, negotiation: Negotiation, today: date, figures: UsageFigures
) -> Picture:
    """The picture, with `figures` that belong to this snapshot's SKUs and the negotiation's terms."""
    usage, catalogue = snapshot.usage, figures.catalogue
    usage_from, usage_to = today - timedelta(days=WINDOW_DAYS - 1), today
    discount = figures.discounts(usage, today).get(today, catalogue.base_discount())
    volumes = figures.families(usage, usage_from, usage_to, discount, months=MONTHS)
    specs = [each for each in snapshot.streams.values() if each.negotiation_id == negotiation.id]
    streams, warnings = make_streams(specs, volumes, catalogue)
    unknown = figures.unknown(usage, usage_from, usage_to)
    renewal = catalogue.renewal
    return Picture(
        negotiation=negotiation,
        today=today,
        usage=usage,
        figures=figures,
        discount=discount,
        trailing=figures.trailing(usage, today),
        usage_from=usage_from,
        usage_to=usage_to,
        specs=tuple(sorted(specs, key=lambda each: each.id)),
        streams=streams,
        warnings=(*warnings, *_unknown_skus(unknown)),
        dates=None
        if renewal is None
        else ContractDates(
            start=renewal.start,
            end=contract_end(renewal),
            last_notice_day=last_notice_day(renewal),
            auto_renews=renewal.auto_renew,
        ),
        milestones=tuple(
            sorted(
                (
                    each
                    for each in snapshot.milestones.values()
                    if each.negotiation_id == negotiation.id
                ),
                key=lambda each: (each.due_on, each.id),
            )
        ),
        invoices=tuple(snapshot.invoices.values()),
        position=snapshot.positions.get(negotiation.id),
    )


def make_streams(
    specs: Iterable[StreamSpec], volumes: Mapping[str, Volume], catalogue: Catalogue
) -> tuple[tuple[StreamLine, ...], tuple[Notice, ...]]:
    """The lines of the envelope, revenue first, and what a reader should know about them.

    Every family with usage has revenue, whether a stream speaks for it or not.
    """
    lines: list[StreamLine] = []
    warnings: list[Notice] = []
    ordered = sorted(specs, key=lambda spec: (spec.side is StreamSide.EXPENSE, spec.id))
    for spec in ordered:
        line = _line(spec, volumes)
        if line is None:
            warnings.append(_incomplete(spec))
        else:
            lines.append(line)
    spoken_for = {spec.family for spec in ordered if spec.side is StreamSide.REVENUE}
    for family, volume in volumes.items():
        if family not in spoken_for:
            lines.append(_automatic(family, volume, catalogue))
    costs = [line for line in lines if line.side is StreamSide.EXPENSE]
    if not any(line.family is None for line in costs):
        known = {line.family for line in costs}
        warnings.extend(_no_cost(family) for family in volumes if family not in known)
    lines.sort(key=lambda line: line.side is StreamSide.EXPENSE)
    return tuple(lines), tuple(dict.fromkeys(warnings))


def _line(spec: StreamSpec, volumes: Mapping[str, Volume]) -> StreamLine | None:
    if spec.family is None:
        return _given(spec, volumes)
    used = volumes.get(spec.family, Volume(ZERO, ZERO, ZERO))
    with exact_arithmetic():
        if spec.side is StreamSide.EXPENSE:
            if spec.unit_price is not None:
                amount = spec.unit_price * used.quantity
            elif spec.cost_share is not None:
                amount = spec.cost_share * used.list_amount
            else:
                return None
            return _made(spec, used.quantity, amount, amount)
        amount = used.net if spec.unit_price is None else spec.unit_price * used.quantity
        list_amount = (
            used.list_amount
            if spec.list_unit_price is None
            else spec.list_unit_price * used.quantity
        )
        return _made(spec, used.quantity, amount, list_amount)


def _given(spec: StreamSpec, volumes: Mapping[str, Volume]) -> StreamLine | None:
    """A line that names no family: its own volume and price, or a share of everything at list."""
    with exact_arithmetic():
        if spec.volume is not None and spec.unit_price is not None:
            amount = spec.volume * spec.unit_price
            listed = amount if spec.list_unit_price is None else spec.volume * spec.list_unit_price
            return _made(spec, spec.volume, amount, listed)
        if spec.side is StreamSide.EXPENSE and spec.cost_share is not None:
            listed = sum((volume.list_amount for volume in volumes.values()), ZERO)
            return _made(spec, Decimal(1), spec.cost_share * listed, spec.cost_share * listed)
    return None


def _made(spec: StreamSpec, volume: Decimal, amount: Decimal, list_amount: Decimal) -> StreamLine:
    return StreamLine(
        name=spec.name,
        side=spec.side,
        unit=spec.unit,
        volume=volume,
        unit_price=_per_unit(amount, volume, spec.unit_price),
        list_unit_price=_per_unit(list_amount, volume, spec.list_unit_price),
        amount=amount,
        list_amount=list_amount,
        family=spec.family,
    )


def _per_unit(amount: Decimal, volume: Decimal, given: Decimal | None) -> Decimal:
    if given is not None:
        return given
    if volume == 0:
        return ZERO
    with exact_arithmetic():
        return keep_price(amount / volume)


def _automatic(family: str, volume: Volume, catalogue: Catalogue) -> StreamLine:
    units = {sku.unit for sku in catalogue.skus.values() if sku.family == family}
    return StreamLine(
        name=family,
        side=StreamSide.REVENUE,
        unit=units.pop() if len(units) == 1 else "unit",
        volume=volume.quantity,
        unit_price=_per_unit(volume.net, volume.quantity, None),
        list_unit_price=_per_unit(volume.list_amount, volume.quantity, None),
        amount=volume.net,
        list_amount=volume.list_amount,
        family=family,
        automatic=True,
    )


def _as_streams(lines: Iterable[StreamLine], side: StreamSide) -> tuple[Stream, ...]:
    return tuple(
        Stream(
            name=line.name,
            amount=line.amount,
            list_amount=line.list_amount,
            volume=line.volume,
            unit_price=_exact(line.unit_price, line.volume, line.amount),
            list_unit_price=_exact(line.list_unit_price, line.volume, line.list_amount),
        )
        for line in lines
        if line.side is side
    )


def _exact(price: Decimal, volume: Decimal, amount: Decimal) -> Decimal | None:
    """The unit price where it makes the amount exactly; an average of a mix that had to be rounded does not."""
    with exact_arithmetic():
        return price if price * volume == amount else None


def _incomplete(spec: StreamSpec) -> Notice:
    if spec.side is StreamSide.EXPENSE and spec.family is not None:
        return _no_cost(spec.family)
    return Notice(
        "STREAM_INCOMPLETE",
        f"{spec.name} has no volume or no unit price and is left out.",
        f"streams.{spec.id}",
    )


def _no_cost(family: str) -> Notice:
    return Notice(
        "NO_COST_ESTIMATE",
        f"Nothing says what serving {family} costs the vendor: the margin shown is too high.",
        f"streams.{family}",
    )


def _unknown_skus(keys: frozenset[str]) -> tuple[Notice, ...]:
    if not keys:
        return ()
    names = ", ".join(sorted(keys)[:5]) + (", ..." if len(keys) > 5 else "")
    return (Notice("UNKNOWN_SKU", f"Used but not in the catalogue: {names}.", "usage"),)
