"""Rates of the SKUs under the terms in force: list, agreed and effective rate, and which discount applies to what.

One Catalogue per (SKUs, terms); it never changes. Trailing spend and tiers are `ladder`'s and `usage`'s, the cost
of tiered rates in a month is `evaluation`'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import TypeVar

from negotiation.decimals import exact_arithmetic
from negotiation.ladder import discount_at
from negotiation.rates import rate_cost, unit_rate
from negotiation.records import Sku
from negotiation.terms import (
    LadderTerm,
    PaymentTerm,
    PricingModel,
    RateTerm,
    RenewalTerm,
    Stacking,
    Term,
)

ZERO = Decimal(0)
ONE = Decimal(1)

T = TypeVar("T", bound=Term)

_RATE_TABLES_KEPT = 64


def the_term(terms: Iterable[Term], kind: type[T]) -> T | None:
    """The term of a kind; of several the one with the smallest id, whatever their order (several are a finding)."""
    found = [term for term in terms if isinstance(term, kind)]
    return min(found, key=lambda term: term.id) if found else None


@dataclass(frozen=True, slots=True)
class AgreedRate:
    """The rate that was agreed for a SKU apart from the ladder. `locked`: list rises do not move it."""

    term: RateTerm | None
    unit_price: Decimal
    locked: bool


def stacked(stacking: Stacking, agreed: Decimal, list_rate: Decimal, discount: Decimal) -> Decimal:
    """What an agreed rate and a ladder discount make together, per unit."""
    with exact_arithmetic():
        laddered = list_rate * (ONE - discount)
        match stacking:
            case Stacking.LOCKED_WINS:
                return agreed
            case Stacking.LADDER_WINS:
                return laddered
            case Stacking.COMPOUND:
                return agreed * (ONE - discount)
            case Stacking.BETTER_OF:
                return min(agreed, laddered)


@dataclass(frozen=True, eq=False)
class Catalogue:
    """The SKUs by key, and the terms in force over them.

    An agreed rate is the RateTerm for the SKU, else for its family, else for everything, else the SKU's own
    `contract_rate`. A pass-through SKU is never discounted: only a RateTerm that names it gives it another price.
    Without an agreed rate the ladder's discount alone applies; without a ladder, list. Of two rates for the same scope
    the one with the smaller id counts.
    """

    skus: Mapping[str, Sku]
    terms: tuple[Term, ...] = ()
    _agreed: dict[str, AgreedRate | None] = field(default_factory=dict, init=False, repr=False)
    _rates: dict[Decimal, Mapping[str, Decimal]] = field(
        default_factory=dict, init=False, repr=False
    )

    @cached_property
    def ladder(self) -> LadderTerm | None:
        return the_term(self.terms, LadderTerm)

    @property
    def renewal(self) -> RenewalTerm | None:
        return the_term(self.terms, RenewalTerm)

    @property
    def payment(self) -> PaymentTerm | None:
        return the_term(self.terms, PaymentTerm)

    @cached_property
    def _rate_terms(self) -> tuple[RateTerm, ...]:
        found = (term for term in self.terms if isinstance(term, RateTerm))
        return tuple(sorted(found, key=lambda term: term.id))

    def base_discount(self) -> Decimal:
        """The ladder's discount before any spend; 0 without a ladder."""
        return discount_at(self.ladder, ZERO) if self.ladder is not None else ZERO

    def agreed(self, key: str) -> AgreedRate | None:
        """What was agreed for the SKU apart from the ladder, or None. KeyError for an unknown SKU."""
        if key not in self._agreed:
            self._agreed[key] = self._find_agreed(self.skus[key])
        return self._agreed[key]

    def on_ladder(self, key: str) -> bool:
        """Whether the ladder's discount touches this SKU at all (whatever an agreed rate makes of it)."""
        ladder, sku = self.ladder, self.skus[key]
        if ladder is None or sku.pass_through:
            return False
        return not ladder.families or sku.family in ladder.families

    def rate(self, key: str, discount: Decimal | None = None) -> Decimal:
        """The effective rate of one unit under a ladder `discount` (default: the one before any spend).

        Tiered and packaged rates count at their entry price. KeyError for an unknown SKU.
        """
        return self.rates(self.base_discount() if discount is None else discount)[key]

    def rates(self, discount: Decimal) -> Mapping[str, Decimal]:
        """Every SKU's effective rate under a ladder `discount`."""
        if discount not in self._rates:
            if len(self._rates) >= _RATE_TABLES_KEPT:
                self._rates.clear()
            self._rates[discount] = {key: self._effective(key, discount) for key in self.skus}
        return self._rates[discount]

    @cached_property
    def tiered(self) -> frozenset[str]:
        """The SKUs whose price depends on how much is used in a month."""
        found = ((key, self.agreed(key)) for key in self.skus)
        return frozenset(
            key
            for key, agreed in found
            if agreed is not None
            and agreed.term is not None
            and agreed.term.model is not PricingModel.FLAT
        )

    def list_amount(self, key: str, quantity: Decimal) -> Decimal:
        """`quantity` at the list rate, unrounded."""
        with exact_arithmetic():
            return quantity * self.skus[key].list_rate

    def net_amount(self, key: str, quantity: Decimal, discount: Decimal) -> Decimal:
        """`quantity` under the terms in force and a ladder `discount`, unrounded; tiers over this quantity."""
        agreed = self.agreed(key)
        with exact_arithmetic():
            if key not in self.tiered or agreed is None or agreed.term is None:
                return quantity * self.rate(key, discount)
            sku = self.skus[key]
            cost = rate_cost(agreed.term, quantity, sku.list_rate)
            if self.ladder is None or not self.on_ladder(key):
                return cost
            return stacked(self.ladder.stacking, cost, quantity * sku.list_rate, discount)

    def is_locked(self, key: str) -> bool:
        """Whether the SKU's rate is locked, by its record or by a term."""
        agreed = self.agreed(key)
        return self.skus[key].locked or (agreed is not None and agreed.locked)

    def _effective(self, key: str, discount: Decimal) -> Decimal:
        sku, agreed, ladder = self.skus[key], self.agreed(key), self.ladder
        if ladder is None or not self.on_ladder(key):
            return sku.list_rate if agreed is None else agreed.unit_price
        if agreed is not None:
            return stacked(ladder.stacking, agreed.unit_price, sku.list_rate, discount)
        with exact_arithmetic():
            return sku.list_rate * (ONE - discount)

    def _find_agreed(self, sku: Sku) -> AgreedRate | None:
        if (term := self._rate_term(sku)) is not None:
            return AgreedRate(term, unit_rate(term, sku.list_rate), term.locked or sku.locked)
        if sku.contract_rate is not None and not sku.pass_through:
            return AgreedRate(None, sku.contract_rate, sku.locked)
        return None

    def _rate_term(self, sku: Sku) -> RateTerm | None:
        for term in self._rate_terms:
            if term.sku == sku.key:
                return term
        if sku.pass_through:
            return None
        for term in self._rate_terms:
            if term.sku is None and term.family == sku.family:
                return term
        for term in self._rate_terms:
            if term.sku is None and term.family is None:
                return term
        return None
