"""Subscriptions over plain HTTP: server-sent events and multipart, from the same hub."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from graph.live import streams
from tests.integration.live.room import Room, a_room

DEAL = "subscription { deal { name } }"
SSE = "text/event-stream"
MULTIPART = 'multipart/mixed;subscriptionSpec="1.0", application/json'


@asynccontextmanager
async def streaming(
    room: Room, query: str = DEAL, accept: str = SSE, **headers: str
) -> AsyncIterator[httpx.Response]:
    async with (
        httpx.AsyncClient(timeout=5) as client,
        client.stream(
            "POST",
            room.http_url,
            json={"query": query},
            headers={"accept": accept, **{k.replace("_", "-"): v for k, v in headers.items()}},
        ) as response,
    ):
        yield response


class Events:
    """The events of a text/event-stream, as they come."""

    def __init__(self, response: httpx.Response) -> None:
        self._chunks = response.aiter_text()
        self._text = ""

    async def next(self) -> dict[str, str]:
        async with asyncio.timeout(5):
            while "\n\n" not in self._text:
                self._text += await anext(self._chunks)
        block, self._text = self._text.split("\n\n", 1)
        return dict(
            line.split(": ", 1) if ": " in line else (line, "") for line in block.split("\n")
        )

    async def data(self) -> Any:
        return json.loads((await self.next())["data"])


async def test_the_present_value_comes_at_once_then_every_change_each_with_its_cursor_as_id() -> (
    None
):
    async with a_room() as room, streaming(room) as response:
        assert response.headers["content-type"].startswith(SSE)
        events = Events(response)
        first = await events.next()
        payload = json.loads(first["data"])
        assert (first["event"], payload["data"]["deal"]["name"]) == ("next", "First")
        assert first["id"] == payload["extensions"]["cursor"]
        await room.rename("Second")
        assert (await events.data())["data"]["deal"]["name"] == "Second"


async def test_a_stream_shares_its_execution_with_sockets() -> None:
    async with a_room() as room, streaming(room) as response:
        await Events(response).next()
        client = await room.client()
        await client.subscribe(DEAL)
        await client.next()
        assert (room.live.hub.topics, room.executions) == (1, 1)


async def test_a_stream_that_ends_says_so() -> None:
    async with a_room() as room, streaming(room, "subscription { ticks(count: 1) }") as response:
        events = Events(response)
        assert (await events.data())["data"] == {"ticks": 0}
        assert (await events.next())["event"] == "complete"


async def test_a_client_that_leaves_leaves_nothing_behind() -> None:
    async with a_room() as room:
        async with streaming(room) as response:
            await Events(response).next()
        await room.quiet()


async def test_last_event_id_resumes_without_repeating_what_is_known() -> None:
    async with a_room() as room:
        async with streaming(room) as response:
            cursor = (await Events(response).next())["id"]
        await room.touch()
        async with streaming(room, last_event_id=cursor) as response:
            events = Events(response)
            await room.rename("Second")
            assert (await events.data())["data"]["deal"]["name"] == "Second"


async def test_what_was_missed_is_announced_as_a_gap() -> None:
    async with a_room() as room:
        async with streaming(room) as response:
            cursor = (await Events(response).next())["id"]
        for name in ("Second", "Third", "Fourth"):
            await room.rename(name)
        async with streaming(room, last_event_id=cursor) as response:
            payload = await Events(response).data()
        assert payload["extensions"]["gap"] == {"cursor": cursor, "skipped": 2}


async def test_an_operation_that_is_not_valid_ends_with_its_errors() -> None:
    async with a_room() as room, streaming(room, "subscription { nothing }") as response:
        events = Events(response)
        errors = (await events.data())["errors"]
        assert errors[0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
        assert (await events.next())["event"] == "complete"


async def test_a_query_may_be_asked_for_as_a_stream_of_one() -> None:
    async with a_room() as room, streaming(room, "{ deal { name } }") as response:
        events = Events(response)
        assert (await events.data())["data"]["deal"]["name"] == "First"
        assert (await events.next())["event"] == "complete"


async def test_silence_is_filled_with_heartbeats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams.ServerSentEvents, "heartbeat_seconds", 0.05)
    async with a_room() as room, streaming(room) as response:
        events = Events(response)
        await events.next()
        assert (await events.next()) == {":": ""}


async def test_a_token_that_ends_takes_its_stream_with_it() -> None:
    async with a_room() as room:
        ends = room.live.now() + 0.1
        async with streaming(room, authorization=f"Bearer viewer@{ends}") as response:
            events = Events(response)
            await events.next()
            room.clock.advance(1)
            assert (await events.data())["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_draining_ends_streams_so_that_their_clients_come_back() -> None:
    async with a_room() as room, streaming(room) as response:
        events = Events(response)
        await events.next()
        await room.live.drain(0.1)
        with pytest.raises((StopAsyncIteration, httpx.RemoteProtocolError)):
            await events.next()


async def test_multipart_follows_apollos_protocol() -> None:
    async with a_room() as room, streaming(room, accept=MULTIPART) as response:
        assert response.headers["content-type"] == (
            'multipart/mixed;boundary="graphql";subscriptionSpec="1.0"'
        )
        chunks = response.aiter_text()
        assert await anext(chunks) == "\r\n--graphql"
        part = await anext(chunks)
        head, body = part.split("\r\n\r\n", 1)
        assert head == "\r\nContent-Type: application/json"
        assert (
            json.loads(body.removesuffix("\r\n--graphql"))["payload"]["data"]["deal"]["name"]
            == "First"
        )
        await room.rename("Second")
        assert "Second" in await anext(chunks)


async def test_multipart_closes_its_boundary_at_the_end() -> None:
    async with (
        a_room() as room,
        streaming(room, "subscription { ticks(count: 1) }", accept=MULTIPART) as response,
    ):
        text = "".join([chunk async for chunk in response.aiter_text()])
        assert text.endswith("--graphql--\r\n")
        assert '{"payload":{"data":{"ticks":0}' in text


async def test_a_reader_that_stops_is_cut_after_the_limit_and_delays_nobody() -> None:
    async with a_room(stuck_seconds=0.2) as room:
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", int(room.url.split(":")[2].split("/")[0])
        )
        body = json.dumps({"query": "subscription { deal(pad: 200000) { name } }"})
        writer.write(
            f"POST /graphql HTTP/1.1\r\nhost: x\r\naccept: {SSE}\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\n\r\n{body}".encode()
        )
        await reader.readline()
        writer.transport.pause_reading()
        async with asyncio.timeout(5):
            number = 0
            while room.live.hub.topics or number == 0:
                number += 1
                await room.rename(f"v{number}")
                await asyncio.sleep(0.002)
        writer.transport.abort()
        assert room.live.metrics.closes.labels(reason="4413")._value.get() == 1
