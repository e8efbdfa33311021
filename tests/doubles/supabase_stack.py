"""A Supabase that runs already, the CLI's own stack for example: where it is, from the environment, and its Realtime.

`supabase status -o env` tells the five: SUPABASE_STACK_URL (its API_URL), _DB (DB_URL), _JWT_SECRET, _ANON_KEY, _SERVICE_KEY
(SERVICE_ROLE_KEY). It must have our migrations; the tests empty its tables.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import aiohttp
from aiohttp import WSMsgType, web


@dataclass(frozen=True, slots=True)
class Stack:
    url: str
    db: str
    jwt_secret: str
    anon_key: str
    service_key: str

    @classmethod
    def of(cls, environment: Mapping[str, str] = os.environ) -> Self | None:
        """None where nothing is said of one. KeyError names what is missing of it."""
        if "SUPABASE_STACK_URL" not in environment:
            return None
        wanted = ("URL", "DB", "JWT_SECRET", "ANON_KEY", "SERVICE_KEY")
        return cls(*(environment[f"SUPABASE_STACK_{name}"] for name in wanted))


class StackRealtime:
    """Hands sockets on to the stack's Realtime. `joins` counts the channels that clients asked for."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._open: set[web.WebSocketResponse] = set()
        self.joins = 0

    async def start(self) -> None:
        """It runs already."""

    async def stop(self) -> None:
        await self.drop()

    async def drop(self) -> None:
        for socket in list(self._open):
            await socket.close(code=1012)

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        answer = web.WebSocketResponse()
        await answer.prepare(request)
        self._open.add(answer)
        address = f"{self._stack.url}/realtime/v1/websocket"
        params = {"apikey": self._stack.service_key, "vsn": "1.0.0"}
        try:
            async with (
                aiohttp.ClientSession() as session,
                session.ws_connect(address, params=params) as behind,
            ):
                both = [
                    asyncio.create_task(self._forth(answer, behind)),
                    asyncio.create_task(_back(behind, answer)),
                ]
                await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
                for task in both:
                    task.cancel()
                await asyncio.wait(both)
        finally:
            self._open.discard(answer)
        return answer

    async def _forth(
        self, client: web.WebSocketResponse, behind: aiohttp.ClientWebSocketResponse
    ) -> None:
        async for message in client:
            if message.type is WSMsgType.TEXT:
                self.joins += json.loads(message.data).get("event") == "phx_join"
                await behind.send_str(message.data)


async def _back(behind: aiohttp.ClientWebSocketResponse, client: web.WebSocketResponse) -> None:
    async for message in behind:
        if message.type is WSMsgType.TEXT:
            await client.send_str(message.data)
