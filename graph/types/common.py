"""What the other types are built from: nodes, notices, trace steps, pages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Iterable
from dataclasses import fields
from functools import cache
from typing import Any, Generic, TypeVar, cast

import strawberry

from negotiation import trace
from resolvers.later import Later
from resolvers.paging import Page

T = TypeVar("T")
R = TypeVar("R")
F = TypeVar("F", bound=Callable[..., Any])


@strawberry.interface
class Node:
    id: strawberry.ID


@strawberry.type
class Notice:
    code: str
    message: str
    field: str | None

    @staticmethod
    def of(notices: Iterable[trace.Notice]) -> list[Notice]:
        return [mirrored(Notice, notice) for notice in notices]


@strawberry.type
class TraceStep:
    id: strawberry.ID
    label: str
    formula: str
    value: str
    inputs: list[strawberry.ID]

    @staticmethod
    def of(steps: Iterable[trace.TraceStep]) -> list[TraceStep]:
        return [mirrored(TraceStep, step) for step in steps]


@strawberry.type
class PageInfo:
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@strawberry.type
class Edge(Generic[T]):
    cursor: str
    node: T


@strawberry.type
class Connection(Generic[T]):
    edges: list[Edge[T]]
    page_info: PageInfo
    total_count: int


def connected(page: Page[R], node: Callable[[R], T]) -> dict[str, Any]:
    """The fields of a Connection over a page, each row as `node` shows it."""
    return {
        "edges": [
            Edge(cursor=cursor, node=node(row))
            for row, cursor in zip(page.rows, page.cursors, strict=True)
        ],
        "page_info": PageInfo(
            has_next_page=page.has_next,
            has_previous_page=page.has_previous,
            start_cursor=page.cursors[0] if page.cursors else None,
            end_cursor=page.cursors[-1] if page.cursors else None,
        ),
        "total_count": page.total,
    }


def mirrored(kind: type[T], source: object, **differing: Any) -> T:
    """A `kind` whose fields are the attributes of `source` by the same names, but for `differing`."""
    same = {
        name: getattr(source, name)
        for name in _names(cast("Hashable", kind))
        if name not in differing
    }
    return kind(**same, **differing)


def shown(found: R | Awaitable[R], show: Callable[[R], T]) -> T:
    """`show(found)`: at once where `found` is there, else as something that the executor awaits."""
    if not isinstance(found, Awaitable):
        return show(found)

    async def later() -> T:
        return show(await found)

    return cast("T", Later(later))


def given(value: T | None) -> T | None:
    """The value of an argument, or None where it was left out."""
    return None if value is strawberry.UNSET else value


def described(description: str, kind: Callable[..., Any] = strawberry.field) -> Callable[[F], F]:
    """`strawberry.field` (or mutation, subscription) with a description; typed, as Strawberry's own is not."""
    decorate: Callable[[F], F] = kind(description=description)
    return decorate


@cache
def _names(kind: Hashable) -> tuple[str, ...]:
    return tuple(each.name for each in fields(cast("Any", kind)) if each.init)
