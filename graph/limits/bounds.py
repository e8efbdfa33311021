"""The limits themselves. Each is a setting; `docs/security.md` says what it guards against."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The most that one document, or one operation with its variables, may have.

    `aliases`, `directives`, `root_fields` and `fields` count what fragments expand to. `pairs`: fields of the same name,
    taken two by two, which validation compares. `list`: rows of a page (`first`). `input_values`: values in the
    variables. `cost`: what `Prices` make of it, about one per value in the answer.
    """

    characters: int = 100_000
    tokens: int = 2_500
    depth: int = 12
    aliases: int = 50
    directives: int = 50
    root_fields: int = 20
    fields: int = 2_000
    operations: int = 20
    pairs: int = 10_000
    list: int = 200
    input_values: int = 10_000
    cost: int = 50_000
