"""Estimates what an operation costs before it runs, from its text, its `first`s and the table of prices.

Directives count as taken, fields that merge count each: the estimate is an upper bound of what the table says. Memoised
per fragment, and per operation for the page sizes it was asked with.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLAbstractType,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    Undefined,
    VariableNode,
    get_named_type,
    is_abstract_type,
    is_list_type,
    is_object_type,
)
from graphql.type import GraphQLNonNull

from graph.limits.bounds import Limits
from graph.limits.prices import LIST_SIZE, SIZES, WEIGHTS
from resolvers.errors import LimitExceeded

PAGE_ARGUMENT, PAGE_FIELD = "first", "edges"
MOST_REMEMBERED = 200

Fragments = Mapping[str, FragmentDefinitionNode]
Sizes = tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Cost:
    """`page`: the longest page asked for."""

    units: int
    page: int


class Priced:
    """One validated operation, whose cost can be told for any variables."""

    def __init__(
        self, prices: Prices, definition: OperationDefinitionNode, fragments: Fragments
    ) -> None:
        self._prices = prices
        self._definition = definition
        self._fragments = fragments
        self._pages = _page_variables(definition, fragments)
        self._costs: dict[Sizes, Cost] = {}

    def check(self, variables: Mapping[str, Any], limits: Limits) -> int:
        """The cost in units. Raises LimitExceeded for a page that is too long, or a cost that is too high."""
        cost = self.cost(variables)
        if cost.page > limits.list:
            raise LimitExceeded(
                f"A page has at most {limits.list} rows, {cost.page} were asked for. Ask for the next ones with `after`.",
                limit=PAGE_ARGUMENT,
                value=limits.list,
                found=cost.page,
            )
        if cost.units > limits.cost:
            raise LimitExceeded(
                f"The operation would cost about {cost.units}, at most {limits.cost} is allowed. "
                "Ask for fewer rows or fields at a time.",
                limit="cost",
                value=limits.cost,
                found=cost.units,
            )
        return cost.units

    def cost(self, variables: Mapping[str, Any]) -> Cost:
        sizes = {name: _asked(variables, name, default) for name, default in self._pages.items()}
        key = tuple(sizes.values())
        if key not in self._costs:
            if len(self._costs) >= MOST_REMEMBERED:
                self._costs.clear()
            self._costs[key] = _Walk(self._prices, self._fragments, sizes).of(self._definition)
        return self._costs[key]


class Prices:
    """The table, over the fields of `schema`."""

    def __init__(
        self,
        schema: GraphQLSchema,
        *,
        weights: Mapping[str, int] = WEIGHTS,
        sizes: Mapping[str, int] = SIZES,
    ) -> None:
        self._schema = schema
        self._weights = weights
        self._sizes = sizes

    def of(self, document: DocumentNode, definition: OperationDefinitionNode) -> Priced:
        """An operation of a validated document."""
        fragments = {
            node.name.value: node
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        return Priced(self, definition, fragments)

    def field(self, parent: GraphQLObjectType, name: str) -> GraphQLField | None:
        return self._schema.get_field(parent, name)

    def weight(self, coordinate: str) -> int:
        return self._weights.get(coordinate, 1)

    def size(self, coordinate: str) -> int:
        return self._sizes.get(coordinate, LIST_SIZE)

    def root(self, definition: OperationDefinitionNode) -> GraphQLObjectType | None:
        return self._schema.get_root_type(definition.operation)

    def possible(self, kind: GraphQLAbstractType) -> list[GraphQLObjectType]:
        return list(self._schema.get_possible_types(kind))

    def applies(self, condition: str | None, kind: GraphQLObjectType) -> bool:
        """May a selection on `condition` be taken of an object of `kind`?"""
        if condition is None or condition == kind.name:
            return True
        found = self._schema.get_type(condition)
        return is_abstract_type(found) and self._schema.is_sub_type(found, kind)


class _Walk:
    """One estimate. `sizes`: the values of the variables that are page sizes, None for the field's default."""

    def __init__(
        self, prices: Prices, fragments: Fragments, sizes: Mapping[str, int | None]
    ) -> None:
        self._prices = prices
        self._fragments = fragments
        self._sizes = sizes
        self._measured: dict[tuple[str, str, int | None], int] = {}
        self._longest = 0

    def of(self, definition: OperationDefinitionNode) -> Cost:
        root = self._prices.root(definition)
        units = 0 if root is None else self._selected(definition.selection_set, root, None)
        return Cost(units, self._longest)

    def _selected(
        self, selection: SelectionSetNode, kind: GraphQLObjectType, edges: int | None
    ) -> int:
        """The cost of a selection of one object. edges: how many the page above was asked for."""
        return sum(self._one(node, kind, edges) for node in selection.selections)

    def _one(self, node: SelectionNode, kind: GraphQLObjectType, edges: int | None) -> int:
        if isinstance(node, FieldNode):
            return self._field(node, kind, edges)
        if isinstance(node, FragmentSpreadNode):
            return self._fragment(node.name.value, kind, edges)
        assert isinstance(node, InlineFragmentNode)
        condition = node.type_condition.name.value if node.type_condition else None
        if not self._prices.applies(condition, kind):
            return 0
        return self._selected(node.selection_set, kind, edges)

    def _fragment(self, name: str, kind: GraphQLObjectType, edges: int | None) -> int:
        key = (name, kind.name, edges)
        if key not in self._measured:
            fragment = self._fragments[name]
            applies = self._prices.applies(fragment.type_condition.name.value, kind)
            self._measured[key] = (
                self._selected(fragment.selection_set, kind, edges) if applies else 0
            )
        return self._measured[key]

    def _field(self, node: FieldNode, kind: GraphQLObjectType, edges: int | None) -> int:
        name = node.name.value
        found = self._prices.field(kind, name)
        if found is None:
            return 0
        coordinate = f"{kind.name}.{name}"
        page = self._page(node, found)
        inner = self._inner(node, found, page)
        if _is_list(found):
            members = (
                edges if edges is not None and name == PAGE_FIELD else self._prices.size(coordinate)
            )
            inner = members * max(inner, 1)
        return self._prices.weight(coordinate) + inner

    def _inner(self, node: FieldNode, found: GraphQLField, page: int | None) -> int:
        if node.selection_set is None:
            return 0
        named = get_named_type(found.type)
        if is_abstract_type(named):
            # One object has one type; the dearest stands for all.
            return max(
                (
                    self._selected(node.selection_set, each, page)
                    for each in self._prices.possible(named)
                ),
                default=0,
            )
        assert is_object_type(named)
        return self._selected(node.selection_set, named, page)

    def _page(self, node: FieldNode, found: GraphQLField) -> int | None:
        """How many rows are asked for, where the field is a page."""
        argument = found.args.get(PAGE_ARGUMENT)
        if argument is None:
            return None
        asked: int | None = None
        for given in node.arguments or ():
            if given.name.value != PAGE_ARGUMENT:
                continue
            if isinstance(given.value, VariableNode):
                asked = self._sizes.get(given.value.name.value)
            elif isinstance(given.value, IntValueNode):
                asked = int(given.value.value)
        if asked is None:
            return _default(argument.default_value)
        self._longest = max(self._longest, asked)
        return max(asked, 1)


def _default(value: Any) -> int:
    return value if type(value) is int else LIST_SIZE


def _is_list(found: GraphQLField) -> bool:
    kind = found.type
    return is_list_type(kind.of_type if isinstance(kind, GraphQLNonNull) else kind)


def _asked(variables: Mapping[str, Any], name: str, default: int | None) -> int | None:
    """A page size in the variables. What is no whole number is refused later, with its path."""
    value = variables.get(name, Undefined)
    if value is Undefined:
        return default
    return value if type(value) is int else None


def _page_variables(
    definition: OperationDefinitionNode, fragments: Fragments
) -> dict[str, int | None]:
    """The variables that stand for a page size, with their defaults."""
    defaults = {
        each.variable.name.value: int(each.default_value.value)
        if isinstance(each.default_value, IntValueNode)
        else None
        for each in definition.variable_definitions or ()
    }
    return {name: defaults.get(name) for name in sorted(set(_page_names(definition, fragments)))}


def _page_names(definition: OperationDefinitionNode, fragments: Fragments) -> Iterator[str]:
    waiting = [definition.selection_set, *(each.selection_set for each in fragments.values())]
    while waiting:
        for node in waiting.pop().selections:
            for argument in getattr(node, "arguments", None) or ():
                if argument.name.value == PAGE_ARGUMENT and isinstance(
                    argument.value, VariableNode
                ):
                    yield argument.value.name.value
            if (inner := getattr(node, "selection_set", None)) is not None:
                waiting.append(inner)
