"""GraphQL over HTTP: what is accepted, how it is answered, and answers that cost nothing."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.integration.live.room import Room, a_room

QUERY = "{ deal { name version } }"
RENAME = 'mutation { rename(name: "Second") { name } }'
STRICT = {"accept": "application/graphql-response+json"}
PLAIN = {"accept": "application/json"}


@dataclass
class Asked:
    room: Room
    http: httpx.AsyncClient

    async def post(
        self, query: Any = QUERY, headers: dict[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        return await self.http.post(
            self.room.http_url, json={"query": query, **more}, headers=headers or STRICT
        )

    async def get(self, headers: dict[str, str] | None = None, **params: str) -> httpx.Response:
        return await self.http.get(self.room.http_url, params=params, headers=headers or STRICT)

    async def raw(
        self, body: bytes, content_type: str | None = "application/json"
    ) -> httpx.Response:
        headers = dict(STRICT) | ({"content-type": content_type} if content_type else {})
        return await self.http.post(self.room.http_url, content=body, headers=headers)


@pytest.fixture
async def asked() -> AsyncIterator[Asked]:
    async with a_room() as room, httpx.AsyncClient(timeout=5) as http:
        yield Asked(room, http)


async def test_a_query_is_answered_by_post_and_by_get(asked: Asked) -> None:
    for answer in (await asked.post(), await asked.get(query=QUERY)):
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/graphql-response+json; charset=utf-8"
        assert answer.json() == {"data": {"deal": {"name": "First", "version": 1}}}


async def test_variables_and_operation_name_work_by_get(asked: Asked) -> None:
    query = (
        "query A { deal { name } } query B($s: Boolean!) { deal { version @skip(if: $s) name } }"
    )
    answer = await asked.get(query=query, operationName="B", variables='{"s": true}')
    assert answer.json() == {"data": {"deal": {"name": "First"}}}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("query A { deal { name } } query B { deal { name } }", "GRAPHQL_VALIDATION_FAILED"),
        ("query ($n: Int!) { deal { name @skip(if: $n) } }", "GRAPHQL_VALIDATION_FAILED"),
        ("fragment F on Deal { name }", "GRAPHQL_VALIDATION_FAILED"),
    ],
)
async def test_what_cannot_be_executed_is_400_with_a_code_or_200_for_older_clients(
    asked: Asked, query: str, code: str
) -> None:
    for headers, status in ((STRICT, 400), (PLAIN, 200)):
        answer = await asked.post(query, headers)
        assert answer.status_code == status
        assert answer.json()["errors"][0]["extensions"]["code"] == code
        assert "data" not in answer.json()


async def test_a_resolver_that_breaks_is_masked_and_quotes_its_correlation_id(asked: Asked) -> None:
    answer = await asked.post('mutation { rename(name: "boom") { name } }')
    assert answer.status_code == 200
    error = answer.json()["errors"][0]
    assert error["extensions"] == {"code": "INTERNAL", "correlationId": "test-correlation"}
    assert "secret" not in answer.text


async def test_a_mutation_changes_by_post_and_is_refused_by_get(asked: Asked) -> None:
    refused = await asked.get(query=RENAME)
    assert (refused.status_code, refused.headers["allow"]) == (405, "POST")
    assert (await asked.post(RENAME)).json()["data"]["rename"]["name"] == "Second"


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"", "application/json", 400),
        (b"{", "application/json", 400),
        (b"[" * 50_000, "application/json", 400),
        (b'[{"query": "{ deal { name } }"}]', "application/json", 400),
        (b"null", "application/json", 400),
        (b"{}", "application/json", 400),
        (b'{"query": 1}', "application/json", 400),
        (b'{"query": "{ deal { name } }", "variables": "x"}', "application/json", 400),
        (b'{"query": "{ deal { name } }", "operationName": []}', "application/json", 400),
        (b'{"query": "{ deal { name } }", "extensions": 7}', "application/json", 400),
        (b'{"query": "\xff"}', "application/json", 400),
        (b'{"query": "{ deal { name } }"}', "text/plain", 415),
        (b"query={deal{name}}", "application/x-www-form-urlencoded", 415),
        (b'{"query": "{ deal { name } }"}', None, 415),
        (b'{"query": "{ deal { name } }"}', "application/json; charset=latin-1", 415),
    ],
)
async def test_what_is_no_graphql_request_is_refused_with_words(
    asked: Asked, body: bytes, content_type: str | None, status: int
) -> None:
    answer = await asked.raw(body, content_type)
    assert answer.status_code == status
    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
async def test_other_methods_are_refused_and_told_which_to_use(asked: Asked, method: str) -> None:
    answer = await asked.http.request(method, asked.room.http_url)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")


@pytest.mark.parametrize(
    "accept", ["text/html", "application/graphql-response+json;q=0", "image/*"]
)
async def test_a_type_we_do_not_speak_is_406(asked: Asked, accept: str) -> None:
    assert (await asked.post(headers={"accept": accept})).status_code == 406


async def test_a_subscription_by_plain_http_is_told_where_to_go(asked: Asked) -> None:
    answer = await asked.post("subscription { deal { name } }")
    assert answer.status_code == 406
    assert "text/event-stream" in answer.text


async def test_a_token_that_is_not_valid_is_401(asked: Asked) -> None:
    answer = await asked.post(headers=STRICT | {"authorization": "Bearer bad"})
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_the_same_question_is_answered_with_304_until_something_changes(asked: Asked) -> None:
    first = await asked.post()
    etag = first.headers["etag"]
    for answer in (
        await asked.post(headers=STRICT | {"if-none-match": etag}),
        await asked.get(headers=STRICT | {"if-none-match": f'"other", W/{etag}'}, query=QUERY),
    ):
        assert (answer.status_code, answer.content) == (304, b"")
    await asked.room.rename("Second")
    changed = await asked.post(headers=STRICT | {"if-none-match": etag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != etag


async def test_a_remembered_answer_is_never_shown_to_another_scope(asked: Asked) -> None:
    query = "{ deal { seenBy } }"
    for role in ("viewer", "vendor_guest", "viewer"):
        answer = await asked.post(query, STRICT | {"authorization": f"Bearer {role}"})
        assert json.loads(answer.text)["data"]["deal"]["seenBy"] == role
