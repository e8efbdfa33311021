"""Every mutation over a real store: what it commits, what it refuses, what it says."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from resolvers.ports import PullResult, Status
from tests.gateway import Client
from tests.services import actor

SET_TARGETS = """
mutation($input: SetTargetsInput!) { setTargets(input: $input) {
  revision userErrors { code } negotiation { version targets { floorMargin targetMargin ceilingMargin } envelope { targetMargin } } } }
"""


def revision(client: Client) -> int:
    found: int = client.bench.store.snapshot().revision
    return found


async def last_change(client: Client) -> dict[str, Any]:
    data = await client.ask(
        "{ changes(first: 1) { edges { node { area entityId action actor cause } } } }"
    )
    node: dict[str, Any] = data["changes"]["edges"][0]["node"]
    return node


async def test_targets_are_saved_audited_and_make_a_new_version(client: Client) -> None:
    before = revision(client)
    data = await client.ask(SET_TARGETS, input={"targetMargin": "50%", "version": 1})
    payload = data["setTargets"]
    assert payload["revision"] == before + 1
    assert payload["negotiation"] == {
        "version": 2,
        "targets": {"floorMargin": "0.3500", "targetMargin": "0.5000", "ceilingMargin": "0.6000"},
        "envelope": {"targetMargin": "0.5000"},
    }
    assert await last_change(client) == {
        "area": "negotiations",
        "entityId": "negotiation:neg-1",
        "action": "update",
        "actor": "operator",
        "cause": "setTargets",
    }


async def test_another_version_is_a_conflict_that_carries_the_present_one(client: Client) -> None:
    await client.ask(SET_TARGETS, input={"targetMargin": "50%"})
    found = await client.run(SET_TARGETS, input={"targetMargin": "51%", "version": 1})
    assert found.codes == ["CONFLICT"]
    assert found.errors[0]["extensions"]["currentVersion"] == 2


async def test_of_many_who_saw_the_same_version_one_wins(client: Client) -> None:
    found = await asyncio.gather(
        *(
            client.run(SET_TARGETS, input={"targetMargin": f"0.{n}", "version": 1})
            for n in range(36, 56)
        )
    )
    assert sorted(len(each.errors) for each in found) == [0] + [1] * 19
    assert {code for each in found for code in each.codes} == {"CONFLICT"}


async def test_saving_what_is_saved_already_changes_nothing(client: Client) -> None:
    before = revision(client)
    data = await client.ask(SET_TARGETS, input={"targetMargin": "0.45"})
    assert data["setTargets"]["negotiation"]["version"] == 1
    assert revision(client) == before


@pytest.mark.parametrize(
    ("margins", "paths"),
    [
        ({"targetMargin": "0.5", "floorMargin": "0.51"}, ["input.floorMargin"]),
        ({"targetMargin": "0.5", "ceilingMargin": "0.49"}, ["input.ceilingMargin"]),
        ({"targetMargin": "0.5", "ceilingMargin": "0.995"}, ["input.ceilingMargin"]),
        ({"targetMargin": "0.995"}, ["input.targetMargin"]),
        ({"targetMargin": "0.5", "floorMargin": "0.6", "ceilingMargin": "0.4"}, ["input.ceilingMargin", "input.floorMargin"]),
    ],
)  # fmt: skip
async def test_margins_out_of_order_are_errors_of_their_fields(
    client: Client, margins: dict[str, str], paths: list[str]
) -> None:
    found = await client.run(SET_TARGETS, input=margins)
    assert (found.codes, found.fields) == (["BAD_USER_INPUT"], paths)


@pytest.mark.parametrize(
    ("target", "margins"),
    [
        ("0.30", ["0.2900", "0.3000", "0.6000"]),
        ("0.70", ["0.3500", "0.7000", "0.7100"]),
        ("0", ["0.0000", "0.0000", "0.6000"]),
        ("0.99", ["0.3500", "0.9900", "0.9900"]),
    ],
)
async def test_a_target_that_passes_the_saved_band_takes_its_edge_along(
    client: Client, target: str, margins: list[str]
) -> None:
    data = await client.ask(SET_TARGETS, input={"targetMargin": target})
    assert list(data["setTargets"]["negotiation"]["targets"].values()) == margins


async def test_a_negotiation_that_is_not_there_is_not_found(client: Client) -> None:
    found = await client.run(
        SET_TARGETS, input={"targetMargin": "0.5", "negotiationId": "negotiation:x"}
    )
    assert found.codes == ["NOT_FOUND"]


PROPOSE = """
mutation($input: ProposeOfferInput!) { proposeOffer(input: $input) {
  revision userErrors { code message field }
  offer { id hash round from status title validUntil terms { __typename } }
  negotiation { version rounds { number offers { id status } } } } }
"""
LADDER = {
    "ladder": {
        "tiers": [
            {"name": "A", "threshold": "0", "discount": "32%"},
            {"name": "B", "threshold": "250000", "discount": "0.37"},
        ]
    }
}
EVERY_TERM = [
    LADDER,
    {"rate": {"sku": "sms-outbound-us", "unitPrice": "0.0070", "clause": "3.1"}},
    {"rate": {"family": "voice", "model": "GRADUATED", "tiers": [{"upTo": "1000", "unitPrice": "0.012"}, {"unitPrice": "0.011"}]}},
    {"commitment": {"amount": "250000"}},
    {"ramp": {"steps": [{"fromMonth": 1, "commitment": "100000"}, {"fromMonth": 7, "commitment": "250000"}]}},
    {"credit": {"amount": "20000", "expiresOn": "2027-01-31"}},
    {"payment": {"netDays": 45}},
    {"shortfall": {"outcome": "PAY_PCT", "percent": "50%"}},
    {"renewal": {"start": "2026-05-01", "termMonths": 24}},
    {"priceProtection": {"maxIncrease": "3%"}},
    {"qualitative": {"topic": "Support", "weight": "0.3"}},
]  # fmt: skip


def proposal(*terms: Any, **changes: Any) -> dict[str, Any]:
    return {"from": "BUYER", "title": "Our next offer", "terms": list(terms)} | changes


async def test_an_offer_with_every_kind_of_term_is_put_on_the_table(client: Client) -> None:
    data = await client.ask(
        PROPOSE, input=proposal(*EVERY_TERM, validUntil="2026-04-30", version=1)
    )
    payload = data["proposeOffer"]
    offer = payload["offer"]
    assert payload["userErrors"] == []
    assert (offer["from"], offer["status"], offer["validUntil"]) == (
        "BUYER",
        "PROPOSED",
        "2026-04-30",
    )
    assert len(offer["terms"]) == len(EVERY_TERM)
    assert len(offer["hash"]) == 64
    assert payload["negotiation"]["version"] == 2
    assert offer["id"] in {o["id"] for r in payload["negotiation"]["rounds"] for o in r["offers"]}


async def test_the_same_offer_twice_is_refused_and_says_so(client: Client) -> None:
    theirs = proposal(LADDER, **{"from": "VENDOR"})
    await client.ask(PROPOSE, input=theirs)
    before = revision(client)
    payload = (await client.ask(PROPOSE, input=theirs))["proposeOffer"]
    assert payload["offer"] is None
    assert [each["code"] for each in payload["userErrors"]] == ["OFFER_UNCHANGED"]
    assert revision(client) == before


async def test_a_new_offer_of_a_party_supersedes_its_open_one(client: Client) -> None:
    await client.ask(PROPOSE, input=proposal(LADDER, **{"from": "VENDOR"}))
    data = await client.ask('{ negotiation { offer(id: "offer:improved") { status } } }')
    assert data["negotiation"]["offer"]["status"] == "SUPERSEDED"


@pytest.mark.parametrize(
    ("terms", "path"),
    [
        ([], "input.terms"),
        ([LADDER, {"rate": {"sku": "nothing", "unitPrice": "1"}}], "input.terms.1.sku"),
        ([{"commitment": {"amount": "-1"}}], "input.terms.0.amount"),
        (
            [{"commitment": {"amount": "1", "families": ["sms", "telex"]}}],
            "input.terms.0.families.1",
        ),
        ([{"payment": {"netDays": 4000}}], "input.terms.0.netDays"),
        ([{"ladder": {"tiers": []}}], "input.terms.0.tiers"),
    ],
)
async def test_terms_that_cannot_be_computed_are_errors_of_their_fields(
    client: Client, terms: list[Any], path: str
) -> None:
    before = revision(client)
    found = await client.run(PROPOSE, input=proposal(*terms))
    assert (found.codes, found.fields) == (["BAD_USER_INPUT"], [path])
    assert revision(client) == before


@pytest.mark.parametrize(
    "term", [{}, {"payment": {"netDays": 1}, "rate": {"unitPrice": "1"}}, {"payment": None}]
)
async def test_a_term_is_exactly_one_kind(client: Client, term: Any) -> None:
    found = await client.run(PROPOSE, input=proposal(term))
    assert found.codes == ["BAD_USER_INPUT"]
    assert found.fields[0].startswith("input.terms.0")


DECIDE = """
mutation($input: DecideOfferInput!) { decideOffer(input: $input) {
  revision userErrors { code message } offer { id status } negotiation { status version } } }
"""


@pytest.mark.parametrize(
    ("decision", "status", "negotiation"),
    [
        ("ACCEPT", "ACCEPTED", "AGREED"),
        ("REJECT", "REJECTED", "OPEN"),
        ("WITHDRAW", "WITHDRAWN", "OPEN"),
    ],
)
async def test_an_open_offer_is_decided(
    client: Client, decision: str, status: str, negotiation: str
) -> None:
    data = await client.ask(
        DECIDE,
        input={
            "offerId": "offer:improved",
            "decision": decision,
            "note": "On the call",
            "version": 1,
        },
    )
    payload = data["decideOffer"]
    assert payload["offer"] == {"id": "offer:improved", "status": status}
    assert payload["negotiation"] == {"status": negotiation, "version": 2}
    assert (await last_change(client))["cause"] == f"decideOffer {decision}: On the call"


async def test_an_offer_that_is_not_open_is_refused_by_rule(client: Client) -> None:
    payload = (
        await client.ask(
            DECIDE, input={"offerId": "offer:opening", "decision": "ACCEPT", "version": 1}
        )
    )["decideOffer"]
    assert payload["offer"] is None
    assert [each["code"] for each in payload["userErrors"]] == ["OFFER_NOT_OPEN"]


async def test_a_decision_on_an_old_picture_is_a_conflict(client: Client) -> None:
    await client.ask(SET_TARGETS, input={"targetMargin": "0.5"})
    found = await client.run(
        DECIDE, input={"offerId": "offer:improved", "decision": "ACCEPT", "version": 1}
    )
    assert found.codes == ["CONFLICT"]


MILESTONE = """
mutation($input: DecideMilestoneInput!) { decideMilestone(input: $input) {
  revision userErrors { code } milestone { id status decidedBy decidedAt note late } negotiation { version } } }
"""


async def test_a_milestone_is_approved_by_name_and_reopened(client: Client) -> None:
    approver = client.as_(actor("approver", name="Petra"))
    payload = (
        await approver.ask(
            MILESTONE,
            input={"milestoneId": "milestone:finance", "decision": "APPROVE", "note": " Fine. "},
        )
    )["decideMilestone"]
    assert payload["milestone"] == {
        "id": "milestone:finance",
        "status": "APPROVED",
        "decidedBy": "Petra",
        "decidedAt": "2026-04-01T12:00:00.000Z",
        "note": "Fine.",
        "late": False,
    }
    assert payload["negotiation"]["version"] == 2
    payload = (
        await approver.ask(
            MILESTONE,
            input={"milestoneId": "milestone:finance", "decision": "REOPEN", "version": 2},
        )
    )["decideMilestone"]
    assert (payload["milestone"]["status"], payload["milestone"]["decidedBy"]) == ("PENDING", None)


DISPUTE = """
mutation($input: DisputeInvoiceInput!) { disputeInvoice(input: $input) {
  revision userErrors { code } invoice { id status disputedAmount disputeReason } } }
"""


async def test_an_invoice_is_disputed_in_whole_or_in_part(client: Client) -> None:
    for amount, disputed in ((None, "61000.00"), ("100.005", "100.00")):
        data = await client.ask(
            DISPUTE,
            input={"invoiceId": "invoice:INV-2026-03", "reason": "Wrong tier", "amount": amount},
        )
        assert data["disputeInvoice"]["invoice"] == {
            "id": "invoice:INV-2026-03",
            "status": "DISPUTED",
            "disputedAmount": disputed,
            "disputeReason": "Wrong tier",
        }
    totals = (await client.ask("{ invoices { totals { currency outstanding disputed } } }"))[
        "invoices"
    ]["totals"]
    assert totals[1] == {"currency": "USD", "outstanding": "61000.00", "disputed": "100.00"}


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"reason": " "}, "input.reason"),
        ({"amount": "0"}, "input.amount"),
        ({"amount": "61000.01"}, "input.amount"),
    ],
)
async def test_a_dispute_needs_a_reason_and_a_part_of_the_amount(
    client: Client, changes: dict[str, str], path: str
) -> None:
    wanted = {"invoiceId": "invoice:INV-2026-03", "reason": "Wrong tier"} | changes
    found = await client.run(DISPUTE, input=wanted)
    assert (found.codes, found.fields) == (["BAD_USER_INPUT"], [path])


IMPORT = """
mutation($input: ImportInput!) { %s(input: $input) {
  accepted unchanged rejected revision warnings { code message } rows { row column message } userErrors { code message } } }
"""
IMPORT_USAGE = IMPORT % "importUsage"
IMPORT_INVOICES = IMPORT % "importInvoices"


def usage_csv(rows: int) -> str:
    lines = ["day,sku,quantity"]
    lines += [
        f"2024-{1 + n // 28 % 12:02}-{1 + n % 28:02},sms-outbound-us,{n}"
        for n in range(min(rows, 336))
    ]
    lines += [
        f"2023-{1 + n // 28 % 12:02}-{1 + n % 28:02},voice-outbound-us,{n}.5"
        for n in range(rows - 336)
    ]
    return "\n".join(lines)


async def test_usage_is_imported_in_one_commit_and_counts_at_once(client: Client) -> None:
    before = revision(client)
    csv = "day,sku,quantity\n2026-02-14,sms-outbound-us,100000\n2026-03-31,sms-outbound-us,100000"
    payload = (await client.ask(IMPORT_USAGE, input={"csv": csv, "filename": "march.csv"}))[
        "importUsage"
    ]
    assert (payload["accepted"], payload["unchanged"], payload["rejected"]) == (1, 1, 0)
    assert payload["revision"] == before + 1 == revision(client)
    assert (await last_change(client))["cause"] == "importUsage: march.csv"
    data = await client.ask("{ negotiation { trailing90 { amount missingDays } } }")
    assert data["negotiation"]["trailing90"] == {"amount": "99620.00", "missingDays": []}


async def test_a_twilio_export_brings_skus_that_are_new(client: Client) -> None:
    csv = (
        "category,start_date,end_date,usage,usage_unit,price,price_unit\n"
        "verify-push,2026-03-31,2026-03-31,1200,verifications,60.00,usd\n"
    )
    payload = (await client.ask(IMPORT_USAGE, input={"csv": csv}))["importUsage"]
    assert (payload["accepted"], payload["userErrors"]) == (1, [])
    data = await client.ask("{ negotiation { skus { totalCount } } }")
    assert data["negotiation"]["skus"]["totalCount"] == 4


async def test_one_bad_row_stops_the_whole_import_and_is_named(client: Client) -> None:
    before = revision(client)
    csv = "day,sku,quantity\n2026-03-01,sms-outbound-us,5\n2026-02-30,sms-outbound-us,5\n2026-03-02,nothing,5\n"
    payload = (await client.ask(IMPORT_USAGE, input={"csv": csv}))["importUsage"]
    assert (payload["accepted"], payload["rejected"], payload["revision"]) == (0, 2, None)
    assert [(row["row"], row["column"]) for row in payload["rows"]] == [(3, "day"), (4, "sku")]
    assert [each["code"] for each in payload["userErrors"]] == ["IMPORT_REFUSED"]
    assert revision(client) == before


async def test_a_dry_run_says_what_would_be_and_writes_nothing(client: Client) -> None:
    before = revision(client)
    csv = "number,period_start,period_end,amount,currency,status\nA-1,2026-01-01,2026-01-31,100.00,USD,open\n"
    payload = (await client.ask(IMPORT_INVOICES, input={"csv": csv, "dryRun": True}))[
        "importInvoices"
    ]
    assert (payload["accepted"], payload["revision"]) == (1, None)
    assert revision(client) == before
    payload = (await client.ask(IMPORT_INVOICES, input={"csv": csv}))["importInvoices"]
    assert (payload["accepted"], payload["revision"]) == (1, before + 1)
    payload = (await client.ask(IMPORT_INVOICES, input={"csv": csv}))["importInvoices"]
    assert (payload["accepted"], payload["unchanged"]) == (0, 1)
    assert revision(client) == before + 1


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ('A-1,2026-01-01,2026-01-31,"12,34,5",USD,open', "amount"),
        ("A-1,2026-02-30,2026-01-31,1.00,USD,open", "period_start"),
        ("A-1,2026-01-01,2026-01-31,1.00,XXQ,open", "currency"),
        ("INV-2026-03,2026-03-01,2026-03-31,1.00,USD,open", "amount"),
    ],
)
async def test_a_bad_invoice_is_refused_by_row_and_column(
    client: Client, row: str, column: str
) -> None:
    csv = f"number,period_start,period_end,amount,currency,status\n{row}\n"
    payload = (await client.ask(IMPORT_INVOICES, input={"csv": csv}))["importInvoices"]
    assert [(each["row"], each["column"]) for each in payload["rows"]] == [(2, column)]


async def test_the_same_file_imported_by_many_at_once_is_there_once(client: Client) -> None:
    csv = "number,period_start,period_end,amount,currency,status\n" + "\n".join(
        f"B-{n},2026-01-01,2026-01-31,{n}.00,USD,open" for n in range(1, 51)
    )
    found = await asyncio.gather(
        *(client.ask(IMPORT_INVOICES, input={"csv": csv}) for _ in range(5))
    )
    assert sorted(each["importInvoices"]["accepted"] for each in found) == [0, 0, 0, 0, 50]
    data = await client.ask('{ invoices(filter: {search: "B-"}) { totalCount } }')
    assert data["invoices"]["totalCount"] == 50


async def test_thousands_of_rows_are_imported_at_once(client: Client) -> None:
    csv = (
        usage_csv(672)
        + "\n"
        + "\n".join(
            f"2022-{1 + n // 28 % 12:02}-{1 + n % 28:02},{sku},{n}"
            for n in range(336)
            for sku in ("sms-outbound-us", "voice-outbound-us", "carrier-fee-us")
        )
        + "\n"
        + "\n".join(
            f"{year}-{1 + n // 28 % 12:02}-{1 + n % 28:02},{sku},{n}"
            for year in range(2010, 2020)
            for n in range(336)
            for sku in ("sms-outbound-us", "voice-outbound-us")
        )
    )
    rows = csv.count("\n")
    payload = (await client.ask(IMPORT_USAGE, input={"csv": csv}))["importUsage"]
    assert (payload["accepted"], payload["rejected"]) == (rows, 0)
    assert rows > 8_000


SEND = """
mutation($input: SendNotificationInput!) { sendNotification(input: $input) {
  userErrors { code message field } notification { id channel to body status attempts queuedAt } } }
"""


async def test_a_message_is_queued_and_seen_by_its_id(client: Client) -> None:
    payload = (
        await client.ask(
            SEND, input={"body": "Hello", "idempotencyKey": "k1", "to": "+1 415 555 2671"}
        )
    )["sendNotification"]
    notification = payload["notification"]
    assert (notification["to"], notification["status"], notification["channel"]) == (
        "+14155552671",
        "QUEUED",
        "SMS",
    )
    again = (await client.ask("query($id: ID!) { node(id: $id) { id } }", id=notification["id"]))[
        "node"
    ]
    assert again == {"id": notification["id"]}
    repeated = await client.ask(
        SEND, input={"body": "Hello", "idempotencyKey": "k1", "to": "+14155552671"}
    )
    assert repeated["sendNotification"]["notification"]["id"] == notification["id"]
    other = await client.ask(SEND, input={"body": "Other", "idempotencyKey": "k1"})
    assert other["sendNotification"]["notification"] is None
    assert [e["code"] for e in other["sendNotification"]["userErrors"]] == [
        "IDEMPOTENCY_KEY_REUSED"
    ]


async def test_a_stranger_is_an_error_of_the_field_to(client: Client) -> None:
    found = await client.run(
        SEND, input={"body": "Hello", "idempotencyKey": "k", "to": "+442079460123"}
    )
    assert (found.codes, found.fields) == (["BAD_USER_INPUT"], ["input.to"])


async def test_too_many_messages_say_when_to_try_again(client: Client) -> None:
    codes: list[str] = []
    for n in range(25):
        codes += (
            await client.run(SEND, input={"body": "Hello", "idempotencyKey": f"loop-{n}"})
        ).codes
    assert set(codes) == {"RATE_LIMITED"}
    assert len(codes) == 7  # 20 a day, 2 of them were there before
    found = await client.run(SEND, input={"body": "Hello", "idempotencyKey": "more"})
    assert found.errors[0]["extensions"]["retryAfterMs"] > 0


async def test_the_demo_notification_tells_the_envelope(client: Client) -> None:
    ask = """mutation($key: String) { sendDemoNotification(idempotencyKey: $key) {
             userErrors { code } notification { id to body status } } }"""
    first = (await client.ask(ask, key="demo"))["sendDemoNotification"]["notification"]
    again = (await client.ask(ask, key="demo"))["sendDemoNotification"]["notification"]
    fresh = (await client.ask(ask))["sendDemoNotification"]["notification"]
    assert first == again
    assert fresh["id"] != first["id"]
    assert "Messaging and voice 2026: revenue USD 401,042.40, margin 63.6 %" in first["body"]


async def test_a_failed_message_is_queued_again_and_cancelled(client: Client) -> None:
    ask = "mutation($id: ID!) { %s(id: $id) { userErrors { code } notification { status attempts error { code } } } }"
    own = "notification:notification-2"
    queued = (await client.ask(ask % "retryNotification", id=own))["retryNotification"]
    assert queued == {
        "userErrors": [],
        "notification": {"status": "QUEUED", "attempts": 0, "error": None},
    }
    cancelled = (await client.ask(ask % "cancelNotification", id=own))["cancelNotification"]
    assert cancelled["notification"]["status"] == "CANCELLED"
    again = (await client.ask(ask % "cancelNotification", id=own))["cancelNotification"]
    assert [each["code"] for each in again["userErrors"]] == ["NOTIFICATION_STATE"]
    assert (await client.run(ask % "retryNotification", id="notification:none")).codes == [
        "NOT_FOUND"
    ]


async def test_all_that_failed_is_queued_again_and_a_text_is_measured_before_it_is_sent(
    client: Client,
) -> None:
    ask = (
        "mutation { retryFailedNotifications { userErrors { code } notifications { id status } } }"
    )
    payload = (await client.ask(ask))["retryFailedNotifications"]
    assert payload == {
        "userErrors": [],
        "notifications": [{"id": "notification:notification-2", "status": "QUEUED"}],
    }
    preview = (
        await client.ask(
            """query($body: String!) { notificationPreview(body: $body) {
                 encoding characters units segments price currency refusal { code field } } }""",
            body="Привет",
        )
    )["notificationPreview"]
    assert preview == {
        "encoding": "UCS_2",
        "characters": 6,
        "units": 6,
        "segments": 1,
        "price": "0.0083",
        "currency": "USD",
        "refusal": None,
    }


async def test_a_message_may_be_scheduled(client: Client) -> None:
    at = client.bench.clock.now() + timedelta(hours=3)
    payload = (
        await client.ask(
            """mutation($at: DateTime) {
                 sendNotification(input: {body: "x", idempotencyKey: "later", sendAt: $at}) {
                   userErrors { code } notification { status dueAt } } }""",
            at=at.isoformat(),
        )
    )["sendNotification"]
    assert payload["userErrors"] == []
    assert payload["notification"]["status"] == "QUEUED"
    assert datetime.fromisoformat(payload["notification"]["dueAt"]) == at


async def test_a_sync_asks_the_peer_and_says_what_was_put_aside(client: Client) -> None:
    client.bench.peer.result = PullResult(applied=2, quarantined=1, warnings=("Column x is new.",))
    ask = "mutation { syncNow { revision components { name status } userErrors { code message } } }"
    payload = (await client.ask(ask))["syncNow"]
    assert client.bench.peer.pulls == 1
    assert [each["code"] for each in payload["userErrors"]] == ["SYNC_WARNING", "ROWS_QUARANTINED"]
    client.bench.peer.result = PullResult(applied=0, quarantined=0)
    client.bench.peer.status, client.bench.peer.message = Status.DEGRADED, "Set SUPABASE_URL."
    payload = (await client.ask(ask))["syncNow"]
    assert [each["message"] for each in payload["userErrors"]] == ["Set SUPABASE_URL."]


async def test_mutations_of_one_document_see_each_other(client: Client) -> None:
    data = await client.ask(
        """mutation { a: setTargets(input: {targetMargin: "0.5", version: 1}) { negotiation { version } }
                      b: setTargets(input: {targetMargin: "0.55", version: 2}) { negotiation { version targets { targetMargin } } } }"""
    )
    assert data["a"]["negotiation"]["version"] == 2
    assert data["b"]["negotiation"] == {"version": 3, "targets": {"targetMargin": "0.5500"}}


async def test_a_store_that_cannot_write_says_so_and_goes_on_reading(client: Client) -> None:
    client.bench.store.close()
    found = await client.run(SET_TARGETS, input={"targetMargin": "0.5"})
    assert found.codes == ["UNAVAILABLE"]
    assert (await client.ask("{ negotiation { version } }"))["negotiation"] == {"version": 1}


async def test_the_queue_is_stopped_with_a_reason_and_resumed(client: Client) -> None:
    pause = """mutation($reason: String!) { pauseNotifications(reason: $reason) {
      userErrors { code } queue { pause { reason by } waiting } } }"""
    resume = "mutation { resumeNotifications { userErrors { code } queue { pause { by } } } }"
    stopped = (await client.ask(pause, reason="An incident"))["pauseNotifications"]
    assert (stopped["userErrors"], stopped["queue"]["pause"]) == (
        [],
        {"reason": "An incident", "by": "Olga Operator"},
    )
    assert await last_change(client) == {
        "area": "pauses",
        "entityId": "notifications",
        "action": "create",
        "actor": "operator",
        "cause": "pauseNotifications",
    }
    again = (await client.ask(pause, reason="Another"))["pauseNotifications"]
    assert [each["code"] for each in again["userErrors"]] == ["ALREADY_PAUSED"]
    empty = await client.run(pause, reason=" ")
    assert (empty.codes, empty.fields) == (["BAD_USER_INPUT"], ["reason"])
    resumed = (await client.ask(resume))["resumeNotifications"]
    assert resumed == {"userErrors": [], "queue": {"pause": None}}


async def test_a_message_tells_its_priority_its_expiry_its_price_and_its_history(
    client: Client,
) -> None:
    send = """mutation($input: SendNotificationInput!) { sendNotification(input: $input) { notification {
      priority expiresAt requestedBy segments price currency history { number outcome error { code } } } } }"""
    message = {"body": "x" * 161, "idempotencyKey": "p1", "to": "+14155552671"}
    times = {"priority": "HIGH", "expiresAt": "2026-04-02T12:00:00Z"}
    found = (await client.ask(send, input=message | times))["sendNotification"]["notification"]
    assert found == {
        "priority": "HIGH",
        "expiresAt": "2026-04-02T12:00:00.000Z",
        "requestedBy": "operator",
        "segments": 2,
        "price": "0.0166",
        "currency": "USD",
        "history": [],
    }
    late = {"priority": "LOW", "expiresAt": "2020-01-01T00:00:00Z", "idempotencyKey": "p2"}
    refused = await client.run(send, input=message | late)
    assert (refused.codes, refused.fields) == (["BAD_USER_INPUT"], ["input.expiresAt"])


async def test_many_messages_are_queued_at_once_each_with_its_outcome(client: Client) -> None:
    ask = """mutation($inputs: [SendNotificationInput!]!) { sendNotifications(inputs: $inputs) {
      queued items { index notification { id to status } userErrors { code field } } } }"""
    message = {"to": "+14155552671", "body": "Hello"}
    inputs = [message | {"idempotencyKey": f"b{n}"} for n in range(3)]
    inputs.append(message | {"body": "", "idempotencyKey": "b3"})
    before = revision(client)
    preview = """query($inputs: [SendNotificationInput!]!) { notificationsPreview(inputs: $inputs) {
      queued segments price currency items { index segments userErrors { code field } } } }"""
    told = (await client.ask(preview, inputs=inputs))["notificationsPreview"]
    sums = {name: told[name] for name in ("queued", "segments", "price", "currency")}
    assert sums == {"queued": 3, "segments": 3, "price": "0.0249", "currency": "USD"}
    assert told["items"][3] == {
        "index": 3,
        "segments": 1,
        "userErrors": [{"code": "BAD_USER_INPUT", "field": "inputs.3.body"}],
    }
    assert revision(client) == before
    found = (await client.ask(ask, inputs=inputs))["sendNotifications"]
    assert revision(client) == before + 1
    assert (found["queued"], [item["index"] for item in found["items"]]) == (3, [0, 1, 2, 3])
    assert found["items"][3] == {
        "index": 3,
        "notification": None,
        "userErrors": [{"code": "BAD_USER_INPUT", "field": "inputs.3.body"}],
    }
    again = (await client.ask(ask, inputs=inputs[:3]))["sendNotifications"]["items"]
    assert again == found["items"][:3]
    assert (await client.run(ask, inputs=[])).codes == ["BAD_USER_INPUT"]
