"""A credential that ends, or is called back, ends what was opened with it; nobody holds everything."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack, suppress

import pytest
from websockets.exceptions import ConnectionClosed

from adapters.keys import KeyFile
from tests.integration.security.conftest import Opened
from tests.integration.security.door import Door, a_token, codes, codes_of

UPDATES = "subscription { negotiationUpdated { name } }"
HEALTH = "{ schemaVersion { version } }"


async def call_back(door: Door, how: str, key_id: str) -> None:
    if how == "key":
        KeyFile(door.key_file).revoke(key_id, door.bench.clock.now())  # as another process does
    else:
        door.revoked.write_text(f"{how}\n")
    await asyncio.to_thread(door.access.refresh)


async def test_an_expired_token_closes_its_socket_with_4403_and_not_before(
    opened: Opened,
) -> None:
    async with opened() as door:
        ends = time.time() + 1.5
        async with door.socket(a_token("viewer", seconds=1.5)) as socket:
            with suppress(ConnectionClosed):  # a slow machine has not got so far by then
                await socket.acknowledged()
                await socket.ask(UPDATES)
            assert await socket.closed() == (4403, "The token has expired")
            assert time.time() >= ends - 0.5


async def test_an_expired_token_ends_its_stream_with_an_error(opened: Opened) -> None:
    async with opened() as door, door.stream(UPDATES, a_token("viewer", seconds=1.5)) as stream:
        while "data" in (last := await stream.result()):
            pass
        assert codes(last) == ["UNAUTHENTICATED"]
        assert (await stream.next())["event"] == "complete"


@pytest.mark.parametrize("how", ["key", "jti stolen", "session s-1", "sub kim"])
async def test_what_is_called_back_ends_its_streams_and_nobody_elses(
    opened: Opened, how: str
) -> None:
    async with opened() as door:
        key_id, key = door.new_key("viewer")
        token = a_token("viewer", jti="stolen", session_id="s-1")
        mine = key if how == "key" else token
        others = a_token("viewer", sub="lee")
        async with (
            door.socket(mine) as socket,
            door.stream(UPDATES, mine) as stream,
            door.socket(others) as bystander,
        ):
            await socket.acknowledged()
            await bystander.acknowledged()
            assert (await socket.ask(UPDATES))["type"] == "next"
            assert (await bystander.ask(UPDATES))["type"] == "next"
            assert "data" in await stream.result()
            await call_back(door, how, key_id)
            code, reason = await socket.closed()
            assert (code, "revoked" in reason) == (4403, True)
            assert codes(await stream.result()) == ["UNAUTHENTICATED"]
            assert (await door.post(HEALTH, mine)).status_code == 401
            assert (await door.post(HEALTH, others)).status_code == 200
            await bystander.send(type="ping")
            assert (await bystander.receive())["type"] == "pong"
        async with door.socket(mine) as again:
            assert (await again.closed())[0] == 4403


async def test_one_caller_may_hold_so_many_connections_and_a_closed_one_makes_room(
    opened: Opened,
) -> None:
    async with opened(live_connections_per_caller=3) as door:
        token = a_token("viewer")
        async with AsyncExitStack() as stack:
            held = [await stack.enter_async_context(door.socket(token)) for _ in range(2)]
            for socket in held:
                await socket.acknowledged()
            stream = await stack.enter_async_context(door.stream(UPDATES, token))
            assert "data" in await stream.result()
            async with door.socket(token) as fourth:
                assert await fourth.closed() == (
                    1013,
                    "You hold 3 live connections already. Close one first.",
                )
            async with door.stream(UPDATES, token) as refused:
                assert refused.response.status_code == 400
                error = (await refused.response.aread()).decode()
                assert '"limit":"connectionsPerCaller","value":3,"found":4' in error
            async with door.socket(a_token("viewer", sub="lee")) as other:
                await other.acknowledged()
        async with door.socket(token) as again:
            await again.acknowledged()


async def test_the_whole_process_holds_so_many_connections(opened: Opened) -> None:
    async with opened(live_connections=1) as door, door.socket(a_token("viewer")) as socket:
        await socket.acknowledged()
        async with door.socket(a_token("viewer", sub="lee")) as second:
            assert (await second.closed())[0] == 1013
        async with door.stream(UPDATES, a_token("viewer", sub="lee")) as refused:
            body = (await refused.response.aread()).decode()
            assert '"limit":"connections","value":1,"found":2' in body


@pytest.mark.parametrize(
    ("changes", "limit"),
    [
        ({"live_subscriptions_per_connection": 2}, "operationsPerConnection"),
        ({"live_subscriptions_per_caller": 2}, "subscriptionsPerCaller"),
        ({"live_subscriptions": 2}, "subscriptions"),
    ],
)
async def test_one_subscription_too_many_is_refused_and_a_completed_one_makes_room(
    opened: Opened, changes: dict[str, int], limit: str
) -> None:
    async with opened(**changes) as door, door.socket(a_token("viewer")) as socket:
        await socket.acknowledged()
        for id_ in ("a", "b"):
            assert (await socket.ask(UPDATES, id_))["type"] == "next"
        refused = await socket.ask(UPDATES, "c")
        assert codes_of(refused) == ["LIMIT_EXCEEDED"]
        extensions = refused["payload"][0]["extensions"]
        assert [extensions[name] for name in ("limit", "value", "found")] == [limit, 2, 3]
        await socket.send(type="complete", id="a")
        assert (await socket.ask(UPDATES, "c"))["type"] == "next"


async def test_nothing_is_remembered_of_who_has_left(opened: Opened) -> None:
    async with opened() as door:
        for number in range(5):
            async with door.socket(a_token("viewer", sub=f"user-{number}")) as socket:
                await socket.acknowledged()
                await socket.ask(UPDATES)
        async with asyncio.timeout(5):
            while len(door.app.live.presence) or door.app.live.hub.subscribers:
                await asyncio.sleep(0.01)
