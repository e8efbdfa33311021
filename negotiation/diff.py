"""What changes from one offer to another: terms, months, totals, and what each changed term is worth by itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal

from negotiation.decimals import exact_arithmetic
from negotiation.evaluation import Evaluation, evaluate
from negotiation.ladder import ZERO
from negotiation.terms import LadderTerm, RateTerm, Term

_SILENT = frozenset({"id", "clause", "text"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TermChange:
    """A term that is new (`before` None), gone (`after` None) or different. `changed`: the fields that differ.

    `cash`: what this change alone does to the cash of the offer before.
    """

    before: Term | None
    after: Term | None
    changed: tuple[str, ...]
    cash: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthChange:
    """Cash of one month in either offer; 0 where one of them has no such month."""

    month: date
    before: Decimal
    after: Decimal

    @property
    def delta(self) -> Decimal:
        with exact_arithmetic():
            return self.after - self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferDiff:
    """From `before` to `after` on the forecast of `before`. Deltas are after - before: above 0 is dearer."""

    terms: tuple[TermChange, ...]
    months: tuple[MonthChange, ...]
    cash: Decimal
    npv: Decimal
    shortfall: Decimal
    credits: Decimal


def offer_diff(before: Evaluation, after: Evaluation) -> OfferDiff:
    """What changes, by how much, per month. The changes' worths need not add up: terms work on each other."""
    pairs = list(_paired(before.deal.terms, after.deal.terms))
    by_month = {month.month: month.cash for month in before.monthly}
    later = {month.month: month.cash for month in after.monthly}
    with exact_arithmetic():
        return OfferDiff(
            terms=tuple(
                TermChange(
                    before=old,
                    after=new,
                    changed=_differences(old, new),
                    cash=_alone(before, old, new) - before.cash,
                )
                for old, new in pairs
            ),
            months=tuple(
                MonthChange(
                    month=month, before=by_month.get(month, ZERO), after=later.get(month, ZERO)
                )
                for month in sorted({*by_month, *later})
            ),
            cash=after.cash - before.cash,
            npv=after.npv - before.npv,
            shortfall=after.shortfall - before.shortfall,
            credits=after.credits - before.credits,
        )


def _paired(
    before: Sequence[Term], after: Sequence[Term]
) -> Iterator[tuple[Term | None, Term | None]]:
    """Terms about the same thing, where they differ; equal ones are left out."""
    new = list(after)
    for old in before:
        match = next((term for term in new if _subject(term) == _subject(old)), None)
        if match is not None:
            new.remove(match)
            if _differences(old, match):
                yield old, match
        else:
            yield old, None
    for term in new:
        yield None, term


def _subject(term: Term) -> tuple[object, ...]:
    """What a term is about: its kind, and for rates and ladders whose."""
    match term:
        case RateTerm():
            return RateTerm, term.sku, term.family
        case LadderTerm():
            return LadderTerm, term.families
        case _:
            return (type(term),)


def _differences(old: Term | None, new: Term | None) -> tuple[str, ...]:
    if old is None or new is None:
        return ()
    names = [field.name for field in fields(old) if field.name not in _SILENT]
    return tuple(name for name in names if getattr(old, name) != getattr(new, name))


def _alone(before: Evaluation, old: Term | None, new: Term | None) -> Decimal:
    """Cash of the first offer with just this change."""
    terms = [term for term in before.deal.terms if term is not old]
    if new is not None:
        terms.append(replace(new, id=old.id if old is not None else "\0new"))
    return evaluate(
        terms,
        before.forecast,
        currency=before.currency,
        annual_rate=before.annual_rate,
        list_increase=before.pricing.list_increase,
    ).cash
