"""What a document may ask for, measured before validation, whose rules are dear on hostile documents.

Measures are memoised per fragment: a document of doubling fragments costs what its text costs. Parsing is
`graph.execution`'s, page sizes are `resolvers.paging`'s, bodies the HTTP edge's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

from resolvers.errors import LimitExceeded


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The most that one document may have. `aliases`, `directives` and `fields` count what fragments expand to."""

    tokens: int = 10_000
    depth: int = 12
    aliases: int = 50
    directives: int = 50
    fields: int = 2_000


@dataclass(frozen=True, slots=True)
class Size:
    """The measures of a selection: how deep it nests, and how much it expands to."""

    depth: int = 0
    aliases: int = 0
    directives: int = 0
    fields: int = 0

    def beside(self, other: Size) -> Size:
        return Size(
            max(self.depth, other.depth),
            self.aliases + other.aliases,
            self.directives + other.directives,
            self.fields + other.fields,
        )


def check(document: DocumentNode, limits: Limits) -> list[GraphQLError]:
    """One error (over a LimitExceeded) for each limit that an operation of the document passes."""
    fragments = {
        node.name.value: node
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    measured: dict[str, Size] = {}
    errors: list[GraphQLError] = []
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode):
            size = _size(node.selection_set, fragments, measured)
            errors.extend(
                GraphQLError(error.message, node, original_error=error)
                for error in _passed(size, limits)
            )
    return errors


def _passed(size: Size, limits: Limits) -> Iterator[LimitExceeded]:
    for limit in ("depth", "aliases", "directives", "fields"):
        found, most = getattr(size, limit), getattr(limits, limit)
        if found > most:
            yield LimitExceeded(
                f"The document has {found} {limit}, at most {most} are allowed. Ask for less at a time."
                if limit != "depth"
                else f"The document is {found} levels deep, at most {most} are allowed.",
                limit=limit,
                value=most,
                found=found,
            )


def _size(
    selection: SelectionSetNode | None,
    fragments: Mapping[str, FragmentDefinitionNode],
    measured: dict[str, Size],
) -> Size:
    total = Size()
    for node in selection.selections if selection is not None else ():
        directives = len(node.directives or ())
        if isinstance(node, FragmentSpreadNode):
            inner, own = (
                _fragment_size(node.name.value, fragments, measured),
                Size(0, 0, directives),
            )
        elif isinstance(node, FieldNode):
            # What introspection may cost is bounded by the schema; explorers ask for it in one deep document.
            inner = (
                Size()
                if node.name.value.startswith("__")
                else _size(node.selection_set, fragments, measured)
            )
            inner = Size(inner.depth + 1, inner.aliases, inner.directives, inner.fields)
            own = Size(0, int(node.alias is not None), directives, 1)
        else:
            assert isinstance(node, InlineFragmentNode)
            inner, own = _size(node.selection_set, fragments, measured), Size(0, 0, directives)
        total = total.beside(inner).beside(own)
    return total


def _fragment_size(
    name: str, fragments: Mapping[str, FragmentDefinitionNode], measured: dict[str, Size]
) -> Size:
    if name not in measured:
        measured[name] = Size()  # a cycle adds nothing here: validation refuses it
        fragment = fragments.get(name)
        measured[name] = _size(fragment.selection_set if fragment else None, fragments, measured)
    return measured[name]
