"""Clients that subscribe, complete, drop, lag and come back at random: afterwards nothing is left of them.

SOAK_SECONDS=120 is the full form; the default is a short one.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import json
import os
import random
import resource
from contextlib import suppress
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from tests.integration.live.room import Client, Room, a_room

SECONDS = float(os.environ.get("SOAK_SECONDS", "3"))
CLIENTS = 40
MOST_GROWTH_KB = 5 * 1024

pytestmark = pytest.mark.timeout(120 + 4 * SECONDS)

QUERIES = (
    "subscription { deal { name } }",
    "subscription { deal { name version } }",
    "subscription { deal(pad: 50000) { name } }",
    "subscription { ticks(count: 50) }",
    "{ deal { name } }",
    "subscription { nothing }",
)


async def one_life(room: Room, dice: random.Random) -> None:
    client = await room.client(token=dice.choice(["viewer", "analyst"]))
    running: list[str] = []
    try:
        for number in range(dice.randint(1, 12)):
            match dice.choice(["subscribe", "subscribe", "complete", "read", "lag"]):
                case "subscribe":
                    running.append(str(number))
                    await client.subscribe(dice.choice(QUERIES), id=running[-1])
                case "complete" if running:
                    await client.send(type="complete", id=running.pop())
                case "lag":
                    client.socket.transport.pause_reading()
                    await asyncio.sleep(dice.uniform(0, 0.05))
                    client.socket.transport.resume_reading()
                case _:
                    await read_some(client)
        await leave(client, dice)
    except ConnectionClosed:
        pass  # a message that was still on its way
    finally:
        client.socket.transport.abort()
        await client.socket.wait_closed()


async def read_some(client: Client) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(0.02):
            while True:
                json.loads(await client.socket.recv())


async def leave(client: Client, dice: random.Random) -> None:
    match dice.choice(["close", "abort", "garbage"]):
        case "close":
            client.socket.transport.resume_reading()
            with suppress(TimeoutError):  # what was not read stands before the other side's goodbye
                async with asyncio.timeout(0.5):
                    await client.socket.close()
        case "abort":
            client.socket.transport.abort()
        case "garbage":
            await client.send_raw("[]")
            while True:  # until it is closed for that
                await client.receive()


async def live_for(room: Room, seconds: float, seed: int) -> None:
    dice = random.Random(seed)
    end = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < end:
        await one_life(room, dice)
        room.sockets.clear()


async def churn(room: Room, seconds: float) -> None:
    """Changes all the while, and many clients living at once."""

    async def change() -> None:
        number = 0
        while True:
            number += 1
            await room.rename(f"v{number}")
            await asyncio.sleep(0.003)

    changing = asyncio.create_task(change())
    await asyncio.gather(*(live_for(room, seconds, seed) for seed in range(CLIENTS)))
    changing.cancel()


def memory_kb() -> int:
    """What the process holds, once the allocator has given back what it can."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * resource.getpagesize() // 1024


async def test_nothing_is_left_of_clients_that_came_and_went_in_every_way() -> None:
    async with a_room(throttle=0.005) as room:
        held, tasks = [], 0
        for _ in range(3):  # the first rounds fill pools and caches; a leak would go on
            await churn(room, max(SECONDS / 2, 1.0))
            await room.quiet()
            room.store.forget_history()
            held.append(memory_kb())
            tasks = tasks or len(asyncio.all_tasks())
        assert (room.metric("connections"), room.metric("subscribers"), room.metric("topics")) == (
            0,
            0,
            0,
        )
        assert len(asyncio.all_tasks()) <= tasks + 1
        assert held[2] - held[1] < MOST_GROWTH_KB, held
        assert room.metric("deliveries") > 0


async def test_many_reconnects_leave_nothing_behind() -> None:
    async with a_room() as room:
        for _ in range(int(50 * SECONDS)):
            client = await room.client()
            await client.subscribe(QUERIES[0])
            await client.next()
            client.socket.transport.abort()
            await client.socket.wait_closed()
            room.sockets.clear()
        await room.quiet()
        assert room.metric("subscribers") == 0
