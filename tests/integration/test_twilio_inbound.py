"""Texts that Twilio received for us, over a real socket: who is believed, and what STOP and START do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import strawberry
import structlog
from twilio.request_validator import RequestValidator

from adapters.store import open_store
from adapters.twilio import InboundMessages, Signature
from graph.app import App
from graph.auth.identity import LocalAuthenticator
from graph.live.live import LiveComponent
from graph.settings import Settings
from tests.doubles.twilio import SID, TOKEN
from tests.gateway import Client
from tests.servers import serving
from tests.services import Workbench, a_workbench

PUBLIC = "https://gateway.example/below"
PATH = "/webhooks/twilio/inbound"
SENDER = "+14155550100"


@dataclass
class Gateway:
    """A gateway behind a proxy that is known as PUBLIC, and a Twilio that signs."""

    bench: Workbench
    port: int
    http: httpx.AsyncClient

    @property
    def opt_outs(self) -> list[Any]:
        return list(self.bench.store.snapshot().opt_outs.values())

    @property
    def revision(self) -> int:
        return int(self.bench.store.snapshot().revision)

    async def text(
        self,
        body: str,
        sid: str = "SM1",
        *,
        token: str = TOKEN,
        signed_for: str = PUBLIC,
        headers: dict[str, str] | None = None,
        tampered: dict[str, str] | None = None,
        **more: str,
    ) -> httpx.Response:
        form = {"AccountSid": SID, "MessageSid": sid, "From": SENDER, "Body": body, **more}
        signature = RequestValidator(token).compute_signature(f"{signed_for}{PATH}", form)
        return await self.http.post(
            f"http://127.0.0.1:{self.port}{PATH}",
            data={**form, **(tampered or {})},
            headers={"x-twilio-signature": signature, **(headers or {})},
        )


def application(bench: Workbench, schema: strawberry.Schema, public_url: str | None) -> App:
    texts = None
    if public_url is not None:
        signature = Signature(account_sid=SID, auth_token=TOKEN, public_url=public_url)
        texts = InboundMessages(signature=signature, store=bench.store, clock=bench.clock)
    return App(
        bench.services,
        settings=Settings(_env_file=None),  # type: ignore[call-arg]
        schema=schema,
        authenticator=LocalAuthenticator(),
        live_component=LiveComponent(),
        texts=texts,
    )


@pytest.fixture
async def gateway(tmp_path: Path, schema: strawberry.Schema) -> AsyncIterator[Gateway]:
    bench = a_workbench(store=lambda clock: open_store(tmp_path / "store.sqlite3", clock))
    async with (
        serving(application(bench, schema, PUBLIC)) as port,
        httpx.AsyncClient(timeout=20) as http,
    ):
        yield Gateway(bench, port, http)
    bench.store.close()


async def test_stop_is_remembered_and_answered_by_nothing(gateway: Gateway) -> None:
    answer = await gateway.text("STOP")
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, "text/xml")
    assert answer.text.endswith("<Response/>")
    [row] = gateway.opt_outs
    assert (row.number, row.keyword, row.lifted_at) == (SENDER, "STOP", None)
    [line] = await gateway.bench.store.history(first=1)
    assert (line.area, line.actor, line.cause) == ("opt_outs", "twilio", "texted STOP")
    assert SENDER not in line.entity_id


async def test_start_lifts_it_and_an_old_stop_that_comes_again_does_not_bring_it_back(
    gateway: Gateway,
) -> None:
    await gateway.text("stop", "SM1")
    await gateway.text("START", "SM2")
    revision = gateway.revision
    for body, sid in (("stop", "SM1"), ("START", "SM2")):
        assert (await gateway.text(body, sid)).status_code == 200
    assert gateway.revision == revision
    assert gateway.opt_outs[0].lifted_at is not None


async def test_the_same_stop_posted_many_times_at_once_is_one(gateway: Gateway) -> None:
    await asyncio.gather(*(gateway.text("STOP") for _ in range(10)))
    assert len(gateway.opt_outs) == 1
    assert gateway.revision == 1


async def test_a_word_of_a_messaging_service_of_its_own_counts_by_what_twilio_says_it_is(
    gateway: Gateway,
) -> None:
    await gateway.text("ARRÊT", OptOutType="STOP")
    assert gateway.opt_outs[0].keyword == "STOP"


@pytest.mark.parametrize("body", ["HELP", "info", "Hello", "please stop it", "START", ""])
async def test_any_other_text_is_answered_and_not_kept(gateway: Gateway, body: str) -> None:
    assert (await gateway.text(body)).status_code == 200
    assert gateway.revision == 0


async def test_texts_of_other_channels_say_nothing_about_sms(gateway: Gateway) -> None:
    assert (await gateway.text("STOP", From=f"whatsapp:{SENDER}")).status_code == 200
    assert (await gateway.text("STOP", "")).status_code == 200
    assert gateway.opt_outs == []


@pytest.mark.parametrize(
    "forgery",
    [
        {"token": "guessed"},
        {"tampered": {"From": "+14155550111"}},
        {"tampered": {"Body": "START"}},
        {"signed_for": "https://other.example"},
        {"AccountSid": "AC" + "9" * 32},
        {"headers": {"x-twilio-signature": ""}},
    ],
    ids=["token", "sender", "text", "address", "account", "none"],
)
async def test_what_twilio_did_not_sign_is_refused(
    gateway: Gateway, forgery: dict[str, Any]
) -> None:
    assert (await gateway.text("STOP", **forgery)).status_code == 403
    assert gateway.opt_outs == []


async def test_what_a_proxy_changed_does_not_matter(gateway: Gateway) -> None:
    rewritten = {
        "host": "10.0.0.7:9000",
        "x-forwarded-proto": "http",
        "x-forwarded-host": "inner.example",
        "origin": "https://elsewhere.example",
    }
    assert (await gateway.text("STOP", headers=rewritten)).status_code == 200
    assert len(gateway.opt_outs) == 1


async def test_neither_number_nor_text_gets_into_the_log(gateway: Gateway) -> None:
    with structlog.testing.capture_logs() as logs:
        await gateway.text("STOP")
        await gateway.text("my secret is 4711", "SM2")
    said = repr(logs)
    assert SENDER not in said
    assert "4711" not in said
    assert "+1•••••0100" in said


async def test_without_a_public_address_the_path_says_what_to_set(client: Client) -> None:
    app = application(client.bench, client.schema, None)
    async with serving(app) as port, httpx.AsyncClient(timeout=20) as http:
        answer = await http.post(f"http://127.0.0.1:{port}{PATH}")
    assert answer.status_code == 404
    assert "PUBLIC_URL" in answer.text
