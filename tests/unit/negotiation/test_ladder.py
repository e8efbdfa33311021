"""The portfolio ladder: tiers, boundaries, CLIFF and MARGINAL, going down again."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from negotiation.ladder import (
    TierWalk,
    discount_at,
    ladder_charge,
    ladder_faults,
    next_tier,
    tier_at,
)
from negotiation.terms import (
    LadderApplication,
    LadderBoundary,
    LadderDowngrade,
    LadderTier,
)
from tests.builders import a_ladder

MARGINAL = a_ladder(application=LadderApplication.MARGINAL)


@pytest.mark.parametrize(
    ("spend", "exclusive", "inclusive"),
    [
        ("0", "A", "A"),
        ("249999.99", "A", "A"),
        ("250000.00", "A", "B"),
        ("250000.01", "B", "B"),
        ("1000000.00", "B", "C"),
        ("1000000.01", "C", "C"),
    ],
)
def test_the_boundary_word_decides_who_stands_on_the_threshold(
    spend: str, exclusive: str, inclusive: str
) -> None:
    above, from_there = (
        tier_at(a_ladder(), Decimal(spend)),
        tier_at(a_ladder(boundary=LadderBoundary.INCLUSIVE), Decimal(spend)),
    )

    assert above is not None
    assert from_there is not None
    assert (above.name, from_there.name) == (exclusive, inclusive)


def test_below_the_first_threshold_there_is_no_tier_and_no_discount() -> None:
    ladder = a_ladder(tiers=(LadderTier("B", Decimal(100), Decimal("0.1")),))

    assert tier_at(ladder, Decimal(100)) is None
    assert discount_at(ladder, Decimal(100)) == 0
    found = next_tier(ladder, Decimal(40))
    assert found is not None
    assert (found.tier.name, found.distance) == ("B", Decimal(60))


def test_the_next_tier_is_named_with_its_distance_and_the_last_has_none() -> None:
    found = next_tier(a_ladder(), Decimal("249000.50"))

    assert found is not None
    assert (found.tier.name, found.distance) == ("B", Decimal("999.50"))
    assert next_tier(a_ladder(), Decimal(2_000_000)) is None


def test_rack_of_1_200_000_costs_660_000_by_cliff_and_752_500_by_slices() -> None:
    assert ladder_charge(a_ladder(), Decimal(1_200_000)) == Decimal(660_000)
    assert ladder_charge(MARGINAL, Decimal(1_200_000)) == Decimal(752_500)


@given(st.decimals(0, 3_000_000, places=2), st.decimals("0.01", 50, places=2))
def test_marginal_cost_is_continuous_and_never_falls(spend: Decimal, step: Decimal) -> None:
    rise = ladder_charge(MARGINAL, spend + step) - ladder_charge(MARGINAL, spend)

    assert Decimal("0.55") * step <= rise <= Decimal("0.68") * step


@given(st.decimals(0, 3_000_000, places=2))
def test_the_marginal_discount_times_the_spend_is_what_the_slices_take_off(spend: Decimal) -> None:
    charged = spend * (1 - discount_at(MARGINAL, spend))

    assert charged.quantize(Decimal("1e-9")) == ladder_charge(MARGINAL, spend).quantize(
        Decimal("1e-9")
    )


def test_a_ladder_that_follows_goes_down_at_once() -> None:
    walk = TierWalk(a_ladder())

    assert [
        discount_at(walk.ladder, walk.step(Decimal(spend))) for spend in (300_000, 200_000)
    ] == [
        Decimal("0.37"),
        Decimal("0.32"),
    ]


def test_a_ratchet_never_goes_down() -> None:
    walk = TierWalk(a_ladder(downgrade=LadderDowngrade.RATCHET))
    spends = (300_000, 100_000, 1_500_000, 0)

    assert [str(discount_at(walk.ladder, walk.step(Decimal(s)))) for s in spends] == [
        "0.37",
        "0.37",
        "0.45",
        "0.45",
    ]


def test_grace_holds_the_tier_for_its_months_and_a_recovery_starts_it_anew() -> None:
    walk = TierWalk(a_ladder(downgrade=LadderDowngrade.GRACE, grace_months=2))
    spends = (300_000, 200_000, 200_000, 300_000, 200_000, 200_000, 200_000)

    assert [str(discount_at(walk.ladder, walk.step(Decimal(s)))) for s in spends] == [
        "0.37",
        "0.37",
        "0.37",
        "0.37",
        "0.37",
        "0.37",
        "0.32",
    ]


def tiers(*steps: tuple[str, int, str]) -> tuple[LadderTier, ...]:
    return tuple(LadderTier(name, Decimal(at), Decimal(off)) for name, at, off in steps)


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"tiers": ()}, "LADDER_EMPTY", "tiers"),
        ({"window_days": 0}, "LADDER_WINDOW", "windowDays"),
        ({"grace_months": -1}, "LADDER_GRACE", "graceMonths"),
        (
            {"tiers": tiers(("A", 0, "0.1"), ("B", 0, "0.2"))},
            "LADDER_OVERLAP",
            "tiers.1.threshold",
        ),
        (
            {"tiers": tiers(("A", 10, "0.1"), ("B", 5, "0.2"))},
            "LADDER_NOT_ASCENDING",
            "tiers.1.threshold",
        ),
        ({"tiers": tiers(("A", -1, "0.1"))}, "LADDER_NEGATIVE_THRESHOLD", "tiers.0.threshold"),
        ({"tiers": tiers(("A", 0, "1"))}, "LADDER_DISCOUNT", "tiers.0.discount"),
        ({"tiers": tiers(("A", 0, "0"), ("A", 1, "0"))}, "LADDER_TIER_NAME", "tiers.1.name"),
        ({"tiers": tiers((" ", 0, "0"))}, "LADDER_TIER_NAME", "tiers.0.name"),
    ],
)
def test_a_ladder_that_cannot_be_computed_says_which_field_is_wrong(
    changes: dict[str, object], code: str, field: str
) -> None:
    faults = ladder_faults(a_ladder(**changes), "terms.2")

    assert (code, f"terms.2.{field}") in [(fault.code, fault.field) for fault in faults]


def test_the_example_ladder_is_sound() -> None:
    assert ladder_faults(a_ladder()) == ()
