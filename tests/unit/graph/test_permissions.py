"""The permission table: complete, denying by default, and enforced on every field."""

from __future__ import annotations

from typing import Any

import pytest
import strawberry
from graphql import GraphQLSchema
from graphql import build_schema as parse_schema

from graph.auth.identity import ROLES as KNOWN_ROLES
from graph.auth.permissions import (
    BUYERS,
    EVERYONE,
    OPEN,
    ROLES,
    enforce,
    permissions,
)
from graph.schema import build_schema
from resolvers.errors import Forbidden, Unauthenticated
from tests.gateway import Client
from tests.integration.security.requests import minimal
from tests.services import a_workbench, actor
from tests.workspace import workspace

SDL = """
type Query { open: Value closed: Value secret: String }
type Value { text: String inner: Value }
"""
TABLE = {
    "Query.open": OPEN,
    "Query.closed": EVERYONE,
    "Query.secret": BUYERS,
    "Value.text": OPEN,
    "Value.inner": OPEN,
}


def core() -> GraphQLSchema:
    return parse_schema(SDL)


def test_every_field_of_the_schema_has_an_entry() -> None:
    schema: Any = build_schema()._schema
    coordinates = {
        f"{name}.{field}"
        for name, kind in schema.type_map.items()
        if hasattr(kind, "fields")
        and not name.startswith("__")
        and "Input" not in type(kind).__name__
        for field in kind.fields
    }
    assert coordinates == permissions().keys()


def test_a_field_without_an_entry_stops_the_schema_from_being_built() -> None:
    table = {key: roles for key, roles in TABLE.items() if key != "Query.secret"}
    with pytest.raises(ValueError, match=r"without an entry.*Query\.secret"):
        enforce(core(), table)


def test_an_entry_without_a_field_stops_it_too() -> None:
    with pytest.raises(ValueError, match=r"unknown fields: Value\.gone"):
        enforce(core(), TABLE | {"Value.gone": OPEN})


def test_a_field_for_everyone_behind_an_open_one_is_found_before_it_leaks() -> None:
    with pytest.raises(ValueError, match=r"without any role: Value\.inner, Value\.text"):
        enforce(core(), TABLE | {"Value.text": EVERYONE, "Value.inner": EVERYONE})


def test_two_entries_for_one_field_are_refused() -> None:
    with pytest.raises(ValueError, match="two entries"):
        permissions({"Query": {OPEN: "a b", BUYERS: "b"}})


def test_the_table_and_identity_know_the_same_roles() -> None:
    assert ROLES == KNOWN_ROLES
    assert set().union(*permissions().values()) == ROLES


# What the vendor's people may have, spelled out: whatever is not here is the buyer's secret.
FOR_GUESTS = """
negotiation negotiations node healthUpdated negotiationUpdated ticks
"""


def test_the_vendor_gets_only_what_was_decided_for_it() -> None:
    table = permissions()
    roots = {
        key.partition(".")[2]
        for key, roles in table.items()
        if key.startswith(("Query.", "Mutation.", "Subscription.")) and "vendor_guest" in roles
    }
    assert roots == set(FOR_GUESTS.split())
    assert not any(
        "vendor_guest" in roles for key, roles in table.items() if key.startswith("Mutation.")
    )
    secrets = (
        "Negotiation.envelope Negotiation.targets Negotiation.trailing90 Negotiation.milestones "
        "Offer.evaluation Offer.lint Invoice.findings Notification.body Query.changes "
        "QualitativeTerm.weight Health.components Health.banner"
    )
    assert [key for key in secrets.split() if not table[key] or "vendor_guest" in table[key]] == []


@pytest.mark.parametrize("role", sorted(ROLES - {"vendor_guest"}))
def test_the_administrator_may_do_whatever_any_role_of_ours_may(role: str) -> None:
    assert [
        key for key, roles in permissions().items() if role in roles and "admin" not in roles
    ] == []


@pytest.fixture(scope="module")
def schema() -> strawberry.Schema:
    return build_schema()


@pytest.fixture
def client(schema: strawberry.Schema) -> Client:
    return Client(schema, a_workbench(*workspace()))


@pytest.mark.parametrize("role", sorted(ROLES))
async def test_each_root_field_answers_exactly_the_roles_of_the_table(
    client: Client, role: str
) -> None:
    table = permissions()
    somebody = client.as_(actor(role))
    for coordinate, document in minimal(client.schema._schema).items():
        if document.startswith("subscription"):
            async with somebody.subscribed(document) as events:
                found = await anext(events)
        else:
            found = await somebody.run(document)
        allowed = not table[coordinate] or role in table[coordinate]
        assert ("FORBIDDEN" not in found.codes) is allowed, (coordinate, found)


async def test_somebody_without_a_role_sees_only_what_is_open(client: Client) -> None:
    nobody = client.as_(actor())
    data = await nobody.ask(
        "{ health { status schemaVersion { version } } schemaVersion { version } viewer { id roles } }"
    )
    assert data["viewer"]["roles"] == []
    for document in ("{ negotiation { id } }", "{ health { banner { code } } }"):
        assert (await nobody.run(document)).codes == ["FORBIDDEN"]


async def test_who_is_not_signed_in_is_asked_to(client: Client) -> None:
    stranger = client.as_(actor(name=""))
    assert (await stranger.run("{ negotiation { id } }")).codes == ["UNAUTHENTICATED"]


async def test_a_refusal_names_the_field_and_the_roles_that_may_have_it(client: Client) -> None:
    found = await client.as_(actor("viewer")).run(
        'mutation { cancelNotification(id: "notification:notification-1") { notification { id } } }'
    )
    assert found.codes == ["FORBIDDEN"]
    assert found.errors[0]["extensions"]["field"] == "Mutation.cancelNotification"
    assert "negotiator" in found.errors[0]["message"]
    assert client.bench.store.snapshot().revision == 1


GUEST_READS = """
{
  negotiation {
    id name status version vendor buyer currency
    streams { side }
    ladder { tiers { name } }
    rounds { offers { id terms { __typename } } }
    draft: offer(id: "offer:secret-draft") { id }
  }
  draft: node(id: "offer:secret-draft") { id }
  invoice: node(id: "invoice:EUR-1") { __typename }
  sku: node(id: "sku:sms-outbound-us") { __typename }
  offer: node(id: "offer:improved") { id }
}
"""


async def test_the_vendor_sees_neither_our_drafts_nor_our_idea_of_its_costs(client: Client) -> None:
    data = await client.as_(actor("vendor_guest")).ask(GUEST_READS)
    negotiation = data["negotiation"]
    assert {stream["side"] for stream in negotiation["streams"]} == {"REVENUE"}
    offers = {offer["id"] for each in negotiation["rounds"] for offer in each["offers"]}
    assert offers == {"offer:opening", "offer:counter", "offer:improved"}
    assert (negotiation["draft"], data["draft"], data["invoice"], data["sku"]) == (None,) * 4
    assert data["offer"] == {"id": "offer:improved"}


async def test_the_buyer_sees_all_of_that(client: Client) -> None:
    data = await client.ask(GUEST_READS)
    assert {stream["side"] for stream in data["negotiation"]["streams"]} == {"REVENUE", "EXPENSE"}
    assert data["negotiation"]["draft"] == data["draft"] == {"id": "offer:secret-draft"}
    assert data["invoice"] == {"__typename": "Invoice"}


async def test_an_event_of_a_subscription_keeps_the_secrets_too(client: Client) -> None:
    document = "subscription { negotiationUpdated { name envelope { revenue } } }"
    async with client.as_(actor("vendor_guest")).subscribed(document) as events:
        found = await anext(events)
    assert found.codes == ["FORBIDDEN"]
    assert found.data is None


def test_a_guarded_field_refuses_before_its_resolver_runs() -> None:
    schema = core()
    calls: list[str] = []
    query: Any = schema.query_type
    query.fields["secret"].resolve = lambda *_: calls.append("called")
    enforce(schema, TABLE)

    class Info:
        class context:  # noqa: N801
            actor = actor("vendor_guest")

    with pytest.raises(Forbidden):
        query.fields["secret"].resolve(None, Info)
    Info.context.actor = actor(name="")
    with pytest.raises(Unauthenticated):
        query.fields["secret"].resolve(None, Info)
    assert calls == []
