"""Offers, what they would cost, and what is odd in their terms."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Self

import strawberry

from graph.scalars import Ratio
from graph.types.common import Node, Notice, described, given, mirrored, shown
from graph.types.inputs import ScenarioInput
from graph.types.terms import Term, term_of
from negotiation import records
from negotiation.assessment import Assessment
from negotiation.decision import Verdict
from negotiation.lint import Severity
from resolvers import evaluation as use
from resolvers import ids
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


@strawberry.type
class OfferEvaluation:
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
    monthly: list[MonthCost]
    verdict: Verdict
    reasons: list[Notice]

    @classmethod
    def of(cls, made: Assessment) -> Self:
        return mirrored(
            cls,
            made,
            monthly=[mirrored(MonthCost, month) for month in made.monthly],
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
    amount: Decimal | None
    term_ids: list[strawberry.ID]
    clause: str | None


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
        asked = given(scenario)
        wanted = None if asked is None else asked.scenario()
        return shown(use.evaluation(self.view, self.record, wanted), OfferEvaluation.of)

    @described("Contradictions and traps in the terms, each priced.")
    def lint(self) -> list[TermFinding]:
        return shown(
            use.lint(self.view, self.record),
            lambda findings: [mirrored(TermFinding, found) for found in findings],
        )


@strawberry.type
class Round:
    number: int
    offers: list[Offer]
