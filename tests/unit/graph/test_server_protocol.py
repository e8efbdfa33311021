"""How long a request's head may take, by a loop whose timers are run by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from graph.http.server_protocol import EXTENSION, PatientProtocol

HEAD = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n"
BODY = b"{}"


class Timer:
    def __init__(self, seconds: float, work: Callable[[], None]) -> None:
        self.seconds = seconds
        self.work = work
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class Loop:
    """Tasks by the running loop, timers kept."""

    def __init__(self) -> None:
        self.timers: list[Timer] = []

    def create_task(self, work: Any, **options: Any) -> asyncio.Task[Any]:
        return asyncio.get_running_loop().create_task(work, **options)

    def call_later(self, seconds: float, work: Callable[[], None]) -> Timer:
        self.timers.append(Timer(seconds, work))
        return self.timers[-1]


class Transport(asyncio.Transport):
    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.closed = False

    def write(self, data: Any) -> None:
        self.written += data

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


class Connection:
    def __init__(self) -> None:
        config = uvicorn.Config(answers, lifespan="off", log_config=None, http=PatientProtocol)
        self.loop = Loop()
        self.transport = Transport()
        self.protocol = PatientProtocol(config, ServerState(), {}, self.loop)
        self.protocol.connection_made(self.transport)

    @property
    def waits(self) -> list[Timer]:
        """For a head; not uvicorn's own for the next request."""
        return [
            timer
            for timer in self.loop.timers
            if not timer.cancelled and timer.seconds == PatientProtocol.header_seconds
        ]

    async def answered(self, times: int) -> None:
        async with asyncio.timeout(30):
            while self.transport.written.count(b"ok") < times:
                await asyncio.sleep(0)


async def answers(scope: Any, receive: Any, send: Any) -> None:
    while (await receive()).get("more_body", False):
        pass
    headers = [(b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"ok"})


async def test_who_says_nothing_is_cut_after_a_while() -> None:
    connection = Connection()
    (wait,) = connection.waits
    wait.work()
    assert connection.transport.closed


async def test_no_time_is_kept_of_a_body_or_of_an_answer() -> None:
    connection = Connection()
    for times in range(1, 4):
        connection.protocol.data_received(HEAD)
        assert not connection.waits
        connection.protocol.data_received(BODY)
        assert not connection.waits
        await connection.answered(times)
    assert not connection.transport.closed


async def test_a_head_that_comes_in_pieces_has_one_time_for_all_of_them() -> None:
    connection = Connection()
    for byte in HEAD[:-1]:
        connection.protocol.data_received(bytes([byte]))
        assert len(connection.loop.timers) == 1
    connection.protocol.data_received(HEAD[-1:] + BODY)
    assert not connection.waits
    await connection.answered(1)


@pytest.mark.parametrize("next_bytes", [b"GET / HT", b"\r\n"], ids=["a head", "an empty line"])
async def test_a_kept_connection_is_cut_for_a_slow_head_too(next_bytes: bytes) -> None:
    connection = Connection()
    connection.protocol.data_received(HEAD + BODY)
    await connection.answered(1)
    connection.protocol.data_received(next_bytes)
    connection.protocol.data_received(b"")
    (wait,) = connection.waits
    wait.work()
    assert connection.transport.closed


async def test_a_connection_that_is_lost_leaves_no_timer() -> None:
    connection = Connection()
    connection.protocol.connection_lost(None)
    assert not connection.waits


# --- answers whose head is ready


LINES = b"content-length: 2\r\n\r\n"
WHOLE = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


class Ready(Connection):
    """A connection whose application only remembers its requests."""

    def __init__(self) -> None:
        super().__init__()
        self.scopes: list[Any] = []

        async def remembers(scope: Any, receive: Any, send: Any) -> None:
            self.scopes.append(scope)
            await asyncio.Event().wait()

        self.protocol.app = remembers

    async def asked(self, head: bytes = HEAD) -> Any:
        self.protocol.data_received(head + BODY)
        async with asyncio.timeout(30):
            while not self.scopes:
                await asyncio.sleep(0)
        return self.scopes.pop(0)


async def test_a_ready_answer_is_written_whole_and_the_next_request_is_taken() -> None:
    connection = Ready()
    for times in range(1, 4):
        scope = await connection.asked()
        assert scope["extensions"][EXTENSION].answer(scope, LINES, b"ok")
        assert connection.transport.written == WHOLE * times
    assert not connection.transport.closed


async def test_a_ready_answer_is_left_to_asgi_where_it_is_not_its_turn_or_the_connection_ends() -> (
    None
):
    connection = Ready()
    scope = await connection.asked()
    connection.protocol.data_received(HEAD + BODY)  # pipelined: the second waits for the first
    assert not connection.protocol.answer(scope, LINES, b"ok")

    closing = Ready()
    scope = await closing.asked(HEAD.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n"))
    assert not closing.protocol.answer(scope, LINES, b"ok")

    gone = Ready()
    scope = await gone.asked()
    gone.protocol.connection_lost(None)
    assert not gone.protocol.answer(scope, LINES, b"ok")

    answered = Ready()
    scope = await answered.asked()
    assert answered.protocol.answer(scope, LINES, b"ok")
    assert not answered.protocol.answer(scope, LINES, b"ok")
    assert answered.transport.written == WHOLE
