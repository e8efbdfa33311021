"""The head of a WebSocket text frame as a server sends it: unmasked, in one piece, uncompressed."""

from __future__ import annotations

import struct

TEXT = 0x81
SMALL, MEDIUM = 126, 65_536


def frame_head(length: int) -> bytes:
    """The bytes before a payload of `length` bytes."""
    if length < SMALL:
        return struct.pack("!BB", TEXT, length)
    if length < MEDIUM:
        return struct.pack("!BBH", TEXT, 126, length)
    return struct.pack("!BBQ", TEXT, 127, length)
