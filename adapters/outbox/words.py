"""What the outbox says to people: of its queue, of a pause, of what went wrong with a try. Which of it is said is the worker's."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from adapters.ages import spoken
from adapters.outbox.queue import Depth
from negotiation.records import Pause
from resolvers.ports import CircuitState, Status

LOST: Final = "No answer came. The message may have been taken: it is looked up before another try."
LATE: Final = (
    "The gateway stood still between claiming and sending; nothing was sent. It is claimed anew."
)
UNSEEN: Final = (
    "The look-up failed by a fault of the gateway's own; its log has the details. Look in the Twilio console under Monitor, "
    "Logs; then retry or cancel."
)


def spoken_state(
    queue: Depth,
    now: datetime,
    *,
    trouble: str | None,
    pause: Pause | None,
    ready: bool,
    circuit: CircuitState,
    held: str | None,
    stale: float,
) -> tuple[Status, str]:
    """The queue as a whole. `trouble`: why it cannot be written; `held`: what those that may not be sent yet wait for; `stale`:
    seconds after which something is overdue.
    """
    said, status = _spoken_depth(queue, now), Status.DEGRADED
    if trouble is not None:
        said = f"{trouble} {said}"
    elif pause is not None:
        said = f"{_spoken_pause(pause)} {said}"
    elif not ready:
        said = f"{said} Nothing is sent until Twilio is set up."
    elif queue.waiting and circuit is not CircuitState.CLOSED:
        said = f"{said} Twilio is not asked at this moment; they go when it answers."
    elif queue.oldest is not None and now - queue.oldest > timedelta(seconds=stale):
        said = f"{said} Look at the oldest: it is overdue."
    else:
        status = Status.OK
    if queue.waiting and held is not None:
        said = f"{said} {held}"
    if queue.undecided:
        status = Status.DEGRADED
        needs = "needs" if queue.undecided == 1 else "need"
        said += (
            f" {queue.undecided} may have been sent and {needs} a decision: look for it at Twilio, "
            "then retry or cancel."
        )
    return status, said


def unwritten(error: Exception) -> str:
    return (
        f"The queue cannot be written ({error}). What was sent is written as soon as it can be; "
        "nothing more is sent until then."
    )


def _spoken_depth(queue: Depth, now: datetime) -> str:
    failed = f" {queue.failed} failed." if queue.failed else ""
    if queue.oldest is None:
        return f"Nothing waits.{failed}"
    if queue.oldest > now:
        return f"{queue.waiting} scheduled, the first in {spoken(queue.oldest - now)}.{failed}"
    return f"{queue.waiting} waiting, the oldest for {spoken(now - queue.oldest)}.{failed}"


def _spoken_pause(pause: Pause) -> str:
    since = f"{pause.since:%Y-%m-%d %H:%M} UTC"
    return (
        f"Paused by {pause.by} since {since} ({pause.reason}): nothing is sent until it is resumed."
    )
