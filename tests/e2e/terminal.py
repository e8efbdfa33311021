"""A program in a real pseudo-terminal, seen as a person sees it: a screen of characters."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import pyte
from ptyprocess import PtyProcessUnicode


class AnsweringScreen(pyte.Screen):
    """A screen that answers when the program asks where its cursor is, as a terminal does."""

    def __init__(self, columns: int, rows: int, answer: Callable[[str], object]) -> None:
        self._answer = answer
        super().__init__(columns, rows)

    def write_process_input(self, data: str) -> None:
        self._answer(data)


class Terminal:
    """Starts `command` and keeps its screen up to date in the background."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: Path,
        rows: int = 32,
        columns: int = 120,
    ) -> None:
        self._changed = threading.Condition()
        self._draws: list[tuple[float, str]] = []
        self._process = PtyProcessUnicode.spawn(
            list(command), cwd=str(cwd), env=dict(env), dimensions=(rows, columns)
        )
        self._screen = AnsweringScreen(columns, rows, self._process.write)
        self._stream = pyte.Stream(self._screen)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                text = self._process.read(65536)
            except (EOFError, OSError):
                return
            at = time.time()
            with self._changed:
                self._stream.feed(text)
                self._draws.append((at, self._shown()))
                self._changed.notify_all()

    def _shown(self) -> str:
        return "\n".join(self._screen.display)

    @property
    def text(self) -> str:
        with self._changed:
            return self._shown()

    def wait(self, seen: Callable[[str], bool], *, seconds: float = 60) -> None:
        """Wait until the screen satisfies `seen`."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while not seen(self._shown()):
                left = deadline - time.monotonic()
                if left <= 0 or not self._changed.wait(left):
                    screen = "\n".join(line.rstrip() for line in self._screen.display)
                    raise AssertionError(f"not on the terminal after {seconds} s:\n{screen}")

    def first_drawn(self, seen: Callable[[str], bool]) -> float:
        """When the screen satisfied `seen` for the first time (Unix time)."""
        with self._changed:
            return next(at for at, text in self._draws if seen(text))

    def press(self, keys: str) -> None:
        self._process.write(keys)

    def close(self) -> int | None:
        """Quit as a user does; the exit status, or None where it had to be killed."""
        if self._process.isalive():
            self.press("q")
        self._reader.join(30)
        if self._process.isalive():
            self._process.terminate(force=True)
            return None
        self._process.wait()
        status: int | None = self._process.exitstatus
        return status

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
