"""What a request to PostgREST says (columns, filters, order, page, preferences), as pieces of SQL. Pure.

Values travel as parameters without a type, so that PostgreSQL reads each as its column's. What is not understood is
refused with PostgREST's code for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from aiohttp import web
from psycopg import sql

_RESERVED = frozenset({"select", "order", "limit", "offset", "columns", "on_conflict"})
_OPERATORS = {
    "eq": "=", "neq": "<>", "gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "like": "like", "ilike": "ilike",
    "match": "~", "imatch": "~*", "isdistinct": "is distinct from",
}  # fmt: skip
_IS = {"null", "not_null", "true", "false", "unknown"}
_COLUMN = re.compile(
    r'^(?:(?P<alias>"[^"]+"|\w+):)?(?P<name>"[^"]+"|\w+|\*)(?:::(?P<cast>\w[\w ]*))?$'
)
_ORDER = re.compile(
    r'^(?P<name>"[^"]+"|\w+)(?P<way>\.(?:asc|desc))?(?P<nulls>\.nulls(?:first|last))?$'
)


Column = Callable[[str], sql.Composable]


class Refused(Exception):
    """What PostgREST itself answers, before or after the database was asked."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        details: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.details = details
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Reading:
    """`where` and `order` begin with a space or are empty."""

    columns: sql.Composable
    where: sql.Composable
    order: sql.Composable
    limit: int | None
    offset: int


def reading(table: str, query: Mapping[str, str], *, schema: str | None = "public") -> Reading:
    """`schema` None: the rows are a function's, under the name `table`."""
    path = (table,) if schema is None else (schema, table)

    def column(name: str) -> sql.Composable:
        return sql.Identifier(*path, name.strip('"'))

    conditions = [
        _tree(column, key, value)
        if key in {"and", "or", "not.and", "not.or"}
        else _test(column, key, value)
        for key, value in query.items()
        if key not in _RESERVED
    ]
    return Reading(
        columns=_columns(column, query.get("select", "*")),
        where=sql.SQL(" where ") + sql.SQL(" and ").join(conditions) if conditions else sql.SQL(""),
        order=_order(column, query["order"]) if query.get("order") else sql.SQL(""),
        limit=_whole(query, "limit"),
        offset=_whole(query, "offset") or 0,
    )


def preferences(request: web.Request) -> dict[str, str]:
    """The parts of all Prefer headers, such as {"return": "minimal"}."""
    said = ",".join(request.headers.getall("Prefer", []))
    return dict(part.strip().split("=", 1) for part in said.split(",") if "=" in part)


def counted(found: int, offset: int, total: int | None) -> str:
    """The Content-Range."""
    span = f"{offset}-{offset + found - 1}" if found else "*"
    return f"{span}/{'*' if total is None else total}"


def _columns(column: Column, select: str) -> sql.Composable:
    chosen = []
    for part in split(select):
        found = _COLUMN.match(part)
        if found is None:
            raise _unparsed("select", part)
        name, alias, cast = found["name"], found["alias"], found["cast"]
        if name == "*":
            chosen.append(sql.SQL("*"))
            continue
        what = column(name)
        if cast:
            what = sql.SQL("cast({} as {})").format(what, sql.SQL(cast))
        chosen.append(sql.SQL("{} as {}").format(what, sql.Identifier((alias or name).strip('"'))))
    return sql.SQL(", ").join(chosen)


def _order(column: Column, order: str) -> sql.Composable:
    terms = []
    for part in split(order):
        found = _ORDER.match(part)
        if found is None:
            raise _unparsed("order", part)
        way = (found["way"] or ".asc")[1:]
        nulls = {None: "", ".nullsfirst": " nulls first", ".nullslast": " nulls last"}[
            found["nulls"]
        ]
        terms.append(sql.SQL("{} {}{}").format(column(found["name"]), sql.SQL(way), sql.SQL(nulls)))
    return sql.SQL(" order by ") + sql.SQL(", ").join(terms)


def _tree(column: Column, key: str, value: str) -> sql.Composable:
    """`or=(a.eq.1,and(b.gt.2,c.is.null))`: the value is the list in its brackets."""
    if not (value.startswith("(") and value.endswith(")")):
        raise _unparsed("logic tree", value)
    parts = []
    for part in split(value[1:-1]):
        inner = re.match(r"^((?:not\.)?(?:and|or))(\(.*\))$", part, re.DOTALL)
        if inner:
            parts.append(_tree(column, inner[1], inner[2]))
            continue
        name, _, rest = part.partition(".")
        parts.append(_test(column, name, rest))
    joined = sql.SQL(f" {key.removeprefix('not.')} ").join(parts)
    return sql.SQL("not ({})" if key.startswith("not.") else "({})").format(joined)


def _test(column: Column, name: str, value: str) -> sql.Composable:
    """`name=not.eq.value`."""
    if value.startswith("not."):
        return sql.SQL("not ({})").format(_test(column, name, value.removeprefix("not.")))
    operator, dot, operand = value.partition(".")
    what = column(name)
    if not dot:
        raise _unparsed("filter", value)
    if operator == "in" and operand.startswith("(") and operand.endswith(")"):
        among = [sql.Literal(_unquoted(part)) for part in split(operand[1:-1])]
        if not among or operand == "()":
            return sql.SQL("false")
        return sql.SQL("{} in ({})").format(what, sql.SQL(", ").join(among))
    if operator == "is" and operand.lower() in _IS:
        return sql.SQL("{} is {}").format(what, sql.SQL(operand.lower().replace("_", " ")))
    if operator not in _OPERATORS:
        raise _unparsed("filter", value)
    if operator in {"like", "ilike"}:
        operand = operand.replace("*", "%")
    return sql.SQL("{} {} {}").format(
        what, sql.SQL(_OPERATORS[operator]), sql.Literal(_unquoted(operand))
    )


def split(text: str) -> list[str]:
    """At commas that stand in no quotes and no brackets."""
    parts, depth, quoted, escaped = [""], 0, False, False
    for char in text:
        if escaped:
            escaped = False
        elif char == "\\" and quoted:
            escaped = True
        elif char == '"':
            quoted = not quoted
        elif not quoted and char in "()":
            depth += 1 if char == "(" else -1
        elif not quoted and char == "," and depth == 0:
            parts.append("")
            continue
        parts[-1] += char
    return [part.strip() for part in parts]


def _unquoted(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] == '"':
        return re.sub(r"\\(.)", r"\1", value[1:-1])
    return value


def _whole(query: Mapping[str, str], key: str) -> int | None:
    value = query.get(key)
    if value is None:
        return None
    if not value.isdigit():
        raise _unparsed(key, value)
    return int(value)


def _unparsed(what: str, value: str) -> Refused:
    return Refused(
        400,
        "PGRST100",
        f'"failed to parse {what} ({value})" (line 1, column 1)',
        "unexpected input; the stand-in knows less than PostgREST",
    )
