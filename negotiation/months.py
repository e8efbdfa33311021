"""Calendar months: first and last days, adding months, the span of a contract. Days are UTC days."""

from __future__ import annotations

from datetime import date, timedelta

from negotiation.terms import RenewalTerm


def month_start(day: date) -> date:
    """The first day of `day`'s month."""
    return day.replace(day=1)


def month_end(day: date) -> date:
    """The last day of `day`'s month."""
    return day.replace(day=days_in_month(day))


def days_in_month(day: date) -> int:
    """How many days `day`'s month has."""
    return (date(day.year + day.month // 12, day.month % 12 + 1, 1) - day.replace(day=1)).days


def add_months(day: date, months: int) -> date:
    """The same day `months` later, or the last day of that month where it is shorter (31 January + 1: 28 February)."""
    index = day.year * 12 + day.month - 1 + months
    first = date(index // 12, index % 12 + 1, 1)
    return first.replace(day=min(day.day, days_in_month(first)))


def months_apart(first: date, last: date) -> int:
    """Calendar months from `first`'s to `last`'s."""
    return (last.year - first.year) * 12 + last.month - first.month


def months_from(first: date, count: int) -> tuple[date, ...]:
    """The first days of `count` months, beginning with `first`'s."""
    return tuple(add_months(month_start(first), offset) for offset in range(count))


def contract_end(renewal: RenewalTerm) -> date:
    """The first day after the term: 2025-09-15 and 24 months end on 2027-09-15."""
    return add_months(renewal.start, renewal.term_months)


def last_notice_day(renewal: RenewalTerm) -> date:
    """The last safe day to give notice: 60 days before 2027-09-15 is 2027-07-17."""
    return contract_end(renewal) - timedelta(days=renewal.notice_days)
