"""The JSON schema of what a stored document answers, from the GraphQL schema itself, for the OpenAPI description."""

from __future__ import annotations

from typing import Any

from graphql import (
    FieldNode,
    GraphQLEnumType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionSetNode,
    is_leaf_type,
    parse,
)

LEAVES: dict[str, dict[str, Any]] = {
    "Boolean": {"type": "boolean"},
    "Int": {"type": "integer"},
    "Date": {"type": "string", "format": "date"},
    "DateTime": {"type": "string", "format": "date-time"},
}


def answer_of(schema: GraphQLSchema, document: str) -> dict[str, Any]:
    """The JSON schema of the one root field that `document` (fields only, no fragments) selects."""
    (operation,) = parse(document).definitions
    assert isinstance(operation, OperationDefinitionNode)
    root = schema.get_root_type(operation.operation)
    (field,) = operation.selection_set.selections
    assert isinstance(field, FieldNode)
    assert root is not None
    described = _described(root.fields[field.name.value].type, field.selection_set)
    return {"type": "object", **described}


def _described(kind: Any, selections: SelectionSetNode | None) -> dict[str, Any]:
    if isinstance(kind, GraphQLNonNull):
        return _present(kind.of_type, selections)
    found = _present(kind, selections)
    return {**found, "type": [found.get("type", "string"), "null"]}


def _present(kind: Any, selections: SelectionSetNode | None) -> dict[str, Any]:
    if isinstance(kind, GraphQLList):
        return {"type": "array", "items": _described(kind.of_type, selections)}
    if isinstance(kind, GraphQLEnumType):
        return {"type": "string", "enum": list(kind.values)}
    if is_leaf_type(kind):
        return LEAVES.get(kind.name, {"type": "string", "description": kind.description or ""})
    assert isinstance(kind, GraphQLObjectType)
    properties = {}
    for node in selections.selections if selections else ():
        assert isinstance(node, FieldNode)
        definition = kind.fields[node.name.value]
        described = _described(definition.type, node.selection_set)
        if definition.description:
            described = {**described, "description": definition.description}
        properties[node.name.value] = described
    return {"type": "object", "title": kind.name, "properties": properties}
