"""An offer assessed: the figures of its evaluation and its risk side by side, as they are shown. Who makes it is `assessment`."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from negotiation.billing import MonthCost
from negotiation.decision import Position, Verdict
from negotiation.evaluation import Evaluation
from negotiation.lint import TermFinding
from negotiation.montecarlo import MonthFan, Risk
from negotiation.trace import Notice


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """What an offer costs, how sure that is, and what we should do. Money in the negotiation's currency."""

    evaluation: Evaluation
    risk: Risk
    break_even_spend: Decimal | None
    findings: tuple[TermFinding, ...]
    position: Position
    verdict: Verdict
    reasons: tuple[Notice, ...]

    @property
    def months(self) -> int:
        return self.evaluation.months

    @property
    def list_cost(self) -> Decimal:
        return self.evaluation.list_cost

    @property
    def cash(self) -> Decimal:
        return self.evaluation.cash

    @property
    def npv(self) -> Decimal:
        return self.evaluation.npv

    @property
    def shortfall(self) -> Decimal:
        return self.evaluation.shortfall

    @property
    def credits(self) -> Decimal:
        return self.evaluation.credits

    @property
    def effective_discount(self) -> Decimal | None:
        return self.evaluation.effective_discount

    @property
    def headline_discount(self) -> Decimal | None:
        return self.evaluation.headline_discount

    @property
    def cost_p10(self) -> Decimal:
        return self.risk.p10

    @property
    def cost_p50(self) -> Decimal:
        return self.risk.p50

    @property
    def cost_p90(self) -> Decimal:
        return self.risk.p90

    @property
    def cost_fan(self) -> tuple[MonthFan, ...]:
        return self.risk.fan

    @property
    def shortfall_probability(self) -> Decimal:
        return self.risk.shortfall_probability

    @property
    def expected_shortfall(self) -> Decimal:
        return self.risk.expected_shortfall

    @property
    def monthly(self) -> tuple[MonthCost, ...]:
        return self.evaluation.monthly
