"""Currencies: ISO 4217 codes, their minor units, the symbols people write and the decimal mark they use.

Source: ISO 4217 list one (active codes, and those retired since 2025, which old invoices bear) and the number formats of the countries that use each currency.
Amounts are `negotiation.money`'s.
"""

from __future__ import annotations

import re
from typing import Final

from negotiation.decimals import shown
from negotiation.errors import CurrencyError

DEFAULT_CURRENCY: Final = "USD"
DEFAULT_MINOR_UNITS: Final = 2


def _codes(text: str) -> tuple[str, ...]:
    return tuple(text.split())


ISO_CODES: Final = frozenset(
    _codes(
        """AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN
    BZD CAD CDF CHF CLF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL
    GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW
    KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN
    NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK
    SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYI UYU
    UYW UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG"""
    )
)

_MINOR_UNITS: Final = {
    **dict.fromkeys(
        _codes("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"), 0
    ),
    **dict.fromkeys(_codes("BHD IQD JOD KWD LYD OMR TND"), 3),
    **dict.fromkeys(_codes("CLF UYW"), 4),
}

# Where one mark is the rule. EUR, CHF, ZAR and others are written both ways: no mark is assumed for them.
_DECIMAL_POINT: Final = frozenset(
    _codes(
        """AED AUD BDT BHD BWP CAD CNY DOP EGP GBP GHS GTQ HKD HNL ILS INR IQD JMD JOD JPY KES KHR KRW KWD
    LKR MOP MXN MYR NGN NPR NZD OMR PAB PHP PKR QAR RWF SAR SGD THB TTD TWD TZS UGX USD VUV ZMW"""
    )
)
_DECIMAL_COMMA: Final = frozenset(
    _codes(
        """ARS BGN BIF BRL BYN CLF CLP COP CZK DJF DKK DZD GNF HUF IDR ISK KMF KZT LYD MAD MZN NOK PLN PYG
    RON RSD RUB SEK TND TRY UAH UYI UYU UYW VES VND XAF XOF XPF"""
    )
)

SYMBOLS: Final = {
    "US$": ("USD",),
    "CA$": ("CAD",),
    "C$": ("CAD", "NIO"),
    "AU$": ("AUD",),
    "A$": ("AUD",),
    "NZ$": ("NZD",),
    "HK$": ("HKD",),
    "NT$": ("TWD",),
    "MX$": ("MXN",),
    "R$": ("BRL",),
    "S$": ("SGD",),
    "CN¥": ("CNY",),
    "JP¥": ("JPY",),
    "$": _codes(
        """USD ARS AUD BBD BMD BND BSD BZD CAD CLP COP CUP DOP FJD GYD HKD JMD KYD LRD MXN NAD NZD SBD
        SGD SRD TTD TWD UYU XCD"""
    ),
    "€": ("EUR",),
    "£": _codes("GBP EGP FKP GIP SHP SSP SYP LBP SDG"),
    "¥": ("JPY", "CNY"),
    "₹": ("INR",),
    "₩": ("KRW", "KPW"),
    "₽": ("RUB",),
    "₺": ("TRY",),
    "₴": ("UAH",),
    "₦": ("NGN",),
    "₱": ("PHP",),
    "₪": ("ILS",),
    "₫": ("VND",),
    "₡": ("CRC",),
    "₲": ("PYG",),
    "₵": ("GHS",),
    "₸": ("KZT",),
    "฿": ("THB",),
    "₭": ("LAK",),
    "KR": ("SEK", "NOK", "DKK", "ISK"),
    "ZŁ": ("PLN",),
    "KČ": ("CZK",),
    "FT": ("HUF",),
}
"""Every currency that a symbol (in upper case) is written for."""

USUAL_MEANING: Final = {"$": "USD", "£": "GBP"}
"""What a symbol of several currencies means when nothing else says; the others mean nothing then."""

_CODE = re.compile(r"[A-Z][A-Z0-9]{1,11}", re.ASCII)


def currency_code(text: object, *, field: str | None = None) -> str:
    """`text` as an upper-case currency code, known or not. CurrencyError if it cannot be one."""
    code = text.strip() if isinstance(text, str) else ""
    if not code.isascii() or not _CODE.fullmatch(code.upper()):
        raise CurrencyError(
            "CURRENCY_INVALID",
            f"{shown(text)} is not a currency code.",
            field,
            "Use an ISO 4217 code, as in USD.",
        )
    return code.upper()


def known_currency(text: str, *, field: str | None = None) -> str:
    """`text` as an upper-case active ISO 4217 code. CurrencyError for any other."""
    code = currency_code(text, field=field)
    if code not in ISO_CODES:
        raise CurrencyError(
            "CURRENCY_UNKNOWN",
            f"{code} is not a currency of ISO 4217.",
            field,
            "Use a code such as USD or EUR.",
        )
    return code


def minor_units(currency: str) -> int:
    """Decimal places of an amount: USD 2, JPY 0, KWD 3; 2 for a code that is not known."""
    return _MINOR_UNITS.get(currency_code(currency), DEFAULT_MINOR_UNITS)


def decimal_mark(currency: str) -> str | None:
    """ "." or "," where the countries of `currency` agree on one, else None."""
    if currency in _DECIMAL_POINT:
        return "."
    return "," if currency in _DECIMAL_COMMA else None
