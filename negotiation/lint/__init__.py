"""Contradictions and traps in an offer's terms, each priced on our forecast.

Terms that cannot be computed at all are `validity`'s faults. The amount of a finding is what it may cost us over the
horizon, in cash: the difference between the offer as evaluated and as one could read or wish it.
"""

from __future__ import annotations

from datetime import date

from negotiation.evaluation import Evaluation
from negotiation.lint import ladders, terms
from negotiation.lint.case import Case, Severity, TermFinding

__all__ = ["Severity", "TermFinding", "lint"]


def lint(evaluation: Evaluation, today: date) -> tuple[TermFinding, ...]:
    """Every finding on the terms of an evaluated offer, the gravest and dearest first."""
    case = Case(evaluation, today)
    rules = (
        ladders.double_ladders,
        ladders.words,
        ladders.gaps,
        ladders.flapping,
        ladders.tiers,
        terms.double_terms,
        terms.commitments,
        terms.rates,
        terms.units,
        terms.locks,
        terms.credits_lost,
        terms.protection,
        terms.notice,
    )
    found = [finding for rule in rules for finding in rule(case)]
    order = list(Severity)
    return tuple(
        sorted(
            found,
            key=lambda each: (
                -order.index(each.severity),
                -each.amount,
                each.code,
                each.term_ids,
            ),
        )
    )
