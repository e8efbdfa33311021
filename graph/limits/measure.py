"""What shape a document has, measured before validation, whose rules are dear on hostile documents.

Measures are memoised per fragment: a document of doubling fragments costs what its text costs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    Node,
    OperationDefinitionNode,
    SelectionSetNode,
)

from graph.limits.bounds import Limits
from resolvers.errors import LimitExceeded

Fragments = Mapping[str, FragmentDefinitionNode]


@dataclass(frozen=True, slots=True)
class Size:
    """The measures of a selection: how deep it nests, and how much it expands to. `top`: fields of its own level."""

    depth: int = 0
    aliases: int = 0
    directives: int = 0
    fields: int = 0
    top: int = 0

    def beside(self, other: Size) -> Size:
        return Size(
            max(self.depth, other.depth),
            self.aliases + other.aliases,
            self.directives + other.directives,
            self.fields + other.fields,
            self.top + other.top,
        )


def check(document: DocumentNode, limits: Limits) -> list[GraphQLError]:
    """One error (over a LimitExceeded) for each limit that the document or an operation of it passes."""
    return [
        GraphQLError(error.message, node, original_error=error)
        for node, error in _excesses(document, limits)
    ]


def _excesses(document: DocumentNode, limits: Limits) -> Iterator[tuple[Node, LimitExceeded]]:
    operations, fragments, measured = [], {}, dict[str, Size]()
    for node in document.definitions:
        if isinstance(node, FragmentDefinitionNode):
            fragments[node.name.value] = node
        elif isinstance(node, OperationDefinitionNode):
            operations.append(node)
    if len(operations) > limits.operations:
        yield document, _excess("operations", "operations", limits.operations, len(operations))
        return
    for operation in operations:
        size = _size(operation.selection_set, fragments, measured)
        own = size.beside(Size(directives=len(operation.directives or ())))
        for error in _passed(own, limits):
            yield operation, error
    pairs = _pairs(document)
    if pairs > limits.pairs:
        yield document, _excess("pairs", "pairs of fields with one name", limits.pairs, pairs)


def _passed(size: Size, limits: Limits) -> Iterator[LimitExceeded]:
    if size.depth > limits.depth:
        yield LimitExceeded(
            f"The document is {size.depth} levels deep, at most {limits.depth} are allowed.",
            limit="depth",
            value=limits.depth,
            found=size.depth,
        )
    for name, words, most, found in (
        ("aliases", "aliases", limits.aliases, size.aliases),
        ("directives", "directives", limits.directives, size.directives),
        ("rootFields", "root fields", limits.root_fields, size.top),
        ("fields", "fields", limits.fields, size.fields),
    ):
        if found > most:
            yield _excess(name, words, most, found)


def _excess(limit: str, words: str, most: int, found: int) -> LimitExceeded:
    message = (
        f"The document has {found} {words}, at most {most} are allowed. Ask for less at a time."
    )
    return LimitExceeded(message, limit=limit, value=most, found=found)


def _size(
    selection: SelectionSetNode | None, fragments: Fragments, measured: dict[str, Size]
) -> Size:
    total = Size()
    for node in selection.selections if selection is not None else ():
        directives = len(node.directives or ())
        if isinstance(node, FragmentSpreadNode):
            inner = _fragment_size(node.name.value, fragments, measured)
            own = Size(directives=directives)
        elif isinstance(node, FieldNode):
            below = _size(node.selection_set, fragments, measured)
            # How deep introspection goes is the library's rule; explorers ask for it in one deep document.
            depth = 1 if node.name.value.startswith("__") else below.depth + 1
            inner = Size(depth, below.aliases, below.directives, below.fields)
            own = Size(0, int(node.alias is not None), directives, 1, 1)
        else:
            assert isinstance(node, InlineFragmentNode)
            inner = _size(node.selection_set, fragments, measured)
            own = Size(directives=directives)
        total = total.beside(inner).beside(own)
    return total


def _fragment_size(name: str, fragments: Fragments, measured: dict[str, Size]) -> Size:
    if name not in measured:
        measured[name] = Size()  # a cycle adds nothing here: validation refuses it
        fragment = fragments.get(name)
        measured[name] = _size(fragment.selection_set if fragment else None, fragments, measured)
    return measured[name]


def _pairs(document: DocumentNode) -> int:
    """No fewer than the pairs of fields, and of fragments, that validation compares with each other."""
    names: Counter[str] = Counter()
    waiting = [getattr(node, "selection_set", None) for node in document.definitions]
    while waiting:
        selection = waiting.pop()
        for node in selection.selections if selection is not None else ():
            if isinstance(node, FieldNode):
                names[(node.alias or node.name).value] += 1
                waiting.append(node.selection_set)
            elif isinstance(node, FragmentSpreadNode):
                names["..."] += 1
            else:
                waiting.append(node.selection_set)
    return sum(count * (count - 1) // 2 for count in names.values())
