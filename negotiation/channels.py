"""How a message reaches its recipient, and what goes first: words that notifications and the rules that send them share."""

from __future__ import annotations

from enum import StrEnum


class NotificationChannel(StrEnum):
    SMS = "SMS"
    STUDIO_FLOW = "STUDIO_FLOW"


class NotificationPriority(StrEnum):
    """Of two messages that are due, the one of higher priority goes first; among equals the older one."""

    HIGH = "HIGH"
    NORMAL = "NORMAL"
    LOW = "LOW"
