"""What a quantity costs under each pricing model."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from negotiation.rates import graduated, package, rate_cost, rate_faults, unit_rate, volume
from negotiation.terms import PricingModel, RateTier
from tests.builders import a_rate

TIERS = (
    RateTier(Decimal(150_000), Decimal("0.0083")),
    RateTier(Decimal(300_000), Decimal("0.0081")),
    RateTier(None, Decimal("0.0079")),
)


@pytest.mark.parametrize(
    ("units", "by_slices", "by_total"),
    [
        (0, "0", "0"),
        (150_000, "1245", "1245"),
        (150_001, "1245.0081", "1215.0081"),
        (300_000, "2460", "2430"),
        (1_000_000, "7990", "7900"),
    ],
)
def test_the_worked_example_of_graduated_and_volume_prices(
    units: int, by_slices: str, by_total: str
) -> None:
    assert graduated(Decimal(units), TIERS) == Decimal(by_slices)
    assert volume(Decimal(units), TIERS) == Decimal(by_total)


def test_a_fraction_of_a_unit_never_falls_between_two_tiers() -> None:
    between = Decimal("150000.5")

    assert graduated(between, TIERS) == Decimal(1245) + Decimal("0.5") * Decimal("0.0081")
    assert volume(between, TIERS) == between * Decimal("0.0081")


@given(st.decimals(0, 1_000_000, places=3), st.decimals(0, 1000, places=3))
def test_graduated_cost_never_falls_as_the_quantity_grows(units: Decimal, more: Decimal) -> None:
    assert graduated(units + more, TIERS) >= graduated(units, TIERS)


def test_a_begun_package_is_paid_whole_and_none_costs_nothing() -> None:
    assert package(Decimal(0), Decimal(1000), Decimal(5)) == 0
    assert package(Decimal(1), Decimal(1000), Decimal(5)) == 5
    assert package(Decimal(1000), Decimal(1000), Decimal(5)) == 5
    assert package(Decimal("1000.1"), Decimal(1000), Decimal(5)) == 10


def test_a_price_of_zero_is_a_price() -> None:
    free = a_rate(sku="sms", unit_price=Decimal(0))

    assert rate_cost(free, Decimal(1000), Decimal("0.0083")) == 0
    assert unit_rate(free, Decimal("0.0083")) == 0


def test_a_discount_is_taken_off_list() -> None:
    term = a_rate(family="sms", discount=Decimal("0.25"))

    assert rate_cost(term, Decimal(1000), Decimal("0.008")) == Decimal(6)
    assert unit_rate(term, Decimal("0.008")) == Decimal("0.006")


def test_the_rate_of_tiers_is_the_average_over_the_quantity_and_the_entry_price_without_one() -> (
    None
):
    term = a_rate(sku="sms", model=PricingModel.VOLUME, tiers=TIERS)

    assert unit_rate(term, Decimal("0.0083"), Decimal(1_000_000)) == Decimal("0.0079")
    assert unit_rate(term, Decimal("0.0083")) == Decimal("0.0083")


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({}, "RATE_PRICE", "unitPrice"),
        ({"unit_price": Decimal(1), "discount": Decimal("0.1")}, "RATE_PRICE", "unitPrice"),
        ({"unit_price": Decimal(-1)}, "RATE_NEGATIVE", "unitPrice"),
        ({"discount": Decimal(1)}, "RATE_DISCOUNT", "discount"),
        ({"unit_price": Decimal(1), "sku": "a", "family": "b"}, "RATE_SCOPE", "family"),
        ({"unit_price": Decimal(1), "model": PricingModel.VOLUME}, "RATE_TIERS", "tiers"),
        ({"tiers": TIERS}, "RATE_TIERS", "tiers"),
        ({"unit_price": Decimal(1), "model": PricingModel.PACKAGE}, "RATE_PACKAGE", "packageSize"),
        ({"model": PricingModel.GRADUATED, "tiers": TIERS[:2]}, "RATE_TIER_GAP", "tiers.1.upTo"),
        (
            {"model": PricingModel.GRADUATED, "tiers": (TIERS[2], TIERS[2])},
            "RATE_TIER_OVERLAP",
            "tiers.0.upTo",
        ),
        (
            {"model": PricingModel.GRADUATED, "tiers": (TIERS[1], TIERS[0], TIERS[2])},
            "RATE_TIER_OVERLAP",
            "tiers.1.upTo",
        ),
    ],
)
def test_a_rate_that_cannot_be_computed_says_which_field_is_wrong(
    changes: dict[str, object], code: str, field: str
) -> None:
    faults = rate_faults(a_rate(**changes), "terms.0")

    assert (code, f"terms.0.{field}") in [(fault.code, fault.field) for fault in faults]
    assert all(fault.hint for fault in faults)


def test_a_sound_rate_has_no_faults() -> None:
    assert rate_faults(a_rate(sku="sms", model=PricingModel.GRADUATED, tiers=TIERS)) == ()
    assert rate_faults(a_rate(unit_price=Decimal(0))) == ()
