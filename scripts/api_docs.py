"""Write docs/api.md from schema/schema.graphql: one table per type, in the SDL's own words.

usage: python scripts/api_docs.py [--check]     (--check: only say whether it is current; exit 1 if not)
"""

import sys
from pathlib import Path

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    build_schema,
    is_specified_scalar_type,
    print_ast,
)

ROOT = Path(__file__).parents[1]
SDL = ROOT / "schema" / "schema.graphql"
PAGE = ROOT / "docs" / "api.md"

INTRODUCTION = """\
# API

Generated from [schema/schema.graphql](../schema/schema.graphql) by `make schema`; do not edit. \
Words are explained in the [glossary](glossary.md), errors in the [architecture](architecture.md#errors). \
One endpoint, `/graphql`: POST for queries and mutations, WebSocket (`graphql-transport-ws`) for all three.
"""
Fielded = GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType


def prose(text: str | None) -> str:
    return " ".join((text or "").split()).replace("|", "\\|")


def described(definition: GraphQLNamedType) -> str:
    text = prose(definition.description)
    return f"\n{text}\n" if text else ""


def arguments(field: GraphQLField) -> str:
    nodes = [argument.ast_node for argument in field.args.values()]
    written = [print_ast(node).split('"""')[-1].strip() for node in nodes if node is not None]
    return f"({', '.join(written)})" if written else ""


def fields(definition: Fielded, heading: str) -> str:
    rows = []
    for name, field in definition.fields.items():
        call = arguments(field) if isinstance(field, GraphQLField) else ""
        rows.append(f"| `{name}{call}` | `{field.type}` | {prose(field.description)} |")
    return f"| {heading} | type | meaning |\n|---|---|---|\n" + "\n".join(rows) + "\n"


def section(definition: GraphQLNamedType) -> str:
    head = f"### {definition.name}\n{described(definition)}\n"
    match definition:
        case GraphQLObjectType() | GraphQLInterfaceType() | GraphQLInputObjectType():
            return head + fields(definition, "field")
        case GraphQLEnumType():
            return head + " · ".join(f"`{value}`" for value in definition.values) + "\n"
        case GraphQLUnionType():
            return head + " · ".join(f"`{member.name}`" for member in definition.types) + "\n"
        case _:
            return head.rstrip() + "\n"


def page(schema: GraphQLSchema) -> str:
    roots = {
        "Queries": schema.query_type,
        "Mutations": schema.mutation_type,
        "Subscriptions": schema.subscription_type,
    }
    parts = [INTRODUCTION]
    for title, root in roots.items():
        if root is not None:
            parts.append(f"## {title}\n{described(root)}\n{fields(root, 'operation')}")
    rest = [
        definition
        for name, definition in sorted(schema.type_map.items())
        if definition not in roots.values()
        and not name.startswith("__")
        and not is_specified_scalar_type(definition)
    ]
    groups: dict[str, tuple[type[GraphQLNamedType], ...]] = {
        "Types": (GraphQLObjectType, GraphQLInterfaceType, GraphQLUnionType),
        "Inputs": (GraphQLInputObjectType,),
        "Enums": (GraphQLEnumType,),
        "Scalars": (GraphQLScalarType,),
    }
    for title, kinds in groups.items():
        parts.append(f"## {title}\n")
        parts += [section(definition) for definition in rest if isinstance(definition, kinds)]
    return "\n".join(parts)


def main() -> int:
    text = page(build_schema(SDL.read_text(encoding="utf-8")))
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(text, encoding="utf-8")
        return 0
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == text:
        return 0
    print("docs/api.md is not what the SDL says: run `make schema`")
    return 1


if __name__ == "__main__":
    sys.exit(main())
