"""A CSV text as rows by known column, each with its line in the file; what is wrong with it as row errors.

Understands a byte order mark, CRLF, and comma, semicolon or tab. What the cells mean is the importers' business.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from negotiation.decimals import parse_decimal, shown
from negotiation.errors import NegotiationError
from negotiation.trace import Notice

MAX_CHARACTERS: Final = 50_000_000
MAX_ROWS: Final = 250_000
MAX_CELL: Final = 2_000
MAX_ERRORS_KEPT: Final = 200
DELIMITERS: Final = (",", ";", "\t")
FIRST_DAY: Final = date(2000, 1, 1)
LAST_DAY: Final = date(2099, 12, 31)

_DAY = re.compile(
    r"(\d{4})[-/](\d{2})[-/](\d{2})(?:[T ]00:00(?::00(?:\.0+)?)?(?:Z|\+00:?00)?)?", re.ASCII
)
_NOISE = re.compile(r"[\s_\-./]+")


@dataclass(frozen=True, slots=True)
class RowError:
    """`row` is the line in the file (the header is 1), `column` the header as written there; what to do is in the message."""

    row: int
    column: str | None
    message: str


@dataclass(slots=True)
class Errors:
    """Collects row errors: counts the rows at fault, keeps the first `MAX_ERRORS_KEPT` messages."""

    kept: list[RowError] = field(default_factory=list)
    rows: set[int] = field(default_factory=set)

    def add(self, row: int, column: str | None, message: str) -> None:
        self.rows.add(row)
        if len(self.kept) < MAX_ERRORS_KEPT:
            self.kept.append(RowError(row, column, message))

    def __bool__(self) -> bool:
        return bool(self.rows)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: cells by column, stripped; a column that the file lacks is "" like an empty cell."""

    number: int
    cells: Mapping[str, str]

    def get(self, column: str) -> str:
        return self.cells.get(column, "")


@dataclass(frozen=True, slots=True)
class Table:
    """`headers`: what the file calls each column that was understood. `ignored`: the headers that were not."""

    rows: tuple[Row, ...]
    headers: Mapping[str, str]
    ignored: tuple[str, ...]

    def header(self, column: str) -> str:
        return self.headers.get(column, column)


Aliases = Mapping[str, Sequence[str]]


def read_table(text: str, aliases: Aliases, errors: Errors) -> Table | None:
    """The table in `text`, or None with the reason in `errors`.

    `aliases`: the names of each column, in any case and spacing. Missing columns are the caller's to judge.
    """
    if len(text) > MAX_CHARACTERS:
        errors.add(
            1,
            None,
            f"The file has {len(text):,} characters; at most {MAX_CHARACTERS:,} are read at once. Split it.",
        )
        return None
    text = text.removeprefix("\ufeff")
    if (at := text.find("\x00")) >= 0:
        errors.add(
            text.count("\n", 0, at) + 1,
            None,
            "There is a NUL byte here: this is no CSV text. Export it as CSV in UTF-8.",
        )
        return None
    if not text.strip():
        errors.add(
            1,
            None,
            "The file is empty. The first line names the columns, each further line is a row.",
        )
        return None
    delimiter = sniff(text, aliases)
    lines = _lines(text, delimiter, errors)
    first = next(lines, None)
    if first is None:
        return None
    header_line, header = first
    columns, ignored = _columns(header, aliases, header_line, errors)
    if errors:
        return None
    rows = tuple(_rows(lines, len(header), columns, errors))
    return Table(
        rows, {column: header[index].strip() for column, index in columns.items()}, ignored
    )


def sniff(text: str, aliases: Aliases) -> str:
    """The delimiter under which the header names the most known columns; the comma when none does."""
    header = next((line for line in io.StringIO(text) if line.strip()), "")
    known = _by_alias(aliases)

    def recognised(delimiter: str) -> int:
        return sum(normal(cell.strip().strip('"')) in known for cell in header.split(delimiter))

    return max(DELIMITERS, key=recognised)


def normal(header: str) -> str:
    """A header without case, spaces, underscores and dashes: "Period Start" and period_start are periodstart."""
    return _NOISE.sub("", header).lower()


def read_day(text: str) -> date:
    """A day as YYYY-MM-DD (or YYYY/MM/DD, or midnight UTC of it). ValueError with the sentence for the user."""
    if not text:
        raise ValueError("A date is missing here. Write it as 2026-03-31.")
    match = _DAY.fullmatch(text)
    if match is None:
        raise ValueError(f"{shown(text)} is not a date. Write it as 2026-03-31.")
    try:
        day = date(*(int(part) for part in match.groups()))
    except ValueError:
        raise ValueError(f"{text} is a day that does not exist.") from None
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(f"{text} is not between {FIRST_DAY} and {LAST_DAY}.")
    return day


def read_quantity(text: str) -> Decimal:
    """A number of 0 or more in plain notation. ValueError with the sentence for the user."""
    try:
        quantity = parse_decimal(text)
    except NegotiationError as error:
        raise ValueError(str(error)) from None
    if quantity < 0:
        raise ValueError(f"{text} is negative; a quantity is 0 or more.")
    return quantity


def missing_columns(table_columns: Iterable[str], needed: Mapping[str, str]) -> str | None:
    """A sentence that names the `needed` columns (by column: how to call it) that the file lacks."""
    lacking = [name for column, name in needed.items() if column not in set(table_columns)]
    if not lacking:
        return None
    word = "column" if len(lacking) == 1 else "columns"
    return f"The {word} {', '.join(lacking)} {'is' if len(lacking) == 1 else 'are'} missing. The first line names the columns."


def no_rows(table: Table) -> tuple[Notice, ...]:
    """A note for whoever reads that nothing is new, where the file holds nothing at all."""
    if table.rows:
        return ()
    said = "The file names its columns and has no rows: there is nothing to import."
    return (Notice("NO_ROWS", said, "csv"),)


def _lines(text: str, delimiter: str, errors: Errors) -> Iterator[tuple[int, list[str]]]:
    """(line number, cells) of every line that is not blank; stops with an error where the text is no CSV."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    at = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            errors.add(at, None, f"This is no CSV: {error}. Check the quotes on this line.")
            return
        number, at = at, reader.line_num + 1
        if any(cell.strip() for cell in cells):
            yield number, cells


def _columns(
    header: Sequence[str], aliases: Aliases, line: int, errors: Errors
) -> tuple[dict[str, int], tuple[str, ...]]:
    known = _by_alias(aliases)
    columns: dict[str, int] = {}
    ignored = []
    for index, cell in enumerate(header):
        column = known.get(normal(cell))
        if column is None:
            ignored.append(cell.strip())
        elif column in columns:
            errors.add(
                line,
                cell.strip(),
                f"{header[columns[column]].strip()!r} and {cell.strip()!r} both name the {column}. Keep one.",
            )
        else:
            columns[column] = index
    return columns, tuple(ignored)


def _rows(
    lines: Iterator[tuple[int, list[str]]], width: int, columns: Mapping[str, int], errors: Errors
) -> Iterator[Row]:
    for count, (number, cells) in enumerate(lines, 1):
        if count > MAX_ROWS:
            errors.add(number, None, f"More than {MAX_ROWS:,} rows. Split the file.")
            return
        if len(cells) != width:
            errors.add(
                number,
                None,
                f"The line has {len(cells)} cells, the header {width}. A value that contains the delimiter needs quotes.",
            )
            continue
        if any(len(cell) > MAX_CELL for cell in cells):
            errors.add(number, None, f"A cell has more than {MAX_CELL:,} characters.")
            continue
        yield Row(number, {column: cells[index].strip() for column, index in columns.items()})


def _by_alias(aliases: Aliases) -> dict[str, str]:
    return {normal(name): column for column, names in aliases.items() for name in (column, *names)}
