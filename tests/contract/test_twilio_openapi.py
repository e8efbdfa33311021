"""Our requests to Twilio, held against Twilio's own description of its API by a server that nobody here wrote.

Prism checks every request and answers with the description's examples. It remembers nothing: how we behave when things
go wrong is tested against `tests.doubles.twilio`.
"""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import subprocess
import sys
from contextlib import asynccontextmanager, contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest

from adapters.clock import SystemClock
from adapters.resilience import CircuitBreaker, RetryPolicy
from adapters.twilio import TwilioCredentials, TwilioProvider, make_notifier, make_provider
from adapters.twilio.faults import TwilioFault
from negotiation.imports import PriceDirection, PriceService
from negotiation.records import NotificationChannel, NotificationStatus
from resolvers.provider import ProviderError
from tests.builders import a_notification
from tests.fakes import CountingSignal

HERE = Path(__file__).parent / "twilio"
NODE = Path(sys.prefix) / "bin/node"
PRISM = HERE / "node_modules/@stoplight/prism-cli/dist/index.js"
DESCRIPTIONS = HERE / "node_modules/@twilio/cli-core/src/services/twilio-api"
ACCOUNT = "AC" + "a" * 32

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="session")
def installed():
    """Prism and the description, from the lock file; once, whoever comes first."""
    with (HERE / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (PRISM.exists() and DESCRIPTIONS.exists()):
            npm = [str(NODE.with_name("npm")), "ci", "--ignore-scripts", "--loglevel=error"]
            done = subprocess.run(
                npm, cwd=HERE, capture_output=True, text=True, timeout=240, check=False
            )
            if done.returncode != 0:
                pytest.skip(f"npm ci in {HERE} failed: {done.stderr[-500:]}")


@contextmanager
def prism(document):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [NODE, PRISM, "mock", "-h", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(
        [*command, DESCRIPTIONS / f"{document}.json"],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # `node` is a wrapper: its child is to end with it
    )
    try:
        assert server.stdout is not None
        for line in server.stdout:
            if "is listening" in line:
                break
        else:
            pytest.fail("Prism ended before it listened")
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.communicate()


@pytest.fixture(scope="module")
def messages_api(installed):
    with prism("twilio_api_v2010") as url:
        yield url


@pytest.fixture(scope="module")
def studio_api(installed):
    with prism("twilio_studio_v2") as url:
        yield url


@pytest.fixture(scope="module")
def messaging_prices_api(installed):
    with prism("twilio_pricing_v1") as url:
        yield url


@pytest.fixture(scope="module")
def voice_prices_api(installed):
    with prism("twilio_pricing_v2") as url:
        yield url


@asynccontextmanager
async def provider(url, **changes):
    settings = {"account_sid": ACCOUNT, "auth_token": "token", "base_url": url}
    made = make_provider(
        TwilioCredentials(**(settings | changes)),
        clock=SystemClock(),
        signal=CountingSignal(),
        policy=RetryPolicy(attempts=1, timeout=20),
    )
    assert isinstance(made, TwilioProvider)
    try:
        yield made
    finally:
        await made.close()


@asynccontextmanager
async def notifier(url, **changes):
    clock = SystemClock()
    settings = {
        "account_sid": ACCOUNT,
        "auth_token": "token",
        "sender": "+14155550199",
        "studio_flow_sid": "FW" + "b" * 32,
        "base_url": url,
    }
    made = make_notifier(
        TwilioCredentials(**(settings | changes)),
        clock=clock,
        signal=CountingSignal(),
        circuit=CircuitBreaker(clock),
        timeout_seconds=20,
    )
    try:
        yield made
    finally:
        await made.close()


SENDERS = {
    "a number": {},
    "a messaging service": {"messaging_service_sid": "MG" + "c" * 32},
    "a number, with reports": {"public_url": "https://gateway.example"},
}


@pytest.mark.parametrize("sender", SENDERS)
async def test_a_message_is_created_as_described(messages_api, sender):
    async with notifier(messages_api, **SENDERS[sender]) as twilio:
        assert (await twilio.send(a_notification())).provider_id.startswith("SM")


async def test_a_message_that_expires_is_created_as_described(messages_api):
    later = SystemClock().now() + timedelta(days=2)
    async with notifier(messages_api) as twilio:
        assert (await twilio.send(a_notification(expires_at=later))).provider_id.startswith("SM")


async def test_what_a_number_texted_is_listed_as_described(messages_api):
    since = SystemClock().now() - timedelta(days=1)
    async with notifier(messages_api) as twilio:
        assert isinstance(await twilio.texts_from("+14155550100", since=since), list)


async def test_messages_are_listed_as_described(messages_api):
    async with notifier(messages_api) as twilio:
        twilio._look_through = 5  # the example always names a next page
        assert await twilio.find(a_notification()) is None


async def test_a_message_is_fetched_as_described(messages_api):
    async with notifier(messages_api) as twilio:
        delivery = await twilio.delivery(a_notification(provider_id="SM" + "d" * 32))
        assert delivery.status in NotificationStatus


async def test_the_description_would_have_caught_a_wrong_request(messages_api):
    async with notifier(messages_api, account_sid="AC-wrong") as twilio:
        with pytest.raises(TwilioFault) as caught:
            await twilio.send(a_notification())
    assert caught.value.code == "HTTP_422"


async def test_a_flow_run_is_followed_as_described(studio_api):
    run = a_notification(channel=NotificationChannel.STUDIO_FLOW, provider_id="FN" + "d" * 32)
    async with notifier(studio_api) as twilio:
        assert (await twilio.delivery(run)).status in NotificationStatus


async def test_a_flow_run_is_created_and_looked_up_as_described(studio_api):
    run = a_notification(channel=NotificationChannel.STUDIO_FLOW)
    async with notifier(studio_api) as twilio:
        assert (await twilio.send(run)).provider_id.startswith("FN")
        await twilio.find(run)


async def test_usage_records_are_asked_for_as_described(messages_api):
    """Of the example's record nothing is taken: it sums four years, and a daily record is one day."""
    async with provider(messages_api) as twilio:
        with pytest.raises(ProviderError) as caught:
            await twilio.usage(date(2026, 3, 1), date(2026, 3, 7))
    assert caught.value.code == "UNREADABLE"
    assert "sms-inbound-shortcode sums 2011-08-23 to 2015-09-04" in caught.value.message


@pytest.mark.parametrize("wrong", [{"account_sid": "AC-wrong"}])
async def test_the_description_would_have_caught_a_wrong_account(messages_api, wrong):
    async with provider(messages_api, **wrong) as twilio:
        with pytest.raises(ProviderError) as caught:
            await twilio.usage(date(2026, 3, 1), date(2026, 3, 7))
    assert caught.value.code == "HTTP_422"


async def test_more_records_than_a_page_holds_would_have_been_caught(messages_api):
    async with provider(messages_api) as twilio:
        twilio._page_size = 5_000
        with pytest.raises(ProviderError) as caught:
            await twilio.usage(date(2026, 3, 1), date(2026, 3, 7))
    assert caught.value.code == "HTTP_422"


async def test_prices_of_messages_are_asked_for_and_read_as_described(messaging_prices_api):
    async with provider(messaging_prices_api) as twilio:
        outbound, inbound = await twilio.prices(PriceService.MESSAGING, "US")
    assert (outbound.direction, outbound.carrier, str(outbound.price)) == (
        PriceDirection.OUTBOUND,
        "att",
        "0.05",
    )
    assert (inbound.direction, inbound.number_type) == (PriceDirection.INBOUND, "mobile")


async def test_prices_of_calls_are_asked_for_and_read_as_described(voice_prices_api):
    async with provider(voice_prices_api) as twilio:
        found = await twilio.prices(PriceService.VOICE, "US")
    general = [each for each in found if each.prefixes == ("1",)]
    assert [str(each.price) for each in general] == ["0.013"]
    assert [str(each.price) for each in found if each.number_type == "toll free"] == ["0.022"]
