"""What fields cost and how long their lists are taken to be: the manner of @cost and @listSize, in one table.

A unit is about one value in the answer. A field costs its weight, and what is selected below it once for each member
of its list. What is not named here weighs 1 and, as a list, has `LIST_SIZE` members. A field with an argument `first` is a
page: `edges` below it has as many members as were asked for.
"""

from __future__ import annotations

from collections.abc import Mapping

LIST_SIZE = 10
UNKNOWN_CHARACTER = 2
"""What a character of a document that was not seen before costs: it must be parsed and validated."""

WEIGHTS: Mapping[str, int] = {
    "Negotiation.envelope": 20,
    "Negotiation.trailing90": 20,
    "Offer.evaluation": 200,  # a month-by-month forecast, and thousands of volumes for its risk
    "Offer.lint": 50,
    "Invoice.findings": 20,  # the invoice is rated anew
    "Query.changes": 50,  # read from the file
    "Query.health": 20,
    # A commit waits for the disk.
    "Mutation.cancelNotification": 500,
    "Mutation.decideMilestone": 500,
    "Mutation.decideOffer": 500,
    "Mutation.disputeInvoice": 500,
    "Mutation.importInvoices": 5_000,
    "Mutation.importUsage": 5_000,
    "Mutation.proposeOffer": 500,
    "Mutation.retryNotification": 500,
    "Mutation.sendDemoNotification": 500,
    "Mutation.sendNotification": 500,
    "Mutation.setTargets": 500,
    "Mutation.syncNow": 5_000,  # asks Supabase
    "Subscription.simulation": 10_000,
}

SIZES: Mapping[str, int] = {
    "Envelope.trace": 15,
    "Health.components": 6,
    "Invoice.findings": 2,
    "Negotiation.dailySpend": 90,
    "Negotiation.rounds": 5,
    "OfferEvaluation.monthly": 36,
    "Round.offers": 2,
    "Viewer.roles": 3,
    # Introspection: this schema's own averages.
    "__Schema.types": 130,
    "__Type.fields": 3,
    "__Type.inputFields": 1,
    "__Type.enumValues": 1,
    "__Type.interfaces": 1,
    "__Type.possibleTypes": 1,
    "__Field.args": 1,
    "__Directive.args": 1,
}
