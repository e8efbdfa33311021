"""A mailbox of one for readers that take events when they can: the newest wins, and what was left out is counted."""

from __future__ import annotations

import asyncio
from typing import Any

from graph.live.events import Event
from graph.live.metrics import LiveMetrics


class Mailbox:
    """The hub's subscriber of one HTTP stream. `take` gives each result's bytes in turn, then None."""

    def __init__(self, metrics: LiveMetrics, resume: str | None) -> None:
        self._metrics = metrics
        self._resume = resume
        self._pending: Event | None = None
        self._skipped = 0
        self._seen: str | None = None
        self._ended = False
        self._errors: list[dict[str, Any]] | None = None
        self._changed = asyncio.Event()

    # --- the hub's side

    def deliver(self, event: Event) -> None:
        if self._pending is not None:
            self._skipped += 1
            self._metrics.skipped.inc()
        self._pending = event
        self._changed.set()

    def fail(self, errors: list[dict[str, Any]]) -> None:
        self._errors = errors
        self.complete()

    def complete(self) -> None:
        self._ended = True
        self._changed.set()

    # --- the reader's side

    @property
    def errors(self) -> list[dict[str, Any]] | None:
        """Why it ended, once `take` gave None; None when it simply ended."""
        return self._errors

    async def take(self) -> tuple[str, bytes] | None:
        """The next (cursor, JSON), as soon as there is one; None at the end."""
        while True:
            event, self._pending = self._pending, None
            if event is not None:
                body = self._body(event)
                self._seen, self._skipped = event.cursor, 0
                if body is not None:
                    return event.cursor, body
            elif self._ended:
                return None
            else:
                self._changed.clear()
                await self._changed.wait()

    def _body(self, event: Event) -> bytes | None:
        if self._resume is not None:
            cursor, self._resume = self._resume, None
            return event.after(cursor)
        if self._skipped:
            self._metrics.gaps.inc()
            return event.with_gap(self._seen, self._skipped)
        return event.whole
