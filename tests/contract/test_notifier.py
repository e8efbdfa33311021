"""What every Notifier promises, over every Notifier there is."""

from __future__ import annotations

from contextlib import AsyncExitStack

import pytest

from adapters.clock import SystemClock
from adapters.resilience import CircuitBreaker
from adapters.twilio import TwilioCredentials, make_notifier
from negotiation.records import NotificationChannel
from resolvers.ports import Accepted, NotifierError, Status
from tests.builders import a_notification
from tests.doubles.notifier import ProviderDouble, refusal
from tests.doubles.twilio import SID, TOKEN, TwilioDouble, cuts_after_accepting, refuses
from tests.fakes import CountingSignal

CHANNELS = list(NotificationChannel)


class Kind:
    """A notifier; how to make its next send refused, or its answer lost."""

    def __init__(self, notifier, refuse, lose):
        self.notifier = notifier
        self.refuse = refuse
        self.lose = lose


async def twilio(stack: AsyncExitStack, token: str | None) -> Kind:
    double = await stack.enter_async_context(TwilioDouble())
    clock = SystemClock()
    notifier = make_notifier(
        TwilioCredentials(
            account_sid=SID,
            auth_token=token,
            sender="+14155550199",
            studio_flow_sid="FW" + "0" * 32,
            base_url=double.url,
        ),
        clock=clock,
        signal=CountingSignal(),
        circuit=CircuitBreaker(clock),
        timeout_seconds=60,
    )
    stack.push_async_callback(notifier.close)
    return Kind(
        notifier,
        lambda: double.script.append(refuses(400, 21211)),
        lambda: double.script.append(cuts_after_accepting()),
    )


def provider() -> Kind:
    double = ProviderDouble()

    def lose() -> None:
        double.lost_after = True
        double.script.append(NotifierError("CUT", "lost", retry=True, ambiguous=True))

    return Kind(double, lambda: double.script.append(refusal()), lose)


@pytest.fixture(params=["queue only", "twilio", "double"])
async def kind(request):
    async with AsyncExitStack() as stack:
        if request.param == "double":
            yield provider()
        else:
            yield await twilio(stack, TOKEN if request.param == "twilio" else None)


def fresh(channel, number=1):
    now = SystemClock().now()
    return a_notification(
        id=f"n{number}", body=f"text {number}", channel=channel, queued_at=now, updated_at=now
    )


async def test_it_says_whether_it_can_send_and_why_not(kind):
    health = kind.notifier.health()
    assert health.name == "twilio"
    assert health.message
    assert kind.notifier.ready is (health.status is Status.OK)


@pytest.mark.parametrize("channel", CHANNELS)
async def test_it_sends_or_says_that_nothing_was_sent(kind, channel):
    if kind.notifier.ready:
        accepted = await kind.notifier.send(fresh(channel))
        assert isinstance(accepted, Accepted)
        assert accepted.provider_id
        return
    with pytest.raises(NotifierError) as caught:
        await kind.notifier.send(fresh(channel))
    assert (caught.value.retry, caught.value.ambiguous) == (True, False)


@pytest.mark.parametrize("channel", CHANNELS)
async def test_a_refusal_has_a_code_and_words_and_is_no_doubt(kind, channel):
    kind.refuse()
    with pytest.raises(NotifierError) as caught:
        await kind.notifier.send(fresh(channel))
    assert caught.value.code
    assert caught.value.message
    assert not caught.value.ambiguous


@pytest.mark.parametrize("channel", CHANNELS)
async def test_what_was_taken_without_an_answer_is_found_and_nothing_else(kind, channel):
    if not kind.notifier.ready:
        with pytest.raises(NotifierError):
            await kind.notifier.find(fresh(channel))
        return
    kind.lose()
    with pytest.raises(NotifierError) as caught:
        await kind.notifier.send(fresh(channel))
    assert caught.value.ambiguous
    found = await kind.notifier.find(fresh(channel))
    assert found is not None
    assert await kind.notifier.find(fresh(channel), exclude={found.provider_id}) is None
    assert await kind.notifier.find(fresh(channel, number=2)) is None
