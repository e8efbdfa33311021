"""The Python client `gql`, over a socket and over plain HTTP, against our transports."""

from __future__ import annotations

from gql import Client, gql
from gql.transport.httpx import HTTPXAsyncTransport
from gql.transport.websockets import WebsocketsTransport

from tests.integration.live.room import a_room

DEAL = gql("subscription { deal { name } }")


async def test_gql_follows_a_subscription_over_a_socket() -> None:
    async with a_room() as room:
        transport = WebsocketsTransport(url=room.url)
        async with Client(transport=transport) as session:
            names = []
            async for result in session.subscribe(DEAL):
                names.append(result["deal"]["name"])
                if len(names) == 3:
                    break
                await room.rename(f"after {len(names)}")
        assert names == ["First", "after 1", "after 2"]
        await room.quiet()


async def test_gql_queries_and_changes_over_http_and_over_a_socket() -> None:
    async with a_room() as room:
        for transport in (
            HTTPXAsyncTransport(url=room.http_url),
            WebsocketsTransport(url=room.url),
        ):
            async with Client(transport=transport) as session:
                renamed = await session.execute(gql('mutation { rename(name: "New") { name } }'))
                assert renamed == {"rename": {"name": "New"}}
                assert await session.execute(gql("{ deal { name } }")) == {"deal": {"name": "New"}}
