"""graphql-transport-ws, complete and hostile-proof, through a real socket."""

from __future__ import annotations

import json
import logging

import pytest

from graph.live.transport_ws import SocketLimits
from tests.integration.live.room import a_room

DEAL = "subscription { deal { name } }"

MALFORMED = {
    "an array": "[]",
    "a string": '"x"',
    "a number": "1",
    "null": "null",
    "no JSON": "{",
    "nothing": "",
    "no type": "{}",
    "a numeric type": '{"type": 1}',
    "an unknown type": '{"type": "start"}',
    "no id": '{"type": "subscribe", "payload": {"query": "{ deal { name } }"}}',
    "a numeric id": '{"type": "subscribe", "id": 1, "payload": {"query": "{ deal { name } }"}}',
    "a list id": '{"type": "subscribe", "id": ["a"], "payload": {"query": "{ deal { name } }"}}',
    "an empty id": '{"type": "subscribe", "id": "", "payload": {"query": "{ deal { name } }"}}',
    "a huge id": json.dumps({"type": "complete", "id": "x" * 10_000}),
    "a null payload": '{"type": "subscribe", "id": "1", "payload": null}',
    "a list payload": '{"type": "subscribe", "id": "1", "payload": []}',
    "no query": '{"type": "subscribe", "id": "1", "payload": {}}',
    "a numeric query": '{"type": "subscribe", "id": "1", "payload": {"query": 1}}',
    "variables that are text": '{"type": "subscribe", "id": "1", "payload": {"query": "{ a }", "variables": "x"}}',
    "an operation name that is a list": '{"type": "subscribe", "id": "1", "payload": {"query": "{ a }", "operationName": []}}',
    "extensions that are a list": '{"type": "subscribe", "id": "1", "payload": {"query": "{ a }", "extensions": []}}',
    "complete with a list id": '{"type": "complete", "id": []}',
    "complete without an id": '{"type": "complete"}',
    "ping with a list": '{"type": "ping", "payload": []}',
    "50,000 levels": "[" * 50_000,
    "50,000 levels in a payload": '{"type": "subscribe", "id": "1", "payload": ' + '{"a":' * 50_000,
}


@pytest.mark.parametrize("raw", MALFORMED.values(), ids=MALFORMED.keys())
async def test_a_malformed_message_closes_with_4400_and_no_traceback(
    raw: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with a_room() as room:
        client = await room.client()
        with caplog.at_level(logging.WARNING):
            await client.send_raw(raw)
            code, reason = await client.closed()
        assert code == 4400
        assert reason
        assert not [record for record in caplog.records if record.exc_info]
        await room.quiet()


async def test_a_binary_message_closes_with_4400() -> None:
    async with a_room() as room:
        client = await room.client()
        await client.send_raw(b'{"type": "ping"}')
        assert (await client.closed())[0] == 4400


async def test_an_oversized_message_closes_with_the_protocols_own_code() -> None:
    async with a_room() as room:
        client = await room.client()
        await client.send_raw("x" * (2**20 + 1))
        assert (await client.closed())[0] == 1009


async def test_a_syntax_error_ends_that_operation_only() -> None:
    async with a_room() as room:
        client = await room.client()
        await client.subscribe(DEAL, id="good")
        await client.next()
        await client.subscribe("subscription {", id="bad")
        message = await client.receive()
        assert (message["id"], message["type"]) == ("bad", "error")
        assert message["payload"][0]["extensions"]["code"] == "GRAPHQL_PARSE_FAILED"
        await room.rename("Second")
        assert (await client.receive())["id"] == "good"


async def test_variables_that_do_not_fit_are_an_error_for_that_operation() -> None:
    async with a_room() as room:
        client = await room.client()
        await client.subscribe(
            "subscription ($pad: Int!) { deal(pad: $pad) { name } }", variables={"pad": "many"}
        )
        message = await client.receive()
        assert message["type"] == "error"
        assert message["payload"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_who_does_not_initialise_in_time_is_closed_with_4408() -> None:
    async with a_room(limits=SocketLimits(init_seconds=0.05)) as room:
        client = await room.open()
        assert (await client.closed())[0] == 4408


async def test_initialising_twice_closes_with_4429() -> None:
    async with a_room() as room:
        client = await room.client()
        await client.send(type="connection_init")
        assert (await client.closed())[0] == 4429


async def test_subscribing_before_the_acknowledgement_closes_with_4401() -> None:
    async with a_room() as room:
        client = await room.open()
        await client.subscribe(DEAL)
        assert (await client.closed())[0] == 4401


async def test_an_id_in_use_closes_with_4409() -> None:
    async with a_room() as room:
        client = await room.client()
        await client.subscribe(DEAL)
        await client.next()
        await client.subscribe(DEAL)
        assert (await client.closed())[0] == 4409


@pytest.mark.parametrize("offered", [("graphql-ws",), ("chat",)])
async def test_another_subprotocol_is_refused_with_4406(offered: tuple[str, ...]) -> None:
    async with a_room() as room:
        client = await room.open(subprotocols=offered)
        assert client.socket.subprotocol is None
        assert (await client.closed())[0] == 4406


async def test_a_bad_token_closes_with_4403() -> None:
    async with a_room() as room:
        client = await room.open()
        await client.send(type="connection_init", payload={"authorization": "Bearer bad"})
        assert await client.closed() == (4403, "The token is not valid.")


async def test_a_token_that_ends_takes_the_connection_with_it() -> None:
    async with a_room() as room:
        client = await room.client(token=f"viewer@{room.live.now() + 0.1}")
        await client.subscribe(DEAL)
        await client.next()
        assert await client.closed() == (4403, "The token has expired")


async def test_a_ping_is_answered_with_its_payload() -> None:
    async with a_room() as room:
        client = await room.open()
        await client.send(type="ping", payload={"n": 1})
        assert await client.receive() == {"type": "pong", "payload": {"n": 1}}
        await client.send(type="ping")
        assert await client.receive() == {"type": "pong"}
        await client.send(type="pong", payload={})


async def test_queries_and_mutations_are_answered_over_the_socket_too() -> None:
    async with a_room() as room:
        client = await room.client()
        await client.subscribe('mutation { rename(name: "Second") { name version } }', id="m")
        assert (await client.next())["data"] == {"rename": {"name": "Second", "version": 2}}
        assert await client.receive() == {"id": "m", "type": "complete"}
        await client.subscribe("{ deal { name } }", id="m")
        assert (await client.next())["data"] == {"deal": {"name": "Second"}}
        assert await client.receive() == {"id": "m", "type": "complete"}


async def test_a_resolver_that_breaks_is_a_masked_error_with_its_correlation_id() -> None:
    async with a_room() as room:
        client = await room.client()
        await client.subscribe('mutation { rename(name: "boom") { name } }')
        payload = await client.next()
        assert payload["errors"][0]["extensions"] == {
            "code": "INTERNAL",
            "correlationId": "test-correlation",
        }
        assert "secret" not in json.dumps(payload)


async def test_a_connection_may_not_run_more_than_its_share() -> None:
    async with a_room(limits=SocketLimits(operations_per_connection=2)) as room:
        client = await room.client()
        for id_ in ("1", "2"):
            await client.subscribe(DEAL, id=id_)
            await client.next()
        await client.subscribe(DEAL, id="3")
        message = await client.receive()
        assert (message["id"], message["type"]) == ("3", "error")
        assert message["payload"][0]["extensions"] == {
            "code": "LIMIT_EXCEEDED",
            "correlationId": "test-correlation",
            "limit": "operationsPerConnection",
            "value": 2,
            "found": 3,
        }


async def test_completing_what_does_not_run_is_harmless() -> None:
    async with a_room() as room:
        client = await room.client()
        await client.send(type="complete", id="never")
        await client.send(type="ping")
        assert await client.receive() == {"type": "pong"}


async def test_it_works_the_same_under_any_asgi_server() -> None:
    async with a_room(plain_asgi=True) as room:
        client = await room.client()
        await client.subscribe(DEAL)
        assert (await client.next())["data"]["deal"]["name"] == "First"
        await room.rename("Second")
        assert (await client.next())["data"]["deal"]["name"] == "Second"
        await client.send_raw("[]")
        assert (await client.closed())[0] == 4400
        await room.quiet()
