"""The gateway's own wiring, from a request to Twilio's last word, with a Twilio on a socket."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from graph.settings import Settings, Workspace
from graph.wiring.outside import status_report
from graph.wiring.running import Running, running_services
from negotiation.records import NotificationStatus
from resolvers import batches, notifications
from resolvers.notifications import Message
from tests.doubles.twilio import SID, TOKEN, TwilioDouble
from tests.doubles.wait import until
from tests.services import OPERATOR, VERSION

PUBLIC = "https://gateway.example"
LONG = 45.0

pytestmark = pytest.mark.timeout(150)


def settings(tmp_path: Path, **changes: Any) -> Settings:
    return Settings(
        _env_file=None,  # type: ignore[call-arg]
        data_dir=tmp_path,
        workspace=Workspace.EMPTY,
        notify_recipient="+14155552671",
        twilio_account_sid=SID,
        twilio_auth_token=TOKEN,
        **changes,
    )


@asynccontextmanager
async def gateway(tmp_path: Path, twilio: TwilioDouble, **changes: Any) -> AsyncIterator[Running]:
    known = settings(tmp_path, twilio_from="+14155550199", twilio_base_url=twilio.url, **changes)
    async with running_services(known, VERSION) as running:
        yield running


async def send(running: Running) -> str:
    message = Message(body="Hello", idempotency_key="k")
    _, row, _ = await notifications.send(running.services, OPERATOR, message)
    assert row is not None
    return row.id


async def test_what_became_of_a_message_is_asked_where_no_report_can_reach_the_gateway(
    tmp_path: Path,
) -> None:
    async with TwilioDouble() as twilio, gateway(tmp_path, twilio) as running:
        sent = await send(running)

        def status() -> NotificationStatus:
            return running.store.snapshot().notifications[sent].status

        await until(lambda: status() is NotificationStatus.SENT, within=LONG)
        [message] = twilio.sent
        message["status"] = "delivered"
        await until(lambda: status() is NotificationStatus.DELIVERED, within=LONG)
        assert (running.reports, running.texts) == (None, None)
        [created] = [form for method, _, form in twilio.requests if method == "POST"]
        assert "StatusCallback" not in created


async def test_with_a_public_address_reports_are_asked_for_and_received(tmp_path: Path) -> None:
    async with TwilioDouble() as twilio, gateway(tmp_path, twilio, public_url=PUBLIC) as running:
        sent = await send(running)
        await until(lambda: twilio.sent, within=LONG)
        [created] = [form for method, _, form in twilio.requests if method == "POST"]
        assert created["StatusCallback"] == f"{PUBLIC}/webhooks/twilio/status?notification={sent}"
        assert running.reports is not None
        assert running.texts is not None


async def test_the_rate_of_the_sender_is_kept_and_said(tmp_path: Path) -> None:
    async with (
        TwilioDouble() as twilio,
        gateway(tmp_path, twilio, twilio_messages_per_second=0.001) as running,
    ):
        messages = [Message(body=f"Hello {n}", idempotency_key=f"k{n}") for n in range(3)]
        await batches.send_many(running.services, OPERATOR, messages)
        await until(lambda: twilio.sent, within=LONG)
        await until(
            lambda: any(
                row.status is NotificationStatus.SENT
                for row in running.store.snapshot().notifications.values()
            ),
            within=LONG,
        )
        assert running.services.sending().per_second == 0.001
        assert [message["body"] for message in twilio.sent] == ["Hello 0"]


@pytest.mark.parametrize("missing", ["public_url", "twilio_auth_token", "twilio_account_sid"])
def test_no_report_is_made_or_believed_without_address_and_credentials(
    tmp_path: Path, missing: str
) -> None:
    whole = settings(tmp_path, public_url=PUBLIC)
    assert status_report(whole) is not None
    assert status_report(whole.model_copy(update={missing: None})) is None
