"""What an offer costs, what is odd in it, what is wrong on an invoice, and simulations, on the demo workspace."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest
import strawberry

from negotiation.demo import DEMO_SEED, DemoWorkspace, generate
from tests.builders import a_row
from tests.fakes import NOON
from tests.gateway import Client
from tests.services import Workbench, a_workbench
from tests.stores import put

EVALUATION = """
months listCost cash npv shortfall credits effectiveDiscount headlineDiscount costP10 costP50 costP90
shortfallProbability expectedShortfall breakEvenSpend verdict reasons { code message field }
monthly { month list tier discount net passThrough credits shortfall cash }
"""
OFFERS = f"{{ negotiation {{ rounds {{ number offers {{ id title evaluation {{ {EVALUATION} }} }} }} }} }}"


@pytest.fixture(scope="module")
def demo() -> DemoWorkspace:
    return generate(DEMO_SEED, NOON.date())


@pytest.fixture(scope="module")
def bench(demo: DemoWorkspace) -> Workbench:
    return a_workbench(*demo.records())


@pytest.fixture
def client(schema: strawberry.Schema, bench: Workbench) -> Client:
    return Client(schema, bench)


def offers_of(data: Any) -> list[dict[str, Any]]:
    return [offer for each in data["negotiation"]["rounds"] for offer in each["offers"]]


def some_offer(bench: Workbench) -> str:
    return f"offer:{max(bench.store.snapshot().offers)}"


async def test_every_offer_is_evaluated_and_its_months_add_up(client: Client) -> None:
    offers = offers_of(await client.ask(OFFERS))
    assert len(offers) >= 3
    for offer in offers:
        found = offer["evaluation"]
        months = found["monthly"]
        for total, part in (
            ("cash", "cash"),
            ("listCost", "list"),
            ("shortfall", "shortfall"),
            ("credits", "credits"),
        ):
            assert sum(Decimal(month[part]) for month in months) == Decimal(found[total])
        assert len(months) >= found["months"] >= 12
        expected = 1 - Decimal(found["cash"]) / Decimal(found["listCost"])
        assert abs(Decimal(found["effectiveDiscount"]) - expected) <= Decimal("0.0001")
        assert Decimal(found["costP10"]) <= Decimal(found["costP50"]) <= Decimal(found["costP90"])
        assert found["reasons"]


async def test_an_evaluation_that_is_known_is_read_without_a_pause(client: Client) -> None:
    await client.ask(OFFERS)
    result = client.schema.execute_sync(OFFERS, context_value=client.context)
    assert result.errors is None


async def test_many_who_ask_at_once_get_the_same_answer(client: Client, bench: Workbench) -> None:
    await put(bench.store, a_row(NOON.date(), next(iter(bench.store.snapshot().skus)), 5))
    found = await asyncio.gather(*(client.ask(OFFERS) for _ in range(5)))
    assert all(each == found[0] for each in found)


async def test_a_scenario_changes_the_forecast_and_nothing_else(
    client: Client, bench: Workbench
) -> None:
    data = await client.ask(
        """query($id: ID!) { node(id: $id) { ... on Offer {
             plain: evaluation { listCost months }
             twice: evaluation(scenario: {volumeFactor: "2"}) { listCost months }
             short: evaluation(scenario: {months: 12, annualDiscountRate: "5%"}) { months npv cash } } } }""",
        id=some_offer(bench),
    )
    plain, twice, short = (data["node"][name] for name in ("plain", "twice", "short"))
    assert abs(Decimal(twice["listCost"]) - 2 * Decimal(plain["listCost"])) < 100
    assert (twice["months"], short["months"]) == (plain["months"], 12)
    assert Decimal(short["npv"]) < Decimal(short["cash"])


@pytest.mark.parametrize(
    ("scenario", "path"),
    [
        ({"volumeFactor": "-1"}, "scenario.volumeFactor"),
        ({"months": 0}, "scenario.months"),
        ({"months": 500}, "scenario.months"),
        ({"familyFactors": [{"family": "telex", "factor": "1"}]}, "scenario.familyFactors.telex"),
        ({"familyFactors": [{"family": "sms", "factor": "1"}, {"family": "sms", "factor": "2"}]}, "scenario.familyFactors"),
    ],
)  # fmt: skip
async def test_a_scenario_that_makes_no_sense_is_an_error_of_its_field(
    client: Client, bench: Workbench, scenario: dict[str, Any], path: str
) -> None:
    found = await client.run(
        "query($id: ID!, $s: ScenarioInput) { node(id: $id) { ... on Offer { evaluation(scenario: $s) { cash } } } }",
        id=some_offer(bench),
        s=scenario,
    )
    assert (found.codes, found.fields) == (["BAD_USER_INPUT"], [path])


async def test_the_lint_finds_the_planted_contradiction_and_prices_it(client: Client) -> None:
    data = await client.ask(
        "{ negotiation { rounds { number offers { id lint { code severity message amount termIds clause } } } } }"
    )
    found = [finding for offer in offers_of(data) for finding in offer["lint"]]
    errors = [finding for finding in found if finding["severity"] == "ERROR"]
    assert errors
    assert any(finding["amount"] is not None for finding in errors)
    assert all(finding["message"] for finding in found)


async def test_rerating_finds_the_planted_billing_errors_in_money(
    client: Client, demo: DemoWorkspace
) -> None:
    data = await client.ask(
        """{ invoices(first: 200) { edges { node { number findings { code line expected billed delta message } } } } }"""
    )
    found = {
        (finding["code"], edge["node"]["number"], finding["line"], Decimal(finding["delta"]))
        for edge in data["invoices"]["edges"]
        for finding in edge["node"]["findings"]
    }
    numbers = {each.id: each.number for each in demo.snapshot().invoices.values()}
    assert len(demo.planted) == 6
    assert found == {
        (each.code, numbers.get(each.invoice, each.invoice), each.line, each.delta)
        for each in demo.planted
    }


SIMULATION = f"""
subscription($input: SimulationInput!) {{ simulation(input: $input) {{ progress paths evaluation {{ {EVALUATION} }} }} }}
"""


async def test_a_simulation_reports_progress_and_then_the_result(
    client: Client, bench: Workbench
) -> None:
    wanted = {"offerId": some_offer(bench), "paths": 20_000, "seed": 7}
    async with client.subscribed(SIMULATION, input=wanted) as events:
        steps = [event.data["simulation"] async for event in events]
    progress = [Decimal(step["progress"]) for step in steps]
    assert progress == sorted(set(progress))
    assert [progress[0], progress[-1]] == [0, 1]
    assert len(steps) > 3
    assert [step["evaluation"] is None for step in steps] == [True] * (len(steps) - 1) + [False]
    assert steps[-1]["paths"] == 20_000
    async with client.subscribed(SIMULATION, input=wanted) as events:
        again = [event.data["simulation"] async for event in events]
    assert again[-1] == steps[-1]


async def test_a_simulation_stops_when_nobody_listens_any_more(
    client: Client, bench: Workbench
) -> None:
    before = asyncio.all_tasks()
    wanted = {"offerId": some_offer(bench), "paths": 100_000}
    async with client.subscribed(SIMULATION, input=wanted) as events:
        await anext(events)
        await anext(events)
    assert asyncio.all_tasks() == before


async def test_the_loop_goes_on_while_a_simulation_runs(client: Client, bench: Workbench) -> None:
    beats = 0

    async def beat() -> None:
        nonlocal beats
        while True:
            await asyncio.sleep(0.005)
            beats += 1

    heart = asyncio.create_task(beat())
    wanted = {"offerId": some_offer(bench), "paths": 30_000, "scenario": {"volumeFactor": "1.1"}}
    async with client.subscribed(SIMULATION, input=wanted) as events:
        assert [event async for event in events][-1].errors == []
    heart.cancel()
    assert beats > 5


@pytest.mark.parametrize(
    ("changes", "code", "path"),
    [
        ({"offerId": "offer:none"}, "NOT_FOUND", None),
        ({"offerId": "sku:x"}, "BAD_USER_INPUT", "input.offerId"),
        ({"paths": 0}, "BAD_USER_INPUT", "input.paths"),
        ({"paths": 100_001}, "LIMIT_EXCEEDED", None),
        ({"scenario": {"months": 0}}, "BAD_USER_INPUT", "input.scenario.months"),
    ],
)
async def test_a_simulation_that_cannot_be_meant_is_refused(
    client: Client, bench: Workbench, changes: dict[str, Any], code: str, path: str | None
) -> None:
    wanted = {"offerId": some_offer(bench)} | changes
    async with client.subscribed(SIMULATION, input=wanted) as events:
        found = [event async for event in events][-1]
    assert found.codes == [code]
    assert path is None or found.fields == [path]
