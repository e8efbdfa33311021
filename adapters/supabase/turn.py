"""Whose turn it is: of the processes on one store, one syncs with the peer, and the next takes over when it ends.

The lock is the kernel's, so that a process that was killed holds nothing, and no clock has a say.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


class Turn:
    """`path` None: there is no other process."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._held: int | None = None

    def take(self) -> bool:
        """Whether it is our turn; it stays so until `release`. OSError where the file cannot be made."""
        if self._path is None or self._held is not None:
            return True
        held = os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(held)
            return False
        self._held = held
        return True

    def release(self) -> None:
        if self._held is not None:
            os.close(self._held)
            self._held = None
