"""The margin envelope: what revenue and discount each margin leaves (vendor), what it lets us pay (buyer).

Sums are exact and unrounded; what is derived from them is rounded once, half-even: money to the currency's
minor unit, ratios to 4 places. Every figure has its steps in `trace`, and its step's id is its field's name.
The band of margins is `negotiation.band`'s, reading streams from callers' data `negotiation.streams`', the
older calling convention `negotiation.compatible`'s.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from negotiation.band import DEFAULT_BAND, MAX_MARGIN, MarginBand, margin_band
from negotiation.currency import minor_units
from negotiation.decimals import DECIMAL, exact_arithmetic, finite, format_decimal, format_price
from negotiation.money import round_money
from negotiation.ratio import RATIO_PLACES, DiscountRate, MarginRate, round_ratio
from negotiation.streams import Stream, Streams, total
from negotiation.trace import Notice, TraceStep, given_step, trace_step

__all__ = [
    "DEFAULT_BAND",
    "MAX_MARGIN",
    "BuyerEnvelope",
    "Envelope",
    "MarginBand",
    "compute_buyer_envelope",
    "compute_envelope",
    "margin_band",
    "maximum_payable",
    "required_revenue",
]

LEVELS: Final = ("floor", "target", "ceiling")


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """The vendor's view. None is a figure without meaning; a warning says why.

    `floor_revenue` is the revenue at which the floor margin is just reached, and so on; the discount at the
    floor margin is the largest. `revenue`, `expense` and `list_revenue` are unrounded.
    """

    currency: str
    revenue: Decimal
    expense: Decimal
    list_revenue: Decimal
    current_margin: Decimal | None
    floor_margin: MarginRate
    target_margin: MarginRate
    ceiling_margin: MarginRate
    floor_revenue: Decimal
    target_revenue: Decimal
    ceiling_revenue: Decimal
    discount_at_floor_margin: DiscountRate | None
    discount_at_target_margin: DiscountRate | None
    discount_at_ceiling_margin: DiscountRate | None
    warnings: tuple[Notice, ...]
    trace: tuple[TraceStep, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyerEnvelope:
    """Our view: the most we can pay the vendor and keep each margin of our downstream `revenue`.

    A negative figure says how much is missing even if the vendor were free (warning MARGIN_OUT_OF_REACH).
    """

    currency: str
    revenue: Decimal
    other_costs: Decimal
    floor_margin: MarginRate
    target_margin: MarginRate
    ceiling_margin: MarginRate
    floor_payable: Decimal
    target_payable: Decimal
    ceiling_payable: Decimal
    warnings: tuple[Notice, ...]
    trace: tuple[TraceStep, ...]


def required_revenue(expense: Decimal, margin: MarginRate) -> Decimal:
    """The exact revenue that leaves `margin` over `expense`; 0 when there is no expense."""
    with exact_arithmetic():
        return max(Decimal(0), finite(expense)) / margin.complement


def maximum_payable(revenue: Decimal, other_costs: Decimal, margin: MarginRate) -> Decimal:
    """The exact amount that may be paid out of `revenue` after `other_costs` when `margin` is to stay."""
    with exact_arithmetic():
        return finite(revenue) * margin.complement - finite(other_costs)


def compute_envelope(
    streams: Streams, band: MarginBand, *, list_revenue: Decimal | None = None
) -> Envelope:
    """The vendor's envelope. `list_revenue` replaces the summed list; a list of 0 falls back to the revenue."""
    warnings = list(band.warnings)
    steps: list[TraceStep] = []
    revenue = _sum_side(steps, streams.revenue, "revenue", "Revenue")
    expense = _sum_side(steps, streams.expense, "expense", "Expense")
    listed = _list_revenue(steps, streams.revenue, revenue, list_revenue)
    steps += band.trace
    places = minor_units(streams.currency)

    margin = None
    if revenue > 0:
        with exact_arithmetic():
            margin = round_ratio((revenue - expense) / revenue)
        steps.append(
            trace_step(
                "current_margin",
                "Margin today",
                f"round((revenue - expense) / revenue, {RATIO_PLACES})",
                margin,
                ("revenue", "expense"),
            )
        )
    else:
        warnings.append(
            Notice("NO_REVENUE", "Without revenue there is no margin today.", "current_margin")
        )
    if listed <= 0:
        warnings.append(
            Notice("NO_LIST_REVENUE", "Without list revenue there is no discount.", "list_revenue")
        )

    revenues: dict[str, Decimal] = {}
    discounts: dict[str, DiscountRate | None] = {}
    for level, rate in zip(LEVELS, (band.floor, band.target, band.ceiling), strict=True):
        exact = required_revenue(expense, rate)
        required = f"max(0, expense) / (1 - {level}_margin)"
        revenues[level] = round_money(exact, streams.currency)
        steps.append(
            trace_step(
                f"{level}_revenue",
                f"Revenue required at the {level} margin",
                f"round({required}, {places})",
                revenues[level],
                ("expense", f"{level}_margin"),
            )
        )
        discounts[level] = None
        if listed > 0:
            with exact_arithmetic():
                discount = round_ratio(1 - exact / listed)
            discounts[level] = DiscountRate(discount)
            steps.append(
                trace_step(
                    f"discount_at_{level}_margin",
                    f"Discount off list at the {level} margin",
                    f"round(1 - {required} / list_revenue, {RATIO_PLACES})",
                    discount,
                    ("expense", f"{level}_margin", "list_revenue"),
                )
            )
    return Envelope(
        currency=streams.currency,
        revenue=revenue,
        expense=expense,
        list_revenue=listed,
        current_margin=margin,
        floor_margin=band.floor,
        target_margin=band.target,
        ceiling_margin=band.ceiling,
        floor_revenue=revenues["floor"],
        target_revenue=revenues["target"],
        ceiling_revenue=revenues["ceiling"],
        discount_at_floor_margin=discounts["floor"],
        discount_at_target_margin=discounts["target"],
        discount_at_ceiling_margin=discounts["ceiling"],
        warnings=tuple(warnings),
        trace=tuple(steps),
    )


def compute_buyer_envelope(streams: Streams, band: MarginBand) -> BuyerEnvelope:
    """Our envelope: `streams.revenue` is our downstream revenue, `streams.expense` our other costs."""
    warnings = list(band.warnings)
    steps: list[TraceStep] = []
    revenue = _sum_side(steps, streams.revenue, "revenue", "Downstream revenue")
    costs = _sum_side(steps, streams.expense, "other_costs", "Other costs")
    steps += band.trace
    payable: dict[str, Decimal] = {}
    for level, rate in zip(LEVELS, (band.floor, band.target, band.ceiling), strict=True):
        payable[level] = round_money(maximum_payable(revenue, costs, rate), streams.currency)
        steps.append(
            trace_step(
                f"{level}_payable",
                f"Most we can pay at the {level} margin",
                f"round(revenue * (1 - {level}_margin) - other_costs, {minor_units(streams.currency)})",
                payable[level],
                ("revenue", f"{level}_margin", "other_costs"),
            )
        )
        if payable[level] < 0:
            warnings.append(
                Notice(
                    "MARGIN_OUT_OF_REACH",
                    f"The {level} margin is out of reach even if the vendor were free.",
                    f"{level}_payable",
                )
            )
    return BuyerEnvelope(
        currency=streams.currency,
        revenue=revenue,
        other_costs=costs,
        floor_margin=band.floor,
        target_margin=band.target,
        ceiling_margin=band.ceiling,
        floor_payable=payable["floor"],
        target_payable=payable["target"],
        ceiling_payable=payable["ceiling"],
        warnings=tuple(warnings),
        trace=tuple(steps),
    )


def _sum_side(steps: list[TraceStep], streams: Iterable[Stream], side: str, label: str) -> Decimal:
    ids: list[str] = []
    amounts: list[Decimal] = []
    for number, each in enumerate(streams, 1):
        ids.append(f"{side}_{number}")
        amounts.append(each.amount)
        steps.append(_stream_step(ids[-1], each.name, each.unit_price, each.volume, each.amount))
    summed = total(amounts)
    steps.append(trace_step(side, label, "sum(inputs)" if ids else "0", summed, ids))
    return summed


def _list_revenue(
    steps: list[TraceStep], streams: Iterable[Stream], revenue: Decimal, given: Decimal | None
) -> Decimal:
    """List revenue: as given, else summed over the streams; the revenue when that is 0."""
    if given is not None:
        listed = finite(given, field="list_revenue")
        source = given_step("list_given", "List revenue, as given", listed)
        listed_by = source.id
        steps.append(source)
    else:
        ids: list[str] = []
        amounts: list[Decimal] = []
        for number, each in enumerate(streams, 1):
            ids.append(f"list_{number}")
            amounts.append(each.list_amount)
            label = f"{each.name} at list"
            if each.list_unit_price is None and each.list_amount == each.amount:
                same = f"revenue_{number}"
                steps.append(trace_step(ids[-1], label, same, each.list_amount, (same,)))
            else:
                steps.append(
                    _stream_step(
                        ids[-1], label, each.list_unit_price, each.volume, each.list_amount
                    )
                )
        listed = total(amounts)
        listed_by = "list_sum"
        steps.append(
            trace_step(listed_by, "Sum at list", "sum(inputs)" if ids else "0", listed, ids)
        )
    if listed == 0:
        steps.append(
            trace_step(
                "list_revenue", "No list revenue: the revenue", "revenue", revenue, ("revenue",)
            )
        )
        return revenue
    steps.append(trace_step("list_revenue", "List revenue", listed_by, listed, (listed_by,)))
    return listed


def _stream_step(
    step_id: str, label: str, price: Decimal | None, volume: Decimal | None, amount: Decimal
) -> TraceStep:
    """Price times volume where that is the amount; else the amount, with an average price in the label."""
    if price is None or volume is None:
        return given_step(step_id, label, amount)
    if DECIMAL.multiply(price, volume) == amount:
        return trace_step(
            step_id, label, f"{format_decimal(price)} * {format_decimal(volume)}", amount
        )
    average = f"{format_decimal(volume)} at {format_price(price)} on average"
    return given_step(step_id, f"{label} ({average})", amount)
