"""Every subscription over a real store: the present value at once, then each change."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from resolvers.ports import Status
from tests.builders import a_negotiation, a_notification, an_invoice
from tests.gateway import Answer, Client
from tests.stores import put
from tests.workspace import CONTRACT

PATIENCE = 5


async def following(events: AsyncGenerator[Answer, None]) -> Any:
    """The data of the next event, which has no errors."""
    async with asyncio.timeout(PATIENCE):
        found = await anext(events)
    assert found.errors == []
    return found.data


async def test_a_negotiation_is_sent_at_once_and_after_each_commit(client: Client) -> None:
    document = "subscription { negotiationUpdated { id version envelope { targetMargin } trailing90 { amount } } }"
    async with client.subscribed(document) as events:
        first = (await following(events))["negotiationUpdated"]
        assert (first["version"], first["envelope"]["targetMargin"]) == (1, "0.4500")
        await client.ask('mutation { setTargets(input: {targetMargin: "0.5"}) { revision } }')
        second = (await following(events))["negotiationUpdated"]
        assert (second["version"], second["envelope"]["targetMargin"]) == (2, "0.5000")
        csv = "day,sku,quantity\\n2026-02-14,sms-outbound-us,100000"
        await client.ask(f'mutation {{ importUsage(input: {{csv: "{csv}"}}) {{ accepted }} }}')
        third = (await following(events))["negotiationUpdated"]
        assert third["trailing90"]["amount"] == "99620.00"


async def test_another_negotiation_can_be_watched_by_its_id(client: Client) -> None:
    await put(client.bench.store, a_negotiation(id="neg-2"))
    document = 'subscription { negotiationUpdated(id: "negotiation:neg-2") { id } }'
    async with client.subscribed(document) as events:
        assert await following(events) == {"negotiationUpdated": {"id": "negotiation:neg-2"}}


async def test_watching_a_negotiation_that_is_not_there_is_not_found(client: Client) -> None:
    document = 'subscription { negotiationUpdated(id: "negotiation:x") { id } }'
    async with client.subscribed(document) as events:
        assert (await anext(events)).codes == ["NOT_FOUND"]


async def test_health_is_sent_again_on_a_commit_and_on_a_change_without_one(client: Client) -> None:
    document = "subscription { healthUpdated { status revision queueDepth banner { message } } }"
    async with client.subscribed(document) as events:
        first = (await following(events))["healthUpdated"]
        assert (first["status"], first["queueDepth"]) == ("OK", 1)
        client.bench.peer.status, client.bench.peer.message = Status.DOWN, "Unreachable."
        client.bench.signal.changed()
        second = (await following(events))["healthUpdated"]
        assert (second["status"], second["revision"]) == ("DOWN", first["revision"])
        await put(client.bench.store, a_notification(id="n3", idempotency_key="k3"))
        third = (await following(events))["healthUpdated"]
        assert (third["queueDepth"], third["revision"]) == (2, first["revision"] + 1)


async def test_invoices_are_sent_through_their_filter(client: Client) -> None:
    document = """subscription { invoicesUpdated(filter: {currency: "EUR"}, first: 1) {
        totalCount edges { node { number } } pageInfo { hasNextPage } totals { currency } } }"""
    async with client.subscribed(document) as events:
        assert (await following(events))["invoicesUpdated"]["totalCount"] == 1
        await put(client.bench.store, an_invoice(id="E2", number="E2", currency="EUR"))
        second = (await following(events))["invoicesUpdated"]
        assert (second["totalCount"], second["pageInfo"]) == (2, {"hasNextPage": True})


async def test_notifications_are_sent_as_they_move(client: Client) -> None:
    document = "subscription { notificationsUpdated(first: 1) { edges { node { id status } } } }"
    async with client.subscribed(document) as events:
        await following(events)
        await client.ask(
            'mutation { retryNotification(id: "notification:notification-2") { userErrors { code } } }'
        )
        found = (await following(events))["notificationsUpdated"]["edges"][0]["node"]
        assert found == {"id": "notification:notification-2", "status": "QUEUED"}


async def test_the_state_of_the_queue_is_sent_when_it_is_stopped(client: Client) -> None:
    document = "subscription { notificationQueueUpdated { pause { reason } circuit ready } }"
    async with client.subscribed(document) as events:
        first = (await following(events))["notificationQueueUpdated"]
        assert first == {"pause": None, "circuit": "CLOSED", "ready": True}
        await client.ask('mutation { pauseNotifications(reason: "Why") { userErrors { code } } }')
        found = (await following(events))["notificationQueueUpdated"]
        assert found["pause"] == {"reason": "Why"}


async def test_a_slow_reader_gets_the_newest_value_and_not_all_between(client: Client) -> None:
    async with client.subscribed("subscription { negotiationUpdated { name } }") as events:
        await following(events)
        for number in range(50):
            await put(client.bench.store, a_negotiation(name=f"Name {number}", terms=CONTRACT))
        async with asyncio.timeout(PATIENCE):
            seen = []
            while not seen or seen[-1] != "Name 49":
                seen.append((await following(events))["negotiationUpdated"]["name"])
        assert len(seen) < 10


async def test_a_closed_subscription_leaves_nothing_behind(client: Client) -> None:
    before = asyncio.all_tasks()
    for document in (
        "subscription { healthUpdated { status } }",
        "subscription { negotiationUpdated { id } }",
        "subscription { invoicesUpdated { totalCount } }",
        "subscription { notificationsUpdated { totalCount } }",
    ):
        async with client.subscribed(document) as events:
            await following(events)
    assert asyncio.all_tasks() == before


async def test_ticks_come_as_often_as_asked_and_then_end(client: Client) -> None:
    document = "subscription { ticks(count: 3, everyMs: 500) { n at revision } }"
    async with client.subscribed(document) as events:
        seen = [(await following(events))["ticks"]]
        for _ in range(2):
            waiting = asyncio.ensure_future(following(events))
            await client.bench.clock.until_asleep()
            client.bench.clock.advance(0.5)
            seen.append((await waiting)["ticks"])
        with pytest.raises(StopAsyncIteration):
            await anext(events)
    assert [tick["n"] for tick in seen] == [1, 2, 3]
    assert [tick["at"][-7:] for tick in seen] == ["00.000Z", "00.500Z", "01.000Z"]


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        ("count: 0", "count"),
        ("count: 1001", "count"),
        ("everyMs: 9", "everyMs"),
        ("everyMs: 60001", "everyMs"),
    ],
)
async def test_ticks_have_bounds(client: Client, arguments: str, path: str) -> None:
    async with client.subscribed(f"subscription {{ ticks({arguments}) {{ n }} }}") as events:
        found = await anext(events)
    assert (found.codes, found.fields) == (["BAD_USER_INPUT"], [path])
