"""Two gateways on one Supabase behind the balancer that `deploy/` ships: the committed Caddyfile, read by Caddy itself."""

from __future__ import annotations

import asyncio
import json
import shutil
import ssl
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests.doubles.postgres import missing_programs, supabase_postgres
from tests.doubles.supabase_project import SupabaseProject
from tests.integration.test_commands import ROOT, ask, environment, gateway
from tests.integration.test_restart import free_port

CADDYFILE = ROOT / "deploy" / "Caddyfile"
HERE = """{
  admin off
  default_bind 127.0.0.1
  skip_install_trust
  auto_https disable_redirects
}
"""
"""So that Caddy listens on one port of this machine and leaves its certificates alone."""
BOUND = 30.0
"""Only stops what hangs."""
INVOICES = "subscription { invoicesUpdated(first: 5) { totalCount } }"
COUNT = "{ invoices(first: 1) { totalCount } }"
IMPORT = "mutation ($csv: String!) { importInvoices(input: {csv: $csv}) { accepted } }"


@dataclass
class Site:
    """What the world sees, and the gateways behind it."""

    url: str
    trust: ssl.SSLContext
    gateways: dict[str, subprocess.Popen[str]]


@contextmanager
def balancer(folder: Path, upstreams: list[str]) -> Iterator[tuple[str, ssl.SSLContext]]:
    """Caddy with the committed file, but for the names of the gateways; its address, and what trusts its certificate."""
    text = CADDYFILE.read_text()
    for name, address in zip(("gateway-a:8000", "gateway-b:8000"), upstreams, strict=True):
        assert name in text
        text = text.replace(name, address)
    config = folder / "Caddyfile"
    config.write_text(HERE + text)
    port = free_port()
    log = folder / "caddy.log"
    with (
        log.open("w") as said,
        subprocess.Popen(
            ["caddy", "run", "--config", str(config), "--adapter", "caddyfile"],
            env=environment(
                SITE=f"localhost:{port}", XDG_DATA_HOME=str(folder), XDG_CONFIG_HOME=str(folder)
            ),
            stdout=subprocess.DEVNULL,
            stderr=said,
        ) as caddy,
    ):
        try:
            root = folder / "caddy/pki/authorities/local/root.crt"
            yield f"https://localhost:{port}", trusting(root, f"https://localhost:{port}", log)
        finally:
            caddy.kill()  # it would wait for whoever still listens


def trusting(root: Path, url: str, log: Path) -> ssl.SSLContext:
    """When the site answers with a certificate of that root."""
    until = time.monotonic() + BOUND
    while time.monotonic() < until:
        try:
            trust = ssl.create_default_context(cafile=str(root))
            httpx.get(f"{url}/healthz", verify=trust).raise_for_status()
        except (OSError, httpx.HTTPError):
            time.sleep(0.05)
        else:
            return trust
    raise AssertionError(f"the balancer did not answer:\n{log.read_text()[-4000:]}")


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    if missing := missing_programs():
        pytest.skip(f"PostgreSQL's {', '.join(missing)}: apt-get install postgresql")
    if shutil.which("caddy") is None:
        pytest.skip("caddy: apt-get install caddy")
    async with AsyncExitStack() as stack:
        postgres = await asyncio.to_thread(stack.enter_context, supabase_postgres())
        project = await stack.enter_async_context(SupabaseProject(postgres))
        gateways = {}
        for name in ("a", "b"):
            (tmp_path / name).mkdir()
            starting = gateway(tmp_path / name, SUPABASE_URL=project.url, SUPABASE_KEY=project.key)
            process, address = await asyncio.to_thread(stack.enter_context, starting)
            gateways[address] = process
        upstreams = [address.removeprefix("http://") for address in gateways]
        balanced = balancer(tmp_path, upstreams)
        url, trust = await asyncio.to_thread(stack.enter_context, balanced)
        yield Site(url, trust, gateways)


def csv(number: str) -> str:
    return (
        "number,period_start,period_end,amount,currency,status\n"
        f"{number},2026-01-01,2026-01-31,1.10,USD,open"
    )


@asynccontextmanager
async def subscription(site: Site) -> AsyncIterator[ClientConnection]:
    url = site.url.replace("https", "wss") + "/graphql"
    protocols = [Subprotocol("graphql-transport-ws")]
    async with connect(url, ssl=site.trust, subprotocols=protocols) as socket:
        await socket.send(json.dumps({"type": "connection_init"}))
        assert json.loads(await socket.recv())["type"] == "connection_ack"
        payload = {"query": INVOICES}
        await socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": payload}))
        yield socket


async def until_count(socket: ClientConnection, wanted: int) -> None:
    async with asyncio.timeout(BOUND):
        while True:
            message: dict[str, Any] = json.loads(await socket.recv())
            if message["type"] == "ping":
                await socket.send(json.dumps({"type": "pong"}))
            elif message["type"] == "next":
                data = message["payload"]["data"]
                if data["invoicesUpdated"]["totalCount"] == wanted:
                    return


async def until_known(address: str, wanted: int) -> None:
    async with asyncio.timeout(BOUND):
        while (await asyncio.to_thread(ask, address, COUNT))["invoices"]["totalCount"] < wanted:
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("lost", [0, 1])  # one of the two is the one that the balancer chose
async def test_who_listens_through_the_balancer_hears_of_commits_on_either_gateway_and_outlives_one(
    site: Site, lost: int
) -> None:
    first, second = site.gateways
    async with subscription(site) as socket:
        await until_count(socket, 0)
        await asyncio.to_thread(ask, first, IMPORT, csv=csv("A-1"))
        await until_count(socket, 1)
        await asyncio.to_thread(ask, second, IMPORT, csv=csv("B-1"))
        await until_count(socket, 2)

    for address in site.gateways:
        await until_known(address, 2)
    dying = list(site.gateways.values())[lost]
    dying.kill()
    await asyncio.to_thread(dying.wait)  # what reaches it while it dies may be lost with it
    # Caddy 2.6 cannot send a body twice, so the first to meet the gap is a request without one
    health = await asyncio.to_thread(httpx.get, f"{site.url}/api/v1/health", verify=site.trust)
    assert health.is_success, health.text
    for number in range(20):  # none of them fails
        await asyncio.to_thread(through, site, IMPORT, csv=csv(f"C-{number}"))
    async with subscription(site) as socket:
        await until_count(socket, 22)


async def test_events_over_plain_http_come_through_the_balancer_as_they_happen(
    site: Site,
) -> None:
    first, _ = site.gateways
    async with (
        httpx.AsyncClient(verify=site.trust, timeout=BOUND) as http,
        http.stream(
            "POST",
            f"{site.url}/graphql",
            json={"query": INVOICES},
            headers={"accept": "text/event-stream"},
        ) as answer,
    ):
        events = (
            json.loads(line[6:]) async for line in answer.aiter_lines() if line[:6] == "data: "
        )
        assert (await anext(events))["data"]["invoicesUpdated"]["totalCount"] == 0
        await asyncio.to_thread(ask, first, IMPORT, csv=csv("A-1"))
        assert (await anext(events))["data"]["invoicesUpdated"]["totalCount"] == 1


async def test_a_socket_through_the_balancer_ends_when_its_gateway_does(site: Site) -> None:
    async with subscription(site) as socket:
        await until_count(socket, 0)
        for process in site.gateways.values():
            process.terminate()
        async with asyncio.timeout(BOUND):
            with pytest.raises(ConnectionClosed):
                await until_count(socket, 1)


def through(site: Site, query: str, **variables: Any) -> Any:
    """Asked of the site, like anybody does."""
    answer = httpx.post(
        f"{site.url}/graphql",
        json={"query": query, "variables": variables},
        verify=site.trust,
        timeout=BOUND,
    )
    assert answer.is_success, answer.text
    body = answer.json()
    assert "errors" not in body, body
    return body["data"]
