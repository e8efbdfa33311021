"""Negotiating over the wire: limits, counter-offers, drafts, forecasts, pace, disputes, traces, and who may see what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import pytest
import strawberry

from negotiation.demo import DEMO_SEED, DemoWorkspace, generate
from negotiation.trace import TraceStep, verify_trace
from tests.fakes import NOON
from tests.gateway import Client
from tests.services import Workbench, a_workbench, actor

TRACE = "trace { id label formula inputs value }"
BUYERS = ("viewer", "analyst", "negotiator", "approver", "admin")
SECRETS = {
    "batna": "batna",
    "reservation": "reservation",
    "limits": "limits { batna target }",
    "targetCurve": "targetCurve { round target }",
    "zopa": "zopa { exists mid }",
    "bargainingPoints": "bargainingPoints { nash { id } }",
    "counterOffers": "counterOffers(k: 1) { title }",
    "position": "position { batnaCost }",
    "buyerEnvelope": "buyerEnvelope { floorPayable }",
}


@pytest.fixture(scope="module")
def demo() -> DemoWorkspace:
    return generate(DEMO_SEED, NOON.date())


@pytest.fixture(scope="module")
def bench(demo: DemoWorkspace) -> Workbench:
    return a_workbench(*demo.records())


@pytest.fixture
def fresh(demo: DemoWorkspace) -> Workbench:
    return a_workbench(*demo.records())


@pytest.fixture
def client(schema: strawberry.Schema, bench: Workbench) -> Client:
    return Client(schema, bench)


@pytest.fixture
def writer(schema: strawberry.Schema, fresh: Workbench) -> Client:
    return Client(schema, fresh)


def followed(steps: Iterable[Mapping[str, Any]]) -> dict[str, Decimal]:
    """The values of a trace of the wire, each recomputed from its inputs."""
    return verify_trace(
        TraceStep(**(dict(step) | {"inputs": tuple(step["inputs"])})) for step in steps
    )


async def about(client: Client, selection: str, **variables: Any) -> Any:
    return (await client.ask(f"{{ negotiation {{ {selection} }} }}", **variables))["negotiation"]


# --- our limits


async def test_our_limits_and_the_targets_between_them(client: Client) -> None:
    found = await about(
        client,
        f"batna reservation limits {{ months best target batna reservation {TRACE} }} targetCurve {{ round target conceded }}",
    )
    limits = found["limits"]
    assert (found["batna"], found["reservation"]) == (limits["batna"], limits["reservation"])
    values = followed(limits["trace"])
    assert values["target"] == Decimal(limits["target"])
    assert values["reservation"] <= values["batna"]
    targets = [Decimal(point["target"]) for point in found["targetCurve"]]
    assert targets == sorted(targets)
    assert targets[-1] == Decimal(found["reservation"])


async def test_the_room_for_a_deal_is_an_interval(client: Client) -> None:
    found = await about(
        client,
        "zopa { exists ourMost vendorLeastLow vendorLeastMid vendorLeastHigh low mid high notices { code } openers { message } }",
    )
    zopa = found["zopa"]
    least = [Decimal(zopa[f"vendorLeast{name}"]) for name in ("Low", "Mid", "High")]
    assert least == sorted(least)
    assert Decimal(zopa["mid"]) == Decimal(zopa["ourMost"]) - least[1]
    assert zopa["exists"] is (Decimal(zopa["mid"]) >= 0)
    assert "VENDOR_COST_ASSUMED" in [each["code"] for each in zopa["notices"]]


SET = "mutation($input: SetPositionInput!) { setPosition(input: $input) { revision userErrors { code } negotiation { version %s } } }"


async def test_what_is_saved_changes_our_limits_and_opens_or_closes_the_room(
    writer: Client,
) -> None:
    asked = (
        SET
        % "batna reservation position { batnaCost batnaNote plannedRounds } zopa { exists notices { code } openers { field before after cash } }"
    )
    version = (await about(writer, "version"))["version"]
    data = await writer.ask(
        asked, input={"batnaCost": "1000", "batnaNote": "Own carrier", "version": version}
    )
    saved = data["setPosition"]["negotiation"]
    assert saved["version"] == version + 1
    assert saved["position"] == {
        "batnaCost": "1000", "batnaNote": "Own carrier", "plannedRounds": 4
    }  # fmt: skip
    assert Decimal(saved["batna"]) <= 5_000
    assert not saved["zopa"]["exists"]
    assert "NO_ZOPA" in [each["code"] for each in saved["zopa"]["notices"]]
    cleared = (await writer.ask(asked, input={"batnaCost": None}))["setPosition"]["negotiation"]
    assert cleared["position"]["batnaCost"] is None
    assert cleared["position"]["batnaNote"] == "Own carrier"
    assert Decimal(cleared["batna"]) > 100_000


async def test_our_own_envelope_says_what_we_can_pay(writer: Client) -> None:
    selection = (
        f"buyerEnvelope {{ floorMargin floorPayable {TRACE} }} reservation limits {{ months }}"
    )
    assert (await about(writer, selection))["buyerEnvelope"] is None
    changes = {"downstreamRevenue": "1200000", "otherCosts": "500000", "ownMargin": "35%"}
    found = (await writer.ask(SET % selection, input=changes))["setPosition"]["negotiation"]
    assert found["buyerEnvelope"]["floorPayable"] == "280000.00"
    assert followed(found["buyerEnvelope"]["trace"])["floor_payable"] == 280_000
    years = Decimal(found["limits"]["months"]) / 12
    assert Decimal(found["reservation"]) == 280_000 * years


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"batnaCost": "-1"}, "input.batnaCost"),
        ({"vendorCostLow": "2"}, "input.vendorCostHigh"),
        ({"plannedRounds": 0}, "input.plannedRounds"),
        ({"patience": "0"}, "input.patience"),
        ({"batnaNote": "x" * 2_001}, "input.batnaNote"),
        ({"ownMargin": "120%"}, "input.ownMargin"),
    ],
)
async def test_a_position_that_makes_no_sense_is_refused_at_its_field(
    client: Client, change: dict[str, Any], path: str
) -> None:
    found = await client.run(SET % "id", input=change)
    assert (found.codes, found.fields) == (["BAD_USER_INPUT"], [path])


async def test_a_position_on_an_old_version_is_a_conflict(client: Client) -> None:
    found = await client.run(SET % "id", input={"batnaNote": "x", "version": 999})
    assert found.codes == ["CONFLICT"]


# --- who may see it


@pytest.mark.parametrize("secret", SECRETS)
async def test_the_buyers_secrets_are_null_and_forbidden_for_the_vendors_people(
    client: Client, secret: str
) -> None:
    document = f"{{ negotiation {{ id {SECRETS[secret]} }} }}"
    found = await client.as_(actor("vendor_guest")).run(document)
    assert found.data == {"negotiation": {"id": "negotiation:demo", secret: None}}
    assert found.codes == ["FORBIDDEN"]


@pytest.mark.parametrize("secret", SECRETS)
async def test_a_subscription_keeps_the_buyers_secrets_too(client: Client, secret: str) -> None:
    document = f"subscription {{ negotiationUpdated {{ id {SECRETS[secret]} }} }}"
    async with client.as_(actor("vendor_guest")).subscribed(document) as events:
        found = await anext(events)
    assert found.data["negotiationUpdated"][secret] is None
    assert found.codes == ["FORBIDDEN"]


async def test_an_offers_openers_are_the_buyers_secret(client: Client) -> None:
    document = "{ negotiation { rounds { offers { id openers { message } } } } }"
    found = await client.as_(actor("vendor_guest")).run(document)
    offers = [each for part in found.data["negotiation"]["rounds"] for each in part["offers"]]
    assert offers
    assert all(each["openers"] is None for each in offers)
    assert set(found.codes) == {"FORBIDDEN"}


@pytest.mark.parametrize("role", BUYERS)
async def test_each_role_of_the_buyer_may_see_them(client: Client, role: str) -> None:
    found = await client.as_(actor(role)).run(
        f"{{ negotiation {{ {' '.join(SECRETS.values())} }} }}"
    )
    assert found.errors == []


@pytest.mark.parametrize("role", ["viewer", "analyst", "approver", "vendor_guest"])
async def test_only_negotiators_save_a_position(client: Client, role: str) -> None:
    found = await client.as_(actor(role)).run(SET % "id", input={"batnaNote": "x"})
    assert found.codes == ["FORBIDDEN"]


# --- counters, drafts, differences

COUNTERS = """{ negotiation { counterOffers(k: 3) {
  title cost cash npv effectiveDiscount shortfallProbability values { name value }
  terms { __typename } evaluation { cash certaintyEquivalent verdict } } } }"""


async def test_counter_offers_cost_us_the_same_and_differ_for_the_vendor(client: Client) -> None:
    found = (await client.ask(COUNTERS))["negotiation"]["counterOffers"]
    assert 2 <= len(found) <= 3
    costs = [Decimal(each["cost"]) for each in found]
    assert max(costs) - min(costs) <= max(costs) * Decimal("0.01")
    assert len({str(each["values"]) for each in found}) == len(found)
    assert all(each["terms"] and each["evaluation"]["cash"] for each in found)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("k: 0", "BAD_USER_INPUT"),
        ("k: 11", "BAD_USER_INPUT"),
        ('offerId: "offer:none"', "NOT_FOUND"),
        ('offerId: "sku:x"', "BAD_USER_INPUT"),
    ],
)
async def test_counter_offers_that_cannot_be_meant_are_refused(
    client: Client, arguments: str, code: str
) -> None:
    found = await client.run(f"{{ negotiation {{ counterOffers({arguments}) {{ title }} }} }}")
    assert found.codes == [code]


async def test_a_draft_is_evaluated_and_linted_before_anybody_proposes_it(client: Client) -> None:
    document = """query($terms: [TermInput!]!) { negotiation { draft(terms: $terms) {
        terms { __typename } evaluation { cash verdict } lint { code } } } }"""
    terms = [
        {"rate": {"discount": "45%"}},
        {"commitment": {"amount": "5000000"}},
        {"payment": {"netDays": 30}},
    ]
    before = client.bench.store.snapshot()
    draft = (await client.ask(document, terms=terms))["negotiation"]["draft"]
    assert [each["__typename"] for each in draft["terms"]] == [
        "RateTerm", "CommitmentTerm", "PaymentTerm"
    ]  # fmt: skip
    assert Decimal(draft["evaluation"]["cash"]) >= 5_000_000
    assert draft["lint"]
    assert client.bench.store.snapshot() is before
    wrong = [{"rate": {"family": "telex", "discount": "45%"}}]
    refused = await client.run(document, terms=wrong)
    assert (refused.codes, refused.fields) == (["BAD_USER_INPUT"], ["terms.0.family"])


async def test_the_exact_cost_alone_is_that_of_the_evaluation(
    client: Client, demo: DemoWorkspace
) -> None:
    figures = "months listCost cash npv shortfall credits effectiveDiscount headlineDiscount monthly { month cash dueOn }"
    found = await client.ask(
        f"""query($id: ID!, $s: ScenarioInput) {{ node(id: $id) {{ ... on Offer {{
             cost(scenario: $s) {{ {figures} }} evaluation(scenario: $s) {{ {figures} }} }} }} }}""",
        id=f"offer:{demo.offers[-2].id}",
        s={"growth": "0.3", "cv": "0.1", "volumeFactor": "1.05"},
    )
    assert found["node"]["cost"] == found["node"]["evaluation"]
    wrong = await client.run(
        'query($id: ID!) { node(id: $id) { ... on Offer { cost(scenario: {growth: "-2"}) { cash } } } }',
        id=f"offer:{demo.offers[-2].id}",
    )
    assert (wrong.codes, wrong.fields) == (["BAD_USER_INPUT"], ["scenario.growth"])


async def test_the_difference_of_two_offers_adds_up_month_by_month(
    client: Client, demo: DemoWorkspace
) -> None:
    a, b = (f"offer:{each.id}" for each in (demo.offers[0], demo.offers[-1]))
    found = await client.ask(
        """query($a: ID!, $b: ID!) { negotiation { offerDiff(a: $a, b: $b) { cash npv shortfall credits
             months { month before after delta } terms { changed cash before { __typename } after { __typename } } } } }""",
        a=a,
        b=b,
    )
    diff = found["negotiation"]["offerDiff"]
    assert sum(Decimal(month["delta"]) for month in diff["months"]) == Decimal(diff["cash"])
    assert diff["terms"]
    missing = await client.run(
        "query($a: ID!) { negotiation { offerDiff(a: $a, b: $a) { cash } } }", a="offer:none"
    )
    assert missing.codes == ["NOT_FOUND"]


PROPOSE = """mutation($input: ProposeOfferInput!) { proposeOffer(input: $input) {
  offer { id status hash } negotiation { version } userErrors { code } } }"""
RENEWAL = {"renewal": {"start": "2027-01-01", "termMonths": 12}}


async def test_each_fault_of_a_proposal_has_its_own_code_and_path(client: Client) -> None:
    tiers = [
        {"name": "A", "threshold": "100", "discount": "10%"},
        {"name": "B", "threshold": "100", "discount": "20%"},
    ]
    terms = [
        RENEWAL,
        {"rate": {"family": "telex", "discount": "45%"}},
        {"ladder": {"tiers": tiers}},
        {"commitment": {"amount": "-5"}},
        {"credit": {"amount": "10", "grantedOn": "2035-01-01"}},
    ]
    found = await client.run(PROPOSE, input={"from": "BUYER", "title": "x", "terms": terms})
    assert found.codes == ["BAD_USER_INPUT"]
    faults = {
        each["path"].removeprefix("input."): each["code"]
        for each in found.errors[0]["extensions"]["fields"]
    }
    wrong = {path.split(".")[1] for path in faults}
    assert wrong == {"1", "2", "3", "4"}
    assert len(set(faults.values())) == len(faults) == 4


async def test_a_conflict_tells_the_present_version(writer: Client) -> None:
    version = (await about(writer, "version"))["version"]
    proposal = {"from": "BUYER", "title": "Ours", "terms": [RENEWAL], "version": version - 1}
    found = await writer.run(PROPOSE, input=proposal)
    assert found.codes == ["CONFLICT"]
    assert found.errors[0]["extensions"]["currentVersion"] == version


# --- what is to come


async def test_the_forecast_says_how_it_came_and_how_good_it_was(client: Client) -> None:
    found = await about(
        client,
        """forecast { months method hash families { family level growth season cv backtestError monthly { month units listAmount } }
           backtest { cut family planned actual error } }
           low: forecast(scenario: {volumeFactor: "0.5"}) { families { family monthly { listAmount } } }""",
    )
    families = {each["family"]: each for each in found["forecast"]["families"]}
    assert len(families) == 12
    assert all(len(each["season"]) == 12 for each in families.values())
    assert len({row["cut"] for row in found["forecast"]["backtest"]}) == 4
    half = {each["family"]: each for each in found["low"]["families"]}
    whole = Decimal(families["sms"]["monthly"][0]["listAmount"])
    assert abs(2 * Decimal(half["sms"]["monthly"][0]["listAmount"]) - whole) < 1


async def test_drivers_become_volumes_and_a_what_if(client: Client, demo: DemoWorkspace) -> None:
    drivers = {"leads": "20000", "verifyAttemptsPerLead": "2", "voiceMinutesPerLead": "3.5"}
    found = await client.ask(
        """query($d: DriversInput!, $offer: ID!) { negotiation { driverVolumes(drivers: $d) { channel sku family units }
             offer(id: $offer) { plain: evaluation { listCost } other: evaluation(scenario: {drivers: $d}) { listCost } } } }""",
        d=drivers,
        offer=f"offer:{demo.offers[-1].id}",
    )
    volumes = {each["channel"]: each for each in found["negotiation"]["driverVolumes"]}
    assert {name: each["units"] for name, each in volumes.items()} == {
        "verify": "40000", "voice": "70000.0"
    }  # fmt: skip
    offer = found["negotiation"]["offer"]
    assert offer["plain"]["listCost"] != offer["other"]["listCost"]
    refused = await client.run(
        "query($d: DriversInput!) { negotiation { driverVolumes(drivers: $d) { units } } }",
        d={"leads": "-1"},
    )
    assert (refused.codes, refused.fields) == (["BAD_USER_INPUT"], ["drivers.leads"])


async def test_the_pace_of_the_commitment_and_the_next_tier(client: Client) -> None:
    found = await about(
        client,
        """commitmentPace { first end committed burned low expected high projectedShortfall ahead met { earliest likely latest } missingDays }
           tierProjection { up { name } reachesUp { earliest likely latest } down { name } }
           dates { lastNoticeDay end daysToNotice daysToEnd } trailing90 { tier { name } }""",
    )
    (pace,) = found["commitmentPace"]
    assert Decimal(pace["burned"]) < Decimal(pace["low"]) < Decimal(pace["high"])
    assert pace["ahead"] is (Decimal(pace["projectedShortfall"]) == 0)
    assert found["tierProjection"]["up"]["name"] == "B"
    assert found["dates"]["daysToNotice"] < found["dates"]["daysToEnd"]


# --- traces


async def test_every_figure_of_an_offer_can_be_followed(
    client: Client, demo: DemoWorkspace
) -> None:
    found = await client.ask(
        f"""query($id: ID!) {{ node(id: $id) {{ ... on Offer {{
             evaluation {{ cash npv certaintyEquivalent mean cvar95 monthly {{ month net }} {TRACE} }}
             lint {{ amount {TRACE} }} }} }} }}""",
        id=f"offer:{demo.offers[-1].id}",
    )
    made = found["node"]["evaluation"]
    values = followed(made["trace"])
    for name, key in (
        ("cash", "cash"),
        ("npv", "npv"),
        ("certaintyEquivalent", "certainty_equivalent"),
    ):
        assert values[key] == Decimal(made[name])
    for finding in found["node"]["lint"]:
        if finding["amount"] is not None:
            assert followed(finding["trace"])["amount"] == Decimal(finding["amount"])
    month = made["monthly"][1]
    document = f"""query($id: ID!, $m: Date!) {{ node(id: $id) {{ ... on Offer {{ evaluation {{ lines: {TRACE.replace("trace", "trace(month: $m)", 1)} }} }} }} }}"""
    lines = await client.ask(document, id=f"offer:{demo.offers[-1].id}", m=month["month"])
    assert followed(lines["node"]["evaluation"]["lines"])["net"] == Decimal(month["net"])
    wrong = await client.run(document, id=f"offer:{demo.offers[-1].id}", m="2001-01-01")
    assert (wrong.codes, wrong.fields) == (["BAD_USER_INPUT"], ["month"])


async def test_trailing_spend_and_invoice_claims_can_be_followed(client: Client) -> None:
    trailing = (await about(client, f"trailing90 {{ amount toNextTier {TRACE} }}"))["trailing90"]
    values = followed(trailing["trace"])
    assert values["amount"] == Decimal(trailing["amount"])
    assert values["to_next_tier"] == Decimal(trailing["toNextTier"])
    data = await client.ask(
        f"{{ invoices(first: 200) {{ edges {{ node {{ findings {{ delta {TRACE} }} }} }} }} }}"
    )
    claims = [each for edge in data["invoices"]["edges"] for each in edge["node"]["findings"]]
    assert len(claims) == 6
    for claim in claims:
        assert followed(claim["trace"])["delta"] == Decimal(claim["delta"])


# --- disputes, restatements

DISPUTE = """mutation($input: DisputeInvoiceInput!) { disputeInvoice(input: $input) {
  invoice { status disputedAmount disputeReason } userErrors { code } } }"""


async def test_a_dispute_of_findings_is_what_they_claim_in_their_words(
    writer: Client, demo: DemoWorkspace
) -> None:
    data = await writer.ask(
        "{ invoices(first: 200) { edges { node { id status findings { id delta message } } } } }"
    )
    node = next(
        edge["node"]
        for edge in data["invoices"]["edges"]
        if edge["node"]["findings"] and edge["node"]["status"] in {"OPEN", "PAID"}
    )
    finding = node["findings"][0]
    wanted = {"invoiceId": node["id"], "reason": "", "findings": [finding["id"]]}
    made = (await writer.ask(DISPUTE, input=wanted))["disputeInvoice"]["invoice"]
    assert made == {
        "status": "DISPUTED",
        "disputedAmount": finding["delta"],
        "disputeReason": finding["message"],
    }
    unknown = await writer.run(DISPUTE, input=wanted | {"findings": ["NOTHING:1"]})
    assert (unknown.codes, unknown.fields) == (["BAD_USER_INPUT"], ["input.findings.0"])


IMPORT = """mutation($input: ImportInput!) { importUsage(input: $input) {
  accepted restated listDelta currency restatements { day sku before after listDelta } revision userErrors { code } } }"""


async def test_restated_usage_shows_its_difference_before_and_when_it_is_imported(
    writer: Client,
) -> None:
    usage = writer.bench.store.snapshot().usage
    day = max(usage)
    key, row = next(iter(usage[day].rows.items()))
    rate = writer.bench.store.snapshot().skus[key].list_rate
    csv = f"day,sku,quantity\n{day},{key},{row.quantity + 100}\n"
    dry = (await writer.ask(IMPORT, input={"csv": csv, "dryRun": True}))["importUsage"]
    assert dry["restated"] == 1
    assert dry["currency"] == "USD"
    (change,) = dry["restatements"]
    assert (change["day"], change["sku"]) == (str(day), key)
    assert Decimal(change["after"]) - Decimal(change["before"]) == 100
    assert Decimal(dry["listDelta"]) == 100 * rate
    real = (await writer.ask(IMPORT, input={"csv": csv}))["importUsage"]
    assert real["revision"] is not None
    assert {k: real[k] for k in ("restated", "restatements", "listDelta")} == {
        k: dry[k] for k in ("restated", "restatements", "listDelta")
    }
