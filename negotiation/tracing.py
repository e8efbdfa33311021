"""Why is this number so: the steps behind trailing spend, an offer's cost, its risk, our position and what an invoice claims.

Every step's value is its formula over its inputs (`trace.verify_trace` recomputes them all). The id of a step is the
name of the figure, with the number of the period behind it where there is one for each.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from negotiation.assessed import Assessment
from negotiation.billing import IntervalResult
from negotiation.currency import minor_units
from negotiation.decimals import exact_arithmetic, format_decimal
from negotiation.decision import Position
from negotiation.evaluation import DAYS_A_YEAR, Evaluation
from negotiation.ladder import ZERO
from negotiation.picture import Picture
from negotiation.ratio import RATIO_PLACES
from negotiation.rerating import InvoiceFinding
from negotiation.terms import ShortfallOutcome
from negotiation.trace import TraceStep, given_step, trace_step
from negotiation.usage import Trailing


def trace_trailing(picture: Picture, trailing: Trailing) -> tuple[TraceStep, ...]:
    """Each day's spend, their sum `amount`, and `to_next_tier` where there is a next one."""
    places = minor_units(picture.negotiation.currency)
    amounts = picture.figures.basis_amounts(picture.usage, trailing.first, trailing.last)
    steps = [
        given_step(f"day_{day:%Y%m%d}", f"{trailing.basis} spend of {day}", amount)
        for day, amount in amounts.items()
    ]
    days = [step.id for step in steps]
    steps.append(
        trace_step(
            "amount",
            f"Spend from {trailing.first} to {trailing.last}",
            f"round(sum(inputs), {places})",
            trailing.amount,
            days,
        )
    )
    if trailing.next is not None:
        tier = trailing.next.tier
        steps.append(given_step("next_threshold", f"Where tier {tier.name} begins", tier.threshold))
        steps.append(
            trace_step(
                "to_next_tier",
                f"What is left to tier {tier.name}",
                "max(0, next_threshold - amount)",
                trailing.next.distance,
                ("next_threshold", "amount"),
            )
        )
    return tuple(steps)


def trace_evaluation(evaluation: Evaluation) -> tuple[TraceStep, ...]:
    """Month by month and in all: list, net, fees, credits, shortfall, cash, present value, discounts."""
    steps = [*_months(evaluation), *_totals(evaluation)]
    named = evaluation.headline_discount
    if named is not None:
        steps.append(
            given_step("headline_discount", "The deepest discount that the paper names", named)
        )
    return tuple(steps)


def trace_month(evaluation: Evaluation, index: int) -> tuple[TraceStep, ...]:
    """The lines of one period: quantity, average price and rounded amount of each SKU; their sums `net` and `fees`.

    With tiers of a rate or of the month the price is the average that makes the exact amount; where it would not end,
    the amount is given.
    """
    places = minor_units(evaluation.currency)
    steps: list[TraceStep] = []
    nets: list[str] = []
    fees: list[str] = []
    for number, line in enumerate(evaluation.pricing.lines(index, evaluation.mixes[index]), 1):
        name, amount = f"line_{number}", f"amount_{number}"
        steps.append(given_step(f"{name}_units", f"{line.sku.key}: units", line.quantity))
        with exact_arithmetic():
            rate = line.exact / line.quantity if line.quantity else ZERO
            makes_it = rate * line.quantity == line.exact
        if makes_it:
            steps.append(given_step(f"{name}_rate", f"{line.sku.key}: rate", rate))
            inputs: tuple[str, ...] = (f"{name}_units", f"{name}_rate")
            formula = f"round({name}_units * {name}_rate, {places})"
        else:
            steps.append(
                given_step(f"{name}_exact", f"{line.sku.key}: before rounding", line.exact)
            )
            inputs, formula = (f"{name}_exact",), f"round({name}_exact, {places})"
        steps.append(trace_step(amount, line.sku.name, formula, line.amount, inputs))
        (fees if line.sku.pass_through else nets).append(amount)
    month = evaluation.monthly[index]
    for total, label, ids in (("net", "Usage", nets), ("fees", "Passed through", fees)):
        value = month.net if total == "net" else month.pass_through
        steps.append(trace_step(total, label, "sum(inputs)" if ids else "0", value, ids))
    return tuple(steps)


def trace_assessment(assessment: Assessment) -> tuple[TraceStep, ...]:
    """The evaluation's steps, then risk (estimates are given, with the number of paths) and our position."""
    risk = assessment.risk
    says = f"Estimate from {risk.paths} paths"
    places = minor_units(assessment.evaluation.currency)
    steps = [
        *trace_evaluation(assessment.evaluation),
        *(
            given_step(name, f"{label}. {says}.", value)
            for name, label, value in (
                ("mean", "Cash on average", risk.mean),
                ("cost_p10", "Cash that is undercut with 10 %", risk.p10),
                ("cost_p50", "Cash in the middle", risk.p50),
                ("cost_p90", "Cash that is exceeded with 10 %", risk.p90),
                ("cvar95", "Cash of the dearest 5 % on average", risk.cvar95),
                ("shortfall_probability", "P(shortfall)", risk.shortfall_probability),
                (
                    "expected_shortfall",
                    "What a shortfall costs on average",
                    risk.expected_shortfall,
                ),
                ("risk_aversion", "Our weight on the tail", risk.risk_aversion),
            )
        ),
        trace_step(
            "certainty_equivalent",
            "Our cost with its risk",
            f"round(mean + risk_aversion * (cvar95 - mean), {places})",
            risk.certainty_equivalent,
            ("mean", "risk_aversion", "cvar95"),
        ),
        *(
            given_step(
                f"fan_{number}_{name}",
                f"Paid by the end of {month.month:%Y-%m}, {name}. {says}.",
                value,
            )
            for number, month in enumerate(risk.fan, 1)
            for name, value in (("p10", month.p10), ("p50", month.p50), ("p90", month.p90))
        ),
    ]
    if assessment.break_even_spend is not None:
        steps.append(
            given_step(
                "break_even_spend",
                "List spend a year from which on no shortfall is due. An estimate.",
                assessment.break_even_spend,
            )
        )
    return tuple(steps)


def trace_position(position: Position, round_number: int) -> tuple[TraceStep, ...]:
    """Our limits and the target of a round on the concession curve."""
    places = minor_units(position.currency)
    best = min(position.best, position.reservation)
    return (
        given_step("batna", "What we pay without a deal", position.batna),
        given_step("reservation", "The most we pay", position.reservation),
        given_step("best", "Our cheapest offer", position.best),
        trace_step(
            "from_best", "Where we begin", "min(best, reservation)", best, ("best", "reservation")
        ),
        given_step(
            "conceded",
            f"Share of the way given by round {round_number}",
            position.stance.conceded(round_number),
        ),
        trace_step(
            "target",
            "What we would settle for",
            f"round(from_best + conceded * (reservation - from_best), {places})",
            position.target(round_number),
            ("from_best", "conceded", "reservation"),
        ),
    )


def trace_invoice_finding(finding: InvoiceFinding) -> tuple[TraceStep, ...]:
    """Billed, expected and their difference; where one rate made what was expected, units and rate too."""
    steps = [given_step("billed", "Billed", finding.billed)]
    if finding.expected is None or finding.delta is None:
        return tuple(steps)
    if finding.quantity is not None and finding.rate is not None:
        steps.append(given_step("units", "Units used", finding.quantity))
        steps.append(given_step("rate", "The contract's rate", finding.rate))
        steps.append(
            trace_step(
                "expected",
                "Due by the contract",
                f"round(units * rate, {finding.places})",
                finding.expected,
                ("units", "rate"),
            )
        )
    else:
        steps.append(given_step("expected", "Due by the contract", finding.expected))
    steps.append(
        trace_step(
            "delta", "Billed too much", "billed - expected", finding.delta, ("billed", "expected")
        )
    )
    return tuple(steps)


def _months(evaluation: Evaluation) -> Iterator[TraceStep]:
    rate = given_step("annual_rate", "Discount rate a year", evaluation.annual_rate)
    yield rate
    for interval, number in zip(evaluation.intervals, range(1, 10_000), strict=False):
        yield from _interval(evaluation, interval, number)
    for number, (month, factor) in enumerate(
        zip(evaluation.monthly, evaluation.factors, strict=True), 1
    ):
        when = f"{month.month:%Y-%m}"
        yield given_step(f"list_{number}", f"{when} at list", month.list_amount)
        yield given_step(f"discount_{number}", f"{when}: the ladder's discount", month.discount)
        yield given_step(f"net_{number}", f"{when}: usage, each line rounded", month.net)
        yield given_step(f"fees_{number}", f"{when}: passed through", month.pass_through)
        yield given_step(f"credits_{number}", f"{when}: credits used", month.credits)
        charges = [
            f"charge_{at}"
            for at, each in enumerate(evaluation.intervals, 1)
            if month.period.first < each.end <= month.period.issued_on
        ]
        yield trace_step(
            f"shortfall_{number}",
            f"{when}: commitments missed",
            "sum(inputs)" if charges else "0",
            month.shortfall,
            charges,
        )
        parts = (f"net_{number}", f"fees_{number}", f"credits_{number}", f"shortfall_{number}")
        yield trace_step(
            f"cash_{number}",
            f"Invoice of {when}",
            f"{parts[0]} + {parts[1]} - {parts[2]} + {parts[3]}",
            month.cash,
            parts,
        )
        days = (month.due_on - evaluation.forecast.start).days
        yield trace_step(
            f"factor_{number}",
            f"Worth on the first day of money due on {month.due_on}",
            f"power(1 + annual_rate, -({days} / {DAYS_A_YEAR}))",
            factor,
            ("annual_rate",),
        )


def _interval(evaluation: Evaluation, interval: IntervalResult, number: int) -> Iterator[TraceStep]:
    names = [f"{word}_{number}" for word in ("committed", "burn", "carried", "missing")]
    labels = (
        f"Committed from {interval.first} to {interval.end}",
        "Burned by usage before credits",
        "Carried in",
    )
    for name, label, value in zip(
        names, labels, (interval.committed, interval.burn, interval.carried_in), strict=False
    ):
        yield given_step(name, label, value)
    with exact_arithmetic():
        missing = max(ZERO, interval.committed - interval.burn - interval.carried_in)
    yield trace_step(
        names[3],
        "Missing",
        f"max(0, {names[0]} - {names[1]} - {names[2]})",
        missing,
        names[:3],
    )
    term = evaluation.deal.shortfall
    charge = f"charge_{number}"
    if interval.charge == missing:
        yield trace_step(charge, "Due for it", names[3], interval.charge, names[3:])
    elif term.outcome is ShortfallOutcome.PAY_PCT and term.percent is not None:
        places = minor_units(evaluation.currency)
        formula = f"round({names[3]} * {format_decimal(term.percent)}, {places})"
        yield trace_step(charge, "Due for it", formula, interval.charge, names[3:])
    else:
        yield given_step(charge, f"Due for it ({term.outcome})", interval.charge)


def _totals(evaluation: Evaluation) -> Iterator[TraceStep]:
    count = len(evaluation.monthly)
    places = minor_units(evaluation.currency)

    def total(name: str, each: str, label: str, value: Decimal) -> TraceStep:
        ids = [f"{each}_{number}" for number in range(1, count + 1)]
        return trace_step(name, label, "sum(inputs)" if ids else "0", value, ids)

    yield total("list_cost", "list", "Everything at list", evaluation.list_cost)
    yield total("net", "net", "Usage", evaluation.net)
    yield total("fees", "fees", "Passed through", evaluation.pass_through)
    yield total("credits", "credits", "Credits", evaluation.credits)
    yield total("shortfall", "shortfall", "Commitments missed", evaluation.shortfall)
    yield total("cash", "cash", "What is paid in all", evaluation.cash)
    numbers = range(1, count + 1)
    products = " + ".join(f"cash_{n} * factor_{n}" for n in numbers)
    yield trace_step(
        "npv",
        "Present value on the first day",
        f"round({products or '0'}, {places})",
        evaluation.npv,
        [name for n in numbers for name in (f"cash_{n}", f"factor_{n}")],
    )
    if evaluation.effective_discount is not None:
        yield trace_step(
            "effective_discount",
            "What is left of the discount",
            f"round(1 - cash / list_cost, {RATIO_PLACES})",
            evaluation.effective_discount,
            ("cash", "list_cost"),
        )
