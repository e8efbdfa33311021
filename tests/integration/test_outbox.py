"""The outbox as it is in the product: SQLite on disk, twilio's own client, a Twilio on a socket."""

import asyncio
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

from adapters.clock import SystemClock
from adapters.outbox import DeliveryPoll, Outbox, OutboxPolicy
from adapters.resilience import Backoff, CircuitBreaker, RetryBudget
from adapters.store import open_store
from adapters.twilio import TwilioCredentials, make_notifier
from negotiation.records import NotificationStatus as S
from resolvers.ports import Put, Status
from tests.builders import a_notification
from tests.doubles.twilio import (
    SID,
    TOKEN,
    TwilioDouble,
    accepts_and_says,
    cuts_after_accepting,
    cuts_before_accepting,
    refuses,
    takes,
)
from tests.doubles.wait import until
from tests.fakes import CountingSignal

PATIENT = OutboxPolicy(
    backoff=Backoff(base=0.02, cap=0.1), send_timeout=10, lease=25, settle=11, idle=0.05
)
"""Waits for Twilio as long as a busy machine may need."""
IMPATIENT = replace(PATIENT, send_timeout=0.4, lease=1.0, settle=0.5)


def queued(n, **changes):
    now = SystemClock().now()
    defaults = {
        "id": f"n{n:05}",
        "idempotency_key": f"k{n}",
        "body": f"text {n}",
        "queued_at": now,
        "updated_at": now,
    }
    return a_notification(**(defaults | changes))


class Later(SystemClock):
    """Ten seconds on."""

    def now(self):
        return super().now() + timedelta(seconds=10)


class Gateway:
    """What one gateway process runs for notifications."""

    def __init__(self, path, twilio, policy=PATIENT, timeout=9.0, **credentials):
        clock = SystemClock()
        signal = CountingSignal()
        settings = {"account_sid": SID, "auth_token": TOKEN, "sender": "+14155550199"} | credentials
        self.store = open_store(path, clock)
        self.circuit = CircuitBreaker(clock, threshold=5, cooldown=0.05, max_cooldown=0.2)
        self.notifier = make_notifier(
            TwilioCredentials(base_url=twilio.url, **settings),
            clock=clock,
            signal=signal,
            circuit=self.circuit,
            timeout_seconds=timeout,
        )
        self.outbox = Outbox(
            store=self.store,
            notifier=self.notifier,
            clock=clock,
            signal=signal,
            circuit=self.circuit,
            policy=policy,
            budget=RetryBudget(clock, floor=10_000),
        )

    async def queue(self, *rows):
        await self.store.commit(lambda _: [Put(row) for row in rows], actor="test", cause="queue")
        self.outbox.wake()

    def statuses(self):
        return Counter(row.status for row in self.store.snapshot().notifications.values())

    def all_are(self, status):
        return set(self.statuses()) == {status}


@asynccontextmanager
async def gateway(path, twilio, **changes):
    made = Gateway(path, twilio, **changes)
    running = asyncio.create_task(made.outbox.run())
    try:
        yield made
    finally:
        made.outbox.stop()
        await asyncio.wait_for(running, 120)
        await made.notifier.close()
        await made.store.aclose()


async def test_a_queued_notification_is_at_twilio_and_settled_moments_later(tmp_path):
    async with TwilioDouble() as twilio, gateway(tmp_path / "s.db", twilio) as g:
        await g.queue(queued(1))
        await until(lambda: g.all_are(S.SENT))
        [message] = twilio.sent
        row = g.store.snapshot().notifications["n00001"]
        assert (row.provider_id, row.attempts) == (message["sid"], 1)
        assert g.outbox.health().status is Status.OK


async def test_every_way_to_fail_at_once_loses_nothing_and_doubles_nothing(tmp_path):
    async with (
        TwilioDouble() as twilio,
        gateway(tmp_path / "s.db", twilio, policy=IMPATIENT, timeout=0.3) as g,
    ):
        failures = [
            cuts_after_accepting(),
            cuts_before_accepting(),
            takes(0.6),
            accepts_and_says(500),
            refuses(503, 20503),
            refuses(429, 20429, retry_after=0.1),
        ]
        twilio.script.extend(failures * 5)
        await g.queue(*[queued(n) for n in range(60)])
        await until(lambda: g.all_are(S.SENT), within=200)
        assert Counter(m["body"] for m in twilio.sent) == {f"text {n}": 1 for n in range(60)}


async def test_the_queue_outlives_an_outage_and_goes_out_when_it_is_over(tmp_path):
    async with TwilioDouble() as twilio, gateway(tmp_path / "s.db", twilio) as g:
        await twilio.stop()
        await g.queue(*[queued(n) for n in range(10)])
        await until(lambda: g.notifier.health().status is Status.DEGRADED)
        await asyncio.sleep(0.3)
        assert set(g.statuses()) <= {S.QUEUED, S.SENDING}
        await twilio.start()
        await until(lambda: g.all_are(S.SENT))
        assert len(twilio.sent) == 10
        assert g.notifier.health().status is Status.OK
        assert g.notifier.health().error_code == "UNREACHABLE"


async def test_without_credentials_the_queue_survives_a_restart_and_goes_out_once_they_are_set(
    tmp_path,
):
    async with TwilioDouble() as twilio:
        async with gateway(tmp_path / "s.db", twilio, auth_token=None) as g:
            await g.queue(queued(1))
            await asyncio.sleep(0.2)
            assert g.all_are(S.QUEUED)
            assert g.notifier.health().mode == "queue"
            assert "TWILIO_AUTH_TOKEN is missing" in g.notifier.health().message
        async with gateway(tmp_path / "s.db", twilio) as g:
            await until(lambda: g.all_are(S.SENT))
        assert len(twilio.sent) == 1


async def test_wrong_credentials_leave_everything_in_the_queue(tmp_path):
    async with TwilioDouble() as twilio, gateway(tmp_path / "s.db", twilio, auth_token="old") as g:
        await g.queue(*[queued(n) for n in range(5)])
        await until(lambda: g.notifier.health().status is Status.DOWN)
        await until(lambda: g.all_are(S.QUEUED))
        assert not twilio.sent
        assert "TWILIO_AUTH_TOKEN" in g.notifier.health().message


async def test_two_gateways_on_one_file_share_the_queue(tmp_path):
    async with (
        TwilioDouble() as twilio,
        gateway(tmp_path / "s.db", twilio) as one,
        gateway(tmp_path / "s.db", twilio, policy=replace(PATIENT, concurrency=5)) as two,
    ):
        twilio.default = takes(0.01)
        await one.queue(*[queued(n) for n in range(150)])
        two.outbox.wake()
        await until(lambda: one.all_are(S.SENT) and two.all_are(S.SENT), within=200)
        assert Counter(m["body"] for m in twilio.sent) == {f"text {n}": 1 for n in range(150)}


async def test_what_became_of_it_follows(tmp_path):
    async with TwilioDouble() as twilio, gateway(tmp_path / "s.db", twilio) as g:
        await g.queue(queued(1), queued(2))
        await until(lambda: g.all_are(S.SENT))
        delivered, failed = twilio.sent
        delivered["status"] = "delivered"
        failed.update(status="undelivered", error_code=30007)
        await DeliveryPoll(store=g.store, tracker=g.notifier, clock=Later()).poll()
        assert g.statuses() == {S.DELIVERED: 1, S.FAILED: 1}
        reasons = {row.error_code for row in g.store.snapshot().notifications.values()}
        assert reasons == {None, "30007"}
