"""Compiles a validated operation into one Python function per selection set: it walks the objects and builds the result.

A plan covers what our schema mostly is: attributes and synchronous resolvers over immutable objects. Whatever it does not
cover (async fields, introspection, @defer) is refused when compiling; whatever goes wrong at run time (an error,
a null where there must be none) makes the caller execute again by the ordinary executor, which tells errors
properly. So a plan's answer is the ordinary executor's, or none. Reads are pure, and may be done twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    InlineFragmentNode,
    Node,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableNode,
    is_abstract_type,
    is_leaf_type,
    visit,
)
from graphql.execution.executor import Executor
from graphql.execution.values import get_argument_values
from graphql.language import Visitor
from graphql.pyutils import Path

from graph.execution.documents import Operation

Allowed = Callable[[str], bool]
MAX_INT = 2**31
USUAL = {
    "String": "{first}.__class__ is str",
    "ID": "{first}.__class__ is str",
    "Boolean": "{first}.__class__ is bool",
    "Int": f"{{first}}.__class__ is int and {-MAX_INT} <= {{value}} < {MAX_INT}",
}
"""What is true of the values that are on the wire as they are, by the type's name."""


class NotCovered(Exception):
    """The ordinary executor must do it."""


class Bail(Exception):
    """The data is not as the plan expects; the ordinary executor tells why."""


@dataclass(slots=True)
class _Resolved:
    """A field with a resolver: its info and arguments are made once per execution."""

    parent: GraphQLObjectType
    definition: GraphQLField
    nodes: list[FieldNode]
    key: str
    constant: Mapping[str, Any] | None


@dataclass(slots=True)
class Plan:
    """`run(root)` gives `data`. Raises whatever went wrong."""

    root: Callable[[Any, Sequence[Any], Sequence[Any]], dict[str, Any]]
    resolved: list[_Resolved]

    def run(self, source: Any, executor: Executor[Any]) -> dict[str, Any]:
        """`executor`: the library's, built for this execution; its infos are what resolvers get."""
        infos, arguments = [], []
        for each in self.resolved:
            path = Path(None, each.key, each.parent.name)
            infos.append(
                executor.build_resolve_info(each.definition, each.nodes, each.parent, path)
            )
            arguments.append(
                each.constant
                if each.constant is not None
                else get_argument_values(each.definition, each.nodes[0], executor.variable_values)
            )
        return self.root(source, infos, arguments)


def directive_variables(operation: Operation) -> tuple[str, ...]:
    """The variables that decide which fields there are: a plan is made for each of their values."""
    found: set[str] = set()

    class Find(Visitor):
        def enter_directive(self, node: Any, *_: Any) -> None:
            found.update(
                argument.value.name.value
                for argument in node.arguments or ()
                if isinstance(argument.value, VariableNode)
            )

    visit(operation.document, Find())
    return tuple(sorted(found))


def compile_plan(
    schema: GraphQLSchema, operation: Operation, variables: Mapping[str, Any], allowed: Allowed
) -> Plan:
    """Raises NotCovered. `variables`: coerced. `allowed("Type.field")`: may this actor have it; the plan is for these rights only."""
    compiler = _Compiler(schema, operation, variables, allowed)
    root_type = schema.get_root_type(operation.kind)
    if root_type is None or operation.kind is OperationType.MUTATION:
        raise NotCovered
    root = compiler.compile(root_type, operation.definition)
    return Plan(root, compiler.resolved)


class _Compiler:
    def __init__(
        self,
        schema: GraphQLSchema,
        operation: Operation,
        variables: Mapping[str, Any],
        allowed: Allowed,
    ) -> None:
        self._schema = schema
        self._subscription = operation.is_subscription
        self._variables = variables
        self._allowed = allowed
        self._fragments = {
            node.name.value: node
            for node in operation.document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        self._names: dict[str, Any] = {"present": _present, "listed": _listed}
        self._leaves: dict[str, str] = {}
        self._lines: list[str] = []
        self.resolved: list[_Resolved] = []

    def compile(
        self, root: GraphQLObjectType, operation: OperationDefinitionNode
    ) -> Callable[..., dict[str, Any]]:
        name = self._object(root, [operation.selection_set])
        # The text is made of names and literals of ours only: `repr` of keys and checked attribute names.
        exec(compile("\n".join(self._lines), "<plan>", "exec"), self._names)  # noqa: S102
        found: Callable[..., dict[str, Any]] = self._names[name]
        return found

    # --- selections

    def _object(self, kind: GraphQLObjectType, sets: Iterable[SelectionSetNode]) -> str:
        """The name of the function that makes the dict of one object."""
        grouped: dict[str, list[FieldNode]] = {}
        for selections in sets:
            self._collect(kind, selections, grouped)
        entries = [f"{key!r}: {self._field(kind, key, nodes)}" for key, nodes in grouped.items()]
        name = f"o{len(self._lines)}"
        self._lines.append(f"def {name}(o, I, A): return {{{', '.join(entries)}}}")
        return name

    def _collect(
        self,
        kind: GraphQLObjectType,
        selections: SelectionSetNode,
        grouped: dict[str, list[FieldNode]],
        visited: set[str] | None = None,
    ) -> None:
        visited = set() if visited is None else visited
        for node in selections.selections:
            if not self._included(node):
                continue
            if isinstance(node, FieldNode):
                key = node.alias.value if node.alias else node.name.value
                grouped.setdefault(key, []).append(node)
            elif isinstance(node, InlineFragmentNode):
                if node.type_condition is None or self._applies(
                    node.type_condition.name.value, kind
                ):
                    self._collect(kind, node.selection_set, grouped, visited)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in visited:
                visited.add(node.name.value)
                fragment = self._fragments[node.name.value]
                if self._applies(fragment.type_condition.name.value, kind):
                    self._collect(kind, fragment.selection_set, grouped, visited)

    def _included(self, node: Any) -> bool:
        for directive in node.directives or ():
            name = directive.name.value
            if name not in {"skip", "include"}:
                raise NotCovered
            value = directive.arguments[0].value
            flag = (
                self._variables[value.name.value]
                if isinstance(value, VariableNode)
                else value.value
            )
            if flag is (name == "skip"):
                return False
        return True

    def _applies(self, condition: str, kind: GraphQLObjectType) -> bool:
        named = self._schema.type_map[condition]
        return named is kind or (is_abstract_type(named) and self._schema.is_sub_type(named, kind))

    # --- fields

    def _field(self, kind: GraphQLObjectType, key: str, nodes: list[FieldNode]) -> str:
        name = nodes[0].name.value
        if name == "__typename":
            return repr(kind.name)
        if name.startswith("__"):
            raise NotCovered
        definition = kind.fields[name]
        if not self._allowed(f"{kind.name}.{name}"):
            raise NotCovered
        return self._complete(
            definition.type, self._value(kind, definition, key, nodes), nodes, depth=0
        )

    def _value(
        self, kind: GraphQLObjectType, definition: GraphQLField, key: str, nodes: list[FieldNode]
    ) -> str:
        if self._subscription and kind is self._schema.subscription_type:
            return "o"  # the event itself
        strawberry_field = (definition.extensions or {}).get("strawberry-definition")
        if (
            strawberry_field is None
            or strawberry_field.is_async
            or strawberry_field.is_subscription
        ):
            raise NotCovered
        if strawberry_field.is_basic_field:
            attribute = strawberry_field.python_name
            if not attribute.isidentifier():
                raise NotCovered
            return f"o.{attribute}"
        number = len(self.resolved)
        self._names[f"r{number}"] = definition.resolve
        constant = None if _has_variables(nodes[0]) else get_argument_values(definition, nodes[0])
        self.resolved.append(_Resolved(kind, definition, nodes, key, constant))
        return f"r{number}(o, I[{number}], **A[{number}])"

    def _complete(
        self, kind: GraphQLOutputType, value: str, nodes: list[FieldNode], depth: int
    ) -> str:
        """The expression that completes `value` to its type."""
        if isinstance(kind, GraphQLNonNull):
            return self._present(kind.of_type, value, nodes, depth)
        variable = f"v{depth}"
        present = self._present(kind, variable, nodes, depth + 1)
        return f"(None if ({variable} := {value}) is None else {present})"

    def _present(
        self, kind: GraphQLOutputType, value: str, nodes: list[FieldNode], depth: int
    ) -> str:
        """The same where null is not allowed; every function used here refuses None."""
        if isinstance(kind, GraphQLList):
            item = f"i{depth}"
            each = self._complete(kind.of_type, item, nodes, depth + 1)
            return f"[{each} for {item} in listed({value})]"
        if is_leaf_type(kind):
            return self._written(kind, value)
        sets = [node.selection_set for node in nodes if node.selection_set is not None]
        if isinstance(kind, GraphQLObjectType):
            return f"{self._object(kind, sets)}(present({value}), I, A)"
        return f"{self._abstract(kind, sets)}(present({value}), I, A)"

    def _abstract(self, kind: Any, sets: list[SelectionSetNode]) -> str:
        """A function that picks the object's own by its class."""
        by_type = {
            each.name: self._object(each, sets) for each in self._schema.get_possible_types(kind)
        }
        names = self._names
        by_class: dict[type, Callable[..., dict[str, Any]]] = {}

        def pick(value: Any, infos: Sequence[Any], arguments: Sequence[Any]) -> dict[str, Any]:
            found = by_class.get(value.__class__)
            if found is None:
                type_name = kind.resolve_type(value, infos[0] if infos else None, kind)
                found = by_class[value.__class__] = names[by_type[type_name]]
            result: dict[str, Any] = found(value, infos, arguments)
            return result

        name = f"p{len(self._names)}"
        self._names[name] = pick
        return name

    def _written(self, kind: Any, value: str) -> str:
        """The usual class is looked for on the spot: a call for each leaf would be most of an execution."""
        writer = self._leaf(kind)
        usual = USUAL.get(kind.name)
        if usual is None:
            return f"{writer}({value})"
        name, first = (value, value) if value.isidentifier() else ("w", f"(w := {value})")
        return f"({name} if {usual.format(first=first, value=name)} else {writer}({name}))"

    def _leaf(self, kind: Any) -> str:
        if kind.name not in self._leaves:
            name = f"l{len(self._leaves)}"
            self._names[name] = _writer(kind)
            self._leaves[kind.name] = name
        return self._leaves[kind.name]


def _writer(kind: Any) -> Callable[[Any], Any]:
    """Writes a value of this leaf type, as the library would; the usual case without asking it."""
    write = kind.coerce_output_value

    def checked(value: Any) -> Any:
        if value is None:
            raise Bail
        written = write(value)
        if written is None:
            raise Bail
        return written

    if isinstance(kind, GraphQLEnumType):
        known: dict[Any, Any] = {}

        def member(value: Any) -> Any:
            try:
                return known[value]
            except (KeyError, TypeError):
                written = checked(value)
            known[value] = written
            return written

        return member
    return checked


def _present(value: Any) -> Any:
    if value is None:
        raise Bail
    return value


def _listed(value: Any) -> Any:
    if value.__class__ is list or value.__class__ is tuple:
        return value
    raise Bail


def _has_variables(node: Node) -> bool:
    class Find(Visitor):
        found = False

        def enter_variable(self, *_: Any) -> None:
            self.found = True

        def enter_selection_set(self, *_: Any) -> Any:
            return self.SKIP

    finder = Find()
    visit(node, finder)
    return finder.found
