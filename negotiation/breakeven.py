"""From which list spend on an offer's commitment is no burden: an estimate, by scaling all volumes together."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import numpy as np

from negotiation.decimals import exact_arithmetic
from negotiation.ladder import ZERO
from negotiation.money import round_money
from negotiation.riskladder import Floats
from negotiation.riskmodel import Futures, RiskModel

MAX_FACTOR: Final = 4096.0
_CANDIDATES: Final = 193
_REFINEMENTS: Final = 3


def break_even_spend(model: RiskModel) -> Decimal | None:
    """The list spend a year, in the forecast's mix and shape, from which on no shortfall is due.

    0 when none ever is; None without a commitment or usage, or when 4,096 times the usage would not do.
    """
    evaluation = model.evaluation
    if not evaluation.deal.commitments or evaluation.list_cost == 0 or evaluation.months == 0:
        return None
    factors = np.geomspace(1 / MAX_FACTOR, MAX_FACTOR, _CANDIDATES)
    for _ in range(1 + _REFINEMENTS):
        short = np.flatnonzero(_charged(model, factors))
        if len(short) == 0:
            return ZERO
        last = int(short[-1])
        if last == len(factors) - 1:
            return None
        high = factors[last + 1]
        factors = np.linspace(factors[last], high, _CANDIDATES)
    with exact_arithmetic():
        spend = evaluation.list_cost * Decimal(repr(float(high))) * 12 / evaluation.months
    return round_money(spend, evaluation.currency)


def _charged(model: RiskModel, factors: Floats) -> Floats:
    """Where something is due for a commitment, with all volumes times each factor."""
    levels = np.repeat(factors[:, None], len(model.families), axis=1)
    noise = np.ones((len(factors), len(model.periods)))
    return np.asarray(model.run(Futures(levels, noise)).charge > 0.005, dtype=float)
