"""Twilio's reports at the gateway's own address, over a real socket: who is believed, and what comes of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import strawberry
from twilio.request_validator import RequestValidator

from adapters.store import open_store
from adapters.twilio import Signature, StatusCallbacks
from graph.app import App
from graph.auth.identity import LocalAuthenticator
from graph.live.live import LiveComponent
from graph.preflight.findings import Severity, World
from graph.preflight.outside import webhook
from graph.settings import Settings
from negotiation.records import Notification, NotificationStatus
from tests.builders import NOW, a_notification
from tests.doubles.twilio import SID, TOKEN
from tests.gateway import Client
from tests.servers import serving
from tests.services import Workbench, a_workbench
from tests.stores import put

PUBLIC = "https://gateway.example/below"
PATH = "/webhooks/twilio/status"


@dataclass
class Gateway:
    """A gateway behind a proxy that is known as PUBLIC, and a Twilio that signs."""

    bench: Workbench
    port: int
    http: httpx.AsyncClient

    @property
    def row(self) -> Notification:
        return self.bench.store.snapshot().notifications["n1"]

    @property
    def revision(self) -> int:
        return int(self.bench.store.snapshot().revision)

    async def report(
        self,
        status: str,
        *,
        sid: str = "SM1",
        named: str = "n1",
        token: str = TOKEN,
        signed_for: str = PUBLIC,
        headers: dict[str, str] | None = None,
        tampered: dict[str, str] | None = None,
        **more: str,
    ) -> int:
        form = {"AccountSid": SID, "MessageSid": sid, "MessageStatus": status, **more}
        query = f"?notification={named}"
        signature = RequestValidator(token).compute_signature(f"{signed_for}{PATH}{query}", form)
        answer = await self.http.post(
            f"http://127.0.0.1:{self.port}{PATH}{query}",
            data={**form, **(tampered or {})},
            headers={"x-twilio-signature": signature, **(headers or {})},
        )
        return answer.status_code


def application(bench: Workbench, schema: strawberry.Schema, public_url: str | None) -> App:
    settings = Settings(_env_file=None)  # type: ignore[call-arg]
    reports = None
    if public_url is not None:
        reports = StatusCallbacks(
            signature=Signature(account_sid=SID, auth_token=TOKEN, public_url=public_url),
            store=bench.store,
            clock=bench.clock,
        )
    return App(
        bench.services,
        settings=settings,
        schema=schema,
        authenticator=LocalAuthenticator(),
        live_component=LiveComponent(),
        reports=reports,
    )


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Workbench]:
    made = a_workbench(store=lambda clock: open_store(tmp_path / "store.sqlite3", clock))
    sent = a_notification(id="n1", status=NotificationStatus.SENT, provider_id="SM1")
    await put(made.store, sent)
    yield made
    made.store.close()


@pytest.fixture
async def gateway(bench: Workbench, schema: strawberry.Schema) -> AsyncIterator[Gateway]:
    async with (
        serving(application(bench, schema, PUBLIC)) as port,
        httpx.AsyncClient(timeout=20) as http,
    ):
        yield Gateway(bench, port, http)


async def test_a_signed_report_moves_the_notification_on(gateway: Gateway) -> None:
    assert await gateway.report("delivered") == 204
    assert gateway.row.status is NotificationStatus.DELIVERED


async def test_what_a_proxy_changed_does_not_matter(gateway: Gateway) -> None:
    rewritten = {
        "host": "10.0.0.7:9000",
        "x-forwarded-proto": "http",
        "x-forwarded-host": "inner.example",
        "origin": "https://elsewhere.example",
    }
    assert await gateway.report("delivered", headers=rewritten) == 204
    assert gateway.row.status is NotificationStatus.DELIVERED


async def test_the_foreign_name_opens_nothing_else(gateway: Gateway) -> None:
    for path in ("/", "/graphql", "/metrics", PATH + "/", "/webhooks"):
        answer = await gateway.http.get(
            f"http://127.0.0.1:{gateway.port}{path}", headers={"host": "gateway.example"}
        )
        assert answer.status_code == 421, path


async def test_a_failure_comes_with_its_reason(gateway: Gateway) -> None:
    assert await gateway.report("undelivered", ErrorCode="30003") == 204
    assert (gateway.row.status, gateway.row.error_code) == (NotificationStatus.FAILED, "30003")


async def test_repeated_and_late_reports_are_answered_and_change_nothing(gateway: Gateway) -> None:
    await gateway.report("delivered")
    revision = gateway.revision
    for late in ("delivered", "queued", "sent", "undelivered", "failed", "nonsense", ""):
        assert await gateway.report(late) == 204
    assert gateway.revision == revision
    assert gateway.row.status is NotificationStatus.DELIVERED


async def test_a_message_that_nobody_here_sent_is_ignored(gateway: Gateway) -> None:
    revision = gateway.revision
    for named in ("n1", "unknown", ""):
        assert await gateway.report("delivered", sid="SM-other", named=named) == 204
    assert await gateway.report("delivered", sid="") == 204
    assert gateway.revision == revision


@pytest.mark.parametrize(
    "forgery",
    [
        {"token": "guessed"},
        {"tampered": {"MessageStatus": "failed"}},
        {"tampered": {"Extra": "1"}},
        {"signed_for": "https://other.example"},
        {"AccountSid": "AC" + "9" * 32},
        {"headers": {"x-twilio-signature": ""}},
    ],
    ids=["token", "status", "field", "address", "account", "none"],
)
async def test_what_twilio_did_not_sign_is_refused(
    gateway: Gateway, forgery: dict[str, Any]
) -> None:
    assert await gateway.report("delivered", **forgery) == 403
    assert gateway.row.status is NotificationStatus.SENT


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{}", "application/json", 422),
        (b"a=%ff", "application/x-www-form-urlencoded", 422),
        (b"a=" + b"x" * 70_000, "application/x-www-form-urlencoded", 400),
        (b"&".join(b"a%d=1" % n for n in range(300)), "application/x-www-form-urlencoded", 422),
        (b"", "application/x-www-form-urlencoded", 403),
    ],
)
async def test_what_is_no_report_is_answered_with_what_is_wrong(
    gateway: Gateway, content: bytes, kind: str, status: int
) -> None:
    answer = await gateway.http.post(
        f"http://127.0.0.1:{gateway.port}{PATH}", content=content, headers={"content-type": kind}
    )
    assert answer.status_code == status, answer.text
    assert answer.json()["error"]["message"]


async def test_without_a_public_address_the_path_says_what_to_set(client: Client) -> None:
    app = application(client.bench, client.schema, None)
    async with serving(app) as port, httpx.AsyncClient(timeout=20) as http:
        answer = await http.post(f"http://127.0.0.1:{port}{PATH}")
    assert answer.status_code == 404
    assert "PUBLIC_URL" in answer.text


# --- the preflight signs a report to itself


class Slot:
    """A server whose application is put in when its address is known."""

    def __init__(self) -> None:
        self.app: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.app(scope, receive, send)


def world(tmp_path: Path, http: httpx.AsyncClient, public_url: str | None, **more: str) -> World:
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        twilio_account_sid=SID,
        public_url=public_url,
        **({"twilio_auth_token": TOKEN} | more),  # type: ignore[arg-type]
    )
    return World(settings=settings, root=tmp_path, home=tmp_path, now=NOW, http=http)


async def test_p18_a_report_that_it_signed_itself_arrives(
    bench: Workbench, schema: strawberry.Schema, tmp_path: Path
) -> None:
    async with httpx.AsyncClient(timeout=20) as http:
        assert (await webhook(world(tmp_path, http, None))).severity is Severity.OK
        slot = Slot()
        async with serving(slot) as port:
            public = f"http://127.0.0.1:{port}"
            slot.app = application(bench, schema, None)
            assert "answered 404" in (await webhook(world(tmp_path, http, public))).found
            slot.app = application(bench, schema, public)
            revision = bench.store.snapshot().revision
            assert (await webhook(world(tmp_path, http, public))).severity is Severity.OK
            assert bench.store.snapshot().revision == revision
            other = await webhook(world(tmp_path, http, public, twilio_auth_token="another"))
            assert (other.severity, "signature" in other.found) == (Severity.WARN, True)
        gone = await webhook(world(tmp_path, http, public))
        assert (gone.severity, "cannot be reached" in gone.found) == (Severity.WARN, True)
