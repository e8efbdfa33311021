"""Everything else that costs money unseen: double terms, commitments out of reach, idle locks, lost credits, dates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Final

from negotiation.decimals import exact_arithmetic, format_price
from negotiation.ladder import ONE, ZERO
from negotiation.lint.case import Case, Severity, TermFinding, nothing, price
from negotiation.months import last_notice_day
from negotiation.streams import total
from negotiation.terms import (
    PaymentTerm,
    PriceProtectionTerm,
    RampTerm,
    RateTerm,
    RenewalTerm,
    ShortfallTerm,
    Stacking,
    Term,
)

LIST_RISE: Final = Decimal("0.05")
"""What list prices are assumed to rise by each year where the question is what protection is worth."""

SECONDS: Final = {"second": 1, "minute": 60, "hour": 3600}

_SINGLE: Final[dict[type[Term], str]] = {
    PaymentTerm: "payment",
    RenewalTerm: "renewal",
    ShortfallTerm: "shortfall",
    RampTerm: "ramp",
    PriceProtectionTerm: "price protection",
}


def double_terms(case: Case) -> Iterator[TermFinding]:
    """The same thing said twice, with different words."""
    for kind, word in _SINGLE.items():
        found = case.of(kind)
        if len({replace(term, id="", clause=None, text=None) for term in found}) > 1:
            costs = [
                case.cost_with({other.id: None for other in found if other is not term})
                for term in found
            ]
            yield TermFinding(
                code="DOUBLE_DEFINITION",
                severity=Severity.ERROR,
                message=f"The offer has {len(found)} different {word} terms. Keep one.",
                price=case.gap(costs),
                term_ids=tuple(term.id for term in found),
                clause=found[-1].clause,
            )
    scopes: dict[tuple[str | None, str | None], list[RateTerm]] = {}
    for rate in case.deal.rates:
        scopes.setdefault((rate.sku, rate.family), []).append(rate)
    for (sku, family), rates in scopes.items():
        if len({replace(rate, id="", clause=None, text=None) for rate in rates}) < 2:
            continue
        costs = [
            case.cost_with({other.id: None for other in rates if other is not rate})
            for rate in rates
        ]
        yield TermFinding(
            code="DOUBLE_DEFINITION",
            severity=Severity.ERROR,
            message=f"{sku or family or 'Everything'} has {len(rates)} different rates. Keep one.",
            price=case.gap(costs),
            term_ids=tuple(sorted(rate.id for rate in rates)),
            clause=rates[-1].clause,
        )


def commitments(case: Case) -> Iterator[TermFinding]:
    """Commitments above what usage can burn, and rules that are missing around them."""
    shortfalls = case.of(ShortfallTerm)
    for commitment in case.deal.commitments:
        intervals = [
            each for each in case.evaluation.intervals if each.commitment_id == commitment.id
        ]
        charges = {
            f"charge_{number}": (f"Due for the interval from {each.first}", each.charge)
            for number, each in enumerate(intervals, 1)
        }
        charge = price("sum(inputs)", total(each.charge for each in intervals), **charges)
        missing = [each for each in intervals if each.shortfall > 0]
        if missing:
            worst = max(missing, key=lambda each: each.shortfall)
            listed = case.listed_in(commitment.families)
            beyond = sum((each.committed for each in intervals), ZERO) > listed
            yield TermFinding(
                code="COMMITMENT_ABOVE_REACH",
                severity=Severity.ERROR if charge.amount > 0 else Severity.WARNING,
                message=f"{case.money(worst.committed)} are promised from {worst.first}; the forecast burns "
                f"{case.money(worst.burn)}."
                + (" Not even list spend would fulfil it." if beyond else ""),
                price=charge,
                term_ids=(commitment.id,),
                clause=commitment.clause,
            )
        if not shortfalls and commitment.amount > 0:
            yield TermFinding(
                code="SHORTFALL_UNDEFINED",
                severity=Severity.WARNING,
                message="Nothing says what a missed commitment costs; it is read as payable in full.",
                price=charge,
                term_ids=(commitment.id,),
                clause=commitment.clause,
            )
    if not case.deal.commitments:
        for term in (*case.of(RampTerm), *shortfalls):
            yield TermFinding(
                code="NO_COMMITMENT",
                severity=Severity.INFO,
                message="The term speaks of a commitment that the offer does not have.",
                price=nothing(),
                term_ids=(term.id,),
                clause=term.clause,
            )


def rates(case: Case) -> Iterator[TermFinding]:
    """Rates above list, discounts on what is never discounted."""
    pricing = case.evaluation.pricing
    for line in case.forecast.lines:
        sku = line.sku
        agreed = pricing.catalogue(case.deal.ladder_of(sku), 0).agreed(sku.key)
        if agreed is None or agreed.term is None or agreed.term.sku != sku.key:
            continue
        if agreed.unit_price > sku.list_rate:
            yield TermFinding(
                code="RATE_ABOVE_LIST",
                severity=Severity.WARNING,
                message=f"{sku.key} costs {format_price(agreed.unit_price)}, above list ({format_price(sku.list_rate)}).",
                price=case.rounded(
                    "(rate - list_rate) * units",
                    rate=("Agreed rate", agreed.unit_price),
                    list_rate=("List rate", sku.list_rate),
                    units=("Units of the horizon", total(line.quantities)),
                ),
                term_ids=(agreed.term.id,),
                clause=agreed.term.clause,
            )
    for rate in case.deal.rates:
        if rate.family is None or rate.discount is None:
            continue
        fees = [line for line in case.forecast.lines if line.sku.family == rate.family]
        if fees and all(line.sku.pass_through for line in fees):
            yield TermFinding(
                code="PASS_THROUGH_DISCOUNT",
                severity=Severity.WARNING,
                message=f"{rate.family} is passed through: its discount of {rate.discount:.0%} will not be given.",
                price=case.rounded(
                    "listed * discount",
                    listed=("Fees at list", total(case.listed[line.sku.key] for line in fees)),
                    discount=("The discount", rate.discount),
                ),
                term_ids=(rate.id,),
                clause=rate.clause,
            )


def units(case: Case) -> Iterator[TermFinding]:
    """A rate whose words count something else than its SKU does: "per message" for what is counted in segments."""
    skus = {line.sku.key: line.sku for line in case.forecast.lines}
    for rate in sorted(case.deal.rates, key=lambda each: each.id):
        sku = skus.get(rate.sku or "")
        said = re.search(r"\bper (second|minute|hour|message|segment|verification|request|call|number)\b", (rate.text or "").lower())  # fmt: skip
        unit = "" if sku is None else sku.unit.lower().rstrip("s")
        if sku is not None and said and said[1] != unit:
            other = _per(rate, said[1], unit)
            gap = case.gap([case.evaluation.cash, case.cost_with({rate.id: other})])
            reads = "Read so" if other is not None else "If the rate does not hold for it"
            yield TermFinding(
                code="UNIT_AMBIGUOUS",
                severity=Severity.WARNING,
                message=f"{sku.key} is counted by the {sku.unit}, the words say per {said[1]}. "
                f"{reads}, the difference is {case.money(gap.amount)}.",
                price=gap,
                term_ids=(rate.id,),
                clause=rate.clause,
            )


def _per(rate: RateTerm, said: str, unit: str) -> RateTerm | None:
    """The rate for the unit that is counted, if its price is for the one that is said; None where no number leads from one
    to the other."""
    if rate.unit_price is None or said not in SECONDS or unit not in SECONDS:
        return None
    with exact_arithmetic():
        return replace(rate, unit_price=rate.unit_price * SECONDS[unit] / SECONDS[said])


def locks(case: Case) -> Iterator[TermFinding]:
    """Locked rates that the ladder undercuts: money where the lock wins, an idle promise where the better counts."""
    locked = [
        rate for rate in case.deal.rates if rate.sku is not None and rate.unit_price is not None
    ]
    by_key = {line.sku.key: line for line in case.forecast.lines}
    idle: list[RateTerm] = []
    for rate in sorted(locked, key=lambda each: each.id):
        line = by_key.get(rate.sku or "")
        at = case.deal.ladder_of(line.sku) if line is not None else None
        if line is None or at is None or rate.unit_price is None:
            continue
        stacking = case.deal.ladders[at].stacking
        cost = saved = ZERO
        with exact_arithmetic():
            for month, quantity in zip(case.evaluation.monthly, line.quantities, strict=True):
                gap = rate.unit_price - line.sku.list_rate * (ONE - month.discount)
                cost += max(ZERO, gap) * quantity
                saved += max(ZERO, -gap) * quantity
        if cost > 0 and stacking is Stacking.LOCKED_WINS:
            yield TermFinding(
                code="LOCKED_RATE_ABOVE_LADDER",
                severity=Severity.WARNING,
                message=f"{rate.sku} is locked at {format_price(rate.unit_price)}, above what the ladder gives, "
                "and the lock wins.",
                price=case.rounded(
                    "above", above=("Locked rate above the ladder's, over all units", cost)
                ),
                term_ids=(rate.id, case.deal.ladders[at].id),
                clause=rate.clause,
            )
        elif cost > 0 and saved == 0 and stacking is Stacking.BETTER_OF:
            idle.append(rate)
    if idle:
        yield TermFinding(
            code="LOCKED_RATE_ABOVE_LADDER",
            severity=Severity.INFO,
            message=f"Never below the ladder on this forecast, so that the lock is idle: "
            f"{', '.join(str(rate.sku) for rate in idle)}.",
            price=nothing(),
            term_ids=tuple(rate.id for rate in idle),
            clause=idle[0].clause,
        )


def credits_lost(case: Case) -> Iterator[TermFinding]:
    if case.evaluation.unused_credit > 0:
        ids = tuple(term.id for term in case.deal.credits if term.amount is not None)
        yield TermFinding(
            code="CREDIT_EXPIRES_UNUSED",
            severity=Severity.WARNING,
            message=f"{case.money(case.evaluation.unused_credit)} of the credits cannot be used before they end.",
            price=price(
                "unused",
                case.evaluation.unused_credit,
                unused=("Credit left", case.evaluation.unused_credit),
            ),
            term_ids=ids,
            clause=case.deal.credits[0].clause,
        )


def protection(case: Case) -> Iterator[TermFinding]:
    """Nothing holds list prices over the term."""
    if case.deal.max_increase is not None or case.evaluation.months <= 12:
        return
    risen = case.cost_with({}, list_increase=LIST_RISE)
    risk = case.gap([case.evaluation.cash, risen])
    if risen > case.evaluation.cash:
        yield TermFinding(
            code="NO_PRICE_PROTECTION",
            severity=Severity.INFO,
            message=f"Nothing holds list prices. A rise of {LIST_RISE:.0%} a year would cost {case.money(risk.amount)}.",
            price=risk,
        )


def notice(case: Case) -> Iterator[TermFinding]:
    """Too late to leave: another term, with what its commitments cost on this forecast."""
    renewal = case.deal.renewal
    if renewal is not None and renewal.auto_renew and last_notice_day(renewal) < case.today:
        charges = {
            f"charge_{number}": (f"Due for the interval from {each.first}", each.charge)
            for number, each in enumerate(case.evaluation.intervals, 1)
        }
        again = total(each.charge for each in case.evaluation.intervals)
        cost = price("sum(inputs)", again, **charges) if charges else nothing()
        yield TermFinding(
            code="NOTICE_WINDOW_MISSED",
            severity=Severity.ERROR,
            message=f"The last day to give notice was {last_notice_day(renewal)}; it renews by itself. "
            f"On the same usage another term costs {case.money(cost.amount)} in missed commitments.",
            price=cost,
            term_ids=(renewal.id,),
            clause=renewal.clause,
        )
