"""Every query over a real store."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from adapters.store import SqliteStore
from negotiation.records import NegotiationStatus, OfferStatus, Party, Provenance
from resolvers.ports import Delete, Status
from tests.builders import a_negotiation, a_sku, an_invoice
from tests.gateway import Client
from tests.services import VERSION, actor
from tests.stores import put
from tests.workspace import GAP, TODAY, offer


async def test_an_empty_workspace_answers_every_list_and_has_no_negotiation(
    client: Client,
) -> None:
    store: SqliteStore = client.bench.store
    picture = store.snapshot()
    await store.commit(
        lambda _: [
            Delete(area, own)
            for area in (
                "negotiations",
                "invoices",
                "notifications",
                "offers",
                "milestones",
                "streams",
            )
            for own in getattr(picture, area)
        ],
        actor="tester",
        cause="empty it",
    )
    data = await client.ask(
        """{ negotiation { id } negotiations { totalCount edges { cursor } pageInfo { hasNextPage endCursor } }
             invoices { totalCount totals { currency } } notifications { totalCount } health { queueDepth oldestQueuedSeconds } }"""
    )
    assert data["negotiation"] is None
    assert data["negotiations"]["pageInfo"] == {"hasNextPage": False, "endCursor": None}
    assert data["invoices"] == {"totalCount": 0, "totals": []}
    assert data["health"] == {"queueDepth": 0, "oldestQueuedSeconds": None}


async def test_the_negotiation_has_its_envelope_with_a_trace_to_every_figure(
    client: Client,
) -> None:
    data = await client.ask(
        """{ negotiation { id name vendor buyer currency status version provenance asOf usageFrom usageTo
             targets { floorMargin targetMargin ceilingMargin }
             streams { name side unit volume unitPrice listUnitPrice amount listAmount }
             envelope { currency revenue expense listRevenue currentMargin floorMargin targetMargin ceilingMargin
               floorRevenue targetRevenue ceilingRevenue discountAtFloorMargin discountAtTargetMargin
               discountAtCeilingMargin warnings { code message field } trace { id label formula value inputs } } } }"""
    )
    negotiation = data["negotiation"]
    envelope = negotiation["envelope"]
    assert negotiation["targets"] == {
        "floorMargin": "0.3500",
        "targetMargin": "0.4500",
        "ceilingMargin": "0.6000",
    }
    for side, total in (("REVENUE", "revenue"), ("EXPENSE", "expense")):
        lines = [Decimal(s["amount"]) for s in negotiation["streams"] if s["side"] == side]
        assert sum(lines) == Decimal(envelope[total])
    steps = {step["id"]: step for step in envelope["trace"]}
    assert set(steps["revenue"]["inputs"]) <= steps.keys()
    for field, step in (
        ("revenue", "revenue"),
        ("floorRevenue", "floor_revenue"),
        ("currentMargin", "current_margin"),
    ):
        assert Decimal(envelope[field]) == Decimal(steps[step]["value"])
    floor = Decimal(envelope["floorRevenue"])
    assert abs(floor - Decimal(envelope["expense"]) / Decimal("0.65")) <= Decimal("0.01")


async def test_arguments_of_the_envelope_are_a_what_if_that_saves_nothing(client: Client) -> None:
    data = await client.ask(
        """query($target: Ratio) { negotiation {
             whatIf: envelope(targetMargin: $target, floorMargin: "40%") { floorMargin targetMargin ceilingMargin }
             alone: envelope(targetMargin: "30%") { floorMargin targetMargin ceilingMargin }
             saved: envelope { floorMargin targetMargin } } }""",
        target="5000bp",
    )
    assert data["negotiation"]["alone"] == {
        "floorMargin": "0.2900",
        "targetMargin": "0.3000",
        "ceilingMargin": "0.6000",
    }
    assert data["negotiation"]["whatIf"] == {
        "floorMargin": "0.4000",
        "targetMargin": "0.5000",
        "ceilingMargin": "0.6000",
    }
    assert data["negotiation"]["saved"] == {"floorMargin": "0.3500", "targetMargin": "0.4500"}


async def test_trailing_spend_covers_ninety_days_without_the_day_itself(client: Client) -> None:
    data = await client.ask(
        """{ negotiation { trailing90 { from to amount basis missingDays tier { name discount }
             nextTier { name threshold } toNextTier }
             earlier: trailing90(on: "2026-01-15") { to missingDays } } }"""
    )
    found = data["negotiation"]["trailing90"]
    assert (found["from"], found["to"]) == ("2026-01-01", "2026-03-31")
    assert (
        found["amount"] == "98790.00"
    )  # 89 days of 100,000 x 0.0083 + 20,000 x 0.014; fees never count
    assert found["missingDays"] == [GAP.isoformat()]
    assert found["tier"] == {"name": "A", "discount": "0.3200"}
    assert found["nextTier"] == {"name": "B", "threshold": "250000"}
    assert found["toNextTier"] == "151210.00"
    assert data["negotiation"]["earlier"] == {"to": "2026-01-14", "missingDays": []}


@pytest.mark.parametrize("on", ["1999-12-31", "2099-01-01"])
async def test_a_day_far_away_is_refused(client: Client, on: str) -> None:
    found = await client.run(
        "query($on: Date) { negotiation { trailing90(on: $on) { amount } } }", on=on
    )
    assert (found.codes, found.fields) == (["BAD_USER_INPUT"], ["on"])


async def test_daily_spend_lists_the_days_that_have_usage(client: Client) -> None:
    data = await client.ask(
        """{ negotiation { dailySpend { date list net billed rows }
             some: dailySpend(from: "2026-02-13", to: "2026-02-15") { date } } }"""
    )
    days = data["negotiation"]["dailySpend"]
    assert len(days) == 89
    assert (days[0]["date"], days[-1]["date"]) == ("2026-01-01", "2026-03-31")
    assert days[0]["rows"] == 3
    assert Decimal(days[0]["list"]) == Decimal("1460.00")
    assert days[0]["billed"] is None
    assert [day["date"] for day in data["negotiation"]["some"]] == ["2026-02-13", "2026-02-15"]


async def test_days_the_wrong_way_round_and_too_many_of_them_are_refused(client: Client) -> None:
    ask = "query($from: Date, $to: Date) { negotiation { dailySpend(from: $from, to: $to) { date } } }"
    assert (await client.run(ask, **{"from": "2026-03-02", "to": "2026-03-01"})).codes == [
        "BAD_USER_INPUT"
    ]
    found = await client.run(ask, **{"from": "2020-01-01", "to": "2026-03-01"})
    assert found.codes == ["LIMIT_EXCEEDED"]
    assert found.errors[0]["extensions"]["limit"] == "days"


async def test_skus_show_the_rate_in_force_and_whether_it_is_locked(client: Client) -> None:
    data = await client.ask(
        """{ negotiation { skus { totalCount edges { node { id key family unit listRate contractRate locked passThrough } } }
             voice: skus(family: "voice") { edges { node { key } } } } }"""
    )
    skus = {edge["node"]["key"]: edge["node"] for edge in data["negotiation"]["skus"]["edges"]}
    assert data["negotiation"]["skus"]["totalCount"] == 3
    assert skus["sms-outbound-us"]["id"] == "sku:sms-outbound-us"
    assert Decimal(skus["sms-outbound-us"]["contractRate"]) == Decimal("0.0083") * Decimal("0.68")
    assert skus["voice-outbound-us"]["locked"] is True
    assert (skus["carrier-fee-us"]["passThrough"], skus["carrier-fee-us"]["contractRate"]) == (
        True,
        "0.0035",
    )
    assert data["negotiation"]["voice"]["edges"] == [{"node": {"key": "voice-outbound-us"}}]


async def test_the_ladder_dates_milestones_and_rounds_of_the_contract(client: Client) -> None:
    data = await client.ask(
        """{ negotiation { ladder { basis application windowDays tiers { name threshold discount } }
             dates { start end lastNoticeDay autoRenews }
             milestones { id name ownerRole dueOn status late decidedBy decidedAt note }
             rounds { number offers { id hash round from status title validUntil createdAt } } } }"""
    )
    negotiation = data["negotiation"]
    assert [tier["name"] for tier in negotiation["ladder"]["tiers"]] == ["A", "B", "C"]
    assert negotiation["dates"] == {
        "start": "2025-09-15",
        "end": "2027-09-15",
        "lastNoticeDay": "2027-07-17",
        "autoRenews": True,
    }
    assert [(m["id"], m["late"]) for m in negotiation["milestones"]] == [
        ("milestone:finance", True),
        ("milestone:legal", False),
    ]
    assert [(r["number"], len(r["offers"])) for r in negotiation["rounds"]] == [(1, 2), (2, 2)]


TERMS = """
{ negotiation { offer(id: "offer:improved") { terms {
  __typename
  ... on LadderTerm { id clause text boundary application basis windowDays effective downgrade graceMonths stacking families tiers { name threshold discount } }
  ... on CommitmentTerm { id clause amount interval families }
  ... on CreditTerm { id credit: amount invoiceShare invoiceCount grantedOn expiresOn }
  ... on PaymentTerm { id netDays }
  ... on RenewalTerm { start termMonths noticeDays autoRenew }
  ... on QualitativeTerm { topic weight }
  ... on RateTerm { sku family model discount price: unitPrice tiers { upTo unitPrice } packageSize locked }
  ... on RampTerm { steps { fromMonth commitment } }
  ... on ShortfallTerm { outcome percent }
  ... on PriceProtectionTerm { maxIncrease }
} } } }
"""


async def test_terms_are_a_union_of_their_kinds(client: Client) -> None:
    data = await client.ask(TERMS)
    terms = {term["__typename"]: term for term in data["negotiation"]["offer"]["terms"]}
    assert terms["CommitmentTerm"] == {
        "__typename": "CommitmentTerm",
        "id": "commitment",
        "clause": "4.2",
        "amount": "300000",
        "interval": "ANNUAL",
        "families": [],
    }
    assert terms["QualitativeTerm"]["weight"] == "0.4000"
    assert terms["LadderTerm"]["tiers"][2] == {
        "name": "C",
        "threshold": "1000000",
        "discount": "0.4500",
    }


async def test_an_open_offer_whose_day_has_passed_is_shown_as_expired(client: Client) -> None:
    old = offer("old", 3, Party.VENDOR, OfferStatus.PROPOSED)
    await put(
        client.bench.store,
        old.__class__(
            **{
                **{f: getattr(old, f) for f in old.__slots__},
                "valid_until": TODAY - timedelta(days=1),
            }
        ),
    )
    data = await client.ask('{ negotiation { offer(id: "offer:old") { status } } }')
    assert data["negotiation"]["offer"]["status"] == "EXPIRED"


@pytest.mark.parametrize(
    ("own", "kind"),
    [
        ("negotiation:neg-1", "Negotiation"),
        ("sku:sms-outbound-us", "Sku"),
        ("offer:improved", "Offer"),
        ("milestone:legal", "Milestone"),
        ("invoice:INV-2026-02", "Invoice"),
        ("notification:notification-1", "Notification"),
    ],
)
async def test_node_finds_every_kind_by_the_id_it_shows(
    client: Client, own: str, kind: str
) -> None:
    data = await client.ask("query($id: ID!) { node(id: $id) { __typename id } }", id=own)
    assert data["node"] == {"__typename": kind, "id": own}
    missing = own.split(":")[0] + ":nowhere"
    assert (await client.ask("query($id: ID!) { node(id: $id) { id } }", id=missing))[
        "node"
    ] is None


@pytest.mark.parametrize("own", ["", "nonsense", "user:1", "invoice:"])
async def test_what_is_no_id_is_bad_input(client: Client, own: str) -> None:
    found = await client.run("query($id: ID!) { node(id: $id) { id } }", id=own)
    assert (found.codes, found.fields) == (["BAD_USER_INPUT"], ["id"])


async def test_a_negotiation_is_found_by_id_and_an_unknown_one_is_null(client: Client) -> None:
    await put(client.bench.store, a_negotiation(id="neg-2", status=NegotiationStatus.CLOSED))
    data = await client.ask(
        """{ other: negotiation(id: "negotiation:neg-2") { id status } none: negotiation(id: "negotiation:x") { id }
             negotiations(first: 1) { totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { id } } } }"""
    )
    assert data["other"] == {"id": "negotiation:neg-2", "status": "CLOSED"}
    assert data["none"] is None
    first = data["negotiations"]
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (2, True)
    rest = await client.ask(
        "query($after: String) { negotiations(after: $after) { edges { node { id } } pageInfo { hasNextPage hasPreviousPage } } }",
        after=first["pageInfo"]["endCursor"],
    )
    assert rest["negotiations"]["edges"] == [{"node": {"id": "negotiation:neg-2"}}]
    assert rest["negotiations"]["pageInfo"] == {"hasNextPage": False, "hasPreviousPage": True}


INVOICES = """
query($filter: InvoiceFilter, $first: Int, $after: String) {
  invoices(filter: $filter, first: $first, after: $after) {
    totalCount
    totals { currency amount outstanding disputed count }
    pageInfo { hasNextPage endCursor }
    edges { node { id number periodStart periodEnd issuedOn amount currency status disputedAmount disputeReason provenance
      lines { number sku description quantity unitPrice amount } } }
  }
}
"""


async def invoice_numbers(client: Client, **variables: Any) -> list[str]:
    data = await client.ask(INVOICES, **variables)
    return [edge["node"]["number"] for edge in data["invoices"]["edges"]]


async def test_invoices_are_newest_first_with_totals_that_never_mix_currencies(
    client: Client,
) -> None:
    data = await client.ask(INVOICES)
    found = data["invoices"]
    assert [e["node"]["number"] for e in found["edges"]] == ["EUR-1", "INV-2026-03", "INV-2026-02"]
    assert found["totals"] == [
        {"currency": "EUR", "amount": "10.00", "outstanding": "10.00", "disputed": "0", "count": 1},
        {
            "currency": "USD",
            "amount": "113000.00",
            "outstanding": "61000.00",
            "disputed": "0",
            "count": 2,
        },
    ]
    assert len(found["edges"][2]["node"]["lines"]) == 2


@pytest.mark.parametrize(
    ("condition", "numbers"),
    [
        ({"status": ["PAID"]}, ["INV-2026-02"]),
        ({"status": []}, []),
        ({"currency": "eur"}, ["EUR-1"]),
        ({"from": "2026-03-01"}, ["EUR-1", "INV-2026-03"]),
        ({"to": "2026-02-28"}, ["INV-2026-02"]),
        ({"search": "inv-2026"}, ["INV-2026-03", "INV-2026-02"]),
        ({"search": "LINE 2"}, ["INV-2026-02"]),
        ({"status": ["OPEN"], "currency": "USD"}, ["INV-2026-03"]),
        (None, ["EUR-1", "INV-2026-03", "INV-2026-02"]),
    ],
)
async def test_invoices_can_be_narrowed(client: Client, condition: Any, numbers: list[str]) -> None:
    assert await invoice_numbers(client, filter=condition) == numbers


@pytest.mark.parametrize(
    ("condition", "path"),
    [
        ({"currency": "dollars!"}, "filter.currency"),
        ({"from": "2026-03-02", "to": "2026-03-01"}, "filter.to"),
    ],
)
async def test_a_filter_that_cannot_be_meant_is_refused(
    client: Client, condition: Any, path: str
) -> None:
    found = await client.run(INVOICES, filter=condition)
    assert (found.codes, found.fields) == (["BAD_USER_INPUT"], [path])


async def test_an_invoice_that_arrives_while_paging_neither_repeats_nor_hides_another(
    client: Client,
) -> None:
    first = (await client.ask(INVOICES, first=2))["invoices"]
    await put(client.bench.store, an_invoice(id="A-1", number="A-1"))
    after = first["pageInfo"]["endCursor"]
    assert await invoice_numbers(client, first=2, after=after) == ["INV-2026-02"]


@pytest.mark.parametrize(("first", "code"), [(0, "BAD_USER_INPUT"), (201, "LIMIT_EXCEEDED")])
async def test_a_page_has_one_to_two_hundred_rows(client: Client, first: int, code: str) -> None:
    for field in ("invoices", "notifications", "changes", "negotiations"):
        found = await client.run(f"{{ {field}(first: {first}) {{ totalCount }} }}")
        assert found.codes == [code], field
    found = await client.run(f"{{ negotiation {{ skus(first: {first}) {{ totalCount }} }} }}")
    assert found.codes == [code]


async def test_a_bad_cursor_is_bad_input(client: Client) -> None:
    for field in ("invoices", "notifications", "changes", "negotiations"):
        found = await client.run(f'{{ {field}(after: "x") {{ totalCount }} }}')
        assert (found.codes, found.fields) == (["BAD_USER_INPUT"], ["after"]), field


async def test_notifications_show_their_state_and_failure(client: Client) -> None:
    data = await client.ask(
        """{ notifications { totalCount edges { node { id channel to body status attempts providerId error { code message field } queuedAt updatedAt } } }
             failed: notifications(status: [FAILED]) { edges { node { id error { code } } } } }"""
    )
    assert data["notifications"]["totalCount"] == 2
    assert data["failed"]["edges"] == [
        {"node": {"id": "notification:notification-2", "error": {"code": "30003"}}}
    ]
    masked = await client.as_(actor("viewer")).ask("{ notifications { edges { node { to } } } }")
    assert {edge["node"]["to"] for edge in masked["notifications"]["edges"]} == {"+1•••••2671"}


HEALTH = """
{ health { status queueDepth oldestQueuedSeconds revision provenance asOf banner { code message field }
    schemaVersion { version sdlSha256 }
    components { name status mode message lastOkAt latencyMs lastError { code message } } } }
"""


async def test_health_is_ok_without_a_banner_while_everything_is(client: Client) -> None:
    health = (await client.ask(HEALTH))["health"]
    assert (health["status"], health["banner"]) == ("OK", None)
    assert [each["name"] for each in health["components"]] == ["store", "supabase", "twilio"]
    assert health["queueDepth"] == 1
    assert health["revision"] == client.bench.store.snapshot().revision
    assert health["schemaVersion"]["version"] == VERSION.version


async def test_the_banner_names_what_is_degraded_and_the_component_says_what_to_do(
    client: Client,
) -> None:
    peer = client.bench.peer
    peer.status, peer.message = Status.DEGRADED, "Set SUPABASE_URL to sync."
    peer.current, peer.mode = Provenance.CACHED, "cached"
    health = (await client.ask(HEALTH))["health"]
    assert (health["status"], health["provenance"]) == ("DEGRADED", "CACHED")
    assert health["banner"]["code"] == "DEGRADED"
    assert health["banner"]["message"] == "The data may be old: Supabase has trouble."
    assert "Set SUPABASE_URL to sync." in [each["message"] for each in health["components"]]
    assert health["queueDepth"] == 1
    data = await client.ask(
        "{ negotiation { provenance } invoices { edges { node { provenance } } } }"
    )
    assert data["negotiation"]["provenance"] == "CACHED"


async def test_fixtures_are_never_shown_as_live(client: Client) -> None:
    client.bench.peer.current = Provenance.LIVE
    await put(client.bench.store, a_negotiation(provenance=Provenance.FIXTURE))
    data = await client.ask("{ negotiation { provenance } }")
    assert data["negotiation"]["provenance"] == "FIXTURE"


async def test_the_viewer_is_who_asks(client: Client) -> None:
    data = await client.as_(actor("analyst", "viewer", name="Ana")).ask(
        "{ viewer { id name roles } }"
    )
    assert data["viewer"] == {"id": "ana", "name": "Ana", "roles": ["analyst", "viewer"]}


async def test_the_audit_trail_is_newest_first_and_pages_back_to_the_beginning(
    client: Client,
) -> None:
    await put(client.bench.store, a_sku("extra"), actor="tester")
    ask = """query($after: String) { changes(first: 10, after: $after) { totalCount pageInfo { hasNextPage hasPreviousPage endCursor }
             edges { node { revision area entityId action actor cause at hash } } } }"""
    seen, after = [], None
    while True:
        found = (await client.ask(ask, after=after))["changes"]
        seen += [edge["node"] for edge in found["edges"]]
        if not found["pageInfo"]["hasNextPage"]:
            break
        after = found["pageInfo"]["endCursor"]
    assert len(seen) == found["totalCount"] == len({each["hash"] for each in seen})
    assert seen[0]["entityId"] == "sku:extra"
    assert seen[0]["actor"] == "tester"
    assert [each["revision"] for each in seen] == sorted(
        (each["revision"] for each in seen), reverse=True
    )


async def test_a_query_sees_one_snapshot_though_commits_come_between_its_fields(
    client: Client,
) -> None:
    aliases = " ".join(f"h{n}: health {{ revision }}" for n in range(40))
    for n in range(5):
        commit = put(client.bench.store, a_sku(f"new-{n}"))
        data = await client.ask(f"{{ {aliases} }}")
        await commit
        assert len({each["revision"] for each in data.values()}) == 1


async def test_figures_follow_the_day(client: Client) -> None:
    ask = "{ negotiation { trailing90 { to } milestones { late } } }"
    assert (await client.ask(ask))["negotiation"]["trailing90"]["to"] == "2026-03-31"
    client.bench.clock.advance(60 * 86_400)
    later = (await client.ask(ask))["negotiation"]
    assert later["trailing90"]["to"] == "2026-05-30"
    assert [each["late"] for each in later["milestones"]] == [True, True]
