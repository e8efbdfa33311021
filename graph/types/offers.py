"""Offers, what they would cost, and what is odd in their terms."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Self

import strawberry

from graph.scalars import Ratio
from graph.types.common import Node, Notice, TraceStep, described, given, mirrored, shown
from graph.types.scenario_inputs import ScenarioInput
from graph.types.terms import Term, term_of
from negotiation import lint, records
from negotiation import zopa as model
from negotiation.assessed import Assessment
from negotiation.decision import Verdict
from negotiation.evaluation import Evaluation
from negotiation.lint import Severity
from resolvers import evaluation as use
from resolvers import ids, position
from resolvers.offers import shown_status
from resolvers.view import View


@strawberry.type(description="One month of an evaluated offer.")
class MonthCost:
    month: date
    list: Decimal
    tier: str | None
    discount: Ratio
    net: Decimal
    pass_through: Decimal
    credits: Decimal
    shortfall: Decimal
    cash: Decimal
    due_on: date


@strawberry.type(
    description="What may have been paid by the end of the month since the first day of the horizon."
)
class MonthFan:
    month: date
    p10: Decimal
    p50: Decimal
    p90: Decimal


@strawberry.type(
    description="One fulfilment interval of a commitment: promised, burned by usage before credits, carried in, missing, and "
    "what that costs. `end` is the first day after it."
)
class CommitmentInterval:
    commitment_id: strawberry.ID
    first: date
    end: date
    committed: Decimal
    burn: Decimal
    carried_in: Decimal
    shortfall: Decimal
    charge: Decimal


@strawberry.type(
    description="What an offer costs exactly, without its risk and a verdict: quick enough to follow who types."
)
class OfferCost:
    months: int
    list_cost: Decimal
    cash: Decimal
    npv: Decimal
    shortfall: Decimal
    credits: Decimal
    effective_discount: Ratio | None
    headline_discount: Ratio | None
    monthly: list[MonthCost]

    @classmethod
    def of(cls, made: Evaluation) -> Self:
        return mirrored(cls, made, monthly=[mirrored(MonthCost, month) for month in made.monthly])


@strawberry.type
class OfferEvaluation:
    assessment: strawberry.Private[Assessment]
    months: int
    list_cost: Decimal
    cash: Decimal
    npv: Decimal
    shortfall: Decimal
    credits: Decimal
    effective_discount: Ratio | None
    headline_discount: Ratio | None
    cost_p10: Decimal
    cost_p50: Decimal
    cost_p90: Decimal
    shortfall_probability: Ratio
    expected_shortfall: Decimal
    break_even_spend: Decimal | None
    mean: Decimal = strawberry.field(description="Cash on average over the simulated futures.")
    cvar95: Decimal = strawberry.field(description="Cash of the dearest 5 % on average.")
    certainty_equivalent: Decimal = strawberry.field(
        description="Our cost with its risk: mean + riskAversion x (cvar95 - mean)."
    )
    risk_aversion: Ratio
    standard_error: Decimal = strawberry.field(description="Of the mean.")
    paths: int = strawberry.field(description="How many futures were simulated.")
    cost_fan: list[MonthFan] = strawberry.field(
        description="The way to costP10, costP50 and costP90, month by month, on at most 10,000 futures."
    )
    start: date
    end: date = strawberry.field(description="The first day after the horizon.")
    unused_credit: Decimal
    intervals: list[CommitmentInterval]
    monthly: list[MonthCost]
    verdict: Verdict
    reasons: list[Notice]

    @described(
        "How each number came to be; with `month` (of `monthly`), line by line for that month."
    )
    def trace(self, month: date | None = strawberry.UNSET) -> list[TraceStep]:
        return TraceStep.of(use.trace(self.assessment, given(month)))

    @classmethod
    def of(cls, made: Assessment) -> Self:
        risk, exact = made.risk, made.evaluation
        return mirrored(
            cls,
            made,
            assessment=made,
            mean=risk.mean,
            cvar95=risk.cvar95,
            certainty_equivalent=risk.certainty_equivalent,
            risk_aversion=Ratio(risk.risk_aversion),
            standard_error=risk.standard_error,
            paths=risk.paths,
            start=exact.forecast.start,
            end=exact.forecast.end,
            unused_credit=exact.unused_credit,
            intervals=[mirrored(CommitmentInterval, each) for each in exact.intervals],
            monthly=[mirrored(MonthCost, month) for month in made.monthly],
            cost_fan=[mirrored(MonthFan, month) for month in made.cost_fan],
            reasons=Notice.of(made.reasons),
        )


@strawberry.type(
    description="A contradiction or trap in the terms, and what it costs on the current forecast "
    "(null where it cannot be priced)."
)
class TermFinding:
    code: str
    severity: Severity
    message: str
    amount: Decimal = strawberry.field(
        description="What it may cost over the horizon; 0 where it only leads to no good."
    )
    term_ids: list[strawberry.ID]
    clause: str | None
    trace: list[TraceStep] = strawberry.field(description="How the amount came to be.")

    @staticmethod
    def all_of(found: Iterable[lint.TermFinding]) -> list[TermFinding]:
        return [mirrored(TermFinding, each, trace=TraceStep.of(each.trace)) for each in found]


@strawberry.type(
    description="The smallest change of one term that brings an offer within a limit: `field` of the terms `termIds` from "
    "`before` to `after`, and the cash that leaves."
)
class Opener:
    term_ids: list[strawberry.ID]
    field: str
    before: Decimal
    after: Decimal
    cash: Decimal
    message: str

    @staticmethod
    def all_of(found: Iterable[model.Opener]) -> list[Opener]:
        return [mirrored(Opener, each, term_ids=list(each.term_ids)) for each in found]


@strawberry.type(
    description="Terms that nobody proposed yet: what they would cost, what is odd in them."
)
class Draft:
    view: strawberry.Private[View]
    record: strawberry.Private[records.Offer]

    @strawberry.field
    def terms(self) -> list[Term]:
        return [term_of(term) for term in self.record.terms]

    @strawberry.field
    def evaluation(self, scenario: ScenarioInput | None = strawberry.UNSET) -> OfferEvaluation:
        return evaluated(self.view, self.record, given(scenario))

    @strawberry.field
    def cost(self, scenario: ScenarioInput | None = strawberry.UNSET) -> OfferCost:
        return costed(self.view, self.record, given(scenario))

    @strawberry.field
    def lint(self) -> list[TermFinding]:
        return shown(use.lint(self.view, self.record), TermFinding.all_of)


def costed(view: View, record: records.Offer, scenario: ScenarioInput | None) -> OfferCost:
    """The exact cost, or something that the executor awaits."""
    wanted = None if scenario is None else scenario.scenario()
    return shown(use.cost(view, record, wanted), OfferCost.of)


def evaluated(view: View, record: records.Offer, scenario: ScenarioInput | None) -> OfferEvaluation:
    """The evaluation, or something that the executor awaits."""
    wanted = None if scenario is None else scenario.scenario()
    return shown(use.evaluation(view, record, wanted), OfferEvaluation.of)


@strawberry.type
class Offer(Node):
    view: strawberry.Private[View]
    record: strawberry.Private[records.Offer]
    hash: str = strawberry.field(
        description="SHA-256 of the canonical terms: an offer never changes, a change is a new offer."
    )
    round: int
    from_: records.Party = strawberry.field(name="from")
    status: records.OfferStatus
    title: str
    valid_until: date | None
    created_at: datetime

    @classmethod
    def of(cls, view: View, record: records.Offer) -> Self:
        return mirrored(
            cls,
            record,
            id=ids.global_id(ids.OFFER, record.id),
            view=view,
            record=record,
            from_=record.party,
            status=shown_status(view, record),
        )

    @strawberry.field
    def terms(self) -> list[Term]:
        return [term_of(term) for term in self.record.terms]

    @described("Cost, risk and verdict under the current forecast, or under `scenario`.")
    def evaluation(self, scenario: ScenarioInput | None = strawberry.UNSET) -> OfferEvaluation:
        return evaluated(self.view, self.record, given(scenario))

    @described("The exact part of `evaluation` alone: quick enough to follow who types.")
    def cost(self, scenario: ScenarioInput | None = strawberry.UNSET) -> OfferCost:
        return costed(self.view, self.record, given(scenario))

    @described("Contradictions and traps in the terms, each priced.")
    def lint(self) -> list[TermFinding]:
        return shown(use.lint(self.view, self.record), TermFinding.all_of)

    @described(
        "For each term the smallest change that would bring the offer within our target of its round. "
        "The buyer's secret."
    )
    def openers(self) -> list[Opener] | None:
        return shown(position.offer_openers(self.view, self.record), Opener.all_of)


@strawberry.type
class Round:
    number: int
    offers: list[Offer]
