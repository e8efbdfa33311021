"""Conflicts over GraphQL: both values side by side, settled once, forbidden to who may not see the buyer's secrets."""

from __future__ import annotations

from dataclasses import replace

from negotiation.conflicts import to_json
from tests.builders import a_conflict, an_invoice
from tests.gateway import Client
from tests.services import actor
from tests.stores import put

LIST = """
query($open: Boolean) { conflicts(open: $open) { totalCount edges { node {
  id area entityId actor resolved kept resolvedBy fields { path ours theirs } } } } }
"""
RESOLVE = """
mutation($id: ID!, $keep: ConflictSide!) { resolveConflict(id: $id, keep: $keep) {
  revision userErrors { code } conflict { resolved kept resolvedBy } } }
"""


async def contested(client: Client) -> None:
    theirs = an_invoice(id="contested", number="C-1")
    ours = replace(theirs, dispute_reason="Too much.")
    conflict = a_conflict(
        id="c1",
        area="invoices",
        entity_id="contested",
        ours=to_json(ours),
        theirs=to_json(theirs),
    )
    await put(client.bench.store, theirs, conflict)


async def test_a_conflict_is_listed_with_what_differs_and_settled_by_who_keeps_ours(
    client: Client,
) -> None:
    await contested(client)
    found = (await client.ask(LIST, open=True))["conflicts"]
    assert found["totalCount"] == 1
    node = found["edges"][0]["node"]
    assert (node["id"], node["entityId"]) == ("conflict:c1", "invoice:contested")
    assert node["fields"] == [{"path": "dispute_reason", "ours": "Too much.", "theirs": None}]
    settled = (await client.ask(RESOLVE, id="conflict:c1", keep="OURS"))["resolveConflict"]
    assert settled["userErrors"] == []
    assert settled["conflict"] == {"resolved": True, "kept": "OURS", "resolvedBy": "operator"}
    kept = client.bench.store.snapshot().invoices["contested"]
    assert kept.dispute_reason == "Too much."
    assert (await client.ask(LIST, open=True))["conflicts"]["totalCount"] == 0
    again = (await client.ask(RESOLVE, id="conflict:c1", keep="THEIRS"))["resolveConflict"]
    assert [each["code"] for each in again["userErrors"]] == ["CONFLICT_RESOLVED"]


async def test_an_unknown_conflict_is_not_found(client: Client) -> None:
    found = await client.run(RESOLVE, id="conflict:none", keep="OURS")
    assert found.codes == ["NOT_FOUND"]


async def test_who_may_not_negotiate_sees_none(client: Client) -> None:
    await contested(client)
    for role in ("viewer", "vendor_guest"):
        found = await client.as_(actor(role)).run(LIST)
        assert found.codes == ["FORBIDDEN"]
