"""How many segments an SMS takes, which is what it costs. GSM 03.38 where every character fits, else UCS-2.

Prices and caps are the caller's. A Messaging Service with smart encoding may send fewer segments, never more.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")
MAX_CHARACTERS = 1600
"""What the vendor takes in one message."""


class SmsEncoding(StrEnum):
    GSM_7 = "GSM-7"
    UCS_2 = "UCS-2"


_SINGLE = {SmsEncoding.GSM_7: 160, SmsEncoding.UCS_2: 70}
_PART = {SmsEncoding.GSM_7: 153, SmsEncoding.UCS_2: 67}


@dataclass(frozen=True, slots=True)
class SmsLength:
    """`units`: septets (GSM-7) or 16-bit units (UCS-2); an empty body takes one segment."""

    encoding: SmsEncoding
    units: int
    segments: int


@lru_cache(maxsize=1024)  # the caps measure a day's messages again and again
def measure(body: str) -> SmsLength:
    """Length of `body` as it is billed. A two-unit character is never split between segments."""
    if all(c in _BASIC or c in _EXTENDED for c in body):
        return _measure(SmsEncoding.GSM_7, [2 if c in _EXTENDED else 1 for c in body])
    return _measure(SmsEncoding.UCS_2, [2 if ord(c) > 0xFFFF else 1 for c in body])


def _measure(encoding: SmsEncoding, widths: list[int]) -> SmsLength:
    units = sum(widths)
    if units <= _SINGLE[encoding]:
        return SmsLength(encoding, units, 1)
    segments, used = 1, 0
    for width in widths:
        if used + width > _PART[encoding]:
            segments, used = segments + 1, 0
        used += width
    return SmsLength(encoding, units, segments)
