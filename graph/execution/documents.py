"""Turns operation text into a validated `Operation`, once per distinct text.

The normalised key makes operations that differ only in layout, operation name or fragment order the same work for the
live hub and the response cache. Limits and trust are rules handed in; what they are is `graph.execution.admission`'s
business.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    parse,
    print_ast,
    specified_rules,
    validate,
    visit,
)

from graph.execution.trusted import untrusted

Check = Callable[[str], object]
DocumentCheck = Callable[[DocumentNode], Sequence[GraphQLError]]


class RequestError(Exception):
    """The request cannot be executed at all: no syntax, not valid, too much, no such operation."""

    def __init__(self, errors: Sequence[GraphQLError]) -> None:
        super().__init__("; ".join(error.message for error in errors))
        self.errors = tuple(errors)


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Operation:
    """One validated operation of a document.

    key: SHA-256 of the normalised text. fields: every "Type.field" it selects. variables: the declared names.
    trusted: its document is one of our own clients'.
    """

    document: DocumentNode
    definition: OperationDefinitionNode
    name: str | None
    key: bytes
    fields: frozenset[str]
    variables: frozenset[str]
    trusted: bool = False

    @property
    def kind(self) -> OperationType:
        return self.definition.operation

    @property
    def is_subscription(self) -> bool:
        return self.definition.operation is OperationType.SUBSCRIPTION

    def touches(self, fields: Collection[str]) -> bool:
        return not self.fields.isdisjoint(fields)


class Documents:
    """A bounded memory of validated operations, least recently used out first."""

    def __init__(
        self,
        schema: GraphQLSchema,
        *,
        text_checks: Sequence[Check] = (),
        document_checks: Sequence[DocumentCheck] = (),
        is_trusted: Callable[[DocumentNode], bool] | None = None,
        max_tokens: int | None = None,
        hide_suggestions: bool = False,
        capacity: int = 512,
    ) -> None:
        self._schema = schema
        self._text_checks = text_checks
        self._document_checks = document_checks
        self._is_trusted = is_trusted
        self._max_tokens = max_tokens
        self._hide_suggestions = hide_suggestions
        self._capacity = capacity
        self._known: OrderedDict[tuple[str, str | None], Operation] = OrderedDict()

    def prepare(
        self,
        text: str,
        operation_name: str | None = None,
        *,
        only_trusted: bool = False,
        before_parsing: Callable[[], None] = lambda: None,
    ) -> Operation:
        """The operation, ready to execute. Raises RequestError, or what a check raises.

        only_trusted: others' documents are Forbidden, and nothing is told of their faults. before_parsing: called for
        a text that was not seen before, and may raise too.
        """
        known = self._known.get((text, operation_name))
        if known is not None:
            if only_trusted and not known.trusted:
                raise untrusted()
            self._known.move_to_end((text, operation_name))
            return known
        for check in self._text_checks:
            check(text)
        before_parsing()
        operation = self._prepare(text, operation_name, only_trusted=only_trusted)
        self._known[text, operation_name] = operation
        if len(self._known) > self._capacity:
            self._known.popitem(last=False)
        return operation

    def _prepare(self, text: str, operation_name: str | None, *, only_trusted: bool) -> Operation:
        try:
            document = parse(text, max_tokens=self._max_tokens)
        except GraphQLError as error:
            raise RequestError([error]) from error
        except RecursionError:
            raise RequestError(
                [GraphQLError("The document is nested too deeply to be read.")]
            ) from None
        definition = _chosen(document, operation_name)
        for check_document in self._document_checks:
            if errors := check_document(document):
                raise RequestError(errors)
        trusted = self._is_trusted is not None and self._is_trusted(document)
        if only_trusted and not trusted:
            raise untrusted()
        if errors := validate(
            self._schema, document, specified_rules, hide_suggestions=self._hide_suggestions
        ):
            raise RequestError(errors)
        fragments = _used_fragments(document, definition)
        only = DocumentNode(definitions=(definition, *fragments))
        return Operation(
            document=only,
            definition=definition,
            name=definition.name.value if definition.name else None,
            key=_normalised_key(definition, fragments),
            fields=selected_fields(self._schema, only),
            variables=frozenset(
                variable.variable.name.value for variable in definition.variable_definitions or ()
            ),
            trusted=trusted,
        )


def _chosen(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    operations = [
        definition
        for definition in document.definitions
        if isinstance(definition, OperationDefinitionNode)
    ]
    if not operations:
        raise RequestError([GraphQLError("The document has no operation.")])
    if name is None:
        if len(operations) > 1:
            raise RequestError(
                [GraphQLError("Say which operation: the document has several (operationName).")]
            )
        return operations[0]
    for operation in operations:
        if operation.name and operation.name.value == name:
            return operation
    raise RequestError([GraphQLError(f"There is no operation named {name!r} in the document.")])


def _used_fragments(
    document: DocumentNode, operation: OperationDefinitionNode
) -> list[FragmentDefinitionNode]:
    """The fragments that the operation reaches, by name."""
    known = {
        definition.name.value: definition
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }
    used: dict[str, FragmentDefinitionNode] = {}
    waiting: list[SelectionSetNode] = [operation.selection_set]
    while waiting:
        for selection in waiting.pop().selections:
            if isinstance(selection, FragmentSpreadNode):
                name = selection.name.value
                if name in known and name not in used:
                    used[name] = known[name]
                    waiting.append(known[name].selection_set)
            elif (nested := getattr(selection, "selection_set", None)) is not None:
                waiting.append(nested)
    return [used[name] for name in sorted(used)]


def _normalised_key(
    operation: OperationDefinitionNode, fragments: Sequence[FragmentDefinitionNode]
) -> bytes:
    label = operation.name.value if operation.name else ""
    text = print_ast(operation)
    if label:
        keyword = operation.operation.value
        text = text.replace(f"{keyword} {label}", keyword, 1)
    return sha256("\n".join([text, *(print_ast(f) for f in fragments)]).encode()).digest()


def selected_fields(schema: GraphQLSchema, document: DocumentNode) -> frozenset[str]:
    """Every "Type.field" that a document selects."""
    info = TypeInfo(schema)
    found: set[str] = set()

    class Collect(Visitor):
        def enter_field(self, node: FieldNode, *_: Any) -> None:
            parent = info.get_parent_type()
            if parent is not None:
                found.add(f"{parent.name}.{node.name.value}")

    visit(document, TypeInfoVisitor(info, Collect()))
    return frozenset(found)
