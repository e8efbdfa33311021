"""CSV that a spreadsheet opens without surprises: RFC 4180, exact decimals, ISO days, no cell that runs as a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Final

from negotiation.decimals import format_decimal

NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What makes a spreadsheet run a cell, the full-width signs included, which some read as the narrow ones."""


def write_table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """CSV text with a header line. None is an empty cell."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([cell(value) for value in row] for row in rows)
    return out.getvalue()


def cell(value: Any) -> str:
    """A value as text. Text that a spreadsheet would run as a formula starts with an apostrophe."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Decimal():
            return format_decimal(value)
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date() | int():
            return str(value)
        case Enum():
            return str(value.value)
    text = str(value)
    runs = text.startswith(FORMULA) and not NUMBER.fullmatch(text)
    return f"'{text}" if runs else text
