"""A briefing's Markdown as PDF: headings, paragraphs, lists and tables, which is all that a briefing has.

With a Unicode font on the machine every script is shown; without one, characters outside Latin-1 become "?" and the last
line says so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from fpdf import FPDF, FontFace

FONTS = (
    Path("/usr/share/fonts/truetype/dejavu"),
    Path("/usr/share/fonts/dejavu"),
    Path("/Library/Fonts"),
    Path("C:/Windows/Fonts"),
)
REGULAR, BOLD = "DejaVuSans.ttf", "DejaVuSans-Bold.ttf"
CORE = "helvetica"
BODY_POINTS, TABLE_POINTS, LINE_MM = 9.5, 7.5, 5.0
HEADINGS = {"# ": 18.0, "## ": 12.5}
WIDEST = 24
INK, QUIET, ROW = (20, 28, 38), (96, 108, 122), (240, 244, 247)
LOST = "Some characters could not be shown; install the DejaVu fonts on the gateway's machine."


def render(markdown: str, made_at: datetime) -> bytes:
    """The PDF's bytes, on A4. `made_at` is its creation date: the same text and instant give the same file."""
    page = _Page(made_at)
    for block in re.split(r"\n\s*\n", markdown.strip()):
        page.block(block.split("\n"))
    return page.finish()


class _Page:
    def __init__(self, made_at: datetime) -> None:
        self._pdf = FPDF(format="A4")
        self._pdf.set_creation_date(made_at)
        self._pdf.set_margin(18)
        self._pdf.set_auto_page_break(auto=True, margin=18)
        self._family = self._unicode_font() or CORE
        self._lost = False
        self._pdf.add_page()
        self._ink(BODY_POINTS)

    def block(self, lines: Sequence[str]) -> None:
        """One block of Markdown: its lines without blank ones between."""
        if lines[0].startswith("| "):
            self._table(lines)
            return
        for line in lines:
            self._line(line)
        self._pdf.ln(2)

    def finish(self) -> bytes:
        if self._lost:
            self._pdf.ln(4)
            self._pdf.set_text_color(*QUIET)
            self._pdf.multi_cell(0, LINE_MM, LOST)
        return bytes(self._pdf.output())

    def _line(self, line: str) -> None:
        for mark, points in HEADINGS.items():
            if line.startswith(mark):
                self._ink(points, style="B")
                self._pdf.multi_cell(
                    0,
                    points / 2,
                    self._safe(line.removeprefix(mark)),
                    new_x="LMARGIN",
                    new_y="NEXT",
                )
                self._ink(BODY_POINTS)
                return
        if line.startswith("- "):
            self._pdf.set_x(self._pdf.l_margin + 4)
            line = f"\u00b7 {line.removeprefix('- ')}"
        self._pdf.multi_cell(
            0, LINE_MM, self._safe(line), align="L", markdown=True, new_x="LMARGIN", new_y="NEXT"
        )

    def _table(self, lines: Sequence[str]) -> None:
        rows = [
            [cell.strip() for cell in line.strip().strip("|").split("|")]
            for line in lines
            if not line.startswith("|---")
        ]
        self._ink(TABLE_POINTS)
        widths = [_width([row[column] for row in rows]) for column in range(len(rows[0]))]
        with self._pdf.table(
            rows=[[self._safe(cell) for cell in row] for row in rows],
            col_widths=tuple(widths),
            line_height=4.4,
            borders_layout="HORIZONTAL_LINES",
            headings_style=FontFace(emphasis="BOLD", fill_color=ROW),
            text_align="LEFT",
        ):
            pass
        self._ink(BODY_POINTS)
        self._pdf.ln(4)

    def _ink(self, points: float, style: str = "") -> None:
        self._pdf.set_font(self._family, style=style, size=points)
        self._pdf.set_text_color(*INK)

    def _safe(self, text: str) -> str:
        if self._family != CORE:
            return text
        shown = text.encode("latin-1", errors="replace").decode("latin-1")
        self._lost = self._lost or shown != text
        return shown

    def _unicode_font(self) -> str | None:
        for folder in FONTS:
            regular, bold = folder / REGULAR, folder / BOLD
            if regular.is_file() and bold.is_file():
                self._pdf.add_font("dejavu", fname=str(regular))
                self._pdf.add_font("dejavu", style="B", fname=str(bold))
                return "dejavu"
        return None


def _width(cells: Sequence[str]) -> float:
    """In characters: no word is broken, and a long text may wrap."""
    longest_word = max((len(word) for cell in cells for word in cell.split()), default=1)
    longest = max(len(cell) for cell in cells)
    return max(longest_word + 3, min(longest, WIDEST))
