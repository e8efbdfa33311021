"""Role by field by transport: each is let in, or FORBIDDEN, exactly as the table in docs/security.md says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import strawberry

from graph.auth import matrix
from graph.auth.permissions import ROLES, permissions
from graph.http.access import PUBLIC, SIGNED, rest_access
from tests.integration.security.conftest import Opened
from tests.integration.security.door import Door, a_token, codes, codes_of
from tests.integration.security.requests import minimal

PAGE = (Path(__file__).parents[3] / "docs" / "security.md").read_text(encoding="utf-8")
WHO = ("no role", *sorted(ROLES))


def token_of(who: str) -> str:
    return a_token(*([] if who == "no role" else [who]), sub=who)


def documented() -> dict[str, dict[str, bool]]:
    """Field or path → role → may have it, as people read it in the page."""
    found: dict[str, dict[str, bool]] = {}
    for line in PAGE.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if re.fullmatch(r"`[^`]+`", cells[0]) and set(cells[1:]) <= {"✓", "-"} and cells[1:]:
            names = ("no role", *matrix.COLUMNS)
            marks = [cell == "✓" for cell in cells[1:]]
            found[cells[0].strip("`")] = dict(zip(names, marks, strict=True))
    return found


def test_the_page_is_what_the_table_says(schema: strawberry.Schema) -> None:
    core: Any = schema._schema
    generated = matrix.render(rest_access(core), PUBLIC, SIGNED)
    assert matrix.spliced(PAGE, generated) == PAGE, "run `make schema`"


def test_the_page_covers_every_root_field(schema: strawberry.Schema) -> None:
    roots = {
        key for key in permissions() if key.startswith(("Query.", "Mutation.", "Subscription."))
    }
    assert roots == {key for key in documented() if "." in key and not key.startswith("/")}
    assert roots == minimal(schema._schema).keys()


async def found_over_http(door: Door, document: str, token: str) -> list[str]:
    return codes((await door.post(document, token)).json())


async def found_over_sse(door: Door, document: str, token: str) -> list[str]:
    async with door.stream(document, token) as stream:
        return codes(await stream.result())


@pytest.mark.parametrize("who", WHO)
async def test_over_http_and_sockets_and_streams(
    opened: Opened, schema: strawberry.Schema, who: str
) -> None:
    rights, token = documented(), token_of(who)
    async with opened(cost_per_minute=100_000_000) as door, door.socket(token) as socket:
        await socket.acknowledged()
        for number, (coordinate, document) in enumerate(minimal(schema._schema).items()):
            answers = {
                "socket": codes_of(await socket.ask(document, str(number))),
                "stream": await found_over_sse(door, document, token),
            }
            await socket.send(type="complete", id=str(number))
            if not coordinate.startswith("Subscription."):
                answers["http"] = await found_over_http(door, document, token)
            allowed = {name: "FORBIDDEN" not in found for name, found in answers.items()}
            assert set(allowed.values()) == {rights[coordinate][who]}, (coordinate, answers)


@pytest.mark.parametrize("who", WHO)
async def test_over_rest(opened: Opened, who: str) -> None:
    rights, token = documented(), token_of(who)
    paths = [path for path in rights if path.startswith("/api/")]
    assert len(paths) > 10
    async with opened(cost_per_minute=100_000_000) as door:
        for path in paths:
            method = "POST" if path.endswith("/demo") else "GET"
            answer = await door.http.request(
                method, door.url + path, headers={"authorization": f"Bearer {token}"}
            )
            assert (answer.status_code != 403) is rights[path][who], (path, answer.text[:300])
            assert answer.status_code in {200, 202, 403}, (path, answer.text[:300])


async def test_without_a_credential_nothing_but_the_public_paths_is_answered(
    opened: Opened, schema: strawberry.Schema
) -> None:
    async with opened() as door:
        for document in minimal(schema._schema).values():
            assert (await door.post(document)).status_code == 401
        for path in rest_access(schema._schema):
            method = "POST" if path.endswith("/demo") else "GET"
            answer = await door.http.request(method, door.url + path)
            assert (answer.status_code, answer.json()["error"]["code"]) == (401, "UNAUTHENTICATED")
        async with door.stream("subscription { ticks { n } }") as stream:
            assert stream.response.status_code == 401
        async with door.socket() as socket:
            assert (await socket.closed())[0] == 4403
        for path in PUBLIC:
            assert (await door.get(path)).status_code in {
                200,
                503,
            }  # 503: the dashboard is not built


async def test_every_path_of_the_application_is_in_the_table(
    opened: Opened, schema: strawberry.Schema
) -> None:
    async with opened() as door:
        described = (await door.get("/openapi.json")).json()["paths"]
    listed = {*rest_access(schema._schema), *PUBLIC, *SIGNED, "/api/v1/exports/{file}"}
    assert {path for path in described if path not in listed} == set()


async def test_a_machine_key_has_the_rights_of_its_roles_and_no_more(opened: Opened) -> None:
    async with opened() as door:
        _, key = door.new_key("viewer")
        assert "errors" not in (await door.post("{ negotiation { name } }", key)).json()
        refused = await door.post("mutation { syncNow { revision } }", key)
        assert codes(refused.json()) == ["FORBIDDEN"]
        assert (await door.get("/api/v1/health", key)).status_code == 200
        async with door.socket(key) as socket:
            await socket.acknowledged()
            assert (await socket.ask("subscription { negotiationUpdated { id } }"))[
                "type"
            ] == "next"


NUMBER, MASKED = "+14155552671", "+1•••••2671"
SEES = {"negotiator", "admin"}
LISTED = "notifications { edges { node { to } } }"
PUSHED = "subscription { notificationsUpdated { edges { node { to } } } }"


@pytest.mark.parametrize("who", sorted(ROLES - {"vendor_guest"}))
async def test_phone_numbers_are_masked_on_every_transport_unless_the_role_may_see_them(
    opened: Opened, who: str
) -> None:
    shown, hidden = (NUMBER, MASKED) if who in SEES else (MASKED, NUMBER)
    async with opened() as door:
        # Somebody who sees numbers asks first: nothing of theirs may be handed on.
        admin = a_token("admin", sub="boss")
        async with door.socket(admin) as first, door.socket(token_of(who)) as socket:
            await first.acknowledged()
            await socket.acknowledged()
            assert NUMBER in str(await first.ask(PUSHED))
            await door.post(f"{{ {LISTED} }}", admin)
            pushed = str(await socket.ask(PUSHED))
        listed = (await door.post(f"{{ {LISTED} }}", token_of(who))).text
        node = (
            await door.post(
                '{ node(id: "notification:notification-2") { ... on Notification { to } } }',
                token_of(who),
            )
        ).text
        async with door.stream(PUSHED, token_of(who)) as stream:
            streamed = str(await stream.result())
    for answer in (pushed, listed, node, streamed):
        assert shown in answer
        assert hidden not in answer
