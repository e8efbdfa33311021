"""What we would pay at most and what we think of the vendor stays with us: on every path, and whoever asked before."""

from __future__ import annotations

from typing import Any

import pytest

from graph.auth.permissions import BUYERS, EVERYONE, RULES
from tests.integration.security.conftest import Opened
from tests.integration.security.door import Door, a_token

ADMIN = a_token("admin", sub="boss")
GUEST = a_token("vendor_guest", sub="guest")
NOTE = "walk to the other carrier"
BATNA = "7654321"
SAVE = f'mutation {{ setPosition(input: {{batnaNote: "{NOTE}", batnaCost: "{BATNA}"}}) {{ revision }} }}'

SECRETS = {
    "asOf": "",
    "bargainingPoints": "{ nash { id } }",
    "batna": "",
    "buyerEnvelope": "{ currency }",
    "commitmentPace": "{ commitmentId }",
    "counterOffers": "{ cost }",
    "dailySpend": "{ net }",
    'draft(terms: [{renewal: {start: "2031-01-01", termMonths: 12}}])': "{ cost { cash } }",
    "driverVolumes(drivers: {leads: 10})": "{ sku }",
    "envelope": "{ expense }",
    "forecast": "{ start }",
    "limits": "{ batna }",
    "milestones": "{ id }",
    'offerDiff(a: "offer:none", b: "offer:none")': "{ cash }",
    "position": "{ batnaNote batnaCost }",
    "provenance": "",
    "reservation": "",
    "skus": "{ totalCount }",
    "targetCurve": "{ round }",
    "targets": "{ targetMargin }",
    "tierProjection": "{ reachesUp { earliest } }",
    "trailing90": "{ amount }",
    "usageFrom": "",
    "usageTo": "",
    "zopa": "{ low }",
}
OFFER_SECRETS = {
    "cost": "{ cash }",
    "evaluation": "{ verdict reasons { message } }",
    "lint": "{ code }",
    "openers": "{ message }",
}


NULLABLE = (
    "batna reservation limits { batna } targetCurve { round } zopa { low } position { batnaNote }"
)


def ours_alone(kind: str) -> set[str]:
    return {
        name for roles, names in RULES[kind].items() if roles == BUYERS for name in names.split()
    }


def documents() -> list[str]:
    """One for each thing that only buyers may know."""
    asked = [f"negotiation {{ {field} {part} }}" for field, part in SECRETS.items()]
    asked += [
        f"negotiation {{ rounds {{ offers {{ {f} {p} }} }} }}" for f, p in OFFER_SECRETS.items()
    ]
    return [
        *asked,
        "negotiation { rounds { offers { terms { ... on QualitativeTerm { weight } } } } }",
    ]


def tells(answer: object) -> bool:
    """Whether what we planted is in it."""
    return NOTE in str(answer) or BATNA in str(answer)


def names(fields: dict[str, str]) -> set[str]:
    return {field.partition("(")[0] for field in fields}


async def saved(door: Door) -> None:
    answer = await door.post(SAVE, ADMIN)
    assert answer.json()["data"]["setPosition"]["revision"] > 0


def test_every_field_that_only_buyers_may_have_is_tried_here() -> None:
    assert names(SECRETS) == ours_alone("Negotiation")
    assert names(OFFER_SECRETS) == ours_alone("Offer")
    assert "vendor_guest" in EVERYONE - BUYERS


async def test_a_guest_of_the_vendor_learns_none_of_it_on_any_transport(opened: Opened) -> None:
    async with (
        opened(cost_per_minute=100_000_000) as door,
        door.socket(ADMIN) as ours,
        door.socket(GUEST) as theirs,
    ):
        await saved(door)
        await ours.acknowledged()
        await theirs.acknowledged()
        for number, document in enumerate(documents()):
            query = f"{{ {document} }}"
            pushed = (
                f"subscription {{ {document.replace('negotiation', 'negotiationUpdated', 1)} }}"
            )
            # We ask first, and our answer is at hand when they ask the same.
            await door.post(query, ADMIN)
            await ours.ask(pushed, str(number))
            async with door.stream(pushed, GUEST) as stream:
                answers: list[Any] = [
                    (await door.post(query, GUEST)).json(),
                    (await theirs.ask(query, f"q{number}"))["payload"],
                    (await theirs.ask(pushed, f"s{number}"))["payload"],
                    await stream.result(),
                ]
            for answer in answers:
                found = {error["extensions"]["code"] for error in answer["errors"]}
                assert found == {"FORBIDDEN"}, (document, answer)
                assert not tells(answer), (document, answer)
            await ours.send(type="complete", id=str(number))
            await theirs.send(type="complete", id=f"s{number}")


async def test_a_secret_is_null_and_forbidden_and_what_stands_beside_it_is_told(
    opened: Opened,
) -> None:
    query = f"{{ negotiation {{ name {NULLABLE} counterOffers {{ cost }} openRounds: rounds {{ number }} }} }}"
    async with opened() as door:
        await saved(door)
        told = (await door.post(query, GUEST)).json()
        shown = (await door.post(query, a_token("viewer"))).json()
    mine = told["data"]["negotiation"]
    secret = {"batna", "reservation", "limits", "targetCurve", "zopa", "position", "counterOffers"}
    assert mine["name"]
    assert mine["openRounds"]
    assert {name for name, value in mine.items() if value is None} == secret
    assert {error["path"][-1] for error in told["errors"]} == secret
    assert "errors" not in shown
    assert shown["data"]["negotiation"]["position"]["batnaNote"] == NOTE


@pytest.mark.parametrize("who", ["vendor_guest", "stranger"])
async def test_neither_paths_nor_exports_tell_it_to_others(opened: Opened, who: str) -> None:
    token = a_token(*([] if who == "stranger" else [who]), sub=who)
    async with opened() as door:
        await saved(door)
        listed = (await door.get("/api/v1/exports", ADMIN)).json()["exports"]
        paths = ["/api/v1/negotiation", "/api/v1/invoices", "/api/v1/health"]
        paths += [each["path"] for each in listed]
        for path in paths:
            assert (await door.get(path, ADMIN)).status_code == 200, path
            answer = await door.get(path, token)
            assert (answer.status_code, answer.json()["error"]["code"]) == (403, "FORBIDDEN"), path
            assert not tells(answer.text), path


async def test_a_change_of_our_position_pushes_nothing_of_it_to_a_guest(opened: Opened) -> None:
    document = f"subscription {{ negotiationUpdated {{ version {NULLABLE} }} }}"
    async with opened() as door, door.socket(GUEST) as theirs, door.socket(ADMIN) as ours:
        await theirs.acknowledged()
        await ours.acknowledged()
        first = await theirs.ask(document, "theirs")
        before = await ours.ask(document, "ours")
        await saved(door)
        while tells(after := await ours.receive()) is False:
            assert after["id"] == "ours"
        await theirs.send(type="ping")
        heard = [first]
        while (message := await theirs.receive())["type"] != "pong":
            heard.append(message)
    assert not tells(before)
    assert tells(after)
    assert not tells(heard)
