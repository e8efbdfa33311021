"""What a screen shows of a negotiation, derived from a snapshot."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from negotiation.catalogue import Catalogue
from negotiation.envelope import compute_envelope, margin_band
from negotiation.months import add_months, contract_end, last_notice_day, month_end, months_from
from negotiation.picture import Picture, Pictures, StreamLine
from negotiation.ratio import MarginRate
from negotiation.records import MilestoneStatus, Snapshot, StreamSide, UsageDay
from negotiation.terms import PricingModel, RateTier
from negotiation.trace import verify_trace
from tests.builders import (
    TODAY,
    a_ladder,
    a_milestone,
    a_negotiation,
    a_rate,
    a_renewal,
    a_row,
    a_sku,
    a_snapshot,
    a_stream,
)

SMS = a_sku("sms-us", list_rate=Decimal("0.01"))
SMS_UK = a_sku("sms-gb", list_rate=Decimal("0.05"))
VOICE = a_sku("voice-us", family="voice", unit="minute", list_rate=Decimal("0.02"))
YESTERDAY = TODAY - timedelta(days=1)
NEGOTIATION = a_negotiation(terms=(a_ladder(), a_renewal()))


def picture_of(snapshot: Snapshot) -> Picture:
    (negotiation,) = snapshot.negotiations.values()
    return Pictures().of(snapshot, negotiation, TODAY)


def line(picture: Picture, name: str, side: StreamSide = StreamSide.REVENUE) -> StreamLine:
    (found,) = [each for each in picture.streams if (each.name, each.side) == (name, side)]
    return found


def test_a_stream_of_a_family_is_our_usage_at_rates_weighted_by_our_mix() -> None:
    picture = picture_of(
        a_snapshot(
            negotiation=NEGOTIATION,
            skus=[SMS, SMS_UK],
            usage=[a_row(YESTERDAY, "sms-us", 300), a_row(YESTERDAY, "sms-gb", 100)],
            streams=[a_stream(name="Messages")],
        )
    )
    found = line(picture, "Messages")

    assert (found.volume, found.list_amount) == (Decimal(400), Decimal(8))
    assert found.amount == Decimal("5.44")
    assert found.list_unit_price == Decimal("0.02"), "not 0.03, the average by number of SKUs"
    assert found.unit_price == Decimal("0.0136")


def test_the_window_of_the_streams_is_365_days_and_includes_today() -> None:
    rows = [
        a_row(TODAY - timedelta(days=365), "sms-us", 1000),
        a_row(TODAY - timedelta(days=364), "sms-us", 10),
        a_row(TODAY, "sms-us", 1),
        a_row(TODAY + timedelta(days=1), "sms-us", 1000),
    ]
    picture = picture_of(a_snapshot(negotiation=NEGOTIATION, skus=[SMS], usage=rows))

    assert (picture.usage_from, picture.usage_to) == (date(2025, 4, 2), TODAY)
    assert picture.streams[0].volume == 11


def test_usage_that_no_stream_speaks_for_still_moves_the_envelope_and_warns() -> None:
    picture = picture_of(
        a_snapshot(
            negotiation=NEGOTIATION,
            skus=[SMS, VOICE],
            usage=[a_row(YESTERDAY, "sms-us", 100), a_row(YESTERDAY, "voice-us", 50)],
            streams=[
                a_stream(name="Messages"),
                a_stream(
                    id="cost", name="Carriage", side=StreamSide.EXPENSE, cost_share=Decimal("0.4")
                ),
            ],
        )
    )
    found = line(picture, "voice")

    assert found.automatic
    assert (found.unit, found.volume, found.amount) == ("minute", Decimal(50), Decimal("0.68"))
    assert [(notice.code, notice.field) for notice in picture.warnings] == [
        ("NO_COST_ESTIMATE", "streams.voice")
    ]


def test_our_estimate_of_the_vendors_cost_is_a_share_of_list_or_a_unit_price() -> None:
    picture = picture_of(
        a_snapshot(
            negotiation=NEGOTIATION,
            skus=[SMS, VOICE],
            usage=[a_row(YESTERDAY, "sms-us", 100), a_row(YESTERDAY, "voice-us", 50)],
            streams=[
                a_stream(
                    id="a", name="Carriage", side=StreamSide.EXPENSE, cost_share=Decimal("0.4")
                ),
                a_stream(
                    id="b",
                    name="Minutes",
                    family="voice",
                    side=StreamSide.EXPENSE,
                    unit_price=Decimal("0.003"),
                ),
            ],
        )
    )

    assert line(picture, "Carriage", StreamSide.EXPENSE).amount == Decimal("0.4")
    assert line(picture, "Minutes", StreamSide.EXPENSE).amount == Decimal("0.15")
    assert picture.warnings == ()


def test_a_share_of_everything_at_list_is_a_cost_estimate_for_every_family() -> None:
    picture = picture_of(
        a_snapshot(
            negotiation=NEGOTIATION,
            skus=[SMS],
            usage=[a_row(YESTERDAY, "sms-us", 100)],
            streams=[
                a_stream(
                    name="All costs",
                    family=None,
                    side=StreamSide.EXPENSE,
                    cost_share=Decimal("0.3"),
                )
            ],
        )
    )

    assert line(picture, "All costs", StreamSide.EXPENSE).amount == Decimal("0.3")
    assert picture.warnings == ()


def test_streams_with_their_own_volume_need_no_usage() -> None:
    given = a_stream(
        name="Support", family=None, volume=Decimal(12), unit_price=Decimal(500), unit="month"
    )
    free = a_stream(
        id="s2", name="Trial", family=None, volume=Decimal(12), unit_price=Decimal(0), unit="month",
        list_unit_price=Decimal(10),
    )  # fmt: skip
    picture = picture_of(a_snapshot(negotiation=NEGOTIATION, streams=[given, free]))

    assert line(picture, "Support").amount == line(picture, "Support").list_amount == 6000
    assert (line(picture, "Trial").amount, line(picture, "Trial").list_amount) == (0, 120)


def test_a_stream_without_volume_or_price_is_left_out_with_a_warning() -> None:
    picture = picture_of(
        a_snapshot(negotiation=NEGOTIATION, streams=[a_stream(family=None, unit_price=Decimal(1))])
    )

    assert picture.streams == ()
    assert [notice.code for notice in picture.warnings] == ["STREAM_INCOMPLETE"]


def test_revenue_and_expense_reach_the_envelope_exact_and_apart() -> None:
    picture = picture_of(
        a_snapshot(
            negotiation=NEGOTIATION,
            skus=[SMS],
            usage=[a_row(YESTERDAY, "sms-us", "0.333")],
            streams=[
                a_stream(),
                a_stream(id="c", name="Cost", side=StreamSide.EXPENSE, cost_share=Decimal("0.4")),
            ],
        )
    )

    assert picture.money.currency == "USD"
    assert [each.amount for each in picture.money.revenue] == [Decimal("0.0022644")]
    assert [each.amount for each in picture.money.expense] == [Decimal("0.001332")]


def test_the_trace_of_the_envelope_holds_for_averages_that_had_to_be_rounded() -> None:
    picture = picture_of(
        a_snapshot(
            negotiation=NEGOTIATION,
            skus=[SMS, SMS_UK],
            usage=[a_row(YESTERDAY, "sms-us", 1), a_row(YESTERDAY, "sms-gb", 2)],
            streams=[a_stream(id="c", side=StreamSide.EXPENSE, cost_share=Decimal("0.37"))],
        )
    )
    band = margin_band(MarginRate(Decimal("0.45")))

    verify_trace(compute_envelope(picture.money, band).trace)


def test_an_empty_workspace_still_has_an_envelope() -> None:
    picture = picture_of(a_snapshot(negotiation=NEGOTIATION))

    envelope = compute_envelope(picture.money, margin_band(MarginRate(Decimal("0.45"))))

    assert (envelope.revenue, envelope.current_margin) == (0, None)


def test_streams_of_another_negotiation_do_not_count() -> None:
    picture = picture_of(
        a_snapshot(
            negotiation=NEGOTIATION,
            streams=[
                a_stream(
                    negotiation_id="other", family=None, volume=Decimal(1), unit_price=Decimal(1)
                )
            ],
        )
    )

    assert picture.streams == ()


def test_a_tiered_rate_is_met_by_the_volume_of_an_average_month() -> None:
    tiers = (RateTier(Decimal(100), Decimal("0.01")), RateTier(None, Decimal("0.005")))
    terms = (a_rate(sku="sms-us", model=PricingModel.GRADUATED, tiers=tiers),)
    picture = picture_of(
        a_snapshot(
            negotiation=a_negotiation(terms=terms),
            skus=[SMS],
            usage=[a_row(YESTERDAY, "sms-us", 2400)],
        )
    )

    assert line(picture, "sms").amount == 12 * (100 * Decimal("0.01") + 100 * Decimal("0.005"))


def test_the_rate_in_force_today_is_that_of_this_months_tier() -> None:
    rows = [a_row(date(2026, 3, 10), "sms-us", 30_000_000)]
    picture = picture_of(a_snapshot(negotiation=NEGOTIATION, skus=[SMS], usage=rows))

    assert picture.trailing.amount == Decimal("300000.00")
    assert picture.trailing.tier is not None
    assert (picture.trailing.tier.name, picture.discount) == ("B", Decimal("0.37"))
    assert picture.rate(SMS) == Decimal("0.0063")
    assert picture.trailing_on(date(2026, 3, 10)).amount == 0


def test_unknown_skus_are_named() -> None:
    picture = picture_of(
        a_snapshot(negotiation=NEGOTIATION, skus=[SMS], usage=[a_row(YESTERDAY, "mystery", 1)])
    )

    assert [(notice.code, notice.message) for notice in picture.warnings] == [
        ("UNKNOWN_SKU", "Used but not in the catalogue: mystery.")
    ]


def test_an_empty_workspace_has_an_empty_picture() -> None:
    picture = picture_of(a_snapshot(negotiation=a_negotiation()))

    assert picture.streams == ()
    assert picture.dates is None
    assert picture.trailing.amount == 0
    assert picture.trailing.tier is None
    assert picture.daily() == ()


def test_contract_dates_come_from_the_renewal_term() -> None:
    dates = picture_of(a_snapshot(negotiation=NEGOTIATION)).dates

    assert dates is not None
    assert (dates.start, dates.end) == (date(2025, 9, 15), date(2027, 9, 15))
    assert dates.last_notice_day == date(2027, 7, 17)


@pytest.mark.parametrize(
    ("due", "status", "late"),
    [
        (YESTERDAY, MilestoneStatus.PENDING, True),
        (TODAY, MilestoneStatus.PENDING, False),
        (YESTERDAY, MilestoneStatus.APPROVED, False),
        (YESTERDAY, MilestoneStatus.REJECTED, False),
    ],
)
def test_a_milestone_is_late_when_its_day_has_passed_undecided(
    due: date, status: MilestoneStatus, *, late: bool
) -> None:
    milestone = a_milestone(due_on=due, status=status)
    picture = picture_of(a_snapshot(negotiation=NEGOTIATION, milestones=[milestone]))

    assert picture.milestones == (milestone,)
    assert picture.is_late(milestone) is late


def test_a_picture_is_made_once_for_a_snapshot_and_a_day() -> None:
    snapshot, pictures = a_snapshot(negotiation=NEGOTIATION, skus=[SMS]), Pictures()
    made = pictures.of(snapshot, NEGOTIATION, TODAY)

    assert pictures.of(snapshot, NEGOTIATION, TODAY) is made
    assert pictures.of(snapshot, NEGOTIATION, YESTERDAY) is not made
    other = a_snapshot(negotiation=NEGOTIATION, skus=[SMS], revision=2)
    assert pictures.of(other, NEGOTIATION, TODAY) is not made


def test_figures_survive_a_snapshot_that_changed_usage_only() -> None:
    pictures = Pictures()
    first = a_snapshot(negotiation=NEGOTIATION, skus=[SMS], usage=[a_row(YESTERDAY, "sms-us", 1)])
    usage = dict(first.usage) | {TODAY: UsageDay(TODAY, {"sms-us": a_row(TODAY, "sms-us", 5)})}
    second = a_snapshot(negotiation=NEGOTIATION, skus=[SMS], usage=usage, revision=2)
    rates = a_negotiation(terms=(a_rate(discount=Decimal("0.5")),))
    kept = pictures.figures(first, NEGOTIATION)

    assert pictures.figures(second, NEGOTIATION) is kept
    assert pictures.of(second, NEGOTIATION, TODAY).streams[0].volume == 6
    assert pictures.figures(second, rates) is not kept


def test_months_are_added_to_the_last_day_where_a_month_is_short() -> None:
    assert add_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert add_months(date(2024, 1, 31), 1) == date(2024, 2, 29)
    assert add_months(date(2026, 1, 15), -14) == date(2024, 11, 15)
    assert month_end(date(2026, 2, 3)) == date(2026, 2, 28)
    assert months_from(date(2025, 12, 20), 3) == (
        date(2025, 12, 1),
        date(2026, 1, 1),
        date(2026, 2, 1),
    )
    renewal = a_renewal(start=date(2024, 2, 29), term_months=12, notice_days=0)
    assert contract_end(renewal) == last_notice_day(renewal) == date(2025, 2, 28)


def test_the_catalogue_of_a_picture_is_that_of_its_snapshot() -> None:
    picture = picture_of(a_snapshot(negotiation=NEGOTIATION, skus=[SMS]))

    assert isinstance(picture.catalogue, Catalogue)
    assert picture.catalogue.skus == {"sms-us": SMS}
