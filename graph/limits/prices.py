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
    "Offer.cost": 50,
    "Offer.openers": 200,
    "Draft.cost": 50,
    "Draft.evaluation": 200,
    "Draft.lint": 50,
    "CounterOffer.evaluation": 200,
    "Negotiation.bargainingPoints": 300,
    "Negotiation.batna": 100,
    "Negotiation.commitmentPace": 100,
    "Negotiation.counterOffers": 500,  # a search over hundreds of combinations
    "Negotiation.forecast": 200,  # and forecasts of the past, held against what came
    "Negotiation.limits": 100,
    "Negotiation.offerDiff": 200,
    "Negotiation.reservation": 100,
    "Negotiation.targetCurve": 100,
    "Negotiation.tierProjection": 100,
    "Negotiation.zopa": 100,
    "Invoice.findings": 20,  # the invoice is rated anew
    "Query.changes": 50,  # read from the file
    "Query.health": 20,
    "Query.previewRule": 200,  # the pace and the projection, where its kind looks at them
    "Query.notificationQueue": 20,
    "Query.notificationsPreview": 1_000,  # up to 500 numbers and texts are looked at
    # A commit waits for the disk.
    "Mutation.applyListRates": 1_000,
    "Mutation.cancelNotification": 500,
    "Mutation.decideMilestone": 500,
    "Mutation.decideOffer": 500,
    "Mutation.disputeInvoice": 500,
    "Mutation.importInvoices": 5_000,
    "Mutation.importUsage": 5_000,
    "Mutation.liftOptOut": 5_000,  # asks Twilio
    "Mutation.pauseNotifications": 500,
    "Mutation.proposeOffer": 500,
    "Mutation.resolveConflict": 500,
    "Mutation.resumeNotifications": 500,
    "Mutation.retryFailedNotifications": 500,
    "Mutation.retryNotification": 500,
    "Mutation.sendDemoNotification": 500,
    "Mutation.sendNotification": 500,
    "Mutation.sendNotifications": 5_000,
    "Mutation.setPosition": 500,
    "Mutation.setPriceLink": 500,
    "Mutation.setTargets": 500,
    "Mutation.deleteRule": 500,
    "Mutation.enableRule": 500,
    "Mutation.saveRule": 500,
    "Mutation.testRule": 700,  # and what `Query.previewRule` does
    "Mutation.setUsageMapping": 500,
    "Mutation.syncNow": 5_000,  # asks Supabase
    "Mutation.syncTwilio": 500,
    "Query.listRates": 50,
    "Query.usageMappings": 100,  # a year of usage is looked through
    "Subscription.simulation": 10_000,
}

SIZES: Mapping[str, int] = {
    "Conflict.fields": 5,
    "CounterOffer.values": 5,
    "Envelope.trace": 15,
    "FamilyForecast.monthly": 24,
    "FamilyForecast.season": 12,
    "Forecast.backtest": 52,
    "Forecast.families": 12,
    "Health.components": 7,
    "Invoice.findings": 2,
    "Negotiation.dailySpend": 90,
    "Negotiation.rounds": 5,
    "Negotiation.counterOffers": 3,
    "Notification.history": 3,
    "OfferCost.monthly": 36,
    "OfferDiff.months": 36,
    "OfferEvaluation.costFan": 36,
    "OfferEvaluation.monthly": 36,
    "OfferEvaluation.trace": 300,
    "TrailingSpend.trace": 95,
    "RetryNotificationsPayload.notifications": 100,
    "Round.offers": 2,
    "NotificationsPreview.items": 500,
    "NotificationsPreviewItem.userErrors": 2,
    "SendNotificationItem.userErrors": 2,
    "SendNotificationsPayload.items": 500,
    "Rule.recipients": 3,
    "RuleFiring.facts": 9,
    "RuleFiring.heldBack": 2,
    "RuleFiring.notifications": 2,
    "RuleKindInfo.names": 10,
    "RuleKindInfo.parameters": 1,
    "RulePreview.facts": 9,
    "TwilioImport.runs": 20,
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
