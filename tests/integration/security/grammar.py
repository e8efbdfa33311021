"""Documents and frames that nobody would write, from a seed: by the grammar of our schema, and mutated."""

from __future__ import annotations

import json
from collections.abc import Sequence
from random import Random
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
)

DEEPEST, WIDEST = 4, 4
ROOTS = ("query", "query", "query", "subscription", "mutation")
SCALARS: dict[str, Sequence[str]] = {
    "Int": ("0", "1", "200", "-1", "2147483648", "1e99"),
    "Float": ("0.5", "-1", "1e400"),
    "Boolean": ("true", "false"),
    "ID": ('"negotiation:demo"', '"offer:opening"', '"sku:sms-outbound-us"', '"x"', '""', "7"),
    "Ratio": ('"0.4"', '"70%"', '"7000bp"', '"NaN"', '"1/0"'),
    "Decimal": ('"1000"', '"-0.01"', '"1e999999"', '"Infinity"', '"١٢"'),
    "Date": ('"2026-03-31"', '"2026-02-30"', '"0000-00-00"'),
    "DateTime": ('"2026-03-31T00:00:00Z"', '"yesterday"'),
    "String": ('"sms"', '""', '"\\u0000"', '"\\ud800"', '"""block"""', '"é✓"'),
}
ODD = ("null", "[]", "{}", "$v", "NOBODY", "[[[1]]]", "{a: 1}", '"x"', "-0")
TOKENS = (
    "{", "}", "(", ")", "[", "]", "$", "@", "...", ":", "=", "!", "|", "&", "#", ",", '"', '"""', "\\", "\0", "\ufeff",
    "\u2028", "\ud800", "é", "🧨", "fragment F on Query { ...F }", "@skip(if: $v)", "@include(if: true)", "@defer",
    "@stream", "on", "__typename", "__schema { types { name } }", "query", "mutation", "subscription", "extend type Query",
    "type A { a: Int }", "9" * 400, "x" * 300, "1.", "-", "0x1",
)  # fmt: skip
JUNK: Sequence[Any] = (
    None,
    True,
    0,
    -1,
    1e308,
    2**63,
    "",
    "x",
    "\0",
    "é",
    [],
    {},
    [[]],
    {"": None},
)
TYPES = ("subscribe", "complete", "ping", "pong", "connection_init", "next", "error", "start", "")


class Writer:
    """Everything it writes follows from the dice."""

    def __init__(self, schema: GraphQLSchema, dice: Random) -> None:
        self._schema = schema
        self._dice = dice

    # --- documents

    def request(self) -> dict[str, Any]:
        """The parameters of a request: mostly a document, sometimes with something wrong beside it."""
        text = self.document()
        if self._one_in(2):
            text = self.mutated(text)
        given: dict[str, Any] = {"query": text}
        if self._one_in(3):
            given["variables"] = {"v": self.junk()} if self._one_in(2) else self.junk()
        if self._one_in(8):
            given["operationName"] = self.junk()
        if self._one_in(8):
            given["extensions"] = self._dice.choice(
                (self.junk(), {"resume": self.junk()}, {"persistedQuery": self.junk()})
            )
        if self._one_in(12):
            given["documentId"] = self.junk()
        return given

    def document(self) -> str:
        kind = self._dice.choice(ROOTS)
        root = getattr(self._schema, f"{kind}_type")
        declared = "($v: Int)" if self._one_in(4) else ""
        fields = 1 if kind == "subscription" else self._dice.randint(1, 3)
        body = " ".join(self._field(root, DEEPEST) for _ in range(fields))
        return f"{kind} {declared} {{ {body} }}"

    def mutated(self, text: str) -> str:
        """A few cuts, repetitions and foreign tokens."""
        for _ in range(self._dice.randint(1, 3)):
            at, to = sorted(self._dice.randrange(len(text) + 1) for _ in range(2))
            match self._dice.randrange(5):
                case 0:
                    text = text[:at] + text[to:]
                case 1:
                    text = text[:to] + text[at:to] * self._dice.randint(1, 3) + text[to:]
                case 2:
                    text = text[:at] + " " + self._dice.choice(TOKENS) + " " + text[at:]
                case 3:
                    words = text.split(" ")
                    self._dice.shuffle(words)
                    text = " ".join(words)
                case _:
                    text = text[:at] + chr(self._dice.randrange(1, 0xD7FF)) + text[at + 1 :]
            text = text[:20_000]
        return text

    def _selection(self, kind: Any, depth: int) -> str:
        named = get_named_type(kind)
        if is_leaf_type(named):
            return ""
        if depth <= 0:
            return "{ __typename }"
        if is_abstract_type(named):
            each = self._dice.choice(self._schema.get_possible_types(named))
            return f"{{ ... on {each.name} {self._selection(each, depth)} }}"
        fields = [self._field(named, depth) for _ in range(self._dice.randint(1, WIDEST))]
        return "{ " + " ".join(fields) + " }"

    def _field(self, kind: GraphQLObjectType, depth: int) -> str:
        name, field = self._dice.choice(list(kind.fields.items()))
        alias = f"a{self._dice.randrange(100)}: " if field.args or self._one_in(5) else ""
        directive = f" {self._dice.choice(('@skip(if: false)', '@include(if: $v)', '@no'))}"
        return f"{alias}{name}{self._arguments(field)}{directive if self._one_in(12) else ''} {self._selection(field.type, depth - 1)}"

    def _arguments(self, field: GraphQLField) -> str:
        given = [
            f"{name}: {self._value(argument.type)}"
            for name, argument in field.args.items()
            if isinstance(argument.type, GraphQLNonNull) or self._one_in(3)
        ]
        return f"({', '.join(given)})" if given else ""

    def _value(self, kind: Any, depth: int = 4) -> str:
        if self._one_in(12) or depth == 0:
            return self._dice.choice(ODD)
        if isinstance(kind, GraphQLNonNull):
            return self._value(kind.of_type, depth)
        if isinstance(kind, GraphQLList):
            items = [self._value(kind.of_type, depth - 1) for _ in range(self._dice.randint(0, 2))]
            return f"[{', '.join(items)}]"
        if isinstance(kind, GraphQLEnumType):
            return self._dice.choice(sorted(kind.values))
        if isinstance(kind, GraphQLInputObjectType):
            inside = [
                f"{name}: {self._value(field.type, depth - 1)}"
                for name, field in kind.fields.items()
                if isinstance(field.type, GraphQLNonNull) or self._one_in(2)
            ]
            return f"{{{', '.join(inside)}}}"
        return self._dice.choice(SCALARS.get(kind.name, ODD))

    # --- frames

    def frame(self) -> str | bytes:
        """One message to a socket."""
        match self._dice.randrange(24):
            case 0:
                return self.mutated(json.dumps(self._message()))
            case 1:
                return json.dumps(self.junk())
            case 2:
                return self._dice.randbytes(self._dice.randint(0, 40))
            case 3:
                return '{"type":"subscribe","id":"1","payload":' + "[" * self._dice.randint(1, 5000)
            case _:
                return json.dumps(self._message())

    def _message(self) -> dict[str, Any]:
        kind = "subscribe" if self._dice.randrange(3) else self._dice.choice(TYPES)
        message: dict[str, Any] = {"type": kind}
        if not self._one_in(20):
            message["id"] = self.junk() if self._one_in(20) else f"{self._dice.randrange(500)}"
        if kind == "subscribe":
            message["payload"] = self.junk() if self._one_in(20) else self.request()
        elif self._one_in(3):
            message["payload"] = self.junk()
        return message

    def junk(self, depth: int = 3) -> Any:
        match self._dice.randrange(6) if depth else 0:
            case 1:
                return [self.junk(depth - 1) for _ in range(self._dice.randint(0, 3))]
            case 2:
                return {f"{self._dice.choice(JUNK)}": self.junk(depth - 1) for _ in range(2)}
            case _:
                return self._dice.choice(JUNK)

    def _one_in(self, number: int) -> bool:
        return self._dice.randrange(number) == 0
