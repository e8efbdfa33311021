"""What a document may ask for, and each distinct document parsed, measured and validated only once.

The measures are taken before validation, whose rules are dear on hostile documents, and are memoised per fragment:
a document of doubling fragments costs what its text costs. Page sizes are `resolvers.paging`'s, bodies the HTTP edge's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
    specified_rules,
)
from strawberry.extensions import SchemaExtension
from strawberry.schema.schema import validate_document

from resolvers.errors import LimitExceeded

_KEPT = 256
_LONGEST_KEPT = 16_384


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


@dataclass(frozen=True, slots=True)
class Prepared:
    """A parsed document and what is wrong with it."""

    document: DocumentNode
    errors: tuple[GraphQLError, ...]


class Documents:
    """The prepared documents of one schema, the most recent kept. Made once, beside the schema."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._kept: Callable[[GraphQLSchema, str], Prepared] = lru_cache(_KEPT)(self._prepare)

    def prepare(self, schema: GraphQLSchema, query: str) -> Prepared:
        """Raises GraphQLSyntaxError."""
        prepare = self._kept if len(query) <= _LONGEST_KEPT else self._prepare
        return prepare(schema, query)

    def _prepare(self, schema: GraphQLSchema, query: str) -> Prepared:
        document = parse(query, max_tokens=self.limits.tokens)
        errors = check(document, self.limits) or validate_document(
            schema, document, tuple(specified_rules)
        )
        return Prepared(document, tuple(errors))


class PrepareOnce(SchemaExtension):
    """Gives the executor the prepared document.

    Strawberry's own caches share their list of errors between requests, and let a syntax error out of a stream.
    """

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._errors: tuple[GraphQLError, ...] = ()

    def on_parse(self) -> Iterator[None]:
        context = self.execution_context
        context.parse_options["max_tokens"] = self._documents.limits.tokens
        try:
            prepared = self._documents.prepare(context.schema._schema, context.query or "")  # noqa: SLF001
        except GraphQLError:
            pass  # the executor parses it again and reports what is wrong
        else:
            context.graphql_document, self._errors = prepared.document, prepared.errors
        yield

    def on_validate(self) -> Iterator[None]:
        self.execution_context.pre_execution_errors = list(self._errors)
        yield
