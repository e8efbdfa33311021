"""Whether terms can be computed: every fault with its own code, its field and what to write instead.

Terms that contradict each other or are unwise are not faults; they are `lint`'s findings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Final

from negotiation.catalogue import the_term
from negotiation.decimals import LIMIT, shown
from negotiation.errors import TermError, wire_name
from negotiation.ladder import ladder_faults
from negotiation.months import contract_end
from negotiation.rates import rate_faults
from negotiation.records import Sku
from negotiation.terms import (
    CommitmentTerm,
    CreditTerm,
    LadderTerm,
    LadderTier,
    PaymentTerm,
    PriceProtectionTerm,
    QualitativeTerm,
    RampStep,
    RampTerm,
    RateTerm,
    RateTier,
    RenewalTerm,
    ShortfallOutcome,
    ShortfallTerm,
    Term,
)

ZERO = Decimal(0)
ONE = Decimal(1)

MAX_TERMS: Final = 500
MAX_OF_A_KIND: Final[Mapping[type[Term], int]] = {LadderTerm: 24, CommitmentTerm: 24}
"""Each of these costs an evaluation of its own, or an interval a month on every path."""
MAX_TERM_MONTHS: Final = 120
MAX_NET_DAYS: Final = 365
FIRST_START: Final = date(1970, 1, 1)
LAST_START: Final = date(2199, 12, 31)


def terms_faults(
    terms: Iterable[Term], skus: Mapping[str, Sku], path: str = "terms"
) -> tuple[TermError, ...]:
    """Why the terms cannot be computed, each with a code and its field ("terms.2.tiers.1.threshold"); empty when they can."""
    found = tuple(terms)
    renewal = the_term(found, RenewalTerm)
    if renewal is not None and any(_renewal_faults(renewal, "")):
        renewal = None
    faults: list[TermError] = []
    if not found:
        faults.append(TermError("TERMS_EMPTY", "The offer has no terms.", path, "Add a term."))
    if len(found) > MAX_TERMS:
        faults.append(
            TermError("TERMS_TOO_MANY", f"More than {MAX_TERMS} terms.", path, "Merge some.")
        )
    for kind, most in MAX_OF_A_KIND.items():
        if sum(isinstance(term, kind) for term in found) > most:
            name = "ladders" if kind is LadderTerm else "commitments"
            faults.append(
                TermError("TERMS_TOO_MANY", f"More than {most} {name}.", path, "Merge some.")
            )
    families = {sku.family for sku in skus.values()}
    for index, term in enumerate(found):
        here = f"{path}.{index}"
        if senseless := tuple(_number_faults(term, here)):
            faults.extend(senseless)
            continue
        faults.extend(_term_faults(term, here, skus, families))
        faults.extend(_span_faults(term, here, renewal))
    return tuple(faults)


def _number_faults(term: Term | LadderTier | RateTier | RampStep, here: str) -> Iterator[TermError]:
    """Numbers that nothing can be reckoned with: NaN, infinities, `LIMIT` and beyond."""
    for each in fields(term):
        value, at = getattr(term, each.name), f"{here}.{wire_name(each.name)}"
        if isinstance(value, Decimal) and not (value.is_finite() and abs(value) < LIMIT):
            yield TermError(
                "NUMBER",
                f"{shown(value)} cannot be reckoned with.",
                at,
                "Give a smaller, finite number.",
            )
        elif isinstance(value, tuple):
            for index, part in enumerate(value):
                if isinstance(part, LadderTier | RateTier | RampStep):
                    yield from _number_faults(part, f"{at}.{index}")


def _term_faults(
    term: Term, here: str, skus: Mapping[str, Sku], families: set[str]
) -> Iterator[TermError]:
    match term:
        case RateTerm():
            yield from rate_faults(term, here)
            yield from _known(term, here, skus, families)
        case LadderTerm():
            yield from ladder_faults(term, here)
            yield from _known_families(term.families, here, families)
        case CommitmentTerm():
            yield from _known_families(term.families, here, families)
            if term.amount < 0:
                yield _negative("COMMITMENT_NEGATIVE", "commitment", term.amount, f"{here}.amount")
        case CreditTerm():
            yield from _credit_faults(term, here)
        case RampTerm():
            yield from _ramp_faults(term, here)
        case PaymentTerm() if not 0 <= term.net_days <= MAX_NET_DAYS:
            yield TermError(
                "PAYMENT_DAYS",
                f"Payment after {term.net_days} days.",
                f"{here}.netDays",
                f"Give 0 to {MAX_NET_DAYS} days.",
            )
        case ShortfallTerm():
            yield from _shortfall_faults(term, here)
        case RenewalTerm():
            yield from _renewal_faults(term, here)
        case PriceProtectionTerm() if not ZERO <= term.max_increase < ONE:
            yield TermError(
                "PRICE_PROTECTION",
                f"An increase of {term.max_increase} a year.",
                f"{here}.maxIncrease",
                "Give at least 0 and below 1 (0.03 or 3%).",
            )
        case QualitativeTerm():
            yield from _qualitative_faults(term, here)
        case _:
            return


def _known(
    term: RateTerm, here: str, skus: Mapping[str, Sku], families: set[str]
) -> Iterator[TermError]:
    if term.sku is not None and term.sku not in skus:
        yield TermError(
            "UNKNOWN_SKU",
            f"{term.sku!r} is not in the catalogue.",
            f"{here}.sku",
            "Use a key of the catalogue.",
        )
    if term.family is not None:
        for fault in _known_families((term.family,), here, families):
            yield TermError(fault.code, fault.message, f"{here}.family", fault.hint)


def _known_families(names: tuple[str, ...], here: str, families: set[str]) -> Iterator[TermError]:
    for index, name in enumerate(names):
        if name not in families:
            yield TermError(
                "UNKNOWN_FAMILY",
                f"{name!r} is no family of the catalogue.",
                f"{here}.families.{index}",
                f"Families are {', '.join(sorted(families)[:20])}."
                if families
                else "There are none.",
            )


def _negative(code: str, what: str, value: Decimal, field: str) -> TermError:
    return TermError(code, f"The {what} is {value}.", field, f"A {what} is 0 or more.")


def _credit_faults(term: CreditTerm, here: str) -> Iterator[TermError]:
    by_share = term.invoice_share is not None and term.invoice_count is not None
    if (term.amount is None) is not by_share or (
        term.amount is not None
        and (term.invoice_share is not None or term.invoice_count is not None)
    ):
        yield TermError(
            "CREDIT_AMOUNT",
            "A credit is an amount, or a share of a number of invoices.",
            f"{here}.amount",
            "Give the amount, or invoiceShare and invoiceCount.",
        )
    if term.amount is not None and term.amount < 0:
        yield _negative("CREDIT_NEGATIVE", "credit", term.amount, f"{here}.amount")
    if term.invoice_share is not None and not ZERO <= term.invoice_share <= ONE:
        yield TermError(
            "CREDIT_SHARE",
            f"A share of {term.invoice_share}.",
            f"{here}.invoiceShare",
            "Give 0 to 1 (0.75 or 75%).",
        )
    if term.invoice_count is not None and term.invoice_count < 1:
        yield TermError(
            "CREDIT_COUNT",
            f"{term.invoice_count} invoices.",
            f"{here}.invoiceCount",
            "Give 1 or more.",
        )
    if (
        term.granted_on is not None
        and term.expires_on is not None
        and term.expires_on < term.granted_on
    ):
        yield TermError(
            "CREDIT_DATES",
            f"The credit expires on {term.expires_on}, before it is granted on {term.granted_on}.",
            f"{here}.expiresOn",
            "Let it expire later.",
        )


def _ramp_faults(term: RampTerm, here: str) -> Iterator[TermError]:
    if not term.steps:
        yield TermError("RAMP_EMPTY", "The ramp has no steps.", f"{here}.steps", "Add a step.")
    before = 0
    for index, step in enumerate(term.steps):
        at = f"{here}.steps.{index}"
        if step.from_month <= before:
            yield TermError(
                "RAMP_NOT_ASCENDING",
                f"Step {index + 1} begins in month {step.from_month}.",
                f"{at}.fromMonth",
                "Months count from 1 and rise from step to step.",
            )
        before = max(before, step.from_month)
        if step.commitment < 0:
            yield _negative(
                "COMMITMENT_NEGATIVE", "commitment", step.commitment, f"{at}.commitment"
            )


def _shortfall_faults(term: ShortfallTerm, here: str) -> Iterator[TermError]:
    needs = term.outcome is ShortfallOutcome.PAY_PCT
    if needs is not (term.percent is not None):
        yield TermError(
            "SHORTFALL_PERCENT",
            f"{term.outcome} {'needs' if needs else 'has no'} percent.",
            f"{here}.percent",
            "A percent belongs to PAY_PCT.",
        )
    if term.percent is not None and not ZERO <= term.percent <= ONE:
        yield TermError(
            "SHORTFALL_PERCENT",
            f"A share of {term.percent}.",
            f"{here}.percent",
            "Give 0 to 1 (0.5 or 50%).",
        )


def _renewal_faults(term: RenewalTerm, here: str) -> Iterator[TermError]:
    if not FIRST_START <= term.start <= LAST_START:
        yield TermError(
            "TERM_START",
            f"A term from {term.start} on.",
            f"{here}.start",
            f"Give a day from {FIRST_START} to {LAST_START}.",
        )
    elif not 1 <= term.term_months <= MAX_TERM_MONTHS:
        yield TermError(
            "TERM_MONTHS",
            f"A term of {term.term_months} months.",
            f"{here}.termMonths",
            f"Give 1 to {MAX_TERM_MONTHS} months.",
        )
    elif not 0 <= term.notice_days <= (contract_end(term) - term.start).days:
        yield TermError(
            "NOTICE_DAYS",
            f"Notice of {term.notice_days} days.",
            f"{here}.noticeDays",
            "Give 0 or more days, at most the term.",
        )


def _qualitative_faults(term: QualitativeTerm, here: str) -> Iterator[TermError]:
    if not term.topic.strip():
        yield TermError("TOPIC", "The term has no topic.", f"{here}.topic", "Name it.")
    if term.weight is not None and not ZERO <= term.weight < ONE:
        yield TermError(
            "WEIGHT",
            f"A weight of {term.weight}.",
            f"{here}.weight",
            "Give at least 0 and below 1.",
        )


def _span_faults(term: Term, here: str, renewal: RenewalTerm | None) -> Iterator[TermError]:
    """Dates and months that lie outside the offer's own term."""
    if renewal is None:
        return
    end = contract_end(renewal)
    if isinstance(term, CreditTerm):
        dates = (("grantedOn", term.granted_on), ("expiresOn", term.expires_on))
        for name, day in dates:
            if day is not None and not renewal.start <= day <= end:
                yield TermError(
                    "DATE_OUTSIDE_TERM",
                    f"{day} is outside the term from {renewal.start} to {end}.",
                    f"{here}.{name}",
                    "Choose a day within the term.",
                )
    if isinstance(term, RampTerm):
        for index, step in enumerate(term.steps):
            if step.from_month > renewal.term_months:
                yield TermError(
                    "MONTH_OUTSIDE_TERM",
                    f"Month {step.from_month} is after the term of {renewal.term_months} months.",
                    f"{here}.steps.{index}.fromMonth",
                    "Choose a month within the term.",
                )
