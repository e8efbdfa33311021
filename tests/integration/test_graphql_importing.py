"""The import from the vendor over GraphQL: asking for it, watching it, its mappings, list rates."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from negotiation.importing.prices import PublishedPrice
from negotiation.imports import PriceDirection, PriceService
from resolvers.importer import Importer
from tests.builders import a_negotiation, a_sku
from tests.gateway import Client
from tests.services import a_workbench, actor

SYNC = """
mutation Sync($input: SyncTwilioInput!) {
  syncTwilio(input: $input) {
    run { id state requestedBy firstDay lastDay daysTotal } revision userErrors { code message }
  }
}
"""
STATE = """
  configured message unmapped dailyAt nextRunAt
  current { state daysDone progress }
  last { state daysDone daysTotal progress rowsRead rowsWritten rowsRestated pricesRead error { code } warnings }
  runs { id }
"""
MAPPINGS = """
query Mappings($rule: UsageMappingRule, $search: String, $first: Int, $after: String) {
  usageMappings(rule: $rule, search: $search, first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor }
    edges { node { category rule sku family unit parent isTotal decidedBy firstUsedOn lastUsedOn quantity billed } }
  }
}
"""
DECIDE = """
mutation Decide($input: SetUsageMappingInput!) {
  setUsageMapping(input: $input) {
    mapping { category rule sku family parent note decidedBy decidedAt } revision warnings { code } userErrors { code }
  }
}
"""
RATES = """
query Rates($status: ListRateStatus) {
  listRates(status: $status) { totalCount edges { node { sku name status ours theirs low high currency message country } } }
}
"""
APPLY = """
mutation Apply($input: ApplyListRatesInput!) {
  applyListRates(input: $input) { applied { sku ours theirs status } revision userErrors { code } }
}
"""
LINK = """
mutation Link($input: SetPriceLinkInput!) {
  setPriceLink(input: $input) { listRate { sku country numberType prefix status message } userErrors { code } }
}
"""


@pytest.fixture
def client(schema) -> Client:
    bench = a_workbench(
        a_negotiation(), a_sku("sms-outbound-longcode"), a_sku("calls-outbound", family="voice")
    )
    bench.provider.use_daily(date(2026, 3, 20), date(2026, 3, 31), "sms-outbound-longcode")
    return Client(schema, bench)


async def imported(client: Client, **wanted: object) -> None:
    await client.ask(SYNC, input={"since": "2026-03-20", "pricing": False} | wanted)
    bench = client.bench
    importer = Importer(store=bench.store, clock=bench.clock, provider=bench.provider, hour=None)
    await importer.step()


async def test_asking_answers_at_once_and_the_state_tells_what_came_of_it(client: Client) -> None:
    asked = await client.ask(SYNC, input={"since": "2026-03-20", "pricing": False})
    run = asked["syncTwilio"]["run"]
    assert (run["state"], run["requestedBy"], run["daysTotal"]) == ("QUEUED", "operator", 12)
    again = await client.ask(SYNC, input={})
    assert again["syncTwilio"]["run"]["id"] == run["id"]
    assert [each["code"] for each in again["syncTwilio"]["userErrors"]] == ["ALREADY_RUNNING"]
    bench = client.bench
    await Importer(store=bench.store, clock=bench.clock, provider=bench.provider, hour=None).step()
    state = (await client.ask(f"{{ twilioImport {{ {STATE} }} }}"))["twilioImport"]
    assert (state["configured"], state["current"], state["dailyAt"]) == (True, None, None)
    assert state["last"] == {
        "state": "DONE",
        "daysDone": 12,
        "daysTotal": 12,
        "progress": "1.0000",
        "rowsRead": 12,
        "rowsWritten": 12,
        "rowsRestated": 0,
        "pricesRead": 0,
        "error": None,
        "warnings": [],
    }


async def test_a_subscription_follows_a_run_from_day_to_day(client: Client) -> None:
    async with client.subscribed(f"subscription {{ twilioImportUpdated {{ {STATE} }} }}") as events:
        first = await anext(events)
        assert first.data["twilioImportUpdated"]["last"] is None
        await client.ask(SYNC, input={"since": "2026-03-20", "pricing": False})
        seen: list[str] = []

        async def look() -> None:
            event = await anext(events)
            seen.append(event.data["twilioImportUpdated"]["current"]["progress"])

        bench = client.bench
        bench.provider.before = look
        await Importer(
            store=bench.store, clock=bench.clock, provider=bench.provider, hour=None
        ).step()
        assert seen == ["0.0000", "0.5800"]
        last = await anext(events)
        assert last.data["twilioImportUpdated"]["last"]["state"] == "DONE"


async def test_a_wrong_first_day_is_told_with_its_path(client: Client) -> None:
    answer = await client.run(SYNC, input={"since": "2027-01-01"})
    assert (answer.codes, answer.fields) == (["BAD_USER_INPUT"], ["input.since"])


async def test_mappings_are_found_by_words_and_paged(client: Client) -> None:
    page = (await client.ask(MAPPINGS, search="outbound", first=3))["usageMappings"]
    assert page["totalCount"] > 3
    assert page["pageInfo"]["hasNextPage"]
    rest = (await client.ask(MAPPINGS, search="outbound", after=page["pageInfo"]["endCursor"]))[
        "usageMappings"
    ]
    names = [edge["node"]["category"] for edge in page["edges"] + rest["edges"]]
    assert names == sorted(set(names))
    assert len(names) == page["totalCount"]


async def test_a_mapping_shows_what_it_counts_as_and_what_was_used(client: Client) -> None:
    await imported(client)
    found = (await client.ask(MAPPINGS, search="sms-outbound"))["usageMappings"]["edges"]
    by_name = {edge["node"]["category"]: edge["node"] for edge in found}
    assert by_name["sms-outbound"]["isTotal"]
    used = by_name["sms-outbound-longcode"]
    assert (used["firstUsedOn"], used["lastUsedOn"]) == ("2026-03-20", "2026-03-31")
    assert (used["quantity"], used["billed"]) == ("1200", "9.96")


async def test_what_nobody_knows_is_listed_until_somebody_decides(client: Client) -> None:
    client.bench.provider.use(date(2026, 3, 30), "moon-calls", 10, "0.50")
    await imported(client)
    [edge] = (await client.ask(MAPPINGS, rule="UNMAPPED"))["usageMappings"]["edges"]
    assert edge["node"]["category"] == "moon-calls"
    assert (edge["node"]["quantity"], edge["node"]["billed"]) == ("10", "0.50")
    decision = {"category": "moon-calls", "rule": "COUNT", "sku": "calls-outbound"}
    payload = (await client.ask(DECIDE, input=decision))["setUsageMapping"]
    assert payload["mapping"]["decidedBy"] == "Olga Operator"
    assert payload["mapping"]["family"] == "voice"
    assert [each["code"] for each in payload["warnings"]] == ["NEEDS_IMPORT"]
    client.bench.clock.advance(60)
    await imported(client)
    state = (await client.ask(f"{{ twilioImport {{ {STATE} }} }}"))["twilioImport"]
    assert state["unmapped"] == 0
    rows = client.bench.store.snapshot().usage[date(2026, 3, 30)].rows
    assert rows["calls-outbound"].quantity == 10
    assert "moon-calls" not in rows


async def test_what_an_import_made_up_is_moved_into_its_family(client: Client) -> None:
    client.bench.provider.use(date(2026, 3, 30), "moon-calls", 10, "0.50")
    await imported(client)
    assert client.bench.store.snapshot().skus["moon-calls"].family == "other"
    decision = {"category": "moon-calls", "rule": "COUNT", "family": "voice"}
    payload = (await client.ask(DECIDE, input=decision))["setUsageMapping"]
    assert (payload["mapping"]["sku"], payload["mapping"]["family"]) == ("moon-calls", "voice")
    assert client.bench.store.snapshot().skus["moon-calls"].family == "voice"


@pytest.mark.parametrize(
    ("decision", "path"),
    [
        ({"category": "sms", "rule": "UNMAPPED"}, "input.rule"),
        ({"category": "sms", "rule": "COUNT", "sku": " "}, "input.sku"),
        ({"category": "sms", "rule": "COUNT", "family": ""}, "input.family"),
        (
            {"category": "sms", "rule": "COUNT", "sku": "calls-outbound", "family": "sms"},
            "input.family",
        ),
        ({"category": "sms", "rule": "COUNT", "parent": "nothing"}, "input.parent"),
        ({"category": "sms", "rule": "COUNT", "parent": "sms-outbound-longcode"}, "input.parent"),
        ({"category": "sms", "rule": "IGNORE", "note": "x" * 2_001}, "input.note"),
    ],
)
async def test_a_decision_that_cannot_be_is_refused(
    client: Client, decision: dict[str, str], path: str
) -> None:
    answer = await client.run(DECIDE, input=decision)
    assert (answer.codes, answer.fields) == (["BAD_USER_INPUT"], [path])


async def test_a_category_that_was_never_seen_is_not_found(client: Client) -> None:
    answer = await client.run(DECIDE, input={"category": "no-such", "rule": "IGNORE"})
    assert answer.codes == ["NOT_FOUND"]


async def test_a_decision_is_audited(client: Client) -> None:
    await client.ask(DECIDE, input={"category": "LOOKUPS ", "rule": "IGNORE", "note": "free"})
    [line] = await client.bench.store.history(first=1)
    assert (line.area, line.entity_id, line.cause) == (
        "usage_mappings",
        "lookups",
        "setUsageMapping",
    )


async def test_list_rates_are_compared_and_taken_over_when_somebody_says_so(
    client: Client,
) -> None:
    client.bench.provider.published[PriceService.MESSAGING, "US"] = [
        PublishedPrice(
            direction=PriceDirection.OUTBOUND,
            price=Decimal("0.0099"),
            currency="USD",
            number_type="local",
        )
    ]
    before = (await client.ask(RATES))["listRates"]["edges"]
    assert {edge["node"]["message"] for edge in before} == {"Not read yet."}
    await imported(client, pricing=True)
    [edge] = (await client.ask(RATES, status="CHANGED"))["listRates"]["edges"]
    assert (edge["node"]["ours"], edge["node"]["theirs"]) == ("0.0083", "0.0099")
    payload = (await client.ask(APPLY, input={}))["applyListRates"]
    assert payload["applied"] == [
        {
            "sku": "sms-outbound-longcode",
            "ours": "0.0099",
            "theirs": "0.0099",
            "status": "UNCHANGED",
        }
    ]
    assert (await client.ask(APPLY, input={}))["applyListRates"]["applied"] == []
    unknown = await client.run(APPLY, input={"skus": ["none"]})
    assert unknown.codes == ["NOT_FOUND"]


async def test_a_price_link_says_where_a_price_stands(client: Client) -> None:
    link = {
        "sku": "calls-outbound",
        "service": "VOICE",
        "country": "gb",
        "direction": "OUTBOUND",
        "prefix": "+447",
    }
    payload = (await client.ask(LINK, input=link))["setPriceLink"]
    assert payload["listRate"] == {
        "sku": "calls-outbound",
        "country": "GB",
        "numberType": None,
        "prefix": "447",
        "status": "UNKNOWN",
        "message": "Not read yet.",
    }
    for wrong, path in (({"country": "Britain"}, "country"), ({"prefix": "x"}, "prefix")):
        answer = await client.run(LINK, input=link | wrong)
        assert answer.fields == [f"input.{path}"]
    assert (await client.run(LINK, input=link | {"sku": "none"})).codes == ["NOT_FOUND"]


async def test_viewers_look_and_only_analysts_change(client: Client) -> None:
    viewer = client.as_(actor("viewer"))
    assert (await viewer.run(MAPPINGS, first=1)).errors == []
    assert (await viewer.run(SYNC, input={})).codes == ["FORBIDDEN"]
    assert (await client.as_(actor("vendor_guest")).run(RATES)).codes == ["FORBIDDEN"]
    assert (await client.as_(actor("analyst")).run(SYNC, input={})).errors == []
