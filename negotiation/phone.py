"""Phone numbers as they may be shown and logged. Whether one is valid is not decided here.

A full number never enters a log, an error or a metric: mask it first.
"""

from __future__ import annotations

import re

_DOTS = "•••••"
# ITU E.164: one digit for zones 1 and 7, two for those listed, three for the rest.
_COUNTRY_CODE = re.compile(
    r"1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|\d{3}", re.ASCII
)
_NUMBER_IN_TEXT = re.compile(r"(?<![\w.])(?:\+|%2B)?\d{8,15}(?![\w.]*\d)", re.IGNORECASE)


def mask_phone(number: str) -> str:
    """`+14155551234` as `+1•••••1234`: country code and the last four digits, where that hides enough."""
    digits = "".join(c for c in number if c.isascii() and c.isdigit())
    zone = _COUNTRY_CODE.match(digits) if number.strip().startswith("+") else None
    code = zone[0] if zone else ""
    hidden = len(digits) - len(code) - 4
    if hidden < 3:
        return f"+{code}{_DOTS}" if code else _DOTS
    return f"{'+' if code else ''}{code}{_DOTS}{digits[-4:]}"


def mask_phones(text: str) -> str:
    """`text` with every run of 8 to 15 digits that may be a phone number masked."""

    def masked(match: re.Match[str]) -> str:
        return mask_phone(re.sub("^%2B", "+", match[0], flags=re.IGNORECASE))

    return _NUMBER_IN_TEXT.sub(masked, text)
