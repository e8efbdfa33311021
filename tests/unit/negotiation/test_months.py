"""Contract days at month ends and in leap years."""

from datetime import date, timedelta

import pytest

from negotiation.forecast import periods
from negotiation.months import add_months, contract_end, last_notice_day
from tests.builders import a_renewal


@pytest.mark.parametrize(
    ("start", "months", "notice", "end", "last_safe"),
    [
        (date(2025, 9, 15), 24, 60, date(2027, 9, 15), date(2027, 7, 17)),
        (date(2024, 2, 29), 12, 0, date(2025, 2, 28), date(2025, 2, 28)),
        (date(2024, 2, 29), 48, 60, date(2028, 2, 29), date(2027, 12, 31)),
        (date(2025, 8, 31), 6, 30, date(2026, 2, 28), date(2026, 1, 29)),
        (date(2023, 12, 31), 2, 1, date(2024, 2, 29), date(2024, 2, 28)),
        (date(2027, 3, 1), 12, 366, date(2028, 3, 1), date(2027, 3, 1)),
    ],
)
def test_a_term_ends_on_its_day_or_the_months_last_and_notice_counts_back_from_there(
    start: date, months: int, notice: int, end: date, last_safe: date
) -> None:
    renewal = a_renewal(start=start, term_months=months, notice_days=notice)

    assert (contract_end(renewal), last_notice_day(renewal)) == (end, last_safe)


@pytest.mark.parametrize("start", [date(2024, 1, 31), date(2024, 2, 29), date(2025, 12, 30)])
def test_invoices_cover_each_day_of_a_term_once(start: date) -> None:
    days = [
        period.first + timedelta(days=offset)
        for period in periods(start, 14)
        for offset in range(period.days)
    ]

    whole = (add_months(start, 14) - start).days
    assert days == [start + timedelta(days=offset) for offset in range(whole)]
