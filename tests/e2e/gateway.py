"""The built product as a process of its own, on a free port and a folder of its own."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / ".venv" / "bin" / "twilio-negotiation"
DIST = ROOT / "web" / "dist"
OURS = ("SUPABASE_", "TWILIO_", "NOTIFY_", "AUTH_", "ALLOWED_")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


class Gateway:
    """`twilio-negotiation serve` in `home`, which is its HOME, its working folder and holds its data."""

    def __init__(self, home: Path, settings: Mapping[str, str] | None = None) -> None:
        self.home = home
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = home / "gateway.log"
        machine = {k: v for k, v in os.environ.items() if not k.startswith(OURS)}
        self.env = machine | {
            "HOME": str(home),
            "PORT": str(self.port),
            "DATA_DIR": str(home / "data"),
            "WEB_DIST": str(DIST),
            "TWILIO_NEGOTIATION_ENDPOINT": f"{self.url}/graphql",
            **(settings or {}),
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, seconds: float = 90) -> float:
        """Start it and wait until it answers, if only by asking who we are; how long that took."""
        began = time.monotonic()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [PROGRAM, "serve"], cwd=self.home, env=self.env, stdout=log, stderr=log
            )
        while time.monotonic() - began < seconds:
            if self._process.poll() is not None:
                break
            try:
                answer = httpx.get(f"{self.url}/api/v1/health", timeout=2)
            except httpx.HTTPError:
                time.sleep(0.05)
            else:
                if answer.is_success or answer.status_code == HTTPStatus.UNAUTHORIZED:
                    return time.monotonic() - began
        raise AssertionError(f"the gateway did not start:\n{self.log.read_text()[-4000:]}")

    def stop(self, how: signal.Signals = signal.SIGINT, seconds: float = 90) -> int:
        """Stop it as Ctrl-C does (or otherwise); its exit status."""
        if self._process is None:
            return 0
        self._process.send_signal(how)
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise AssertionError(f"the gateway did not stop within {seconds} s") from None
        finally:
            self._process = None

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """The data of one GraphQL operation."""
        answer = httpx.post(
            f"{self.url}/graphql", json={"query": query, "variables": variables}, timeout=90
        ).json()
        assert "errors" not in answer, answer["errors"]
        data: dict[str, Any] = answer["data"]
        return data

    def run(self, *arguments: str, seconds: float = 120) -> str:
        """What `twilio-negotiation …` printed; it must have succeeded."""
        with self.command(*arguments) as command:
            printed, _ = command.communicate(timeout=seconds)
        assert command.returncode == 0, printed
        return printed

    def command(self, *arguments: str) -> subprocess.Popen[str]:
        """Start `twilio-negotiation …` beside it, as a user in another terminal would."""
        return subprocess.Popen(
            [str(PROGRAM), *arguments],
            cwd=self.home,
            env=self.env,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
