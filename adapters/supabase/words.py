"""What the sync says of what it cannot send or take: in words, for people, with what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from adapters.store.ledger import Queued

_NAMED = 3
_ID = 80


@dataclass(slots=True)
class Known:
    """What the ledger said last. `waiting`: rows to be sent; `problems`: rows that Supabase refused; `refused`: its rows that
    we cannot take, with the reason.
    """

    waiting: int = 0
    problems: list[Queued] = field(default_factory=list)
    refused: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def rows_refused(self) -> list[str]:
        return [f"{area} {_short(id_)}: {why}" for (area, id_), why in self.refused.items()]

    @property
    def changes_refused(self) -> list[str]:
        return [f"{each.area} {_short(each.id)}: {each.problem}" for each in self.problems]


def complaints(known: Known, contested: int) -> str:
    """Empty when all is well. `contested`: conflicts that wait for a decision."""
    said = []
    if rows := known.rows_refused:
        said.append(
            f"{count(len(rows), 'row')} set aside: {_named(rows)}. Correct them in Supabase."
        )
    if changes := known.changes_refused:
        said.append(
            f"{count(len(changes), 'change')} of ours refused by Supabase: {_named(changes)}. Change them here, or what "
            "they clash with there."
        )
    if contested:
        wait = "waits" if contested == 1 else "wait"
        said.append(
            f"{count(contested, 'change')} of ours came second and {wait} for a decision: see the conflicts."
        )
    return " ".join(said)


def count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _named(rows: Sequence[str]) -> str:
    more = len(rows) - _NAMED
    return "; ".join(rows[:_NAMED]) + (f"; and {more} more" if more > 0 else "")


def _short(id_: str) -> str:
    return id_ if len(id_) <= _ID else f"{id_[:_ID]}…"
