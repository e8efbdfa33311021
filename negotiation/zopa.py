"""Where a deal is possible: between what the vendor can give and what we can pay, as an interval, and what would open it.

The vendor's cost is our assumption (low, mid, high) and is shown as one. Everything is cash over the horizon of one
forecast. These figures are the buyer's secret: whoever shows them asks who is looking.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from negotiation.decimals import exact_arithmetic, round_places
from negotiation.evaluation import Evaluation, evaluate
from negotiation.forecast import Forecast
from negotiation.ladder import ONE, ZERO
from negotiation.money import format_money, round_money
from negotiation.records import StreamSide, StreamSpec
from negotiation.terms import CreditTerm, LadderTerm, Term
from negotiation.trace import Notice

LOW: Final = Decimal("0.85")
HIGH: Final = Decimal("1.15")
MAX_DISCOUNT: Final = Decimal("0.9999")


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorCost:
    """What serving us may cost the vendor over the horizon. `unknown`: families without any estimate, counted at 0."""

    low: Decimal
    mid: Decimal
    high: Decimal
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Zopa:
    """`vendor_least`: the least cash at which the vendor keeps its floor margin, at each cost; `our_most`: what we pay
    at most. `low`, `mid`, `high`: the room between them at each assumption, below 0 when there is none.
    """

    currency: str
    vendor_least: tuple[Decimal, Decimal, Decimal]
    our_most: Decimal
    low: Decimal
    mid: Decimal
    high: Decimal
    notices: tuple[Notice, ...]

    @property
    def exists(self) -> bool:
        """Whether there is room at the middle assumption."""
        return self.mid >= 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Opener:
    """The smallest change of one term that brings an offer within a limit. `field` of the term(s) `term_ids`."""

    term_ids: tuple[str, ...]
    field: str
    before: Decimal
    after: Decimal
    cash: Decimal
    message: str


def vendor_cost(
    specs: Sequence[StreamSpec],
    forecast: Forecast,
    *,
    low: Decimal = LOW,
    high: Decimal = HIGH,
) -> VendorCost:
    """Our estimate, by the EXPENSE streams: a share of list or a unit cost by family; fees passed through cost themselves."""
    shares = {
        spec.family: spec
        for spec in specs
        if spec.side is StreamSide.EXPENSE
        and (spec.cost_share is not None or spec.unit_price is not None)
    }
    mid, unknown = ZERO, set()
    with exact_arithmetic():
        for line in forecast.lines:
            quantity = sum(line.quantities, ZERO)
            spec = shares.get(line.sku.family, shares.get(None))
            if line.sku.pass_through:
                mid += quantity * line.sku.list_rate
            elif spec is None:
                unknown.add(line.sku.family)
            elif spec.unit_price is not None:
                mid += quantity * spec.unit_price
            elif spec.cost_share is not None:
                mid += quantity * line.sku.list_rate * spec.cost_share
        return VendorCost(low=mid * low, mid=mid, high=mid * high, unknown=tuple(sorted(unknown)))


def zopa(
    cost: VendorCost, vendor_floor_margin: Decimal, reservation: Decimal, currency: str
) -> Zopa:
    """The room between the vendor's floor margin and our reservation (a cash amount)."""
    with exact_arithmetic():
        least = [
            round_money(each / (ONE - vendor_floor_margin), currency)
            for each in (cost.low, cost.mid, cost.high)
        ]
        rooms = [reservation - each for each in least]
    notices = [
        Notice(
            "VENDOR_COST_ASSUMED",
            "The vendor's cost is our estimate: "
            f"{' to '.join(format_money(round_money(each, currency), currency) for each in (cost.low, cost.high))}.",
            "zopa",
        )
    ]
    if cost.unknown:
        notices.append(
            Notice(
                "NO_COST_ESTIMATE",
                f"Nothing is known of the cost of {', '.join(cost.unknown)}.",
                "zopa",
            )
        )
    if rooms[1] < 0:
        gap = format_money(-rooms[1], currency)
        notices.append(
            Notice("NO_ZOPA", f"The least the vendor takes is {gap} above the most we pay.", "zopa")
        )
    return Zopa(
        currency=currency,
        vendor_least=(least[0], least[1], least[2]),
        our_most=reservation,
        low=rooms[0],
        mid=rooms[1],
        high=rooms[2],
        notices=tuple(notices),
    )


def openers(evaluation: Evaluation, limit: Decimal) -> tuple[Opener, ...]:
    """For each lever of the offer the smallest change that brings its cash to `limit` or below, the smallest step first.

    Levers: all discounts of the ladders, each portfolio or family discount, each commitment, a credit. A lever that
    cannot do it alone is left out; an offer within the limit needs none.
    """
    if evaluation.cash <= limit:
        return ()
    found = [
        opener
        for lever in _levers(evaluation)
        if (opener := _solve(evaluation, lever, limit)) is not None
    ]
    return tuple(sorted(found, key=lambda each: abs(each.after - each.before)))


@dataclass(frozen=True, slots=True)
class _Lever:
    """One dial: its value now, where it ends, and the terms at a value."""

    term_ids: tuple[str, ...]
    field: str
    now: Decimal
    end: Decimal
    step: Decimal
    says: str
    terms: Callable[[Decimal], Mapping[str, Term]]


def _levers(evaluation: Evaluation) -> Iterator[_Lever]:
    deal = evaluation.deal
    if deal.ladders:
        yield _Lever(
            tuple(ladder.id for ladder in deal.ladders),
            "tiers.discount",
            ZERO,
            MAX_DISCOUNT - max(tier.discount for ladder in deal.ladders for tier in ladder.tiers),
            Decimal("0.0001"),
            "every ladder discount {change} points deeper",
            lambda value: {ladder.id: deeper(ladder, value) for ladder in deal.ladders},
        )
    for rate in deal.rates:
        if rate.discount is not None:
            yield _Lever(
                (rate.id,),
                "discount",
                rate.discount,
                MAX_DISCOUNT,
                Decimal("0.0001"),
                f"the discount on {rate.sku or rate.family or 'everything'} at {{after}}",
                lambda value, rate=rate: {rate.id: replace(rate, discount=value)},  # type: ignore[misc]
            )
    for commitment in deal.commitments:
        if commitment.amount > 0 and deal.ramp is None:
            yield _Lever(
                (commitment.id,),
                "amount",
                commitment.amount,
                ZERO,
                Decimal(1),
                "the commitment at {after}",
                lambda value, term=commitment: {term.id: replace(term, amount=value)},  # type: ignore[misc]
            )
    yield _Lever(
        ("credit",),
        "amount",
        ZERO,
        max(ZERO, evaluation.net),
        Decimal(1),
        "a further credit of {after}",
        lambda value: {"\0credit": CreditTerm(id="\0credit", amount=value)},
    )


def deeper(ladder: LadderTerm, points: Decimal) -> LadderTerm:
    """The ladder with every discount `points` deeper (a fraction), held within [0, 0.9999]."""
    with exact_arithmetic():
        return replace(
            ladder,
            tiers=tuple(
                replace(tier, discount=max(ZERO, min(MAX_DISCOUNT, tier.discount + points)))
                for tier in ladder.tiers
            ),
        )


def _solve(evaluation: Evaluation, lever: _Lever, limit: Decimal) -> Opener | None:
    def cash(value: Decimal) -> Decimal:
        return with_terms(evaluation, lever.terms(value)).cash

    if cash(lever.end) > limit:
        return None
    with exact_arithmetic():
        span = lever.end - lever.now
        low, high = 0, int(abs(span) / lever.step) + 1  # in steps: low does not do it, high does
        step = lever.step.copy_sign(span)

        def at(steps: int) -> Decimal:
            value = lever.now + steps * step
            return min(value, lever.end) if span > 0 else max(value, lever.end)

        while high - low > 1:
            middle = (low + high) // 2
            if cash(at(middle)) > limit:
                low = middle
            else:
                high = middle
        after = at(high)
    with exact_arithmetic():
        change = f"{round_places((after - lever.now) * 100, 2):f}"
    shown = (
        format_money(after, evaluation.currency)
        if lever.step >= 1
        else f"{round_places(after * 100, 2):f} %"
    )
    return Opener(
        term_ids=lever.term_ids,
        field=lever.field,
        before=lever.now,
        after=after,
        cash=cash(after),
        message=f"With {lever.says.format(change=change, after=shown)} it would do.",
    )


def with_terms(evaluation: Evaluation, changed: Mapping[str, Term]) -> Evaluation:
    """The same offer with some terms (by id) replaced or added, on the same forecast."""
    terms = [changed.get(term.id, term) for term in evaluation.deal.terms]
    known = {term.id for term in terms}
    terms.extend(term for name, term in changed.items() if name not in known)
    return evaluate(
        terms,
        evaluation.forecast,
        currency=evaluation.currency,
        annual_rate=evaluation.annual_rate,
        list_increase=evaluation.pricing.list_increase,
    )
