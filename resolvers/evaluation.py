"""What an offer would cost, what is odd in its terms, what is wrong on an invoice: the figures that take a while.

Each is computed in a worker thread the first time it is asked for on a snapshot, and then remembered: a caller gets
the value where it is known, else something to await. How they are computed is the model's business.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from negotiation.assessed import Assessment
from negotiation.assessment import Analyst
from negotiation.errors import NegotiationError, ValidationFailed
from negotiation.evaluation import Evaluation
from negotiation.lint import TermFinding
from negotiation.montecarlo import Risk, simulation
from negotiation.offers import next_round, number_terms, terms_hash
from negotiation.records import Invoice, Negotiation, Offer, OfferStatus, Party
from negotiation.rerating import InvoiceFinding
from negotiation.scenario import Scenario
from negotiation.terms import Term
from negotiation.trace import TraceStep
from negotiation.tracing import trace_assessment, trace_month
from negotiation.validity import terms_faults
from resolvers.errors import BadUserInput, FieldError, LimitExceeded, NotFound
from resolvers.faults import bad_input
from resolvers.negotiation import in_snapshot
from resolvers.offers import find
from resolvers.view import View

DEFAULT_PATHS = 10_000
MOST_PATHS = 100_000
PIECES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """What to simulate: `paths` futures of the offer's volumes, drawn from `seed`."""

    offer_id: str
    paths: int = DEFAULT_PATHS
    seed: int = 1
    scenario: Scenario | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """`progress` from 0 to 1; `paths` done so far; the result with the last step."""

    progress: Decimal
    paths: int
    assessment: Assessment | None = None


def evaluation(
    view: View, offer: Offer, scenario: Scenario | None
) -> Assessment | Awaitable[Assessment]:
    """Cost, risk and verdict on the usage of this snapshot. Awaiting raises BadUserInput for a senseless scenario."""
    key = ("assessment", offer.id, None if scenario is None else scenario.key)
    return view.figures.soon(key, lambda analyst: _assess(view, analyst, offer, scenario))


def cost(view: View, offer: Offer, scenario: Scenario | None) -> Evaluation | Awaitable[Evaluation]:
    """The exact part alone: fast enough to follow who types. Awaiting raises BadUserInput for a senseless scenario."""
    what_if = Scenario() if scenario is None else scenario

    def work(analyst: Analyst) -> Evaluation:
        picture = view.picture(_negotiation_of(view, offer))
        try:
            forecast = analyst.forecast(picture, offer.terms, what_if)
        except NegotiationError as error:
            raise bad_input(error, "scenario") from error
        made = analyst.evaluation(picture, offer.terms, forecast, what_if)
        _ = made.monthly, made.intervals, made.shortfall, made.credits  # here, not on the loop
        return made

    return view.figures.soon(("cost", offer.id, what_if.key), work)


def draft(
    view: View, negotiation: Negotiation, *, party: Party, terms: tuple[Term, ...], path: str
) -> Offer:
    """An offer that nobody made yet, to be evaluated and linted. Raises BadUserInput for terms that cannot be computed."""
    numbered = number_terms(terms)
    if faults := terms_faults(numbered, view.snapshot.skus, "terms"):
        raise bad_input(ValidationFailed(faults), path)
    offers = [
        each for each in view.snapshot.offers.values() if each.negotiation_id == negotiation.id
    ]
    content = terms_hash(numbered)
    return Offer(
        id=f"draft-{party.lower()}-{content}",
        negotiation_id=negotiation.id,
        round=next_round(offers, party),
        party=party,
        status=OfferStatus.DRAFT,
        title="Draft",
        terms=numbered,
        valid_until=None,
        created_at=view.snapshot.as_of,
        hash=content,
    )


def lint(view: View, offer: Offer) -> tuple[TermFinding, ...] | Awaitable[tuple[TermFinding, ...]]:
    """Findings on the offer's terms, the gravest first, each priced on our forecast where it can be."""
    negotiation = _negotiation_of(view, offer)
    return view.figures.soon(
        ("lint", offer.id), lambda analyst: analyst.lint(view.picture(negotiation), offer)
    )


def findings(
    view: View, invoice: Invoice
) -> tuple[InvoiceFinding, ...] | Awaitable[tuple[InvoiceFinding, ...]]:
    """What re-rating the invoice under the current negotiation's contract finds; nothing without a negotiation."""
    negotiation = in_snapshot(view.snapshot, None)
    if negotiation is None or not invoice.lines:
        return ()
    return view.figures.soon(
        ("findings", invoice.id), lambda _: view.picture(negotiation).rerating.findings(invoice)
    )


def trace(assessment: Assessment, month: date | None) -> tuple[TraceStep, ...]:
    """How each figure came to be; with `month`, line by line that month's. Raises BadUserInput for a month without one."""
    if month is None:
        return trace_assessment(assessment)
    for index, each in enumerate(assessment.monthly):
        if each.month == month:
            return trace_month(assessment.evaluation, index)
    message = f"No month of the evaluation begins on {month}."
    hint = "Give the `month` of one of `monthly`."
    raise BadUserInput(f"{message} {hint}", [FieldError("month", message, hint)])


async def simulate(view: View, wanted: Simulation) -> AsyncGenerator[Step, None]:
    """Progress, then the result. Runs in pieces off the event loop; closing it stops after the piece at hand.

    Raises NotFound, BadUserInput or LimitExceeded.
    """
    offer = find(view, wanted.offer_id)
    if offer is None:
        raise NotFound(f"There is no offer {wanted.offer_id!r}.")
    _check_paths(wanted.paths)
    yield Step(Decimal(0), 0)
    first = await view.figures.analyses.run(
        lambda analyst: _assess(view, analyst, offer, wanted.scenario, at="input.scenario")
    )
    model = await view.figures.analyses.run(lambda analyst: analyst.model(first.evaluation))
    pieces = simulation(
        model, paths=wanted.paths, seed=wanted.seed, every=max(1, wanted.paths // PIECES)
    )
    risk = first.risk
    while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
        done, risk = piece
        if done < wanted.paths:
            yield Step(Decimal(done) / wanted.paths, done)
    result = await view.figures.analyses.run(
        lambda analyst: _assess(view, analyst, offer, wanted.scenario, risk=risk)
    )
    yield Step(Decimal(1), wanted.paths, result)


def _assess(
    view: View,
    analyst: Analyst,
    offer: Offer,
    scenario: Scenario | None,
    *,
    risk: Risk | None = None,
    at: str = "scenario",
) -> Assessment:
    picture = view.picture(_negotiation_of(view, offer))
    try:
        return analyst.assess(picture, view.snapshot.offers.values(), offer, scenario, risk=risk)
    except NegotiationError as error:
        raise bad_input(error, at) from error


def _negotiation_of(view: View, offer: Offer) -> Negotiation:
    return view.snapshot.negotiations[offer.negotiation_id]


def _check_paths(paths: int) -> None:
    if paths < 1:
        message = f"{paths} paths cannot be simulated."
        hint = f"Ask for 1 to {MOST_PATHS}."
        raise BadUserInput(f"{message} {hint}", [FieldError("input.paths", message, hint)])
    if paths > MOST_PATHS:
        raise LimitExceeded(
            f"At most {MOST_PATHS} paths are simulated at once, {paths} were asked for.",
            limit="paths",
            value=MOST_PATHS,
            found=paths,
        )
