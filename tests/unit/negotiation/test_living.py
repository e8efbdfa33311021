"""Living with the contract: pace, tiers ahead, restatements, how good the outlook was, and a business's own drivers."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from negotiation.backtest import backtest
from negotiation.catalogue import Catalogue
from negotiation.changes import usage_changes
from negotiation.demo import DemoWorkspace
from negotiation.drivers import (
    Drivers,
    drivers_faults,
    drivers_forecast,
    monthly_volumes,
    segments_per_message,
)
from negotiation.errors import ValidationFailed
from negotiation.evaluation import evaluate
from negotiation.months import add_months
from negotiation.pace import CommitmentPace, commitment_pace, tier_projection
from negotiation.picture import Picture, Pictures
from negotiation.records import UsageDay, UsageRow
from negotiation.terms import CommitmentTerm, FulfilmentInterval, Term
from negotiation.usage import days_between
from tests.builders import (
    TODAY,
    a_ladder,
    a_negotiation,
    a_renewal,
    a_row,
    a_sku,
    a_snapshot,
    catalogue_of,
    usage_of,
)

SMS = a_sku("sms-us", list_rate=Decimal(1))


def steady(per_day: int, days: int = 400) -> list[UsageRow]:
    first = TODAY - timedelta(days=days)
    return [a_row(day, "sms-us", per_day) for day in days_between(first, TODAY - timedelta(days=1))]


def picture(rows: list[UsageRow], *terms: Term) -> Picture:
    negotiation = a_negotiation(terms=terms)
    snapshot = a_snapshot(negotiation=negotiation, skus=[SMS], usage=rows)
    return Pictures().of(snapshot, negotiation, TODAY)


def pace(rows: list[UsageRow], amount: int, **changes: object) -> CommitmentPace:
    commitment = replace(CommitmentTerm(id="c", amount=Decimal(amount)), **changes)  # type: ignore[arg-type]
    renewal = a_renewal(start=date(2026, 1, 1), term_months=24)
    (found,) = commitment_pace(picture(rows, renewal, commitment))
    return found


def test_a_commitment_is_followed_from_real_usage_to_its_end() -> None:
    found = pace(steady(100), 25_000)

    assert (found.first, found.end) == (date(2026, 1, 1), date(2027, 1, 1))
    assert found.burned == 90 * 100
    assert found.expected == 365 * 100
    assert found.low < found.expected < found.high
    assert found.projected_shortfall == 0
    assert found.ahead
    assert found.met.likely == date(2026, 9, 7)
    assert found.met.earliest is not None
    assert found.met.latest is not None
    assert found.met.earliest < found.met.likely < found.met.latest


def test_a_commitment_that_will_be_missed_says_by_how_much() -> None:
    found = pace(steady(100), 50_000)

    assert found.projected_shortfall == 50_000 - 36_500
    assert not found.ahead
    assert found.met.likely is None


def test_a_commitment_met_already_was_met_by_yesterday() -> None:
    found = pace(steady(100), 5_000)

    assert found.met.likely == TODAY - timedelta(days=1)


def test_the_running_interval_is_the_one_of_today_also_after_a_renewal() -> None:
    found = pace(steady(100), 1_000, interval=FulfilmentInterval.QUARTERLY)
    assert (found.first, found.end) == (date(2026, 4, 1), date(2026, 7, 1))

    old = a_renewal(start=date(2023, 3, 15), term_months=12)
    (renewed,) = commitment_pace(
        picture(steady(100), old, CommitmentTerm(id="c", amount=Decimal(1)))
    )
    assert (renewed.first, renewed.end) == (date(2026, 3, 15), date(2027, 3, 15))


def test_days_without_usage_are_told_beside_what_was_burned() -> None:
    rows = [row for row in steady(100) if row.day != date(2026, 2, 2)]
    found = pace(rows, 30_000)

    assert found.missing == (date(2026, 2, 2),)
    assert found.burned == 89 * 100


def test_without_a_running_term_there_is_no_pace() -> None:
    commitment = CommitmentTerm(id="c", amount=Decimal(1))

    assert commitment_pace(picture(steady(100), commitment)) == ()
    later = a_renewal(start=TODAY + timedelta(days=30))
    assert commitment_pace(picture(steady(100), later, commitment)) == ()


def test_the_next_tier_comes_within_a_range_of_days() -> None:
    """The last 30 days were 4,000 a day, the plan; the window still holds 60 days of 1,500."""
    rows = {row.day: row for row in steady(1_500, 90)} | {row.day: row for row in steady(4_000, 30)}
    seen = picture(list(rows.values()), a_ladder())
    found = tier_projection(seen)

    assert seen.trailing.amount == 60 * 1_500 + 30 * 4_000
    assert found is not None
    assert found.up is not None
    assert (found.up.name, found.down) == ("B", None)
    reached = found.reaches_up
    assert reached.earliest is not None
    assert reached.likely is None or reached.earliest <= reached.likely


def test_spend_that_falls_loses_its_tier_on_a_day() -> None:
    rows = {row.day: row for row in steady(3_000)} | {row.day: row for row in steady(100, 60)}
    found = tier_projection(picture(list(rows.values()), a_ladder(tiers=a_ladder().tiers[:2])))

    assert found is not None
    trailing = picture(list(rows.values()), a_ladder()).trailing
    assert trailing.amount == 30 * 3_000 + 60 * 100
    assert found.up is not None
    assert found.falls_below.likely is None, "it is in the lowest tier already"


def test_a_tier_that_is_held_today_and_lost_tomorrow_is_projected_below() -> None:
    rows = {row.day: row for row in steady(2_900)} | {row.day: row for row in steady(100, 3)}
    found = tier_projection(picture(list(rows.values()), a_ladder()))

    assert found is not None
    assert found.down is not None
    assert found.down.name == "A"


def test_without_a_ladder_there_is_nothing_to_project() -> None:
    assert tier_projection(picture(steady(10))) is None


def test_the_demo_burns_its_commitment_ahead_of_time(
    demo: DemoWorkspace, demo_picture: Picture
) -> None:
    (found,) = commitment_pace(demo_picture)
    projection = tier_projection(demo_picture)

    assert found.commitment_id == "commitment"
    assert found.first == add_months(demo.anchor.replace(day=1), -2).replace(day=15)
    assert found.ahead
    assert projection is not None
    assert projection.up is not None
    assert projection.up.name == "B"
    assert projection.reaches_up.earliest is not None


def test_a_restatement_shows_its_diff_in_units_and_in_money() -> None:
    catalogue = Catalogue(catalogue_of(SMS))
    before = usage_of([a_row("2026-03-01", "sms-us", 5), a_row("2026-03-02", "sms-us", 7)])
    after = dict(before)
    after[date(2026, 3, 1)] = UsageDay(
        date(2026, 3, 1), {"sms-us": a_row("2026-03-01", "sms-us", 9, revision=2)}
    )
    after |= usage_of([a_row("2026-03-03", "mystery", 1)])
    found = usage_changes(before, after, catalogue)

    assert [(c.day.day, c.sku, c.before, c.after, c.revision, c.list_delta) for c in found] == [
        (1, "sms-us", 5, 9, 2, 4),
        (3, "mystery", None, 1, 1, 0),
    ]
    assert [(c.before, c.after) for c in usage_changes(after, before, catalogue)] == [
        (9, 5),
        (1, None),
    ]
    assert usage_changes(before, before, catalogue) == ()


def test_the_backtest_reports_each_family_and_all_together(
    demo_picture: Picture, demo: DemoWorkspace
) -> None:
    cuts = [add_months(demo.anchor, -months) for months in (12, 6, 3)]
    rows = backtest(demo_picture.usage, demo_picture.figures, [*cuts, demo.anchor])
    together = [row for row in rows if row.family is None]

    assert [row.cut for row in together] == sorted(cuts), "nothing came yet after the last"
    assert len(rows) == 3 * 13
    for row in together:
        assert row.error is not None
        assert abs(row.error) < Decimal("0.12")


DRIVERS = Drivers(
    leads=Decimal(10_000),
    conversations_per_lead=Decimal("0.8"),
    messages_per_conversation=Decimal(5),
    replies_per_conversation=Decimal(2),
    words_per_message=Decimal(40),
    mms_share=Decimal("0.1"),
    tollfree_share=Decimal("0.2"),
    verify_attempts_per_lead=Decimal("1.5"),
    voice_minutes_per_lead=Decimal(2),
)


@pytest.mark.parametrize(
    ("words", "unicode_share", "segments"),
    [("0", "0", "0"), ("1", "0", "1"), ("26", "0", "1"), ("27", "0", "2"), ("40", "0", "2"), ("12", "1", "2"), ("26", "0.5", "2")],
)  # fmt: skip
def test_words_become_segments(words: str, unicode_share: str, segments: str) -> None:
    assert segments_per_message(Decimal(words), Decimal(unicode_share)) == Decimal(segments)


def test_the_business_becomes_volumes() -> None:
    volumes = monthly_volumes(DRIVERS)

    assert volumes["sms"] == 8_000 * 5 * Decimal("0.7") * 2
    assert volumes["sms_tollfree"] == 8_000 * 5 * Decimal("0.2") * 2
    assert volumes["mms"] == 4_000
    assert volumes["sms_inbound"] == 16_000
    assert (volumes["verify"], volumes["voice"], volumes["voice_inbound"]) == (15_000, 20_000, 0)
    assert volumes["carrier_fees"] == volumes["sms"] + volumes["sms_tollfree"]


def test_drivers_make_a_forecast_that_can_be_evaluated(demo: DemoWorkspace) -> None:
    skus = {sku.key: sku for sku in demo.skus}
    grown = replace(DRIVERS, monthly_growth=Decimal("0.02"))
    forecast = drivers_forecast(grown, skus, date(2026, 5, 16), 12)
    first = {line.sku.key: line.quantities[0] for line in forecast.lines}

    assert first["authy-phone-verifications"] == Decimal("7741.935484"), "16 of 31 days"
    assert forecast.months == 12
    assert evaluate(demo.negotiation.terms, forecast).cash > 0


def test_drivers_that_make_no_sense_say_which() -> None:
    wrong = replace(
        DRIVERS,
        leads=Decimal(-1),
        mms_share=Decimal("0.9"),
        rcs_share=Decimal("1.5"),
        monthly_growth=Decimal(-1),
        channels={"fax": "fax"},
    )

    assert [(fault.code, fault.field) for fault in drivers_faults(wrong)] == [
        ("NEGATIVE", "leads"),
        ("SHARE", "rcs_share"),
        ("GROWTH", "monthly_growth"),
        ("SHARES", "mms_share"),
        ("UNKNOWN_CHANNEL", "channels.fax"),
    ]
    with pytest.raises(ValidationFailed):
        monthly_volumes(wrong)


def test_a_channel_in_use_needs_a_sku() -> None:
    with pytest.raises(ValidationFailed) as failed:
        drivers_forecast(DRIVERS, {}, TODAY, 1)

    assert {error.code for error in failed.value.errors} == {"UNKNOWN_SKU"}
    assert "channels.voice_inbound" not in [error.field for error in failed.value.errors]
