"""A document for each root field that asks for nothing but that field, with arguments that fit."""

from __future__ import annotations

from graphql import GraphQLSchema

VALUES = {
    "Boolean": "true",
    "ID": '"offer:opening"',
    "String": '"x"',
    "SetTargetsInput": '{targetMargin: "0.5"}',
    "ProposeOfferInput": '{from: BUYER, title: "x", terms: []}',
    "DecideOfferInput": '{offerId: "offer:none", decision: REJECT, version: 1}',
    "DecideMilestoneInput": '{milestoneId: "milestone:none", decision: APPROVE}',
    "ImportInput": '{csv: "", dryRun: true}',
    "DisputeInvoiceInput": '{invoiceId: "invoice:none", reason: "x"}',
    "[SendNotificationInput!]": '[{body: "x", idempotencyKey: "x"}]',
    "SendNotificationInput": '{body: "x", idempotencyKey: "x"}',
    "SetPositionInput": '{batnaNote: "x"}',
    "RuleInput": '{name: "x", kind: OFFER_RECEIVED}',
    "SyncTwilioInput": "{}",
    "SetUsageMappingInput": '{category: "sms", rule: IGNORE}',
    "SetPriceLinkInput": '{sku: "none", service: VOICE, country: "US", direction: INBOUND}',
    "ApplyListRatesInput": "{}",
    "ConflictSide": "THEIRS",
    "SimulationInput": '{offerId: "offer:none"}',
}


def minimal(schema: GraphQLSchema) -> dict[str, str]:
    """ "Type.field" → document. KeyError for an input that has no value here yet."""
    made: dict[str, str] = {}
    for kind, root in (
        ("query", schema.query_type),
        ("mutation", schema.mutation_type),
        ("subscription", schema.subscription_type),
    ):
        assert root is not None
        for name, field in root.fields.items():
            arguments = [
                f"{argument}: {VALUES[str(definition.type).rstrip('!')]}"
                for argument, definition in field.args.items()
                if str(definition.type).endswith("!")
            ]
            call = f"{name}({', '.join(arguments)})" if arguments else name
            made[f"{root.name}.{name}"] = f"{kind} {{ {call} {{ __typename }} }}"
    return made
