"""The production profile: our own clients' documents for everyone, anything for analysts, and no hints for anybody."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from graphql import get_introspection_query, parse, print_ast

from graph.app import trusted_documents
from graph.execution.canonical import content_key
from graph.settings import Profile, Settings
from graph.surfaces import TRUSTED_FILE
from graph.surfaces import trusted_documents as collected
from resolvers.errors import Unavailable
from tests.integration.security.conftest import Opened
from tests.integration.security.door import a_token, codes, codes_of

ROOT = Path(__file__).parents[3]
LISTED: list[dict[str, str]] = json.loads((ROOT / TRUSTED_FILE).read_text())["documents"]
VIEWER, ANALYST = a_token("viewer"), a_token("analyst", sub="ana")
OTHERS = "{ negotiation { name } }"
PRODUCTION = Profile.PRODUCTION


def named(text: str) -> dict[str, str]:
    return next(each for each in LISTED if text in each["text"])


SHELL = named("query Shell")
UPDATES = named("subscription HealthUpdated")


def test_every_client_is_in_the_list_and_it_is_current() -> None:
    clients = Counter(each["client"] for each in LISTED)
    assert clients.keys() == {"web", "terminal", "rest", "commands"}
    assert min(clients.values()) >= 4
    current = {(each.id, each.content) for each in collected(ROOT)}
    assert current == {(each["id"], each["content"]) for each in LISTED}, "run `make schema`"


@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json"])
async def test_a_document_of_another_is_refused_before_anything_is_told_of_it(
    opened: Opened, accept: str
) -> None:
    async with opened(profile=PRODUCTION) as door:
        for text in (OTHERS, "{ noSuchField }", get_introspection_query(), "{ __typename }"):
            answer = await door.post(text, VIEWER, accept)
            assert codes(answer.json()) == ["FORBIDDEN"], text
            assert "noSuchField" not in answer.text
            assert "analyst" in answer.json()["errors"][0]["message"]


async def test_our_clients_documents_are_executed_however_they_are_printed(opened: Opened) -> None:
    async with opened(profile=PRODUCTION) as door:
        for each in LISTED:
            if each["client"] in {"web", "terminal"}:
                printed = print_ast(parse(each["text"]))
                answer = await door.post(printed, VIEWER)
                assert "documents" not in answer.text, each["text"]
        assert "errors" not in (await door.post(SHELL["text"], VIEWER)).json()


async def test_a_document_may_be_asked_for_by_its_id(opened: Opened) -> None:
    persisted = {"persistedQuery": {"version": 1, "sha256Hash": SHELL["id"]}}
    async with opened(profile=PRODUCTION) as door:
        answers = [
            await door.post(None, VIEWER, documentId=SHELL["id"]),
            await door.post(None, VIEWER, documentId=f"sha256:{SHELL['id']}"),
            await door.post(None, VIEWER, extensions=persisted),
            await door.get(f"/graphql?documentId={SHELL['id']}", VIEWER),
            await door.get(f"/graphql?extensions={json.dumps(persisted)}", VIEWER),
        ]
        for answer in answers:
            assert answer.json()["data"]["health"]["status"], answer.text
        async with door.socket(VIEWER) as socket:
            await socket.acknowledged()
            await socket.send(type="subscribe", id="1", payload={"documentId": UPDATES["id"]})
            assert (await socket.receive())["type"] == "next"
            await socket.send(type="subscribe", id="2", payload={"extensions": persisted})
            assert (await socket.receive())["payload"]["data"]["health"]


async def test_an_id_that_is_not_known_is_told_in_the_word_that_clients_know(
    opened: Opened,
) -> None:
    async with opened() as door:
        for bad in ("0" * 64, "nonsense", ""):
            answer = await door.post(None, VIEWER, documentId=bad)
            assert codes(answer.json()) == ["PERSISTED_QUERY_NOT_FOUND"]
            assert answer.json()["errors"][0]["message"] == "PersistedQueryNotFound"
        for body in ({}, {"documentId": 7}, {"extensions": {"persistedQuery": {"sha256Hash": []}}}):
            assert (await door.post(None, VIEWER, **body)).status_code == 400


async def test_analysts_may_ask_anything_and_introspect_but_get_no_suggestions(
    opened: Opened,
) -> None:
    async with opened(profile=PRODUCTION) as door:
        assert "errors" not in (await door.post(OTHERS, ANALYST)).json()
        assert "errors" not in (await door.post(get_introspection_query(), ANALYST)).json()
        faulty = await door.post("{ negotiaton { name } }", ANALYST)
        assert codes(faulty.json()) == ["GRAPHQL_VALIDATION_FAILED"]
        assert "Did you mean" not in faulty.text


async def test_what_an_analyst_had_prepared_is_still_refused_to_others(opened: Opened) -> None:
    async with opened(profile=PRODUCTION) as door:
        assert "errors" not in (await door.post(OTHERS, ANALYST)).json()
        assert codes((await door.post(OTHERS, VIEWER)).json()) == ["FORBIDDEN"]


async def test_sockets_and_streams_execute_the_same_documents_and_no_others(
    opened: Opened,
) -> None:
    others = "subscription { negotiationUpdated { name } }"
    async with opened(profile=PRODUCTION) as door:
        async with door.socket(VIEWER) as socket:
            await socket.acknowledged()
            assert codes_of(await socket.ask(others, "1")) == ["FORBIDDEN"]
            assert (await socket.ask(UPDATES["text"], "2"))["type"] == "next"
        async with door.stream(others, VIEWER) as stream:
            assert codes(await stream.result()) == ["FORBIDDEN"]
        async with door.stream(UPDATES["text"], VIEWER) as stream:
            assert "data" in await stream.result()


async def test_rest_paths_answer_and_graphiql_does_not(opened: Opened, tmp_path: Path) -> None:
    page = tmp_path / "dist" / "explorer"
    page.mkdir(parents=True)
    (page / "index.html").write_text("GraphiQL")
    (tmp_path / "dist" / "index.html").write_text("Dashboard")
    html = {"accept": "text/html"}
    async with opened(profile=PRODUCTION, web_dist=tmp_path / "dist") as door:
        for path in ("health", "negotiation", "invoices"):
            assert (await door.get(f"/api/v1/{path}", VIEWER)).status_code == 200
        assert "GraphiQL" not in (await door.get("/graphiql", **html)).text
    async with opened(web_dist=tmp_path / "dist") as door:
        assert (await door.get("/graphiql", **html)).text == "GraphiQL"
        assert "errors" not in (await door.post(OTHERS, VIEWER)).json()


@pytest.mark.parametrize("content", [None, "", "[]", '{"documents": [{}]}', "{"])
def test_without_its_list_production_does_not_start_and_development_does(
    tmp_path: Path, content: str | None
) -> None:
    path = tmp_path / "trusted.json"
    if content is not None:
        path.write_text(content)
    settings: dict[str, Any] = {"_env_file": None, "trusted_documents": path}
    with pytest.raises(Unavailable, match="TRUSTED_DOCUMENTS"):
        trusted_documents(Settings(profile=PRODUCTION, **settings))
    if content is None:
        assert len(trusted_documents(Settings(**settings))) == 0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (
            "query A($x: Int, $y: Int) { a(x: $x, y: 1) b }",
            "query A($y:Int,$x:Int){b a(y:1,x:$x)}",
            True,
        ),
        ("query A { ...f } fragment f on Q { a }", "fragment f on Q { a } query A { ...f }", True),
        ("query A { a(x: {p: 1, q: 2}) }", "query A { a(x: {q: 2, p: 1}) }", True),
        ("query A { a }", "query B { a }", False),
        ("query A { a }", "mutation A { a }", False),
        ("query A { a }", "query A { x: a }", False),
        ("query A { a { b } }", "query A { a b }", False),
        ("query A { a(x: [1, 2]) }", "query A { a(x: [2, 1]) }", False),
        ('query A { a(x: "1") }', "query A { a(x: 1) }", False),
        ("query A { a @skip(if: true) }", "query A { a @include(if: true) }", False),
        ("query A { ... on Q { a } }", "query A { ... on R { a } }", False),
        ("query A($x: Int) { a }", "query A($x: Int = 1) { a }", False),
        ('query A { a(x: "b) c(y:1") }', "query A { a(x: b) c(y:1) }", False),
    ],
)
def test_documents_are_the_same_when_they_ask_for_the_same(
    one: str, other: str, same: bool
) -> None:
    assert (content_key(parse(one)) == content_key(parse(other))) is same
