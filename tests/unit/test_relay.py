import asyncio
import gc
import socket

import anyio
import pytest
from anyio.abc import SocketAttribute

from tests.doubles.relay import Relay


class Echo(Relay):
    def __init__(self):
        super().__init__()
        self.taken = []

    async def serve(self, client):
        self.taken.append(client)
        async for data in client:
            await client.send(data)


async def asked(stream):
    await stream.send(b"who is there")
    return await stream.receive()


@pytest.mark.parametrize("moment", range(20))
async def test_a_relay_that_ends_leaves_no_socket_open_however_late_it_was_taken(moment):
    async with Echo() as relay:
        # Taken by the kernel at once; by the relay in the turns of the loop that follow.
        callers = [socket.create_connection(("127.0.0.1", relay.port)) for _ in range(5)]
        for _ in range(moment):
            await asyncio.sleep(0)
    for caller in callers:
        caller.close()
    gc.collect()  # of what it left open Python warns now, which fails the test


async def test_who_is_hung_up_on_notices_and_the_others_talk_on():
    async with Echo() as relay:
        first, second = [await anyio.connect_tcp("127.0.0.1", relay.port) for _ in range(2)]
        async with first, second:
            assert await asked(first) == await asked(second) == b"who is there"
            here = first.extra(SocketAttribute.local_address)
            await relay.hang_up(
                one for one in relay.taken if one.extra(SocketAttribute.remote_address) == here
            )
            with pytest.raises((anyio.BrokenResourceError, anyio.EndOfStream)):
                await first.receive()
            assert await asked(second) == b"who is there"


async def test_a_relay_that_does_not_listen_refuses_and_listens_on_its_port_again():
    async with Echo() as relay:
        await relay.stop_listening()
        with pytest.raises(OSError, match="connection attempts failed"):
            await anyio.connect_tcp("127.0.0.1", relay.port)
        await relay.listen()
        async with await anyio.connect_tcp("127.0.0.1", relay.port) as caller:
            assert await asked(caller) == b"who is there"
