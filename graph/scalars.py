"""The scalars of the wire: exact decimals, ratios, days and instants, as strings.

A bad value is refused with the model's own errors, so that every client reads what is wrong and what to write
instead. Floats are refused: the digits a program meant are lost before they arrive here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

from negotiation.decimals import format_decimal, parse_decimal, shown, to_decimal
from negotiation.errors import AmountError, NegotiationError
from negotiation.ratio import format_ratio, parse_ratio

Ratio = NewType("Ratio", Decimal)
"""A fraction: 0.35 is 35 %. On the wire `Ratio`."""

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def ratio_or_none(value: Decimal | None) -> Ratio | None:
    """`value` as a Ratio where there is one."""
    return None if value is None else Ratio(value)


def read_decimal(value: Any) -> Decimal:
    """A Decimal from its text or a whole number. NegotiationError for everything else."""
    if isinstance(value, float):
        raise AmountError(
            "FLOAT_REFUSED",
            f"{shown(value)} is a float, which cannot hold every decimal exactly.",
            hint=f'Write it as a string: "{value!r}".',
        )
    if isinstance(value, str):
        return parse_decimal(value)
    return to_decimal(value)


def read_ratio(value: Any) -> Decimal:
    """A Ratio in [0, 1) from "0.35", "35%" or "3500bp". NegotiationError for everything else."""
    return parse_ratio(value if isinstance(value, str) else format_decimal(read_decimal(value)))


def read_date(value: Any) -> date:
    """A day from "2026-03-31"; nothing looser."""
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise NegotiationError(
                "DATE_IMPOSSIBLE", f"There is no day {value}.", hint="Check month and day."
            ) from None
    raise NegotiationError(
        "DATE_INVALID", f"{shown(value)} is not a date.", hint='Write it as "2026-03-31".'
    )


def read_datetime(value: Any) -> datetime:
    """An instant from ISO 8601 text with its offset, in UTC."""
    try:
        instant = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise NegotiationError(
            "DATETIME_INVALID",
            f"{shown(value)} is not an instant with its offset.",
            hint='Write it as "2026-03-31T12:00:00Z".',
        )
    return instant.astimezone(UTC)


def write_datetime(value: datetime) -> str:
    """ISO 8601 in UTC to the millisecond, ending in Z."""
    text = value.astimezone(UTC).isoformat(timespec="milliseconds")
    return f"{text.removesuffix('+00:00')}Z"


def _scalar(
    name: str, description: str, write: Callable[[Any], str], read: Callable[[Any], Any]
) -> ScalarDefinition:
    return strawberry.scalar(name=name, description=description, serialize=write, parse_value=read)


def scalar_map() -> dict[object, ScalarDefinition]:
    """Python type → scalar, for `StrawberryConfig`."""
    return {
        Decimal: _scalar(
            "Decimal",
            'Exact decimal number as a string, for example "0.004752". Never a float.',
            format_decimal,
            read_decimal,
        ),
        Ratio: _scalar(
            "Ratio",
            'A ratio as a decimal string: "0.35". As input also "35%", "3500bp", "3500bps".',
            format_ratio,
            read_ratio,
        ),
        date: _scalar("Date", "ISO 8601 date.", date.isoformat, read_date),
        datetime: _scalar("DateTime", "ISO 8601 instant in UTC.", write_datetime, read_datetime),
    }
