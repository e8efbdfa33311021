"""What the outbox says to people: of its queue, of a pause, of what went wrong with a try. Which of it is said is the worker's."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from adapters.ages import spoken
from adapters.outbox.queue import Depth
from negotiation.records import Pause

LOST: Final = "No answer came. The message may have been taken: it is looked up before another try."
LATE: Final = (
    "The gateway stood still between claiming and sending; nothing was sent. It is claimed anew."
)
UNSEEN: Final = (
    "The look-up failed by a fault of the gateway's own; its log has the details. Look in the Twilio console under Monitor, "
    "Logs; then retry or cancel."
)


def spoken_depth(queue: Depth, now: datetime) -> str:
    failed = f" {queue.failed} failed." if queue.failed else ""
    if queue.oldest is None:
        return f"Nothing waits.{failed}"
    if queue.oldest > now:
        return f"{queue.waiting} scheduled, the first in {spoken(queue.oldest - now)}.{failed}"
    return f"{queue.waiting} waiting, the oldest for {spoken(now - queue.oldest)}.{failed}"


def spoken_pause(pause: Pause) -> str:
    since = f"{pause.since:%Y-%m-%d %H:%M} UTC"
    return (
        f"Paused by {pause.by} since {since} ({pause.reason}): nothing is sent until it is resumed."
    )
