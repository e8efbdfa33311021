"""Two who changed the same record without seeing each other's change: what each wrote, field by field, until a person decides.

Who was first stands; the other's values are kept here and can be put on top. Records are compared and kept in their plain
form (see `plain`), so that a conflict outlives a change of the record's shape. How rows are shared is the adapters' business.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, get_args, get_origin, get_type_hints

from negotiation.plain import reader, writer
from negotiation.terms import Term
from negotiation.terms_json import terms_from_plain, terms_to_plain


class ConflictSide(StrEnum):
    OURS = "OURS"
    THEIRS = "THEIRS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """`ours` and `theirs`: the record `entity_id` of `area` as JSON, None where that side deleted it. `actor` wrote ours.

    Theirs stands from the beginning. Resolved: `kept` says which side was chosen, by whom and when.
    """

    id: str
    area: str
    entity_id: str
    at: datetime
    actor: str
    ours: str | None
    theirs: str | None
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    kept: ConflictSide | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that the two sides have differently, as text; None: empty, or the record is gone on that side."""

    path: str
    ours: str | None
    theirs: str | None


def plain_record(record: Any) -> dict[str, Any]:
    """Every field of a record in plain form: numbers as text, instants and days ISO 8601, terms as objects."""
    hints = get_type_hints(type(record))
    return {
        field.name: _plain(hints[field.name], getattr(record, field.name))
        for field in dataclasses.fields(record)
    }


def record_from_plain(cls: type[Any], plain: Mapping[str, Any]) -> Any:
    """The record that `plain_record` wrote. TermError with the path of what cannot be read."""
    hints = get_type_hints(cls)
    known = {field.name for field in dataclasses.fields(cls)}
    return cls(
        **{
            name: (
                terms_from_plain(value, name)
                if _are_terms(hints[name])
                else reader(hints[name])(value, name)
            )
            for name, value in plain.items()
            if name in known
        }
    )


def to_json(record: Any) -> str | None:
    """The plain form as compact JSON; None stays None."""
    if record is None:
        return None
    return json.dumps(plain_record(record), ensure_ascii=False, separators=(",", ":"))


def differences(conflict: Conflict) -> tuple[Difference, ...]:
    """The fields in which the sides differ, in the order of the record."""
    ours: dict[str, Any] = json.loads(conflict.ours) if conflict.ours else {}
    theirs: dict[str, Any] = json.loads(conflict.theirs) if conflict.theirs else {}
    return tuple(
        Difference(name, _said(ours.get(name)), _said(theirs.get(name)))
        for name in dict.fromkeys([*ours, *theirs])
        if ours.get(name) != theirs.get(name)
    )


def _plain(hint: Any, value: Any) -> Any:
    return terms_to_plain(value) if _are_terms(hint) else writer(hint)(value)


def _are_terms(hint: Any) -> bool:
    return get_origin(hint) is tuple and get_args(hint)[0] == Term


def _said(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": "))
