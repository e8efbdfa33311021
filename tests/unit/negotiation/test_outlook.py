"""What usage says about what is to come."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from negotiation.catalogue import Catalogue
from negotiation.demo import DemoWorkspace
from negotiation.forecast import Forecast
from negotiation.outlook import PRIOR_CV, Outlook, median, outlook
from negotiation.picture import Picture
from negotiation.records import UsageRow
from negotiation.usage import UsageFigures, days_between
from tests.builders import a_ladder, a_row, a_sku, catalogue_of, usage_of

SMS = a_sku("sms-us", list_rate=Decimal(1))
NUMBER = a_sku("number-us", family="numbers", unit="number", list_rate=Decimal(1))
FIGURES = UsageFigures(Catalogue(catalogue_of(SMS, NUMBER), (a_ladder(),)), "USD")
TODAY = date(2026, 4, 1)


def seen(rows: list[UsageRow], today: date = TODAY) -> Outlook:
    return outlook(usage_of(rows), FIGURES, today)


def steady(days: int, quantity: int = 100) -> list[UsageRow]:
    first = TODAY - timedelta(days=days)
    return [
        a_row(day, "sms-us", quantity) for day in days_between(first, TODAY - timedelta(days=1))
    ]


def by_month(forecast: Forecast, key: str = "sms-us") -> list[Decimal]:
    return next(line.quantities for line in forecast.lines if line.sku.key == key)  # type: ignore[return-value]


def test_steady_usage_goes_on_as_it_was() -> None:
    forecast = seen(steady(730)).forecast(TODAY, 3)

    assert list(by_month(forecast)) == [Decimal(3000), Decimal(3100), Decimal(3000)]
    assert forecast.cv["sms"] < Decimal("0.2")


def test_a_campaign_that_ran_twice_does_not_become_the_plan() -> None:
    rows = steady(730)
    rows[-10] = a_row(rows[-10].day, "sms-us", 1_000_000)

    (april,) = by_month(seen(rows).forecast(TODAY, 1))

    assert april < Decimal(3100)


def test_days_without_usage_are_left_out_not_taken_as_zero() -> None:
    rows = [row for row in steady(90) if row.day.day not in (5, 6, 7)]

    assert list(by_month(seen(rows).forecast(TODAY, 1))) == [Decimal(3000)]


def test_what_is_charged_once_a_month_keeps_its_sum() -> None:
    rows = [a_row(date(2026, month, 1), "number-us", 50) for month in (1, 2, 3)] + steady(90)

    assert list(by_month(seen(rows).forecast(TODAY, 1), "number-us")) == [Decimal(50)]


def test_growth_is_the_year_on_year_ratio_and_fades() -> None:
    rows = [
        a_row(TODAY - timedelta(days=back + 1), "sms-us", round(100_000 * 1.2 ** (-back / 365)))
        for back in range(700)
    ]
    found = seen(rows)
    may = by_month(found.forecast(TODAY, 26))[1::12]

    assert abs(found.trends["sms"].growth - Decimal("0.2")) < Decimal("0.02")
    assert may[2] > may[1] > may[0] > Decimal(3_100_000)
    assert may[2] - may[1] < may[1] - may[0]


def test_a_season_seen_twice_comes_again() -> None:
    rows = []
    for back in range(760):
        day = TODAY - timedelta(days=back + 1)
        rows.append(a_row(day, "sms-us", 200 if day.month == 12 else 100))
    found = seen(rows)

    season = found.trends["sms"].season
    assert season[11] > Decimal("1.4")
    assert all(factor < 1 for factor in season[:11])
    quantities = dict(zip(range(4, 13), by_month(found.forecast(TODAY, 9)), strict=True))
    assert quantities[12] > Decimal("1.4") * quantities[10]


def test_little_history_means_a_wide_plan_without_trend() -> None:
    found = seen(steady(20))

    assert found.trends["sms"].growth == 0
    assert found.trends["sms"].cv == PRIOR_CV
    assert list(by_month(found.forecast(TODAY, 1))) == [Decimal(3000)]


def test_without_usage_there_is_nothing_to_expect() -> None:
    forecast = seen([]).forecast(TODAY, 12)

    assert forecast.lines == ()
    assert forecast.months == 12


def test_spend_before_the_start_is_real_usage_and_the_plan_where_it_does_not_reach() -> None:
    found = seen(steady(200))
    prior = found.forecast(date(2026, 6, 15), 12).prior["sms"]

    assert prior[date(2026, 3, 1)].list_amount == 3100
    assert prior[date(2026, 3, 1)].net == 3100 * Decimal("0.68")
    assert prior[date(2026, 5, 1)].list_amount == 3100
    assert prior[date(2026, 6, 1)].list_amount == 1400, "the 14 days before the start"
    assert date(2026, 7, 1) not in prior


def test_the_same_usage_gives_the_same_plan_and_another_another() -> None:
    one = seen(steady(400)).forecast(TODAY, 24)
    again = seen(steady(400)).forecast(TODAY, 24)
    other = seen(steady(400, 101)).forecast(TODAY, 24)

    assert one.hash == again.hash
    assert one.hash != other.hash


def test_factors_scale_the_volumes_and_not_what_was_before() -> None:
    forecast = seen(steady(400)).forecast(TODAY, 2)
    scaled = forecast.scaled(Decimal(2), {"sms": Decimal("1.5")})

    assert by_month(scaled)[0] == 3 * by_month(forecast)[0]
    assert scaled.prior == forecast.prior


def test_the_backtest_on_the_demo_misses_by_little(
    demo: DemoWorkspace, demo_picture: Picture
) -> None:
    cut = date(2025, 10, 1)
    told = outlook(demo_picture.usage, demo_picture.figures, cut).forecast(cut, 6)
    planned = sum(
        sum(line.quantities) * line.sku.list_rate
        for line in told.lines
        if not line.sku.pass_through
    )
    actual = sum(
        volume.list_amount
        for family, volume in demo_picture.figures.families(
            demo_picture.usage, cut, date(2026, 3, 31), Decimal(0)
        ).items()
        if family != "carrier-fees"
    )

    assert abs(planned / actual - 1) < Decimal("0.12")


@pytest.mark.parametrize(
    ("values", "middle"), [((3, 1, 2), "2"), ((4, 1, 2, 3), "2.5"), ((7,), "7")]
)
def test_the_median_is_the_middle(values: tuple[int, ...], middle: str) -> None:
    assert median([Decimal(value) for value in values]) == Decimal(middle)


def test_the_median_of_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match="nothing"):
        median([])
