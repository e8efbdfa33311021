"""From what the business does to what it uses: leads and conversations to segments, verifications and minutes.

A plan for whoever has no usage yet, or expects another business. Prices and months are `evaluation`'s.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from decimal import ROUND_CEILING, Decimal
from typing import Final

from negotiation.decimals import LIMIT, exact_arithmetic, round_places, shown
from negotiation.errors import TermError, ValidationFailed
from negotiation.forecast import ONE, ZERO, Forecast, ForecastLine, periods
from negotiation.months import days_in_month
from negotiation.outlook import PRIOR_CV, QUANTITY_PLACES
from negotiation.records import Sku

CHARACTERS_A_WORD: Final = Decimal(6)
"""Of written English, with the space behind."""

MOST_UNITS: Final = Decimal("1E+12")
"""Of one channel in a month: more is a slip of the pen."""

CHANNELS: Final = {
    "sms": "sms-outbound-longcode",
    "sms_tollfree": "sms-outbound-tollfree",
    "sms_shortcode": "sms-outbound-shortcode",
    "sms_inbound": "sms-inbound-longcode",
    "mms": "mms-outbound-longcode",
    "rcs": "rcs-messages-outbound",
    "whatsapp": "channels-whatsapp-outbound",
    "verify": "authy-phone-verifications",
    "voice": "calls-outbound",
    "voice_inbound": "calls-inbound-local",
    "carrier_fees": "sms-messages-carrierfees",
}
"""Which SKU of the catalogue each channel is charged on, unless told otherwise."""

MESSAGES: Final = (
    "sms",
    "sms_tollfree",
    "sms_shortcode",
    "mms",
    "rcs",
    "whatsapp",
    "carrier_fees",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drivers:
    """One month of business. Shares are of outbound messages; what is left of them is SMS from long codes.

    `words_per_message` decides the segments of an SMS (160 characters, or 153 each when there are several; 70 and 67 for
    `unicode_share` of the messages, which hold other than plain letters). `monthly_growth` compounds.
    """

    leads: Decimal
    conversations_per_lead: Decimal = ONE
    messages_per_conversation: Decimal = ZERO
    replies_per_conversation: Decimal = ZERO
    words_per_message: Decimal = Decimal(20)
    unicode_share: Decimal = ZERO
    mms_share: Decimal = ZERO
    rcs_share: Decimal = ZERO
    whatsapp_share: Decimal = ZERO
    tollfree_share: Decimal = ZERO
    shortcode_share: Decimal = ZERO
    verify_attempts_per_lead: Decimal = ZERO
    voice_minutes_per_lead: Decimal = ZERO
    inbound_minutes_per_lead: Decimal = ZERO
    monthly_growth: Decimal = ZERO
    cv: Decimal = PRIOR_CV
    channels: Mapping[str, str] = field(default_factory=lambda: dict(CHANNELS))

    @property
    def key(self) -> tuple[object, ...]:
        """Equal for equal drivers."""
        numbers = tuple(
            getattr(self, each.name) for each in fields(self) if each.name != "channels"
        )
        return (*numbers, tuple(sorted(self.channels.items())))

    @property
    def spoken_of(self) -> frozenset[str]:
        """The channels that the drivers say something of: a driver of 0 says nothing."""
        groups = (
            (self.messages_per_conversation, MESSAGES),
            (self.replies_per_conversation, ("sms_inbound",)),
            (self.verify_attempts_per_lead, ("verify",)),
            (self.voice_minutes_per_lead, ("voice",)),
            (self.inbound_minutes_per_lead, ("voice_inbound",)),
        )
        return frozenset(name for driver, names in groups if driver > 0 for name in names)


def segments_per_message(words: Decimal, unicode_share: Decimal = ZERO) -> Decimal:
    """Segments that a message of so many words takes on average; none for an empty one."""
    with exact_arithmetic():
        characters = (words * CHARACTERS_A_WORD).to_integral_value(rounding=ROUND_CEILING)
        plain, other = _segments(characters, 160, 153), _segments(characters, 70, 67)
        return plain * (ONE - unicode_share) + other * unicode_share


def drivers_faults(drivers: Drivers) -> tuple[TermError, ...]:
    """Why the drivers make no sense, each with its field; empty when they do."""
    return tuple(_faults(drivers)) or tuple(_too_many(drivers))


def monthly_volumes(drivers: Drivers) -> dict[str, Decimal]:
    """Units of each channel in the first month. Raises ValidationFailed."""
    if faults := drivers_faults(drivers):
        raise ValidationFailed(faults)
    return _volumes(drivers)


def _volumes(drivers: Drivers) -> dict[str, Decimal]:
    with exact_arithmetic():
        conversations = drivers.leads * drivers.conversations_per_lead
        messages = conversations * drivers.messages_per_conversation
        segments = segments_per_message(drivers.words_per_message, drivers.unicode_share)
        other = drivers.mms_share + drivers.rcs_share + drivers.whatsapp_share
        special = drivers.tollfree_share + drivers.shortcode_share
        texts = messages * (ONE - other) * segments
        return {
            "sms": messages * (ONE - other - special) * segments,
            "sms_tollfree": messages * drivers.tollfree_share * segments,
            "sms_shortcode": messages * drivers.shortcode_share * segments,
            "sms_inbound": conversations * drivers.replies_per_conversation,
            "mms": messages * drivers.mms_share,
            "rcs": messages * drivers.rcs_share,
            "whatsapp": messages * drivers.whatsapp_share,
            "verify": drivers.leads * drivers.verify_attempts_per_lead,
            "voice": drivers.leads * drivers.voice_minutes_per_lead,
            "voice_inbound": drivers.leads * drivers.inbound_minutes_per_lead,
            "carrier_fees": texts,
        }


def drivers_forecast(
    drivers: Drivers, skus: Mapping[str, Sku], start: date, months: int
) -> Forecast:
    """The forecast the drivers make from `start` on; a stub month has its share of days.

    Raises ValidationFailed, also for a channel in use whose SKU the catalogue does not have.
    """
    volumes = monthly_volumes(drivers)
    if faults := missing_skus(drivers, skus):
        raise ValidationFailed(faults)
    spans = periods(start, months)
    by_sku: dict[str, Decimal] = {}
    with exact_arithmetic():
        for channel, units in volumes.items():
            if units > 0:
                key = drivers.channels[channel]
                by_sku[key] = by_sku.get(key, ZERO) + units
        lines = tuple(
            ForecastLine(
                skus[key],
                tuple(
                    round_places(
                        units
                        * (ONE + drivers.monthly_growth) ** number
                        * span.days
                        / days_in_month(span.first),
                        QUANTITY_PLACES,
                    )
                    for number, span in enumerate(spans)
                ),
            )
            for key, units in sorted(by_sku.items())
        )
    families = {line.sku.family for line in lines}
    return Forecast(periods=spans, lines=lines, cv=dict.fromkeys(families, drivers.cv))


def missing_skus(drivers: Drivers, skus: Mapping[str, Sku]) -> tuple[TermError, ...]:
    """The channels in use whose SKU the catalogue does not have. Raises ValidationFailed for senseless drivers."""
    return tuple(
        TermError(
            "UNKNOWN_SKU",
            f"{drivers.channels.get(channel)!r}, for {channel}, is not in the catalogue.",
            f"channels.{channel}",
            "Name the SKU that is charged.",
        )
        for channel, units in monthly_volumes(drivers).items()
        if units > 0 and drivers.channels.get(channel) not in skus
    )


def with_drivers(forecast: Forecast, drivers: Drivers, skus: Mapping[str, Sku]) -> Forecast:
    """The forecast with the SKUs that the drivers speak of planned by them; the others stay as they were."""
    planned = drivers_forecast(drivers, skus, forecast.start, forecast.months)
    theirs = {drivers.channels[name] for name in drivers.spoken_of if name in drivers.channels}
    kept = tuple(line for line in forecast.lines if line.sku.key not in theirs)
    lines = sorted((*kept, *planned.lines), key=lambda line: line.sku.key)
    return replace(forecast, lines=tuple(lines), cv={**forecast.cv, **planned.cv})


def _segments(characters: Decimal, alone: int, each: int) -> Decimal:
    if characters <= alone:
        return ONE if characters > 0 else ZERO
    return (characters / each).to_integral_value(rounding=ROUND_CEILING)


def _too_many(drivers: Drivers) -> Iterator[TermError]:
    for channel, units in _volumes(drivers).items():
        if units > MOST_UNITS:
            yield TermError(
                "VOLUME",
                f"These drivers make {units:.3g} units of {channel} a month.",
                "leads",
                f"Keep every channel within {MOST_UNITS:,f}.",
            )


def _faults(drivers: Drivers) -> Iterator[TermError]:
    numbers = {each.name: getattr(drivers, each.name) for each in fields(drivers)}
    numbers = {name: each for name, each in numbers.items() if isinstance(each, Decimal)}
    senseless = [
        name for name, each in numbers.items() if not (each.is_finite() and abs(each) < LIMIT)
    ]
    for name in senseless:
        message = f"{shown(numbers[name])} cannot be reckoned with."
        yield TermError("NUMBER", message, name, "Give a smaller, finite number.")
    if senseless:
        return
    for name, value in numbers.items():
        if name == "monthly_growth":
            continue
        if value < 0:
            yield TermError("NEGATIVE", f"{name} is {value}.", name, "Give 0 or more.")
        elif name.endswith("_share") and value > 1:
            yield TermError("SHARE", f"{name} is {value}.", name, "Give 0 to 1 (0.2 or 20%).")
    if not Decimal(-1) < drivers.monthly_growth <= 1:
        yield TermError(
            "GROWTH",
            f"A growth of {drivers.monthly_growth} a month.",
            "monthly_growth",
            "Give more than -1 and at most 1.",
        )
    shares = (
        drivers.mms_share,
        drivers.rcs_share,
        drivers.whatsapp_share,
        drivers.tollfree_share,
        drivers.shortcode_share,
    )
    if sum(shares, ZERO) > 1:
        yield TermError(
            "SHARES",
            f"The shares of messages add up to {sum(shares, ZERO)}.",
            "mms_share",
            "Keep them within 1.",
        )
    for channel in drivers.channels:
        if channel not in CHANNELS:
            yield TermError(
                "UNKNOWN_CHANNEL",
                f"{channel!r} is no channel.",
                f"channels.{channel}",
                f"Channels are {', '.join(CHANNELS)}.",
            )
