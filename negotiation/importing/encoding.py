"""The text of a CSV file as spreadsheets write them. The dashboard reads files by the same rules (`decode` there)."""

from __future__ import annotations

from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from typing import Final

_WINDOWS_1252: Final = {
    byte: bytes((byte,)).decode("cp1252", "ignore") or chr(byte) for byte in range(0x80, 0xA0)
}
"""Where it differs from Latin-1. The five bytes it leaves undefined are control characters, as browsers have it."""


def decode(data: bytes) -> str:
    """UTF-16 where a byte order mark says so, else UTF-8, else Windows-1252. Every file has a text; whether it is CSV
    is the importers' to say."""
    if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1").translate(_WINDOWS_1252)
