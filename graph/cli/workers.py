"""Several gateway processes on one listening socket and one store: started, restarted when they die, stopped together."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

import structlog

RESTART_SECONDS = 1.0
MOST_QUICK_DEATHS = 5


class Supervisor:
    """The parent of `count` forked workers. It serves nobody itself; SIGTERM and SIGINT end all of them."""

    def __init__(self, count: int, work: Callable[[], int]) -> None:
        self._count = count
        self._work = work
        self._started: dict[int, float] = {}
        self._quick_deaths = 0
        self._stopping = False

    def run(self) -> int:
        """Until every worker has ended; the exit status of the worst."""
        for _ in range(self._count):
            self._start()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        worst = 0
        while self._started:
            try:
                pid, status = os.waitpid(-1, 0)
            except InterruptedError:
                continue
            code = os.waitstatus_to_exitcode(status)
            lived = time.monotonic() - self._started.pop(pid, time.monotonic())
            if self._stopping:
                worst = max(worst, 0 if code == -signal.SIGTERM else abs(code))
            else:
                worst = max(worst, self._died(pid, code, lived))
        return worst

    def _died(self, pid: int, code: int, lived: float) -> int:
        structlog.get_logger().error("worker_died", pid=pid, code=code, seconds=round(lived, 1))
        self._quick_deaths = self._quick_deaths + 1 if lived < RESTART_SECONDS * 5 else 0
        if self._quick_deaths >= MOST_QUICK_DEATHS:
            structlog.get_logger().error("workers_cannot_start")
            self._stop(signal.SIGTERM, None)
            return 1
        time.sleep(RESTART_SECONDS)
        if not self._stopping:
            self._start()
        return 0

    def _start(self) -> None:
        pid = os.fork()
        if pid == 0:
            self._become_worker()
        self._started[pid] = time.monotonic()

    def _become_worker(self) -> NoReturn:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        try:
            code = self._work()
        except KeyboardInterrupt:
            code = 0
        except BaseException:  # noqa: BLE001 - a forked child must end here, whatever happened
            structlog.get_logger().exception("worker_broke")
            code = 1
        os._exit(code)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self._stopping = True
        for pid in self._started:
            os.kill(pid, signal.SIGTERM)
