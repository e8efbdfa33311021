"""The demo's daily quantities: whole numbers from a SHA-256 counter, so that a row depends on nothing but its own
(seed, SKU, day, days before the anchor) and comes out the same on any machine and in any order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import Final

from negotiation.demo.catalogue import DemoSku
from negotiation.months import add_months, month_start

MONTHS: Final = 24

# Per mille, Monday to Sunday.
_WEEKDAYS: Final = (1030, 1075, 1085, 1080, 1060, 870, 800)
# Per mille of the volume at the end, by months before the anchor, interpolated: growth with a yearly wave.
_LEVELS: Final = (
    1000, 1000, 1000, 1015, 1060, 1120, 1085, 985, 930, 905, 890, 880, 885,
    875, 870, 880, 915, 960, 925, 840, 790, 770, 760, 750, 745, 745, 745,
)  # fmt: skip
_NOISE: Final = 60
_DAYS_A_MONTH: Final = 30


@dataclass(frozen=True, slots=True)
class Incident:
    """Days on which some SKUs ran wild: `first` to `last`, quantities multiplied by `factor` per mille and raised by
    `extra` units a day."""

    name: str
    first: date
    last: date
    keys: tuple[str, ...]
    factor: int
    extra: int

    def touches(self, key: str, day: date) -> bool:
        return key in self.keys and self.first <= day <= self.last


def incidents(anchor: date) -> tuple[Incident, ...]:
    """A surge (a campaign ran twice) five months back and a pumping fraud six weeks back."""
    surge, fraud = anchor - timedelta(days=151), anchor - timedelta(days=43)
    return (
        Incident(
            "surge",
            surge,
            surge + timedelta(days=4),
            (
                "sms-outbound-shortcode",
                "sms-outbound-longcode",
                "sms-messages-carrierfees-shortcode",
            ),
            2600,
            0,
        ),
        Incident(
            "pumping",
            fraud,
            fraud + timedelta(days=2),
            ("authy-sms-outbound-id", "authy-sms-outbound-lk", "authy-sms-outbound-ph"),
            1000,
            2400,
        ),
    )


def demo_days(anchor: date) -> Iterator[date]:
    """The days with usage: from the first of the month 24 full months before the anchor's to the day before it."""
    first = add_months(month_start(anchor), -MONTHS)
    for offset in range((anchor - first).days):
        yield first + timedelta(days=offset)


class Volumes:
    """Quantities of one demo workspace."""

    def __init__(self, seed: str, anchor: date) -> None:
        self._seed = seed.encode()
        self._anchor = anchor
        self._incidents = incidents(anchor)

    def quantity(self, demo: DemoSku, day: date) -> int | None:
        """Units of a SKU on a day; None: it has no row that day."""
        before = (self._anchor - day).days
        if demo.launched is not None and before > demo.launched * _DAYS_A_MONTH:
            return None
        if demo.monthly:
            return self._stock(demo, before) if day.day == 1 else None
        if demo.weekdays_only and day.weekday() >= 5:
            return None
        units = demo.units_a_day * _level(before)
        if not demo.weekdays_only:
            units = units * _WEEKDAYS[day.weekday()] // 1000
        if demo.launched is not None:
            age = demo.launched * _DAYS_A_MONTH - before
            units = units * min(age + 15, 90) // 90
        units = units * (1000 + self._noise(demo.sku.key, day)) // 1_000_000
        for incident in self._incidents:
            if incident.touches(demo.sku.key, day):
                units = units * incident.factor // 1000 + incident.extra
        return units

    def _stock(self, demo: DemoSku, before: int) -> int:
        """What is charged once a month grows without a wave: numbers are bought, not used."""
        return max(1, demo.units_a_day * (1000 - before * 250 // 730) // 1000)

    def _noise(self, key: str, day: date) -> int:
        """Per mille from -60 to 60, the mean of two even draws."""
        digest = sha256(b"%s|%s|%d" % (self._seed, key.encode(), day.toordinal())).digest()
        span = 2 * _NOISE + 1
        draws = int.from_bytes(digest[:4]) % span + int.from_bytes(digest[4:8]) % span
        return draws // 2 - _NOISE


def _level(before: int) -> int:
    """Per mille of the volume at the end, `before` days earlier."""
    month, days = divmod(before, _DAYS_A_MONTH)
    here, next_one = _LEVELS[month], _LEVELS[month + 1]
    return here + (next_one - here) * days // _DAYS_A_MONTH
