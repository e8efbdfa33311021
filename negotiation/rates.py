"""What a quantity costs under one pricing model: FLAT, GRADUATED, VOLUME, PACKAGE.

Exact and unrounded: rounding is the invoice line's. Which rate a SKU has is `catalogue`'s business.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import ROUND_CEILING, Decimal

from negotiation.decimals import exact_arithmetic
from negotiation.errors import TermError
from negotiation.terms import PricingModel, RateTerm, RateTier

ZERO = Decimal(0)
ONE = Decimal(1)


def graduated(quantity: Decimal, tiers: Sequence[RateTier]) -> Decimal:
    """Each unit at the price of the tier it falls into: 150,001 units cost 1,245.0081 in the example of the tests."""
    with exact_arithmetic():
        total, below = ZERO, ZERO
        for tier in tiers:
            top = quantity if tier.up_to is None else min(quantity, tier.up_to)
            if top > below:
                total += (top - below) * tier.unit_price
                below = top
        return total


def volume(quantity: Decimal, tiers: Sequence[RateTier]) -> Decimal:
    """Every unit at the price of the tier that the whole quantity reaches; `up_to` belongs to its tier."""
    with exact_arithmetic():
        for tier in tiers:
            if tier.up_to is None or quantity <= tier.up_to:
                return quantity * tier.unit_price
        return ZERO


def package(quantity: Decimal, size: Decimal, price: Decimal) -> Decimal:
    """Whole packages of `size` units at `price` each; a begun package is a whole one, none cost nothing."""
    with exact_arithmetic():
        return (quantity / size).to_integral_value(rounding=ROUND_CEILING) * price


def rate_cost(term: RateTerm, quantity: Decimal, list_rate: Decimal) -> Decimal:
    """What `quantity` units cost under `term`, unrounded. `list_rate` matters to a discount only."""
    with exact_arithmetic():
        if term.discount is not None:
            return quantity * list_rate * (ONE - term.discount)
        match term.model:
            case PricingModel.GRADUATED:
                return graduated(quantity, term.tiers)
            case PricingModel.VOLUME:
                return volume(quantity, term.tiers)
            case PricingModel.PACKAGE if term.package_size is not None:
                return package(quantity, term.package_size, _price(term, list_rate))
            case _:
                return quantity * _price(term, list_rate)


def unit_rate(term: RateTerm, list_rate: Decimal, quantity: Decimal | None = None) -> Decimal:
    """The price of one unit: exact for FLAT; for tiers and packages the average over `quantity`, without one the
    entry price (the first tier's; a package's price divided by its size)."""
    with exact_arithmetic():
        if term.discount is not None:
            return list_rate * (ONE - term.discount)
        if quantity is not None and quantity > 0 and term.model is not PricingModel.FLAT:
            return rate_cost(term, quantity, list_rate) / quantity
        if term.model in (PricingModel.GRADUATED, PricingModel.VOLUME) and term.tiers:
            return term.tiers[0].unit_price
        if term.model is PricingModel.PACKAGE and term.package_size is not None:
            return _price(term, list_rate) / term.package_size
        return _price(term, list_rate)


def rate_faults(term: RateTerm, path: str = "") -> tuple[TermError, ...]:
    """Why the rate cannot be computed, each with its field under `path`; empty when it can."""
    return tuple(_faults(term, f"{path}." if path else ""))


def _price(term: RateTerm, list_rate: Decimal) -> Decimal:
    return term.unit_price if term.unit_price is not None else list_rate


def _faults(term: RateTerm, at: str) -> Iterator[TermError]:
    given = [term.unit_price is not None, term.discount is not None, bool(term.tiers)]
    if sum(given) != 1:
        yield TermError(
            "RATE_PRICE",
            "A rate needs exactly one of unit price, discount and tiers.",
            f"{at}unitPrice",
            "Keep one of the three.",
        )
    if term.sku is not None and term.family is not None:
        yield TermError(
            "RATE_SCOPE",
            "A rate is for a SKU or for a family, not for both.",
            f"{at}family",
            "Leave one of them out.",
        )
    if term.unit_price is not None and term.unit_price < 0:
        yield TermError(
            "RATE_NEGATIVE",
            f"The unit price is {term.unit_price}.",
            f"{at}unitPrice",
            "A price is 0 or more.",
        )
    if term.discount is not None and not ZERO <= term.discount < ONE:
        yield TermError(
            "RATE_DISCOUNT",
            f"The discount is {term.discount}.",
            f"{at}discount",
            "A discount is at least 0 and below 1 (0.37 or 37%).",
        )
    yield from _model_faults(term, at)
    yield from _tier_faults(term.tiers, at)


def _model_faults(term: RateTerm, at: str) -> Iterator[TermError]:
    tiered = term.model in (PricingModel.GRADUATED, PricingModel.VOLUME)
    if tiered != bool(term.tiers):
        yield TermError(
            "RATE_TIERS",
            f"A {term.model} rate {'needs' if tiered else 'has no'} tiers.",
            f"{at}tiers",
            "Tiers belong to GRADUATED and VOLUME.",
        )
    packaged = term.model is PricingModel.PACKAGE
    if packaged != (term.package_size is not None):
        yield TermError(
            "RATE_PACKAGE",
            f"A {term.model} rate {'needs' if packaged else 'has no'} package size.",
            f"{at}packageSize",
            "A package size belongs to PACKAGE.",
        )
    if packaged and term.discount is not None:
        yield TermError(
            "RATE_PACKAGE",
            "A PACKAGE rate has a price, not a discount.",
            f"{at}discount",
            "Give the price of one package as the unit price.",
        )
    if term.package_size is not None and term.package_size <= 0:
        yield TermError(
            "RATE_PACKAGE",
            f"The package size is {term.package_size}.",
            f"{at}packageSize",
            "A package has more than 0 units.",
        )


def _tier_faults(tiers: Sequence[RateTier], at: str) -> Iterator[TermError]:
    below = ZERO
    for index, tier in enumerate(tiers):
        here = f"{at}tiers.{index}"
        last = index == len(tiers) - 1
        if tier.unit_price < 0:
            yield TermError(
                "RATE_NEGATIVE",
                f"The unit price is {tier.unit_price}.",
                f"{here}.unitPrice",
                "A price is 0 or more.",
            )
        if last and tier.up_to is not None:
            yield TermError(
                "RATE_TIER_GAP",
                f"Nothing prices the units above {tier.up_to}.",
                f"{here}.upTo",
                "Leave upTo out in the last tier.",
            )
        if not last and tier.up_to is None:
            yield TermError(
                "RATE_TIER_OVERLAP",
                "An open tier is followed by another one.",
                f"{here}.upTo",
                "Only the last tier is open.",
            )
        if tier.up_to is not None:
            if tier.up_to <= below:
                yield TermError(
                    "RATE_TIER_OVERLAP",
                    f"The tier ends at {tier.up_to}, where the one below it already was.",
                    f"{here}.upTo",
                    "Each tier ends above the one before it.",
                )
            below = max(below, tier.up_to)
