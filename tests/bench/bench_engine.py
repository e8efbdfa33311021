"""How fast the model is on this machine: `make bench` prints the table, with the machine's load beside it. Bounds are the
promises, held against the median of a few runs; times are processor time, so that neighbours hardly count."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from statistics import median
from time import process_time

import pytest
from rich.console import Console

from negotiation.assessment import Analyst
from negotiation.demo import DEMO_SEED, DIGEST_ANCHOR, DemoWorkspace, generate
from negotiation.envelope import compute_envelope, margin_band
from negotiation.evaluation import evaluate
from negotiation.forecast import Forecast, forecast_of_amounts
from negotiation.importing import parse_usage
from negotiation.meso import meso
from negotiation.montecarlo import simulate
from negotiation.picture import Picture, Pictures
from negotiation.ratio import MarginRate
from negotiation.records import Snapshot, UsageDay
from negotiation.rerating import Rerating
from negotiation.riskmodel import RiskModel
from negotiation.terms import CommitmentTerm, CreditTerm
from tests.bench.report import Table
from tests.builders import a_ladder

pytestmark = [pytest.mark.bench, pytest.mark.timeout(300)]

TERMS = (
    a_ladder(),
    CommitmentTerm(id="commitment", amount=Decimal(700_000)),
    CreditTerm(id="credit", amount=Decimal(50_000)),
)


@pytest.fixture(scope="module")
def demo() -> DemoWorkspace:
    return generate(DEMO_SEED, DIGEST_ANCHOR)


@pytest.fixture(scope="module")
def snapshot(demo: DemoWorkspace) -> Snapshot:
    return demo.snapshot()


@pytest.fixture(scope="module")
def picture(demo: DemoWorkspace, snapshot: Snapshot) -> Picture:
    return Pictures().of(snapshot, demo.negotiation, demo.anchor)


@pytest.fixture(scope="module")
def forecast(picture: Picture) -> Forecast:
    return picture.outlook.forecast(date(2026, 5, 1), 24)


def took(work: Callable[[], object], runs: int = 7) -> float:
    """Milliseconds of processor time of the middle run."""
    times = []
    for _ in range(runs):
        started = process_time()
        work()
        times.append(process_time() - started)
    return 1000 * median(times)


def shown(
    capsys: pytest.CaptureFixture[str],
    page: list[Table],
    *rows: tuple[str, float, float | None],
    title: str = "The model",
) -> None:
    cells = [
        (name, f"{measured:.1f} ms", "" if promised is None else f"< {promised:.0f} ms")
        for name, measured, promised in rows
    ]
    load = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    of = f"median of a few runs, processor time; {load}"
    table = Table(title, ("work", "measured", "promised"), cells, of=of)
    page.append(table)
    with capsys.disabled():
        table.show(Console())
    for name, measured, promised in rows:
        assert promised is None or measured < promised, name


def test_promises(
    demo: DemoWorkspace,
    snapshot: Snapshot,
    picture: Picture,
    forecast: Forecast,
    capsys: pytest.CaptureFixture[str],
    page: list[Table],
) -> None:
    pictures, days, revision = Pictures(), dict(snapshot.usage), 1
    pictures.of(snapshot, demo.negotiation, demo.anchor)
    last = max(days)
    band = margin_band(MarginRate(demo.negotiation.target_margin))

    def envelope_after_import() -> None:
        nonlocal revision
        revision += 1
        days[last] = UsageDay(last, days[last].rows)
        after = replace(snapshot, usage=dict(days), revision=revision)
        compute_envelope(pictures.of(after, demo.negotiation, demo.anchor).money, band)

    rack = {f"family-{n}": [Decimal(8_000)] * 24 for n in range(12)}
    plan = replace(
        forecast_of_amounts(date(2026, 5, 1), rack, cv=dict.fromkeys(rack, Decimal("0.15"))),
        noise=Decimal("0.03"),
    )
    model = RiskModel(evaluate(TERMS, plan))
    base = demo.offers[5].terms
    shown(
        capsys,
        page,
        ("one offer, 147 SKUs x 24 months, exact", took(lambda: evaluate(TERMS, forecast).npv), 50),
        ("10,000 paths x 24 months x 12 families", took(lambda: simulate(model)), 150),
        ("MESO, K = 3", took(lambda: meso(base, forecast, annual_rate=Decimal("0.1"))), 300),
        ("envelope after an import", took(envelope_after_import), 20),
    )


def test_the_rest(
    demo: DemoWorkspace, picture: Picture, capsys: pytest.CaptureFixture[str], page: list[Table]
) -> None:
    text = "category,start_date,end_date,usage,price,price_unit\n" + "".join(
        f"{row.sku},{row.day},{row.day},{row.quantity},{row.billed},usd\n"
        for row in demo.usage[:10_000]
    )
    skus = {sku.key: sku for sku in demo.skus}

    def assess() -> None:
        Analyst().assess(picture, demo.offers, demo.offers[4])

    shown(
        capsys,
        page,
        ("the demo workspace", took(lambda: generate(DEMO_SEED, DIGEST_ANCHOR), 2), 2_000),
        ("10,000 rows of usage read", took(lambda: parse_usage(text, skus, {}, "bench"), 3), 1_000),
        ("24 invoices re-rated", took(lambda: Rerating(demo.invoices, picture.figures, picture.usage).all(), 3), None),
        ("an offer assessed, with our position", took(assess, 3), None),
    )  # fmt: skip


def test_cost_grows_with_months_and_skus(
    forecast: Forecast, capsys: pytest.CaptureFixture[str], page: list[Table]
) -> None:
    def part(skus: int, months: int) -> Forecast:
        return replace(
            forecast,
            periods=forecast.periods[:months],
            lines=tuple(
                replace(line, quantities=line.quantities[:months]) for line in forecast.lines[:skus]
            ),
        )

    rows = []
    for skus, months in ((37, 24), (73, 24), (147, 24), (147, 6), (147, 12)):
        some = part(skus, months)
        measured = took(lambda some=some: evaluate(TERMS, some).npv)  # type: ignore[misc]
        rows.append((f"{skus} SKUs x {months} months", measured, None))
    shown(capsys, page, *rows, title="Cost against size")
    by_size = [measured for _, measured, _ in rows]
    assert by_size[2] < 6 * by_size[0], "four times the SKUs"
    assert by_size[2] < 6 * by_size[3], "four times the months"
