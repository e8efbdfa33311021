"""Decides what is executed for whom: which documents, how large, at what cost, and how much in a minute.

The order: the text's size, its shape, whether it is trusted (`Documents` asks these once per text), then variables, pages,
cost and the caller's budget, for each request.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

from graphql import GraphQLSchema

from graph.auth.permissions import ANY_DOCUMENT
from graph.execution.documents import Documents, Operation
from graph.execution.trusted import TrustedDocuments
from graph.limits import Budget, Limits, Priced, Prices, check_values
from graph.limits.prices import UNKNOWN_CHARACTER
from resolvers.errors import BadUserInput
from resolvers.ports import Actor


class Admission:
    """Made once, beside the documents.

    budget: None where all callers are the local operator. only_trusted: others' documents are for the roles of
    `ANY_DOCUMENT`.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        documents: Documents,
        *,
        limits: Limits,
        trusted: TrustedDocuments,
        only_trusted: bool = False,
        budget: Budget | None = None,
    ) -> None:
        self._documents = documents
        self._limits = limits
        self._trusted = trusted
        self._only_trusted = only_trusted
        self._budget = budget
        self._prices = Prices(schema)
        self._priced: WeakKeyDictionary[Operation, Priced] = WeakKeyDictionary()

    def admit(
        self,
        text: str | None,
        document_id: str | None,
        operation_name: str | None,
        variables: Mapping[str, Any],
        actor: Actor,
    ) -> Operation:
        """The operation to execute. Raises RequestError or a GatewayError."""
        text = self._text(text, document_id)
        operation = self._documents.prepare(
            text,
            operation_name,
            only_trusted=self._only_trusted and ANY_DOCUMENT.isdisjoint(actor.roles),
            before_parsing=lambda: self._charge_new(actor, text),
        )
        check_values(variables, self._limits.input_values)
        cost = self._price(operation).check(variables, self._limits)
        if self._budget is not None:
            self._budget.charge(actor.id, cost)
        return operation

    def _text(self, text: str | None, document_id: str | None) -> str:
        if text is not None:
            return text
        if document_id is None:
            raise BadUserInput("Send the operation's text as `query`, or its `documentId`.")
        return self._trusted.text(document_id)

    def _charge_new(self, actor: Actor, text: str) -> None:
        """A text that was not seen before must be parsed and validated."""
        if self._budget is not None:
            self._budget.charge(actor.id, len(text) * UNKNOWN_CHARACTER)

    def _price(self, operation: Operation) -> Priced:
        if operation not in self._priced:
            self._priced[operation] = self._prices.of(operation.document, operation.definition)
        return self._priced[operation]
