"""Trailing windows, daily spend and volumes from daily usage."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from negotiation.catalogue import Catalogue
from negotiation.records import UsageDay, UsageRow
from negotiation.terms import LadderBasis, LadderDowngrade, LadderEffective, Term
from negotiation.usage import UsageFigures, days_between, window
from tests.builders import a_ladder, a_rate, a_renewal, a_row, a_sku, catalogue_of, usage_of
from tests.effort import effort

UNIT = a_sku("sms-us", list_rate=Decimal(1))
VOICE = a_sku("voice-us", family="voice", unit="minute", list_rate=Decimal(2))
FEE = a_sku("fee-us", family="carrier-fees", list_rate=Decimal(1), pass_through=True)
SKUS = catalogue_of(UNIT, VOICE, FEE)
APRIL = date(2026, 4, 1)


def figures(*terms: Term) -> UsageFigures:
    return UsageFigures(Catalogue(SKUS, terms), "USD")


def every_day(first: str, last: str, quantity: str, sku: str = "sms-us") -> list[UsageRow]:
    days = days_between(date.fromisoformat(first), date.fromisoformat(last))
    return [a_row(day, sku, quantity) for day in days]


def test_the_window_of_1_april_is_1_january_to_31_march() -> None:
    assert window(APRIL) == (date(2026, 1, 1), date(2026, 3, 31))


def test_the_day_itself_and_the_day_before_the_window_do_not_count() -> None:
    usage = usage_of(
        [
            a_row("2025-12-31", "sms-us", 1000),
            a_row("2026-04-01", "sms-us", 1000),
            *every_day("2026-01-01", "2026-03-31", "1"),
        ]
    )

    found = figures(a_ladder()).trailing(usage, APRIL)

    assert (found.first, found.last) == (date(2026, 1, 1), date(2026, 3, 31))
    assert found.amount == Decimal("90.00")
    assert found.missing == ()


def test_missing_days_are_listed_and_a_day_of_zero_is_not_missing() -> None:
    rows = every_day("2026-01-01", "2026-03-30", "1")
    rows[3] = a_row("2026-01-04", "sms-us", 0)
    del rows[10]

    found = figures().trailing(usage_of(rows), APRIL)

    assert found.missing == (date(2026, 1, 11), date(2026, 3, 31))
    assert found.amount == Decimal(87)


def test_no_usage_at_all_is_ninety_missing_days() -> None:
    assert len(figures(a_ladder()).trailing({}, APRIL).missing) == 90


@pytest.mark.parametrize(
    ("extra", "tier", "distance"),
    [("0", "A", "0.00"), ("0.01", "B", "749999.99"), ("0.004", "A", "0.00")],
)
def test_the_tier_is_that_of_the_amount_as_it_is_shown(
    extra: str, tier: str, distance: str
) -> None:
    rows = [a_row("2026-02-01", "sms-us", str(Decimal(250_000) + Decimal(extra)))]

    found = figures(a_ladder()).trailing(usage_of(rows), APRIL)

    assert found.tier is not None
    assert found.next is not None
    assert (found.tier.name, found.next.distance) == (tier, Decimal(distance))


def test_pass_through_counts_neither_for_the_ladder_nor_is_it_discounted() -> None:
    usage = usage_of([a_row("2026-03-01", "sms-us", 100), a_row("2026-03-01", "fee-us", 40)])

    assert figures(a_ladder()).trailing(usage, APRIL).amount == 100
    day = figures(a_ladder()).daily(usage, date(2026, 3, 1), date(2026, 3, 1))[0]
    assert (day.list_amount, day.net) == (Decimal(140), Decimal(108))


def test_a_ladder_of_one_family_counts_that_family() -> None:
    usage = usage_of([a_row("2026-03-01", "sms-us", 100), a_row("2026-03-01", "voice-us", 40)])

    assert figures(a_ladder(families=("voice",))).trailing(usage, APRIL).amount == 80


def test_billed_spend_needs_a_price_on_every_row_or_the_day_is_missing() -> None:
    usage = usage_of(
        [
            a_row("2026-03-01", "sms-us", 100, billed=Decimal(70)),
            a_row("2026-03-02", "sms-us", 100, billed=Decimal(0)),
            a_row("2026-03-03", "sms-us", 100, billed=Decimal(70)),
            a_row("2026-03-03", "voice-us", 1),
        ]
    )
    found = figures(a_ladder(basis=LadderBasis.BILLED)).trailing(usage, APRIL)
    days = figures(a_ladder()).daily(usage, date(2026, 3, 1), date(2026, 3, 31))

    assert found.amount == 70
    assert len(found.missing) == 88
    assert date(2026, 3, 3) in found.missing
    assert [day.billed for day in days] == [Decimal(70), Decimal(0), None]


def test_net_spend_takes_the_tier_of_each_month_from_the_window_before_it() -> None:
    usage = usage_of(every_day("2026-01-01", "2026-06-30", "5000"))

    days = figures(a_ladder()).daily(usage, date(2026, 1, 31), date(2026, 6, 30))

    by_day = {day.day: day.net for day in days}
    assert by_day[date(2026, 1, 31)] == Decimal("3400.00")
    assert by_day[date(2026, 2, 28)] == Decimal("3400.00")
    assert by_day[date(2026, 3, 1)] == Decimal("3150.00")
    assert by_day[date(2026, 6, 30)] == Decimal("3150.00")


def test_a_net_ladder_measures_what_it_made_of_the_months_before() -> None:
    usage = usage_of(every_day("2025-10-01", "2026-05-31", "18000"))
    on_list = figures(a_ladder()).trailing(usage, APRIL)
    on_net = figures(a_ladder(basis=LadderBasis.NET)).trailing(usage, APRIL)

    assert on_list.amount == 90 * 18000
    discounts = figures(a_ladder(basis=LadderBasis.NET)).discounts(usage, date(2026, 3, 31))
    assert on_net.amount == sum(
        18000 * (1 - discounts[day]) for day in days_between(on_net.first, on_net.last)
    )
    assert on_net.amount < on_list.amount


def test_tiers_can_change_by_the_day_and_with_the_day_itself() -> None:
    usage = usage_of(every_day("2026-01-01", "2026-01-10", "100000"))
    by_day = figures(a_ladder(effective=LadderEffective.NEXT_DAY)).discounts(
        usage, date(2026, 1, 10)
    )
    at_once = figures(a_ladder(effective=LadderEffective.IMMEDIATE)).discounts(
        usage, date(2026, 1, 10)
    )

    assert [str(by_day[date(2026, 1, day)]) for day in (3, 4, 5)] == ["0.32", "0.37", "0.37"]
    assert [str(at_once[date(2026, 1, day)]) for day in (2, 3, 4)] == ["0.32", "0.37", "0.37"]
    assert at_once[date(2026, 1, 10)] == Decimal("0.37")


def test_a_ratchet_remembers_nothing_from_before_the_term() -> None:
    usage = usage_of(
        every_day("2025-06-01", "2025-08-31", "5000") + every_day("2025-09-01", "2026-03-31", "10")
    )
    terms = (
        a_ladder(downgrade=LadderDowngrade.RATCHET, effective=LadderEffective.NEXT_DAY),
        a_renewal(start=date(2026, 1, 1)),
    )

    discounts = figures(*terms).discounts(usage, date(2026, 3, 31))

    assert discounts[date(2025, 12, 31)] == Decimal("0.37")
    assert discounts[date(2026, 1, 1)] == Decimal("0.32")


def test_families_add_quantity_list_and_net_of_their_skus() -> None:
    usage = usage_of(
        [
            a_row("2026-03-01", "sms-us", 10),
            a_row("2026-03-02", "sms-us", 30),
            a_row("2026-03-02", "fee-us", 40),
            a_row("2026-03-03", "voice-us", 7),
        ]
    )
    found = figures(a_ladder()).families(usage, date(2026, 3, 1), date(2026, 3, 2), Decimal("0.5"))

    assert list(found) == ["carrier-fees", "sms"]
    assert found["sms"].quantity == 40
    assert (found["sms"].list_amount, found["sms"].net) == (Decimal(40), Decimal(20))
    assert found["carrier-fees"].net == 40


def test_a_sku_nobody_knows_counts_at_its_billed_price_and_is_named() -> None:
    usage = usage_of(
        [a_row("2026-03-01", "mystery", 10, billed=Decimal(3)), a_row("2026-03-02", "riddle", 10)]
    )
    found = figures()

    assert found.unknown(usage, date(2026, 3, 1), date(2026, 3, 31)) == {"mystery", "riddle"}
    days = found.daily(usage, date(2026, 3, 1), date(2026, 3, 2))
    assert [day.list_amount for day in days] == [Decimal(3), Decimal(0)]


def test_only_days_that_changed_are_computed_again() -> None:
    shared = a_rate(sku="sms-us", unit_price=Decimal(1))
    usage = usage_of(every_day("2024-04-01", "2026-03-31", "10"))
    found = figures(a_ladder(), shared)
    found.daily(usage, date(2024, 4, 1), date(2026, 3, 31))
    before = {day: found.day(usage_day) for day, usage_day in usage.items()}

    restated = dict(usage)
    restated[date(2026, 3, 3)] = UsageDay(
        date(2026, 3, 3), {"sms-us": a_row("2026-03-03", "sms-us", 20)}
    )

    assert found.trailing(restated, APRIL).amount == 910
    changed = [day for day in usage if found.day(restated[day]) is not before[day]]
    assert changed == [date(2026, 3, 3)]


def test_a_changed_day_is_recomputed_without_the_two_years_before_it() -> None:
    skus = catalogue_of(*(a_sku(f"sku-{n:03}", family=f"family-{n % 12}") for n in range(147)))
    last = date(2026, 3, 31)
    days = list(days_between(last - timedelta(days=729), last))
    usage = usage_of(a_row(day, key, 7) for day in days for key in skus)
    found = UsageFigures(Catalogue(skus, (a_ladder(),)), "USD")
    at_first = effort(lambda: found.trailing(usage, APRIL))
    usage[last] = UsageDay(last, usage[last].rows)
    after = effort(lambda: found.trailing(usage, APRIL))

    amount = found.trailing(usage, APRIL).amount
    families = found.families(usage, last - timedelta(days=364), last, Decimal("0.32"))
    assert amount == (90 * 147 * 7 * Decimal("0.0083")).quantize(Decimal("0.01"))
    assert sum(family.quantity for family in families.values()) == 365 * 147 * 7
    assert after < at_first / 10


def test_the_ladder_is_walked_once_for_the_same_usage_however_many_figures_need_it() -> None:
    usage = usage_of(every_day("2025-01-01", "2026-03-31", "100"))
    under = figures(a_ladder())
    walked = effort(lambda: under.discounts(usage, APRIL))
    assert effort(lambda: under.discounts(usage, APRIL)) * 50 < walked
    other = usage_of([*every_day("2025-01-01", "2026-03-31", "100"), a_row(APRIL, "sms-us", 1)])
    assert under.discounts(other, APRIL) == figures(a_ladder()).discounts(other, APRIL)
