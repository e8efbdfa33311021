"""What must not be told is planted everywhere, the gateway is driven through good and bad paths as a process of its own,
and everything that it and the commands produced is searched."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from aiohttp import web
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from resolvers.exports import BRIEFING, TABLES
from tests.doubles.http import HttpDouble
from tests.doubles.twilio import SID, TOKEN, TwilioDouble, refuses
from tests.integration.security.door import AUDIENCE, a_token, bearing
from tests.integration.test_commands import PROGRAM, environment

pytestmark = pytest.mark.timeout(180)

PATIENCE = 120.0
JWT_SECRET = "planted-jwt-secret-7c1f0b52e8d94a36"
SUPABASE_KEY = "sb_secret_planted_91d0e4c7a2"
CLIENT_PASSWORD = "planted-in-a-header-44e1"
PHONES = ("+14155552671", "+14155552672", "+442071838750", "+14155552679")
BOSS, COLLEAGUE, STRANGER, SENDER = PHONES

SEND = "mutation ($input: SendNotificationInput!) { sendNotification(input: $input) { notification { id to } userErrors { code message } } }"
EVERYTHING = """{
  health { status components { name status mode message lastError { code message } } }
  notifications { edges { node { id to status error { code message } } } }
  changes(first: 200) { edges { node { area entityId action actor cause } } }
  viewer { id name roles }
}"""


def signed(*roles: str, **claims: Any) -> str:
    """A token that this gateway believes, or would, were it not for a claim."""
    body = jwt.decode(a_token(*roles), options={"verify_signature": False}) | claims
    return jwt.encode(body, JWT_SECRET, "HS256")


class TellTale(HttpDouble):
    """A Supabase that is out of order and repeats what it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0
        self.app.router.add_route("*", "/{rest:.*}", self._refuse)

    async def _refuse(self, request: web.Request) -> web.Response:
        self.asked += 1
        told = f"key {request.headers.get('apikey')} is not valid for {BOSS}"
        return web.json_response({"code": "401", "message": told, "hint": told}, status=401)


@dataclass
class Told:
    """Everything that was produced, by where."""

    texts: list[tuple[str, str]] = field(default_factory=list)

    def add(self, where: str, text: str | bytes) -> None:
        self.texts.append((where, text if isinstance(text, str) else text.decode("latin-1")))

    def with_any_of(self, planted: dict[str, str]) -> list[str]:
        return [
            f"{name} in {where}: …{text[max(0, at - 80) : at + 80]}…"
            for where, text in self.texts
            for name, value in planted.items()
            if (at := text.find(value)) >= 0
        ]


@dataclass
class Gateway:
    url: str
    log: Path
    http: httpx.AsyncClient

    async def post(self, query: str, token: str | None, **variables: Any) -> httpx.Response:
        body = {"query": query, "variables": variables}
        return await self.http.post(f"{self.url}/graphql", json=body, headers=bearing(token))


@asynccontextmanager
async def running(folder: Path, env: dict[str, str]) -> AsyncIterator[Gateway]:
    said, log = folder / "stdout", folder / "stderr"
    with said.open("wb") as out, log.open("wb") as err:
        process = await asyncio.create_subprocess_exec(
            str(PROGRAM), "serve", "--port", "0", cwd=folder, env=env, stdout=out, stderr=err
        )
    try:
        async with asyncio.timeout(PATIENCE), httpx.AsyncClient() as http:
            while not (found := re.search(r"Dashboard\s+(http://\S+)", said.read_text())):
                assert process.returncode is None, log.read_text()
                await asyncio.sleep(0.05)
            while True:
                with suppress(httpx.HTTPError):
                    await http.get(f"{found[1]}/healthz")
                    break
                await asyncio.sleep(0.05)
        async with httpx.AsyncClient(timeout=PATIENCE) as http:
            yield Gateway(found[1], log, http)
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def command(folder: Path, env: dict[str, str], *arguments: str) -> str:
    process = await asyncio.create_subprocess_exec(
        str(PROGRAM),
        *arguments,
        cwd=folder,
        env=env,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(PATIENCE):
        out, _ = await process.communicate()
    return out.decode()


async def send_messages(gateway: Gateway, token: str, told: Told) -> None:
    """Some that Twilio takes, one that it refuses in words that name the number, and some that we refuse."""
    for number, to in enumerate((BOSS, COLLEAGUE, STRANGER, "+1415", "the boss")):
        message = {"to": to, "body": f"Call {SENDER} back", "idempotencyKey": f"message-{number}"}
        answer = await gateway.post(SEND, token, input=message)
        if number > 1:
            told.add(f"the refusal of {number}", answer.text)
    unsettled = "{ notifications(status: [QUEUED, SENDING]) { totalCount } }"
    async with asyncio.timeout(PATIENCE):
        while (await gateway.post(unsettled, token)).json()["data"]["notifications"]["totalCount"]:
            await asyncio.sleep(0.05)


async def knock_wrongly(gateway: Gateway, tokens: list[str], told: Told) -> None:
    """Every way that credentials are shown, in vain."""
    for number, token in enumerate(tokens):
        headers = bearing(token) | {"x-api-key": CLIENT_PASSWORD, "cookie": f"s={CLIENT_PASSWORD}"}
        for path in ("/graphql", "/api/v1/health", "/api/v1/exports/invoices.csv"):
            answer = await gateway.http.get(gateway.url + path, headers=headers)
            assert answer.status_code in {400, 401}, answer.text
            told.add(f"{path} with wrong token {number}", answer.text)
        query = f"{gateway.url}/api/v1/nothing?access_token={token}&to={BOSS}"
        told.add("a path that is not there", (await gateway.http.get(query)).text)
        body = '{"query": "' + token
        broken = await gateway.http.post(
            f"{gateway.url}/graphql", content=body, headers={"content-type": "application/json"}
        )
        told.add("broken JSON", broken.text)
        async with connect(
            f"{gateway.url.replace('http', 'ws')}/graphql",
            subprotocols=["graphql-transport-ws"],  # type: ignore[list-item]
        ) as socket:
            payload = {"Authorization": f"Bearer {token}"}
            await socket.send(json.dumps({"type": "connection_init", "payload": payload}))
            with suppress(ConnectionClosed):
                told.add(f"a socket's answer to token {number}", str(await socket.recv()))
            told.add(f"why a socket of token {number} was closed", socket.close_reason or "")


async def everything_a_viewer_gets(gateway: Gateway, token: str, told: Told) -> None:
    answer = await gateway.post(EVERYTHING, token)
    assert "errors" not in answer.json(), answer.text
    told.add("the screens of a viewer", answer.text)
    names = [f"{name}.csv" for name in TABLES] + [f"{BRIEFING}.md", f"{BRIEFING}.pdf"]
    paths = ["/metrics", "/healthz", "/openapi.json", "/api/v1/health", "/api/v1/exports"]
    for path in paths + [f"/api/v1/exports/{name}" for name in names]:
        got = await gateway.http.get(gateway.url + path, headers=bearing(token))
        assert got.status_code in {200, 403}, (path, got.text)
        told.add(path, str(got.headers) + got.text)


async def test_no_secret_and_no_full_phone_number_leaves_the_gateway(tmp_path: Path) -> None:
    told = Told()
    async with TwilioDouble() as twilio, TellTale() as supabase:
        twilio.script.append(refuses(400, 21610, f"{BOSS} has unsubscribed; token {TOKEN}"))
        env = environment(
            AUTH_JWT_SECRET=JWT_SECRET,
            AUTH_AUDIENCE=AUDIENCE,
            LOG_LEVEL="DEBUG",
            LOG_FORMAT="json",
            NOTIFY_RECIPIENT=BOSS,
            NOTIFY_ALLOWED="+1415*",
            SUPABASE_URL=supabase.url,
            SUPABASE_KEY=SUPABASE_KEY,
            TWILIO_ACCOUNT_SID=SID,
            TWILIO_AUTH_TOKEN=TOKEN,
            TWILIO_BASE_URL=twilio.url,
            TWILIO_FROM=SENDER,
        )
        made = await command(tmp_path, env, "keys", "create", "nightly", "--role", "viewer")
        found = re.search(r"tnk_\w{12}_([\w-]+)", made)
        assert found, made
        key = found[0]
        operator = signed("viewer", "analyst", "negotiator", "approver", "admin", phone=COLLEAGUE)
        viewer = signed("viewer", sub="vic")
        wrong = [
            signed("admin", exp=1),
            signed("admin", aud="another"),
            a_token("admin"),
            key[:-4] + "AAAA",
        ]
        async with running(tmp_path, env) as gateway:
            await send_messages(gateway, operator, told)
            await knock_wrongly(gateway, wrong, told)
            await gateway.post("mutation { syncNow { ok: __typename } }", operator)
            for token in (viewer, key):
                await everything_a_viewer_gets(gateway, token, told)
            mine = env | {"TWILIO_NEGOTIATION_ENDPOINT": f"{gateway.url}/graphql"}
            mine |= {"TWILIO_NEGOTIATION_TOKEN": key}
            for line in ("preflight --json", "sync", "backup copy.sqlite3", "audit verify",
                         "audit list", "keys list", "export invoices"):  # fmt: skip
                told.add(line, await command(tmp_path, mine, *line.split()))
            async with asyncio.timeout(PATIENCE):
                while not supabase.asked:
                    await asyncio.sleep(0.05)
        assert twilio.creations() >= 2
        told.add("the log", gateway.log.read_text())
    told.add("what it said at the start", (tmp_path / "stdout").read_text())
    secrets = {
        "Twilio's token": TOKEN,
        "the Supabase key": SUPABASE_KEY,
        "the JWT secret": JWT_SECRET,
        "a header": CLIENT_PASSWORD,
        "a machine key": found[1][:-4],
        **{f"token {n}": each.rsplit(".", 1)[-1] for n, each in enumerate([operator, viewer, *wrong[:3]])},
    }  # fmt: skip
    numbers = {f"number {n}": phone.removeprefix("+") for n, phone in enumerate(PHONES)}
    assert "warning" in gateway.log.read_text()  # the bad paths were told of
    assert told.with_any_of(secrets | numbers) == []
    kept = Told()
    for path in (tmp_path / ".data").rglob("*"):
        if path.is_file():
            kept.add(path.name, path.read_bytes())
    assert kept.texts
    assert kept.with_any_of(secrets) == []
