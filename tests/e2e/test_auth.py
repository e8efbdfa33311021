"""People who signed in at an Auth that others wrote, at the door of the built gateway."""

from __future__ import annotations

import httpx
import pytest

from tests.doubles.supabase_lite import PUBLISHABLE_KEY, missing_lite, running_lite
from tests.e2e.gateway import Gateway

SECRET = "planted-secret-of-an-auth-that-others-wrote-3e55"
ANN = {"email": "ann@example.com", "password": "a long enough pass phrase 1"}
WHO = "{ viewer { name roles } }"
NEGOTIATION = "{ negotiation { id } }"


@pytest.fixture
def auth(tmp_path):
    if to_do := missing_lite():
        pytest.skip(to_do)
    folder = tmp_path / "auth"
    folder.mkdir()
    with running_lite("auth", folder, jwt_secret=SECRET) as url:
        headers = {"apikey": PUBLISHABLE_KEY}
        with httpx.Client(base_url=f"{url}/auth/v1", headers=headers, timeout=60) as client:
            yield client


@pytest.fixture
def gateway(tmp_path):
    gateway = Gateway(tmp_path, {"AUTH_JWT_SECRET": SECRET, "AUTH_REQUIRED": "true"})
    try:
        gateway.start()
        yield gateway
    finally:
        gateway.stop()


def answer(gateway: Gateway, query: str, token: str | None = None):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    said = httpx.post(f"{gateway.url}/graphql", json={"query": query}, headers=headers, timeout=60)
    body = said.json()
    codes = [error["extensions"]["code"] for error in body.get("errors", [])]
    return codes or body["data"]


def test_whoever_signed_up_there_is_known_here_and_may_do_nothing_before_a_role_is_given(
    auth, gateway
):
    assert answer(gateway, WHO) == ["UNAUTHENTICATED"]
    signed_up = auth.post("/signup", json=ANN).raise_for_status().json()
    token = signed_up["access_token"]
    assert answer(gateway, WHO, token) == {"viewer": {"name": ANN["email"], "roles": []}}
    assert answer(gateway, NEGOTIATION, token) == ["FORBIDDEN"]
    assert answer(gateway, WHO, token[:-4] + "AAAA") == ["UNAUTHENTICATED"]


def test_a_token_that_was_renewed_there_is_as_good_as_the_first(auth, gateway):
    first = auth.post("/signup", json=ANN).raise_for_status().json()
    renewed = auth.post(
        "/token?grant_type=refresh_token", json={"refresh_token": first["refresh_token"]}
    )
    token = renewed.raise_for_status().json()["access_token"]
    assert answer(gateway, WHO, token)["viewer"]["name"] == ANN["email"]
