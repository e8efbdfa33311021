"""The live hub through real sockets: shared execution, newest value, gaps, resume."""

from __future__ import annotations

import asyncio
import json

import pytest
from structlog.testing import capture_logs

from graph.live.transport_ws import SocketLimits
from tests.integration.live.room import a_room

DEAL = "subscription { deal { name version } }"
SAME_IN_ANOTHER_LAYOUT = "subscription Named {\n  deal {\n    name\n    version\n  }\n}"


async def test_a_new_subscriber_gets_the_present_value_at_once_and_then_every_change() -> None:
    async with a_room() as room:
        client = await room.client()
        await client.subscribe(DEAL)
        assert (await client.next())["data"] == {"deal": {"name": "First", "version": 1}}
        await room.rename("Second")
        assert (await client.next())["data"]["deal"]["name"] == "Second"


async def test_the_same_operation_in_any_layout_is_executed_once_for_everybody() -> None:
    async with a_room() as room:
        clients = [await room.client() for _ in range(10)]
        for number, client in enumerate(clients):
            await client.subscribe(DEAL if number % 2 else SAME_IN_ANOTHER_LAYOUT, id=f"a{number}")
            await client.next()
        assert (room.live.hub.topics, room.executions) == (1, 1)
        await room.rename("Second")
        for number, client in enumerate(clients):
            message = await client.receive()
            assert (message["id"], message["payload"]["data"]["deal"]["name"]) == (
                f"a{number}",
                "Second",
            )
        assert room.executions == 2


async def test_variables_are_part_of_what_is_shared_and_undeclared_ones_are_not() -> None:
    async with a_room() as room:
        query = "subscription ($pad: Int!) { deal(pad: $pad) { name } }"
        client = await room.client()
        await client.subscribe(query, id="1", variables={"pad": 1})
        await client.subscribe(query, id="2", variables={"pad": 1, "junk": 7})
        await client.subscribe(query, id="3", variables={"pad": 2})
        names = {
            m["id"]: m["payload"]["data"]["deal"]["name"]
            for m in [await client.receive() for _ in range(3)]
        }
        assert names == {"1": "Firstx", "2": "Firstx", "3": "Firstxx"}
        assert room.live.hub.topics == 2


async def test_the_first_client_leaving_does_not_hang_the_others() -> None:
    async with a_room() as room:
        first, second = await room.client(), await room.client()
        for client in (first, second):
            await client.subscribe(DEAL)
            await client.next()
        await first.socket.close()
        await room.rename("Second")
        assert (await second.next())["data"]["deal"]["name"] == "Second"


async def test_when_everybody_has_left_nothing_is_followed_any_more() -> None:
    async with a_room() as room:
        completed, dropped = await room.client(), await room.client()
        for client in (completed, dropped):
            await client.subscribe(DEAL)
            await client.next()
        assert room.store.watchers == 1
        await completed.send(type="complete", id="1")
        dropped.socket.transport.abort()
        await completed.socket.close()
        await room.quiet()
        assert (room.metric("subscribers"), room.metric("topics")) == (0, 0)


async def test_a_client_that_comes_back_to_an_abandoned_subscription_is_served() -> None:
    async with a_room() as room:
        client = await room.client()
        for number in range(20):
            await client.subscribe(DEAL, id=str(number))
            assert (await client.receive())["id"] == str(number)
            await client.send(type="complete", id=str(number))
        await client.subscribe(DEAL, id="last")
        assert (await client.receive())["id"] == "last"


async def test_two_scopes_never_share() -> None:
    async with a_room() as room:
        query = "subscription { deal { seenBy } }"
        clients = {role: await room.client(token=role) for role in ("viewer", "vendor_guest")}
        for role, client in clients.items():
            await client.subscribe(query)
            assert (await client.next())["data"]["deal"]["seenBy"] == role
        assert room.live.hub.topics == 2


async def test_a_result_equal_to_the_last_is_not_pushed() -> None:
    async with a_room() as room:
        client = await room.client()
        await client.subscribe(DEAL)
        await client.next()
        await room.touch()
        await client.nothing()
        assert room.metric("unchanged") == 1


async def test_a_burst_of_commits_costs_few_executions_and_its_last_value_arrives() -> None:
    async with a_room(throttle=0.05) as room:
        client = await room.client()
        await client.subscribe(DEAL)
        await client.next()
        for number in range(1000):
            await room.rename(f"Name {number}")
        while (await client.next())["data"]["deal"]["name"] != "Name 999":
            pass
        assert room.executions < 100


async def test_a_private_stream_starts_at_its_own_beginning_and_completes() -> None:
    async with a_room() as room:
        first, second = await room.client(), await room.client()
        for client in (first, second):
            await client.subscribe("subscription { ticks(count: 3) }")
            assert [(await client.next())["data"]["ticks"] for _ in range(3)] == [0, 1, 2]
            assert await client.receive() == {"id": "1", "type": "complete"}
        await first.subscribe("subscription { ticks(count: 1) }", id="1")
        assert (await first.next())["data"]["ticks"] == 0


async def test_a_subscription_that_refuses_its_input_says_why() -> None:
    async with a_room() as room:
        client = await room.client()
        with capture_logs() as logged:
            await client.subscribe("subscription { refused }")
            message = await client.receive()
        assert message["type"] == "error"
        (error,) = message["payload"]
        assert (error["message"], error["extensions"]["code"]) == (
            "Not like this.",
            "BAD_USER_INPUT",
        )
        assert error["extensions"]["fields"][0]["path"] == "count"
        assert not [entry for entry in logged if "exc_info" in entry]


async def test_a_source_that_breaks_ends_that_subscription_with_a_masked_error() -> None:
    async with a_room() as room:
        client = await room.client()
        await client.subscribe("subscription { broken }")
        assert (await client.next())["data"] == {"broken": 1}
        message = await client.receive()
        assert message["type"] == "error"
        assert message["payload"][0]["extensions"]["code"] == "INTERNAL"
        assert "secret" not in json.dumps(message)


@pytest.mark.parametrize("plain_asgi", [False, True])
async def test_a_reader_that_stops_gets_the_newest_value_with_a_gap_notice_and_delays_nobody(
    plain_asgi: bool,
) -> None:
    async with a_room(plain_asgi=plain_asgi) as room:
        slow, quick = await room.client(), await room.client()
        for client in (slow, quick):
            await client.subscribe("subscription { deal(pad: 100000) { name version } }")
            await client.next()
        slow.socket.transport.pause_reading()
        for number in range(2, 152):
            await room.rename(f"v{number}")
            assert (await quick.next())["data"]["deal"]["version"] == number
        assert room.metric("skipped") > 0
        slow.socket.transport.resume_reading()
        versions, gaps = [], []
        while not versions or versions[-1] < 151:
            payload = await slow.next()
            versions.append(payload["data"]["deal"]["version"])
            gaps += [payload["extensions"]["gap"]] if "gap" in payload["extensions"] else []
        assert versions == sorted(set(versions))
        assert sum(gap["skipped"] for gap in gaps) == 150 - len(versions)
        assert all(gap["cursor"] for gap in gaps)


async def test_a_reader_that_is_stuck_too_long_is_closed_and_forgotten() -> None:
    async with a_room(limits=SocketLimits(stuck_seconds=0.1)) as room:
        slow = await room.client()
        await slow.subscribe(
            "subscription { deal(pad: 100000) { version } deal2: deal(pad: 1) { version } }"
        )
        assert (await slow.receive())["type"] == "error"  # one root field only
        await slow.subscribe("subscription { deal(pad: 100000) { name } }")
        await slow.next()
        slow.socket.transport.pause_reading()
        for number in range(100):
            await room.rename(f"v{number}")
            await asyncio.sleep(0)
        async with asyncio.timeout(5):
            while room.live.hub.topics:
                await asyncio.sleep(0.01)
        assert room.live.metrics.closes.labels(reason="4413")._value.get() == 1
        slow.socket.transport.abort()  # a stuck peer answers no closing handshake


async def test_a_client_that_resumes_unchanged_is_sent_nothing_until_something_changes() -> None:
    async with a_room() as room:
        client = await room.client()
        await client.subscribe(DEAL)
        cursor = (await client.next())["extensions"]["cursor"]
        await client.socket.close()
        await room.touch()
        back = await room.client(resume=cursor)
        await back.subscribe(DEAL)
        await back.nothing()
        await room.rename("Second")
        assert (await back.next())["data"]["deal"]["name"] == "Second"


async def test_a_client_that_missed_values_gets_the_present_one_and_is_told_of_the_gap() -> None:
    async with a_room() as room:
        client = await room.client()
        await client.subscribe(DEAL)
        cursor = (await client.next())["extensions"]["cursor"]
        await client.socket.close()
        for name in ("Second", "Third"):
            await room.rename(name)
        back = await room.client()
        await back.subscribe(DEAL, extensions={"resume": cursor})
        payload = await back.next()
        assert payload["data"]["deal"]["name"] == "Third"
        assert payload["extensions"]["gap"] == {"cursor": cursor, "skipped": 1}


async def test_a_client_that_missed_exactly_one_change_gets_it_without_a_gap() -> None:
    async with a_room() as room:
        client = await room.client()
        await client.subscribe(DEAL)
        cursor = (await client.next())["extensions"]["cursor"]
        await room.rename("Second")
        back = await room.client(resume=cursor)
        await back.subscribe(DEAL)
        payload = await back.next()
        assert payload["data"]["deal"]["name"] == "Second"
        assert "gap" not in payload["extensions"]


@pytest.mark.parametrize("cursor", ["", "nonsense", "a.b.c", "memory.-1.000000000000000000", "🦆"])
async def test_a_cursor_that_cannot_be_read_gets_the_present_value_as_a_gap(cursor: str) -> None:
    async with a_room() as room:
        client = await room.client()
        await client.subscribe(DEAL, extensions={"resume": cursor})
        payload = await client.next()
        assert payload["data"]["deal"]["name"] == "First"
        assert "gap" in payload["extensions"]


async def test_draining_sends_everybody_away_with_a_code_that_asks_them_back() -> None:
    async with a_room() as room:
        clients = [await room.client() for _ in range(5)]
        for client in clients:
            await client.subscribe(DEAL)
            await client.next()
        await room.live.drain(0.1)
        assert {(await client.closed())[0] for client in clients} == {1001}
        assert room.live.hub.topics == 0
        refused = await room.open()
        assert (await refused.closed())[0] == 1013
