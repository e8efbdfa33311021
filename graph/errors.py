"""What a client is told when something fails: a stable code, the correlation id, and for input the fields at fault.

Every error of every operation and every event of a subscription goes through `describe`. Errors that use cases and
the model raise on purpose keep their words; everything else is masked, and logged with its traceback.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import structlog
from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLFormattedError,
    GraphQLSyntaxError,
    Node,
    VariableDefinitionNode,
    parse,
)
from graphql.language import ArgumentNode, ObjectFieldNode, Visitor, visit
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError

from negotiation.errors import NegotiationError
from resolvers.errors import BadUserInput, FieldError, GatewayError, LimitExceeded
from resolvers.faults import bad_input

PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
INTERNAL = "INTERNAL"

_VARIABLE_FAULT = re.compile(
    r"Variable '\$(?P<name>\w+)' has invalid value(?: at (?P<path>[^:]+))?: (?P<reason>.*)",
    re.DOTALL,
)
_TOO_MANY_TOKENS = re.compile(r"more than (\d+) tokens")
_FIELDS_NAMED = 3


def describe(errors: Sequence[GraphQLError], correlation_id: str) -> list[GraphQLError]:
    """`errors` as the client may see them, all faults of the variables as one.

    They are new objects: the old ones may be shared with other requests.
    """
    if errors and all(_VARIABLE_FAULT.fullmatch(error.message) for error in errors):
        return [_coded(errors[0], _variables_refused(errors), correlation_id)]
    return [_described(error, correlation_id) for error in errors]


def format_errors(
    errors: Sequence[GraphQLError], correlation_id: str
) -> list[GraphQLFormattedError]:
    """`describe`, as JSON values."""
    return [error.formatted for error in describe(errors, correlation_id)]


def format_error(error: GraphQLError, correlation_id: str) -> GraphQLFormattedError:
    """One error, as a JSON value."""
    return format_errors([error], correlation_id)[0]


def _described(error: GraphQLError, correlation_id: str) -> GraphQLError:
    cause = _cause(error)
    match cause:
        case _ if isinstance(error, GraphQLSyntaxError):
            return _coded(error, _too_long(error), correlation_id, PARSE_FAILED)
        case GatewayError():
            return _coded(error, cause, correlation_id)
        case NegotiationError():
            path = _path_to(_node(error)) if error.path is None else ""
            return _coded(error, bad_input(cause, path), correlation_id)
        case (
            None | GraphQLError() | CannotGetOperationTypeError() | InvalidOperationTypeError()
        ) if error.path is None:
            return _coded(error, None, correlation_id, VALIDATION_FAILED)
        case GraphQLError() if not isinstance(_node(error), FieldNode):
            return _coded(error, BadUserInput(error.message), correlation_id)
    structlog.get_logger().error(
        "resolver_failed", correlation_id=correlation_id, path=error.path, exc_info=cause or error
    )
    message = f"Something went wrong on our side. Quote {correlation_id}."
    return _coded(error, None, correlation_id, INTERNAL, message)


def _coded(
    error: GraphQLError,
    expected: GatewayError | None,
    correlation_id: str,
    code: str = INTERNAL,
    message: str | None = None,
) -> GraphQLError:
    extensions: dict[str, Any] = {"code": code, "correlationId": correlation_id}
    if expected is not None:
        message = expected.message
        extensions |= {"code": expected.code, **expected.extensions}
    return GraphQLError(
        error.message if message is None else message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        original_error=expected or error.original_error,
        extensions=extensions,
    )


def _cause(error: GraphQLError) -> Exception | None:
    """What was raised in the first place: GraphQL wraps errors in errors."""
    cause = error.original_error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    return cause


def _node(error: GraphQLError) -> Node | None:
    return error.nodes[0] if error.nodes else None


def _too_long(error: GraphQLError) -> LimitExceeded | None:
    found = _TOO_MANY_TOKENS.search(error.message)
    if found is None:
        return None
    return LimitExceeded(
        f"The document has more than {found[1]} tokens. Pass long lists as variables.",
        limit="tokens",
        value=int(found[1]),
    )


def _variables_refused(errors: Sequence[GraphQLError]) -> BadUserInput:
    fields = [_variable_fault(error) for error in errors]
    sentences = [f"{each.path}: {each.message}" for each in fields[:_FIELDS_NAMED]]
    more = len(fields) - len(sentences)
    if more:
        sentences.append(f"And {more} more.")
    return BadUserInput(" ".join(sentences), fields)


def _variable_fault(error: GraphQLError) -> FieldError:
    """The path ("input.terms.2.rate") and reason, out of the sentence that the library makes of them."""
    found = _VARIABLE_FAULT.fullmatch(error.message)
    assert found is not None
    path = found["name"] + re.sub(r"\[(\d+)\]", r".\1", found["path"] or "")
    cause = _cause(error)
    if isinstance(cause, NegotiationError):
        return FieldError(path, cause.message, cause.hint, cause.code)
    return FieldError(path, found["reason"])


def _path_to(node: Node | None) -> str:
    """The dotted path of a literal in the arguments of its field: "input.terms.2.rate"."""
    if node is None or node.loc is None or node.loc.source is None:
        return ""
    document = parse(node.loc.source)
    finder = _Finder(node)
    visit(document, finder)
    return ".".join(_steps(document, finder.path))


class _Finder(Visitor):
    """Finds a node by its kind and place in the text."""

    def __init__(self, wanted: Node) -> None:
        super().__init__()
        self._wanted = wanted
        self.path: tuple[str | int, ...] = ()

    def enter(self, node: Node, _key: Any, _parent: Any, path: list[str | int], *_: Any) -> None:
        if node.kind == self._wanted.kind and node.loc == self._wanted.loc:
            self.path = tuple(path)


def _steps(document: DocumentNode, path: Sequence[str | int]) -> Iterator[str]:
    found: Any = document
    for before, step in pairwise(("", *path)):
        found = found[step] if isinstance(step, int) else getattr(found, step)
        if isinstance(found, ArgumentNode | ObjectFieldNode):
            yield found.name.value
        elif isinstance(found, VariableDefinitionNode):
            yield found.variable.name.value
        elif before == "values":
            yield str(step)
