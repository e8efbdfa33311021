"""One text for documents that ask for the same: whatever their layout, and the order of definitions, fields and arguments.

Printers disagree in these; what is executed does not change by them, but for the order of the answer's keys.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from graphql import (
    ArgumentNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableDefinitionNode,
    print_ast,
)


def content_key(document: DocumentNode) -> str:
    """SHA-256 of the canonical text, in hex. Operation names count."""
    return sha256("\n".join(sorted(map(_definition, document.definitions))).encode()).hexdigest()


def _definition(node: object) -> str:
    if isinstance(node, OperationDefinitionNode):
        name = node.name.value if node.name else ""
        variables = _joined(sorted(map(_variable, node.variable_definitions or ())))
        head = f"{node.operation.value} {name}({variables})"
        return head + _directives(node.directives) + _selection(node.selection_set)
    if isinstance(node, FragmentDefinitionNode):
        head = f"fragment {node.name.value} on {node.type_condition.name.value}"
        return head + _directives(node.directives) + _selection(node.selection_set)
    return print_ast(node)  # type: ignore[arg-type]  # a type system definition, which is refused later


def _variable(node: VariableDefinitionNode) -> str:
    default = f"={_value(node.default_value)}" if node.default_value else ""
    kind = print_ast(node.type)
    return f"${node.variable.name.value}:{kind}{default}{_directives(node.directives)}"


def _selection(node: SelectionSetNode | None) -> str:
    if node is None:
        return ""
    return "{" + " ".join(sorted(_one(each) for each in node.selections)) + "}"


def _one(node: SelectionNode) -> str:
    directives = _directives(node.directives)
    if isinstance(node, FieldNode):
        alias = f"{node.alias.value}:" if node.alias else ""
        given = _arguments(node.arguments)
        return f"{alias}{node.name.value}{given}{directives}{_selection(node.selection_set)}"
    if isinstance(node, FragmentSpreadNode):
        return f"...{node.name.value}{directives}"
    assert isinstance(node, InlineFragmentNode)
    condition = f" on {node.type_condition.name.value}" if node.type_condition else ""
    return f"...{condition}{directives}{_selection(node.selection_set)}"


def _directives(nodes: Iterable[DirectiveNode] | None) -> str:
    return "".join(f"@{node.name.value}{_arguments(node.arguments)}" for node in nodes or ())


def _arguments(nodes: Iterable[ArgumentNode] | None) -> str:
    given = sorted(f"{node.name.value}:{_value(node.value)}" for node in nodes or ())
    return f"({_joined(given)})" if given else ""


def _value(node: ValueNode) -> str:
    if isinstance(node, ObjectValueNode):
        fields = sorted(f"{field.name.value}:{_value(field.value)}" for field in node.fields)
        return "{" + _joined(fields) + "}"
    if isinstance(node, ListValueNode):
        return f"[{_joined(map(_value, node.values))}]"
    return print_ast(node)


def _joined(parts: Iterable[str]) -> str:
    return ",".join(parts)
