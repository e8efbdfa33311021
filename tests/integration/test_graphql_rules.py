"""Rules over GraphQL, from the editor's first keystroke to the text in the queue, over a real store."""

from __future__ import annotations

from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from graph.context import Context
from graph.schema import build_schema
from graph.settings import Settings, Workspace
from graph.wiring.running import Running, running_services
from negotiation.rules.model import RuleKind
from resolvers.rule_watch import RuleWatch
from tests.builders import a_rule
from tests.doubles.wait import until
from tests.gateway import Answer, Client, answer
from tests.services import OPERATOR, VERSION, actor
from tests.stores import put

RULE = """id name kind enabled negotiationId days threshold tier recipients channel template text
  quietHours { start end zone days } passesQuietHours dailyCap cooldownHours repeats priority version updatedAt updatedBy
  lastFiredAt"""
SAVE = f"mutation($input: RuleInput!) {{ saveRule(input: $input) {{ revision userErrors {{ code }} rule {{ {RULE} }} }} }}"
PREVIEW = """query($input: RuleInput!) { previewRule(input: $input) { body encoding characters units segments price currency
  recipients sample matches { subject body told } facts { name value } problems { code message field } } }"""
FIRINGS = """{ ruleFirings { totalCount edges { node { id ruleId ruleName kind subject at body outcome sendAt test
  facts { name value } notifications { id to body status } heldBack { code message } } } } }"""
MARGIN = {
    "name": "Margin",
    "kind": "ENVELOPE_OUT_OF_BAND",
    "enabled": True,
    "threshold": "1%",
    "template": "{{negotiation}}: {{margin}} is {{side}}",
    "quietHours": {
        "start": "22:00",
        "end": "07:00",
        "zone": "Europe/Berlin",
        "days": ["SUN", "MON"],
    },
    "cooldownHours": 12,
    "repeats": True,
    "priority": "HIGH",
}


@pytest.fixture
def numbers(client: Client) -> Client:
    """The client, while nothing really goes out."""
    client.bench.notifier.ready = False
    return client


async def save(client: Client, **changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await client.ask(SAVE, input=MARGIN | changes))["saveRule"]["rule"]
    return found


async def test_a_rule_is_saved_read_changed_and_deleted(numbers: Client) -> None:
    made = await save(numbers)
    assert (made["version"], made["threshold"], made["text"]) == (1, "0.0100", MARGIN["template"])
    assert made["quietHours"] == MARGIN["quietHours"] | {"days": ["MON", "SUN"]}
    assert await numbers.ask("{ rules { id } }") == {"rules": [{"id": made["id"]}]}
    changed = await save(numbers, id=made["id"], version=1, template=None, threshold=None)
    assert (changed["version"], changed["template"]) == (2, None)
    assert "{{margin}}" in changed["text"]
    one = await numbers.ask(f"query($id: ID!) {{ rule(id: $id) {{ {RULE} }} }}", id=made["id"])
    assert one["rule"] == changed
    node = await numbers.ask(
        "query($id: ID!) { node(id: $id) { ... on Rule { name } } }", id=made["id"]
    )
    assert node == {"node": {"name": "Margin"}}
    gone = await numbers.ask(
        "mutation($id: ID!) { deleteRule(id: $id, version: 2) { id } }", id=made["id"]
    )
    assert gone == {"deleteRule": {"id": made["id"]}}
    assert (await numbers.ask("{ rules { id } }"))["rules"] == []


async def test_who_saw_an_older_version_is_told(numbers: Client) -> None:
    made = await save(numbers)
    await save(numbers, id=made["id"], version=1, dailyCap=3)
    for document, variables in (
        (SAVE, {"input": MARGIN | {"id": made["id"], "version": 1}}),
        (
            "mutation($id: ID!) { enableRule(id: $id, enabled: false, version: 1) { revision } }",
            {"id": made["id"]},
        ),
        ("mutation($id: ID!) { deleteRule(id: $id, version: 1) { revision } }", {"id": made["id"]}),
    ):
        found = await numbers.run(document, **variables)
        assert found.codes == ["CONFLICT"]
        assert found.errors[0]["extensions"]["currentVersion"] == 2


async def test_faults_are_told_at_their_fields(numbers: Client) -> None:
    wrong = MARGIN | {
        "days": 3,
        "template": "{{nobody}}",
        "recipients": ["+12025550100", "12"],
        "quietHours": {"start": "22:00", "end": "07:00", "zone": "Nowhere"},
    }
    found = await numbers.run(SAVE, input=wrong)
    assert found.codes == ["BAD_USER_INPUT"]
    paths = ["input.days", "input.template", "input.quietHours.zone", "input.recipients.1"]
    assert found.fields == paths
    preview = (await numbers.ask(PREVIEW, input=wrong))["previewRule"]
    assert [each["field"] for each in preview["problems"]] == paths
    assert preview["body"] is None
    assert (await numbers.run(SAVE, input=MARGIN | {"id": "offer:x"})).fields == ["input.id"]


async def test_a_preview_has_the_present_facts_and_queues_nothing(numbers: Client) -> None:
    before = numbers.bench.store.snapshot().revision
    found = (await numbers.ask(PREVIEW, input=MARGIN))["previewRule"]
    assert found["body"] == "Messaging and voice 2026: 63.6 % is above the ceiling"
    assert (found["segments"], found["price"], found["recipients"]) == (1, "0.0083", 1)
    assert found["matches"] == [{"subject": "neg-1/above", "body": found["body"], "told": True}]
    assert {"name": "ceiling", "value": "60.0 %"} in found["facts"]
    assert numbers.bench.store.snapshot().revision == before


async def test_the_kinds_say_what_an_editor_needs(client: Client) -> None:
    found = await client.ask(
        "{ ruleKinds { kind label about text names { name about } parameters { name about needed } } }"
    )
    kinds = {each["kind"]: each for each in found["ruleKinds"]}
    assert kinds.keys() == set(RuleKind)
    assert [each["name"] for each in kinds["TIER_CHANGE"]["parameters"]] == ["days", "tier"]
    assert kinds["OFFER_EXPIRING"]["parameters"][0]["needed"] is True


async def test_a_test_is_queued_and_listed_among_the_firings(numbers: Client) -> None:
    made = await save(numbers, quietHours=None)
    document = 'mutation($id: ID!) { testRule(id: $id, idempotencyKey: "k") { firing { id } userErrors { code } } }'
    first = await numbers.ask(document, id=made["id"])
    assert await numbers.ask(document, id=made["id"]) == first
    page = (await numbers.ask(FIRINGS))["ruleFirings"]
    assert page["totalCount"] == 1
    node = page["edges"][0]["node"]
    assert (node["test"], node["outcome"], node["ruleId"]) == (True, "QUEUED", made["id"])
    assert node["notifications"][0]["body"] == node["body"]
    assert node["body"].startswith("TEST: ")


async def test_firings_and_rules_are_pushed(numbers: Client) -> None:
    async with (
        numbers.subscribed("subscription { rulesUpdated { name } }") as rules,
        numbers.subscribed("subscription { ruleFiringsUpdated { totalCount } }") as firings,
    ):
        assert (await anext(rules)).data == {"rulesUpdated": []}
        assert (await anext(firings)).data == {"ruleFiringsUpdated": {"totalCount": 0}}
        made = await save(numbers)
        assert (await anext(rules)).data == {"rulesUpdated": [{"name": "Margin"}]}
        await numbers.ask("mutation($id: ID!) { testRule(id: $id) { revision } }", id=made["id"])
        event = await anext(firings)
        while event.data["ruleFiringsUpdated"]["totalCount"] == 0:
            event = await anext(firings)
        assert event.data == {"ruleFiringsUpdated": {"totalCount": 1}}


async def test_who_need_not_see_numbers_sees_them_masked_and_the_vendor_sees_nothing(
    numbers: Client,
) -> None:
    await save(numbers, recipients=["+12025550100"])
    seen = await numbers.as_(actor("viewer")).ask("{ rules { recipients } }")
    assert seen == {"rules": [{"recipients": ["+1•••••0100"]}]}
    guest = numbers.as_(actor("vendor_guest"))
    for document in (
        "{ rules { id } }",
        "{ ruleKinds { label } }",
        "{ ruleFirings { totalCount } }",
    ):
        assert (await guest.run(document)).codes == ["FORBIDDEN"]
    for role in ("viewer", "analyst", "approver", "vendor_guest"):
        assert (await numbers.as_(actor(role)).run(SAVE, input=MARGIN)).codes == ["FORBIDDEN"]


async def test_over_a_real_store_a_look_fires_once_and_the_trail_says_so(numbers: Client) -> None:
    bench = numbers.bench
    await put(bench.store, a_rule(recipients=()))
    watch = RuleWatch(bench.clock, bench.signal)
    for _ in range(2):
        await watch.look(bench.services, bench.pictures)
    page = (await numbers.ask(FIRINGS))["ruleFirings"]
    assert page["totalCount"] == 1
    assert page["edges"][0]["node"]["subject"] == "neg-1/above"
    trail = await numbers.ask(
        "{ changes(first: 5) { edges { node { area actor cause entityId } } } }"
    )
    fired = [
        each["node"] for each in trail["changes"]["edges"] if each["node"]["area"] == "rule_firings"
    ]
    assert [(each["actor"], each["cause"]) for each in fired] == [("rules", "rules")]
    assert fired[0]["entityId"] == page["edges"][0]["node"]["id"]


# --- the gateway's own wiring


class Gateway:
    """Operations on running services, as a transport sends them."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self._schema = build_schema()

    async def ask(self, document: str, **variables: Any) -> Any:
        context = Context(
            services=self.running.services,
            pictures=self.running.pictures,
            actor=OPERATOR,
            correlation_id="test",
        )
        found: Answer = answer(
            await self._schema.execute(document, variable_values=variables, context_value=context)
        )
        assert found.errors == []
        return found.data

    async def import_usage(self, units: int, day: str) -> None:
        csv = (
            "category,start_date,end_date,usage,usage_unit,price,price_unit\n"
            f"sms-outbound,{day},{day},{units},messages,{units}.00,usd\n"
        )
        await self.ask(
            "mutation($csv: String!) { importUsage(input: {csv: $csv}) { accepted } }", csv=csv
        )


@asynccontextmanager
async def gateway(tmp_path: Path) -> Any:
    settings = Settings(_env_file=None, data_dir=tmp_path, workspace=Workspace.EMPTY)  # type: ignore[call-arg]
    async with running_services(settings, VERSION) as running:
        yield Gateway(running)


@pytest.mark.timeout(150)
async def test_an_import_that_moves_the_envelope_out_of_its_band_queues_exactly_one_text(
    tmp_path: Path,
) -> None:
    async with gateway(tmp_path) as found:
        store = found.running.store
        await found.ask(
            SAVE, input={"name": "Margin", "kind": "ENVELOPE_OUT_OF_BAND", "enabled": True}
        )
        await until(lambda: store.snapshot().rule_states, within=45)
        assert not store.snapshot().rule_firings
        today = found.running.services.clock.today().isoformat()
        # Nothing says what serving it costs: all of it is margin.
        await found.import_usage(1_000_000, today)
        await until(lambda: store.snapshot().rule_firings, within=45)
        await found.import_usage(2_000_000, today)
        revision = store.snapshot().revision
        await found.ask(SAVE, input={"name": "Offers", "kind": "OFFER_RECEIVED", "enabled": True})
        await until(lambda: len(store.snapshot().rule_states) == 3, within=45)
        assert store.snapshot().revision > revision
        [text] = store.snapshot().notifications.values()
        [firing] = store.snapshot().rule_firings.values()
        assert firing.notification_ids == (text.id,)
        assert "above the ceiling" in text.body
        health = await found.ask("{ health { components { name status mode message } } }")
        [rules] = [each for each in health["health"]["components"] if each["name"] == "rules"]
        assert (rules["status"], rules["mode"]) == ("OK", "watching")
    async with gateway(tmp_path) as found:  # a restart tells nothing again
        await until(lambda: "2 rules" in _health(found.running), within=45)
        assert len(found.running.store.snapshot().notifications) == 1


def _health(running: Running) -> str:
    [rules] = [each for each in running.services.components if each.health().name == "rules"]
    return rules.health().message
