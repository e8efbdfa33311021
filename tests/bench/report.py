"""Tables: on the terminal, and between the markers of docs/benchmarks.md, whose prose is written by hand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table as RichTable

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"


@dataclass(frozen=True, slots=True)
class Table:
    """Cells are ready to be read. The first column is text, the others are numbers: medians of `runs` runs, or what `of` says."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    runs: int = 1
    of: str = ""

    @property
    def caption(self) -> str:
        median = "one run" if self.runs == 1 else f"median of {self.runs} runs"
        return f"{self.title} ({self.of or median})"

    def show(self, console: Console) -> None:
        shown = RichTable(title=self.caption, title_justify="left", title_style="bold")
        for number, column in enumerate(self.columns):
            shown.add_column(column, justify="right" if number else "left")
        for row in self.rows:
            shown.add_row(*row)
        console.print(shown)

    def markdown(self) -> str:
        lines = [
            f"### {self.caption}",
            "",
            _line(self.columns),
            _line([":---", *["---:"] * (len(self.columns) - 1)]),
            *map(_line, self.rows),
        ]
        return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def write(name: str, made: str, tables: Sequence[Table], page: Path = PAGE) -> None:
    """Replace what is between `<!-- name -->` and `<!-- /name -->`. `made`: when, where and how."""
    text = page.read_text()
    inside = "\n\n".join([made, *(table.markdown() for table in tables)])
    pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
    replaced, count = pattern.subn(lambda found: f"{found[1]}{inside}\n{found[2]}", text)
    if count != 1:
        raise ValueError(f"{page} must have the markers of {name!r} once")
    page.write_text(replaced)


def count(value: float) -> str:
    return f"{value:,.0f}"


def milliseconds(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def micros(value: float) -> str:
    return f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def share(value: float) -> str:
    return f"{value:.0%}"


def times(value: float) -> str:
    return f"{value:.2f} x" if value < 10 else f"{value:.1f} x"
