"""The model's first calling convention, kept for existing callers: plain values in, a dict or a dataclass out.

It reads what callers have, computes with `negotiation.envelope` and writes zeros where a figure has no
meaning. New code uses `negotiation.envelope` itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Literal, overload

from negotiation.decimals import format_decimal, shown
from negotiation.envelope import DEFAULT_BAND, Envelope, compute_envelope, margin_band
from negotiation.errors import NegotiationError, RatioError
from negotiation.money import round_money
from negotiation.ratio import DiscountRate, MarginRate, read_ratio, round_ratio
from negotiation.streams import Stream, read_amount, read_streams
from negotiation.trace import Notice


@dataclass(frozen=True)
class NegotiationEnvelope:
    """Money rounded to the currency's minor unit, ratios to 4 places; a figure without meaning is 0.

    `audit_trail` holds the figures as text with unrounded sums and margins, `breakdown.revenue` and
    `breakdown.expense` (name, amount, list_amount of each stream), `warnings` (code, message, field) and
    `trace` (the steps of each figure).
    """

    currency: str
    expense: Decimal
    revenue: Decimal
    list_revenue: Decimal
    current_margin: Decimal
    target_margin: Decimal
    floor_margin: Decimal
    ceiling_margin: Decimal
    target_revenue: Decimal
    floor_revenue: Decimal
    ceiling_revenue: Decimal
    target_discount: Decimal
    floor_discount: Decimal
    ceiling_discount: Decimal
    metadata: Mapping[str, Any] = field(default_factory=dict)
    audit_trail: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self, numeric_type: Callable[[Decimal], Any] = float) -> dict[str, Any]:
        """The fields by name, each figure through `numeric_type`; metadata and audit trail as they are."""
        return {each.name: _plain(getattr(self, each.name), numeric_type) for each in fields(self)}


@overload
def calculate_negotiation_envelope(
    revenue_streams: object,
    expense_streams: object,
    target_margin: object,
    floor_margin: object = None,
    ceiling_margin: object = None,
    *,
    currency: str | None = None,
    list_revenue: object = None,
    reserve_band: object = "0.01",
    metadata: Mapping[str, Any] | None = None,
    numeric_type: Callable[[Decimal], Any] = float,
    return_dataclass: Literal[False] = False,
) -> dict[str, Any]: ...
@overload
def calculate_negotiation_envelope(
    revenue_streams: object,
    expense_streams: object,
    target_margin: object,
    floor_margin: object = None,
    ceiling_margin: object = None,
    *,
    currency: str | None = None,
    list_revenue: object = None,
    reserve_band: object = "0.01",
    metadata: Mapping[str, Any] | None = None,
    numeric_type: Callable[[Decimal], Any] = float,
    return_dataclass: Literal[True],
) -> NegotiationEnvelope: ...
def calculate_negotiation_envelope(
    revenue_streams: object,
    expense_streams: object,
    target_margin: object,
    floor_margin: object = None,
    ceiling_margin: object = None,
    *,
    currency: str | None = None,
    list_revenue: object = None,
    reserve_band: object = "0.01",
    metadata: Mapping[str, Any] | None = None,
    numeric_type: Callable[[Decimal], Any] = float,
    return_dataclass: bool = False,
) -> dict[str, Any] | NegotiationEnvelope:
    """The margin envelope of revenue and expense streams, as a dict of `numeric_type` figures or a dataclass.

    Streams: see `negotiation.streams.read_streams`. Margins and `reserve_band`: a fraction, ``35%``,
    ``3500bp`` or a bare number above 1, which is taken as a percent with the warning PERCENT_ASSUMED; see
    `negotiation.ratio.read_ratio`. `list_revenue` replaces the summed list revenue. Raises NegotiationError
    (a ValueError) and nothing else for bad input.
    """
    if metadata is not None and not isinstance(metadata, Mapping):
        raise NegotiationError(
            "METADATA_INVALID",
            f"{shown(metadata)} is not a mapping.",
            "metadata",
            "Give a mapping.",
        )
    streams = read_streams(revenue_streams, expense_streams, currency=currency)
    listed = (
        None
        if list_revenue is None
        else read_amount(list_revenue, streams.currency, "list_revenue")
    )
    notices: list[Notice] = []
    target = _margin(target_margin, "target_margin", notices)
    if target is None:
        raise RatioError(
            "EMPTY", "The target margin is missing.", "target_margin", "Write 0.35 or 35%."
        )
    floor = _margin(floor_margin, "floor_margin", notices)
    ceiling = _margin(ceiling_margin, "ceiling_margin", notices)
    reserve = DEFAULT_BAND
    if reserve_band is not None:
        reserve, found = read_ratio(reserve_band, field="reserve_band")
        notices += found
    envelope = compute_envelope(
        streams, margin_band(target, floor, ceiling, reserve_band=reserve), list_revenue=listed
    )
    trail = _audit_trail(envelope, streams.revenue, streams.expense, reserve, notices)
    result = _rounded(envelope, {} if metadata is None else metadata, trail)
    return result if return_dataclass else result.to_dict(numeric_type)


def determine_margin_envelope(
    revenue_streams: object,
    expense_streams: object,
    target_margin: object,
    floor_margin: object = None,
    ceiling_margin: object = None,
    *,
    currency: str | None = None,
    list_revenue: object = None,
    reserve_band: object = "0.01",
) -> Mapping[str, Decimal]:
    """The three margins alone, as Decimals of 4 places under floor_margin, target_margin and ceiling_margin."""
    envelope = calculate_negotiation_envelope(
        revenue_streams,
        expense_streams,
        target_margin,
        floor_margin,
        ceiling_margin,
        currency=currency,
        list_revenue=list_revenue,
        reserve_band=reserve_band,
        return_dataclass=True,
    )
    return MappingProxyType(
        {
            "floor_margin": envelope.floor_margin,
            "target_margin": envelope.target_margin,
            "ceiling_margin": envelope.ceiling_margin,
        }
    )


def _margin(value: object, name: str, notices: list[Notice]) -> MarginRate | None:
    if value is None or isinstance(value, MarginRate):
        return value
    if isinstance(value, DiscountRate):
        raise RatioError(
            "MARGIN_EXPECTED",
            f"A discount of {value} is not a margin.",
            name,
            "Give the margin; the discount at each margin is in the result.",
        )
    ratio, found = read_ratio(value, field=name)
    notices += found
    return MarginRate(ratio)


def _rounded(
    envelope: Envelope, metadata: Mapping[str, Any], trail: Mapping[str, Any]
) -> NegotiationEnvelope:
    def money(amount: Decimal) -> Decimal:
        return round_money(amount, envelope.currency)

    def discount(rate: DiscountRate | None) -> Decimal:
        return round_ratio(Decimal(0) if rate is None else rate.value)

    margin = envelope.current_margin
    return NegotiationEnvelope(
        currency=envelope.currency,
        expense=money(envelope.expense),
        revenue=money(envelope.revenue),
        list_revenue=money(envelope.list_revenue),
        current_margin=round_ratio(Decimal(0) if margin is None else margin),
        target_margin=round_ratio(envelope.target_margin.value),
        floor_margin=round_ratio(envelope.floor_margin.value),
        ceiling_margin=round_ratio(envelope.ceiling_margin.value),
        target_revenue=envelope.target_revenue,
        floor_revenue=envelope.floor_revenue,
        ceiling_revenue=envelope.ceiling_revenue,
        target_discount=discount(envelope.discount_at_target_margin),
        floor_discount=discount(envelope.discount_at_floor_margin),
        ceiling_discount=discount(envelope.discount_at_ceiling_margin),
        metadata=MappingProxyType(dict(metadata)),
        audit_trail=MappingProxyType(dict(trail)),
    )


def _audit_trail(
    envelope: Envelope,
    revenue: tuple[Stream, ...],
    expense: tuple[Stream, ...],
    reserve_band: Decimal,
    notices: list[Notice],
) -> dict[str, Any]:
    def breakdown(streams: tuple[Stream, ...]) -> list[dict[str, str]]:
        return [
            {
                "name": each.name,
                "amount": format_decimal(each.amount),
                "list_amount": format_decimal(each.list_amount),
            }
            for each in streams
        ]

    value = {step.id: step.value for step in envelope.trace}
    return {
        "currency": envelope.currency,
        "inputs": {
            "revenue_total": value["revenue"],
            "expense_total": value["expense"],
            "list_revenue_total": value["list_revenue"],
            "reserve_band": format_decimal(reserve_band),
        },
        "margins": {
            "current": value.get("current_margin", "0"),
            "target": value["target_margin"],
            "floor": value["floor_margin"],
            "ceiling": value["ceiling_margin"],
        },
        "revenues": {
            "target": value["target_revenue"],
            "floor": value["floor_revenue"],
            "ceiling": value["ceiling_revenue"],
            "list_total": value["list_revenue"],
        },
        "discounts": {
            level: value.get(f"discount_at_{level}_margin", "0")
            for level in ("target", "floor", "ceiling")
        },
        "breakdown": {"revenue": breakdown(revenue), "expense": breakdown(expense)},
        "warnings": [
            {"code": each.code, "message": each.message, "field": each.field}
            for each in (*notices, *envelope.warnings)
        ],
        "trace": [
            {
                "id": step.id,
                "label": step.label,
                "formula": step.formula,
                "inputs": list(step.inputs),
                "value": step.value,
            }
            for step in envelope.trace
        ],
    }


def _plain(value: Any, numeric_type: Callable[[Decimal], Any]) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if not isinstance(value, Decimal):
        return value
    try:
        return numeric_type(value)
    except Exception as error:
        raise NegotiationError(
            "NUMERIC_TYPE_FAILED",
            f"{shown(numeric_type)} cannot take {format_decimal(value)}.",
            "numeric_type",
            "Give a type such as float or Decimal.",
        ) from error
