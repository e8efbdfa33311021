"""What is meant to exhaust the gateway is refused early, by name of the limit, on every transport."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from graphql import get_introspection_query

from graph.http.server_protocol import PatientProtocol
from tests.integration.security.conftest import Opened
from tests.integration.security.door import a_token, codes, codes_of
from tests.servers import serving

VIEWER = a_token("viewer")


def doubling(times: int) -> str:
    fragments = " ".join(
        f"fragment f{n} on Query {{ ...f{n + 1} ...f{n + 1} }}" for n in range(times)
    )
    return f"{{ ...f0 }} {fragments} fragment f{times} on Query {{ schemaVersion {{ version }} }}"


def nested(levels: int) -> str:
    return (
        "{ negotiation { "
        + "rounds { offers { terms { " * levels
        + "__typename"
        + " } } }" * levels
        + " } }"
    )


BOMBS: dict[str, tuple[str, str]] = {
    "100,000 tokens": ("{" + "a " * 100_000 + "}", "characters"),
    "10,000 short tokens": ("{" + "a " * 10_000 + "}", "tokens"),
    "18 doubling fragments": (doubling(18), "fields"),
    "aliases": ("{" + " ".join(f"a{n}: viewer {{ id }}" for n in range(60)) + "}", "aliases"),
    "directives": ("{ viewer { id " + "@skip(if: false) " * 60 + "} }", "directives"),
    "root fields": ("{" + "viewer { id } " * 25 + "}", "rootFields"),
    "depth": (nested(5), "depth"),
    "a field again and again": ("{ negotiation { " + "name " * 300 + "} }", "pairs"),
    "operations": (" ".join(f"query Q{n} {{ viewer {{ id }} }}" for n in range(30)), "operations"),
    "a long page": ("{ invoices(first: 100000) { totalCount } }", "first"),
    "pages of pages": (
        "{ negotiations(first: 200) { edges { node { skus(first: 200) { edges { node { key } } } } } } }",
        "cost",
    ),
}


@pytest.mark.parametrize(("text", "limit"), BOMBS.values(), ids=BOMBS.keys())
async def test_a_bomb_is_refused_and_the_limit_is_named(
    opened: Opened, text: str, limit: str
) -> None:
    name = "Q0" if "query Q0" in text else None
    async with opened() as door:
        over_http = (await door.post(text, VIEWER, operationName=name)).json()["errors"]
        async with door.socket(VIEWER) as socket:
            await socket.acknowledged()
            over_socket = (await socket.ask(text, operationName=name))["payload"]
        async with door.stream(text, VIEWER) as stream:
            over_sse = (await stream.result())["errors"] if name is None else over_http
    for errors in (over_http, over_socket, over_sse):
        extensions = [error["extensions"] for error in errors]
        assert {each["code"] for each in extensions} == {"LIMIT_EXCEEDED"}
        named = next(each for each in extensions if each["limit"] == limit)
        assert named["found"] > named["value"]


async def test_a_page_in_the_variables_and_a_list_in_them_are_bombs_too(opened: Opened) -> None:
    page = "query ($n: Int) { invoices(first: $n) { totalCount } }"
    states = "query ($s: [NotificationStatus!]) { notifications(status: $s) { totalCount } }"
    async with opened() as door:
        for text, variables, limit in (
            (page, {"n": 201}, "first"),
            (states, {"s": ["QUEUED"] * 100_000}, "inputValues"),
        ):
            answer = await door.post(text, VIEWER, variables=variables)
            assert answer.json()["errors"][0]["extensions"]["limit"] == limit
            async with door.socket(VIEWER) as socket:
                await socket.acknowledged()
                assert codes_of(await socket.ask(text, variables=variables)) == ["LIMIT_EXCEEDED"]


async def test_what_explorers_send_passes_and_deep_introspection_does_not(opened: Opened) -> None:
    deep = "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }"
    async with opened() as door:
        assert "errors" not in (await door.post(get_introspection_query(), VIEWER)).json()
        assert (await door.post(deep, VIEWER)).json()["errors"]


async def test_a_setting_moves_its_limit(opened: Opened) -> None:
    async with opened(limit_depth=3) as door:
        answer = await door.post("{ negotiation { ladder { tiers { name } } } }", VIEWER)
        assert answer.json()["errors"][0]["extensions"]["value"] == 3


async def test_who_has_spent_a_minutes_budget_is_told_when_to_come_back(opened: Opened) -> None:
    text = "{ negotiations(first: 200) { totalCount edges { cursor } } }"
    async with opened(limit_cost=1_000, cost_per_minute=1_000) as door:
        answers = [await door.post(f"{text} # {number}", VIEWER) for number in range(8)]
        refused = answers[-1]
        assert refused.status_code == 429
        assert codes(refused.json()) == ["RATE_LIMITED"]
        wait = refused.json()["errors"][0]["extensions"]["retryAfterMs"]
        assert 0 < wait <= 60_000
        assert int(refused.headers["retry-after"]) == -(-wait // 1000)
        async with door.socket(VIEWER) as socket:
            await socket.acknowledged()
            update = "subscription { negotiationUpdated { rounds { offers { id } } } }"
            assert codes_of(await socket.ask(update)) == ["RATE_LIMITED"]
        async with door.stream(update, VIEWER) as stream:
            assert stream.response.status_code == 429
        rest = await door.get("/api/v1/negotiation", VIEWER)
        assert (rest.status_code, "retry-after" in rest.headers) == (429, True)
        other = a_token("viewer", sub="lee")
        assert "errors" not in (await door.post("{ viewer { id } }", other)).json()


async def test_an_answer_that_is_remembered_costs_nothing(opened: Opened) -> None:
    async with opened(limit_cost=1_000, cost_per_minute=1_000) as door:
        for _ in range(50):
            answer = await door.post("{ negotiation { name } }", VIEWER)
            assert answer.status_code == 200


async def test_a_body_over_the_limit_is_413_before_anybody_is_asked_who_they_are(
    opened: Opened,
) -> None:
    async with opened(max_body_bytes=10_000) as door:
        answer = await door.post("{ a }" + " " * 20_000)
        assert answer.status_code == 413
        assert answer.json()["errors"][0]["extensions"]["limit"] == "maxBodyBytes"


@pytest.mark.parametrize(
    "make",
    [
        lambda n: '{"query":' + "[" * n,
        lambda n: '{"query":"{a}","variables":' + '{"a":' * n + "1" + "}" * n + "}",
    ],
    ids=["lists", "objects"],
)
async def test_deep_json_is_a_400(opened: Opened, make: Callable[[int], str]) -> None:
    async with opened() as door:
        answer = await door.http.post(
            f"{door.url}/graphql",
            content=make(50_000),
            headers={"content-type": "application/json", "authorization": f"Bearer {VIEWER}"},
        )
        assert (answer.status_code, codes(answer.json())) == (400, ["BAD_USER_INPUT"])


class Impatient(PatientProtocol):
    header_seconds = 0.2


async def nothing(scope: Any, receive: Any, send: Any) -> None:
    raise AssertionError("no request was complete")


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nhost: a\r\nx-slow: "])
async def test_headers_that_never_end_are_cut(sent: bytes) -> None:
    async with serving(nothing, http=Impatient) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        async with asyncio.timeout(30):
            assert await reader.read() == b""
        writer.close()


def test_the_bombs_are_what_they_say() -> None:
    assert len(json.dumps(doubling(18))) < 1_500
