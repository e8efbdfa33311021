"""The edge of the whole application on a real socket: who may knock, what is let in, how failures look."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from graph.app import App
from graph.auth.identity import LocalAuthenticator
from graph.http.edge import Edge as Outermost
from graph.live.live import LiveComponent
from graph.settings import Profile, Settings
from tests.gateway import Client
from tests.servers import serving

MAX_BODY = 4096


@dataclass
class Edge:
    port: int
    http: httpx.AsyncClient
    app: App

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def query(self, **headers: str) -> httpx.Response:
        return await self.http.post(
            f"{self.url}/graphql",
            json={"query": "{ schemaVersion { version } }"},
            headers={name.replace("_", "-"): value for name, value in headers.items()},
        )


@pytest.fixture
async def edge(client: Client, tmp_path: Path) -> AsyncIterator[Edge]:
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "explorer").mkdir()
    (dist / "index.html").write_text("<title>Dashboard</title>")
    (dist / "explorer" / "index.html").write_text("<title>GraphiQL</title>")
    (dist / "assets" / "app-1a2b.js").write_text("export {}")
    (tmp_path / "secret.txt").write_text("not for the web")
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        web_dist=dist,
        max_body_bytes=MAX_BODY,
        allowed_origins=("https://app.example.com",),
        profile=Profile.DEVELOPMENT,
    )
    app = App(
        client.bench.services,
        settings=settings,
        schema=client.schema,
        authenticator=LocalAuthenticator(),
        live_component=LiveComponent(),
    )
    async with serving(app) as port, httpx.AsyncClient(timeout=30) as http:
        yield Edge(port, http, app)


# --- who may knock


async def test_a_foreign_host_name_is_refused_so_that_dns_rebinding_reaches_nothing(
    edge: Edge,
) -> None:
    for path in ("/graphql", "/", "/api/v1/health", "/healthz"):
        answer = await edge.http.get(edge.url + path, headers={"host": "evil.example.com"})
        assert answer.status_code == 421, path
        assert "ALLOWED_HOSTS" in answer.text


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:8000", "LOCALHOST", "[::1]:8000"])
async def test_loopback_names_are_answered(edge: Edge, host: str) -> None:
    assert (await edge.query(host=host)).status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example.com", "null", "http://127.0.0.1:1"])
async def test_a_foreign_page_may_neither_post_nor_open_a_socket(edge: Edge, origin: str) -> None:
    assert (await edge.query(origin=origin)).status_code == 403
    form = await edge.http.post(
        f"{edge.url}/graphql", data={"query": "{ health { status } }"}, headers={"origin": origin}
    )
    assert form.status_code == 403
    with pytest.raises(InvalidStatus) as refused:
        await connect(
            f"ws://127.0.0.1:{edge.port}/graphql",
            subprotocols=["graphql-transport-ws"],  # type: ignore[list-item]
            origin=origin,  # type: ignore[arg-type]
        )
    assert refused.value.response.status_code == 403
    assert "ALLOWED_ORIGINS" in (refused.value.response.body or b"").decode()


async def test_our_own_page_and_listed_sites_may(edge: Edge) -> None:
    own = await edge.query(origin=edge.url)
    listed = await edge.query(origin="https://app.example.com")
    assert (own.status_code, listed.status_code) == (200, 200)
    assert listed.headers["access-control-allow-origin"] == "https://app.example.com"
    async with connect(
        f"ws://127.0.0.1:{edge.port}/graphql",
        subprotocols=["graphql-transport-ws"],  # type: ignore[list-item]
        origin=edge.url,  # type: ignore[arg-type]
    ) as socket:
        await socket.send('{"type": "connection_init"}')
        assert json.loads(await socket.recv()) == {"type": "connection_ack"}


async def test_a_listed_site_may_ask_first(edge: Edge) -> None:
    answer = await edge.http.options(
        f"{edge.url}/graphql",
        headers={
            "origin": "https://app.example.com",
            "access-control-request-method": "POST",
            "access-control-request-headers": "content-type,authorization",
        },
    )
    assert answer.status_code == 200
    refused = await edge.http.options(
        f"{edge.url}/graphql",
        headers={"origin": "https://evil.example.com", "access-control-request-method": "POST"},
    )
    assert "access-control-allow-origin" not in refused.headers


# --- what is let in


async def test_a_body_over_the_limit_is_413_whether_its_length_is_declared_or_not(
    edge: Edge,
) -> None:
    big = b"x" * (MAX_BODY + 1)

    async def in_pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(big), 512):
            yield big[start : start + 512]

    for content in (big, in_pieces()):
        answer = await edge.http.post(
            f"{edge.url}/graphql", content=content, headers={"content-type": "application/json"}
        )
        assert answer.status_code == 413
        assert answer.json()["errors"][0]["extensions"]["value"] == MAX_BODY


async def test_every_answer_has_a_correlation_id_and_a_plain_one_of_the_callers_is_kept(
    edge: Edge,
) -> None:
    assert len((await edge.query()).headers["x-correlation-id"]) == 32
    assert (await edge.query(x_correlation_id="call-42.a_b")).headers[
        "x-correlation-id"
    ] == "call-42.a_b"
    forged = (await edge.query(x_correlation_id="a b{injected}")).headers["x-correlation-id"]
    assert "injected" not in forged


async def test_errors_carry_the_correlation_id_of_their_answer(edge: Edge) -> None:
    refused = await edge.http.get(f"{edge.url}/api/v1/negotiation", params={"target_margin": "2"})
    assert refused.status_code == 422
    error = refused.json()["error"]
    assert (error["code"], error["correlationId"]) == (
        "BAD_USER_INPUT",
        refused.headers["x-correlation-id"],
    )
    assert error["fields"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "https://app.example.com"},
        {"connection": "close"},
        {"accept": "application/graphql-response+json"},
    ],
)
async def test_an_answer_that_is_at_hand_reads_the_same_under_our_server_protocol_and_any_other(
    edge: Edge, headers: dict[str, str]
) -> None:
    def without_its_own(answer: httpx.Response) -> Any:
        assert len(answer.headers["x-correlation-id"]) == 32
        own = {"x-correlation-id", "date"}
        kept = [pair for pair in answer.headers.multi_items() if pair[0] not in own]
        return answer.status_code, sorted(kept), answer.content

    first = await edge.query(**headers)
    async with serving(edge.app, http="httptools") as port:
        elsewhere = Edge(port, edge.http, edge.app)
        found = [await edge.query(**headers), await elsewhere.query(**headers)]
        if "origin" not in headers:  # what one site may read is not remembered for others
            assert "access-control-allow-origin" not in found[0].headers
    assert len({repr(without_its_own(answer)) for answer in (first, *found)}) == 1


async def test_requests_that_come_at_once_are_answered_one_after_the_other(edge: Edge) -> None:
    body = b'{"query": "{ schemaVersion { version } }"}'
    request = (
        b"POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
        b"content-length: %d\r\n\r\n%b" % (len(body), body)
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", edge.port)
    writer.write(request * 5)
    answers = b""
    async with asyncio.timeout(30):
        while answers.count(b'{"data":') < 5:
            part = await reader.read(65536)
            assert part, answers
            answers += part
    writer.close()
    assert answers.count(b"HTTP/1.1 200 OK\r\n") == 5


# --- pages


async def test_screens_are_the_dashboard_and_files_are_themselves(edge: Edge) -> None:
    page = {"accept": "text/html"}
    for path in ("/", "/offers", "/invoices?status=OPEN"):
        answer = await edge.http.get(edge.url + path, headers=page)
        assert (answer.status_code, "Dashboard" in answer.text) == (200, True), path
        assert answer.headers["cache-control"] == "no-cache"
        assert "script-src 'self'" in answer.headers["content-security-policy"]
    script = await edge.http.get(f"{edge.url}/assets/app-1a2b.js")
    assert "immutable" in script.headers["cache-control"]
    assert "GraphiQL" in (await edge.http.get(f"{edge.url}/graphiql", headers=page)).text


@pytest.mark.parametrize(
    "path", ["/assets/missing.js", "/api/v1/nothing", "/..%2fsecret.txt", "/%2e%2e/secret.txt"]
)
async def test_what_is_not_there_is_404_and_nothing_outside_is_served(
    edge: Edge, path: str
) -> None:
    answer = await edge.http.get(edge.url + path, headers={"accept": "*/*"})
    assert "not for the web" not in answer.text
    if path.startswith(("/assets", "/api")):
        assert answer.status_code == 404
        assert answer.json()["error"]["code"] == "NOT_FOUND"


async def test_metrics_and_liveness_answer_without_asking_a_dependency(edge: Edge) -> None:
    assert "live_connections" in (await edge.http.get(f"{edge.url}/metrics")).text
    alive = (await edge.http.get(f"{edge.url}/healthz")).json()
    assert alive["status"] == "ok"


# --- REST


REST: list[tuple[str, str, Any, int, str]] = [
    ("GET", "/api/v1/health", None, 200, "components"),
    ("GET", "/api/v1/negotiation?target_margin=70%25&floor_margin=6500bp", None, 200, "envelope"),
    ("GET", "/api/v1/invoices?status=OPEN&first=5", None, 200, "totals"),
    ("POST", "/api/v1/notifications/demo", None, 202, "notification"),
    ("POST", "/api/v1/notifications/demo", {"idempotencyKey": "call-1"}, 202, "notification"),
]


@pytest.mark.parametrize(("method", "path", "body", "status", "key"), REST)
async def test_the_paths_of_the_first_version_answer(
    edge: Edge, method: str, path: str, body: Any, status: int, key: str
) -> None:
    answer = await edge.http.request(method, edge.url + path, json=body)
    assert answer.status_code == status, answer.text
    assert key in answer.json()


async def test_the_same_demo_notification_is_queued_once(edge: Edge) -> None:
    path = f"{edge.url}/api/v1/notifications/demo"
    ids = {
        (await edge.http.post(path, json={"idempotencyKey": "once"})).json()["notification"]["id"]
        for _ in range(3)
    }
    assert len(ids) == 1


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/api/v1/negotiation?target_margin=abc", "target_margin"),
        ("/api/v1/negotiation?floor_margin=7", "floor_margin"),
        ("/api/v1/negotiation?id=nope", "id"),
        ("/api/v1/invoices?first=0", "first"),
        ("/api/v1/invoices?first=many", "first"),
        ("/api/v1/invoices?status=OPEN&status=LOST", "status.1"),
        ("/api/v1/invoices?currency=ZZZ", "currency"),
        ("/api/v1/invoices?after=nowhere", "after"),
    ],
)
async def test_bad_parameters_are_422_and_named_as_they_were_written(
    edge: Edge, path: str, field: str
) -> None:
    answer = await edge.http.get(edge.url + path)
    assert answer.status_code == 422
    error = answer.json()["error"]
    assert [each["path"] for each in error["fields"]] == [field]
    assert "filter" not in error["message"]


@pytest.mark.parametrize(
    "body", [{"idempotencyKey": 5}, {"idempotencyKey": ""}, {"to": "x"}, ["x"]]
)
async def test_a_bad_body_is_422_with_its_fields(edge: Edge, body: Any) -> None:
    answer = await edge.http.post(f"{edge.url}/api/v1/notifications/demo", json=body)
    assert answer.status_code == 422
    assert answer.json()["error"]["fields"]


async def test_openapi_describes_the_rest_paths(edge: Edge) -> None:
    described = (await edge.http.get(f"{edge.url}/openapi.json")).json()
    assert {
        "/api/v1/health",
        "/api/v1/negotiation",
        "/api/v1/invoices",
        "/api/v1/notifications/demo",
    } <= set(described["paths"])


async def test_a_negotiation_that_is_not_there_is_404(edge: Edge) -> None:
    answer = await edge.http.get(
        f"{edge.url}/api/v1/negotiation", params={"id": "negotiation:nobody"}
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")


# --- the outermost layer by itself


async def nothing(scope: Any, receive: Any, send: Any) -> None:
    raise RuntimeError("secret details")


def alone(app: Any, **changes: Any) -> Outermost:
    options: dict[str, Any] = {"allowed_hosts": (), "allowed_origins": (), "max_body_bytes": 1024}
    return Outermost(app, **(options | changes))


async def test_a_body_that_does_not_arrive_in_time_is_given_up_and_the_connection_closed() -> None:
    async with serving(alone(nothing, body_seconds=0.1)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /x HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 100\r\n\r\nonly this")
        async with asyncio.timeout(5):
            answer = await reader.read()
        assert answer.startswith(b"HTTP/1.1 408 ")
        writer.close()


async def test_what_nobody_caught_is_a_structured_500_that_says_nothing_of_its_reason() -> None:
    async with serving(alone(nothing)) as port, httpx.AsyncClient() as http:
        answer = await http.get(f"http://127.0.0.1:{port}/x")
    assert answer.status_code == 500
    error = answer.json()["error"]
    assert (error["code"], error["correlationId"]) == (
        "INTERNAL",
        answer.headers["x-correlation-id"],
    )
    assert "secret" not in answer.text


# --- exports


@pytest.mark.parametrize(
    ("file", "media_type", "start"),
    [
        ("invoices.csv", "text/csv", b"number,period_start"),
        ("focus.csv", "text/csv", b"BillingCurrency,"),
        ("briefing.md", "text/markdown", b"# "),
        ("briefing.pdf", "application/pdf", b"%PDF-"),
    ],
)
async def test_exports_are_files_to_download(
    edge: Edge, file: str, media_type: str, start: bytes
) -> None:
    answer = await edge.http.get(f"{edge.url}/api/v1/exports/{file}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith(media_type)
    assert "attachment" in answer.headers["content-disposition"]
    assert answer.content.startswith(start)


@pytest.mark.parametrize("file", ["invoices.pdf", "invoices", "nothing.csv", "briefing.csv"])
async def test_an_export_that_is_not_there_is_404(edge: Edge, file: str) -> None:
    answer = await edge.http.get(f"{edge.url}/api/v1/exports/{file}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")


async def test_the_list_of_exports_names_paths_that_work(edge: Edge) -> None:
    listed = (await edge.http.get(f"{edge.url}/api/v1/exports")).json()["exports"]
    assert len(listed) >= 12
    answer = await edge.http.get(edge.url + listed[0]["path"])
    assert answer.status_code == 200
