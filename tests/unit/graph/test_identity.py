"""Who a token speaks for, and every token that must not be believed."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import jwt
import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from graph.auth.identity import (
    JwtAuthenticator,
    KeySet,
    LocalAuthenticator,
    actor_of,
    connection_authorization,
)
from resolvers.errors import Unauthenticated, Unavailable
from tests.doubles.http import HttpDouble
from tests.fakes import FakeClock

SECRET = "a-shared-secret-of-thirty-two-bytes!"
AUDIENCE = "authenticated"


def claims(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    return {
        "sub": "user-1",
        "aud": AUDIENCE,
        "exp": now + 600,
        "email": "kim@example.com",
        "app_metadata": {"roles": ["negotiator"]},
    } | changes


def signed(
    key: Any = SECRET, algorithm: str = "HS256", kid: str | None = None, **changes: Any
) -> str:
    headers = {"kid": kid} if kid else None
    body = {name: value for name, value in claims(**changes).items() if value is not None}
    return "Bearer " + jwt.encode(body, key, algorithm, headers=headers)


def by_secret() -> JwtAuthenticator:
    return JwtAuthenticator(secret=SECRET, audience=AUDIENCE)


async def test_without_authentication_everyone_is_the_local_operator_with_every_buyer_role() -> (
    None
):
    actor = (await LocalAuthenticator().authenticate(None)).actor
    assert {"admin", "viewer", "approver"} <= actor.roles
    assert "vendor_guest" not in actor.roles


async def test_a_good_token_gives_its_subject_name_and_roles() -> None:
    identity = await by_secret().authenticate(signed())
    assert (identity.actor.id, identity.actor.name) == ("user-1", "kim@example.com")
    assert identity.actor.roles == {"negotiator"}
    assert identity.expires_at == pytest.approx(time.time() + 600, abs=5)


REFUSED = {
    "none": None,
    "blank": "  ",
    "another scheme": "Basic a2ltOnNlY3JldA==",
    "no token": "Bearer ",
    "not a token": "Bearer nonsense",
    "expired": signed(exp=int(time.time()) - 60),
    "not yet valid": signed(nbf=int(time.time()) + 600),
    "without an end": signed(exp=None),
    "without a subject": signed(sub=None),
    "for someone else": signed(aud="another-service"),
    "signed with another secret": signed("x" * 40),
    "unsigned": "Bearer " + jwt.encode(claims(), "", "none"),
    "with an algorithm we do not use": signed(SECRET * 2, "HS512"),
}


@pytest.mark.parametrize("authorization", REFUSED.values(), ids=REFUSED.keys())
async def test_a_token_that_cannot_be_believed_is_refused(authorization: str | None) -> None:
    with pytest.raises(Unauthenticated):
        await by_secret().authenticate(authorization)


async def test_a_few_seconds_of_clock_difference_are_forgiven() -> None:
    await by_secret().authenticate(signed(exp=int(time.time()) - 3))


async def test_the_issuer_is_checked_where_one_is_set() -> None:
    strict = JwtAuthenticator(secret=SECRET, audience=AUDIENCE, issuer="https://us.example.com")
    await strict.authenticate(signed(iss="https://us.example.com"))
    with pytest.raises(Unauthenticated):
        await strict.authenticate(signed(iss="https://them.example.com"))


@pytest.mark.parametrize(
    "metadata", [None, {}, {"roles": None}, {"roles": "admin"}, {"roles": ["root", 7]}, ["admin"]]
)
def test_roles_that_are_missing_malformed_or_unknown_give_no_rights(metadata: Any) -> None:
    assert actor_of(claims(app_metadata=metadata)).roles == frozenset()


def test_roles_the_user_may_edit_are_not_read() -> None:
    assert (
        actor_of(claims(app_metadata={}, user_metadata={"roles": ["admin"]})).roles == frozenset()
    )


@pytest.mark.parametrize("name", ["authorization", "Authorization", "AUTHORIZATION"])
def test_a_socket_sends_its_token_in_connection_init_or_the_handshake(name: str) -> None:
    assert connection_authorization({name: "Bearer a"}, "Bearer b") == "Bearer a"
    assert connection_authorization({}, "Bearer b") == "Bearer b"
    assert connection_authorization(None, None) is None
    with pytest.raises(Unauthenticated):
        connection_authorization({name: 7}, None)


@dataclass
class Issuer(HttpDouble):
    """Publishes the public half of its keys."""

    keys: dict[str, Any] = field(default_factory=dict)
    asked: int = 0
    broken: bool = False

    def __post_init__(self) -> None:
        super().__init__()
        self.app.router.add_get("/jwks", self._jwks)

    def new_key(self, kid: str, *, rsa_key: bool = False) -> Any:
        key: Any = (
            rsa.generate_private_key(public_exponent=65537, key_size=2048)
            if rsa_key
            else ec.generate_private_key(ec.SECP256R1())
        )
        algorithm = jwt.algorithms.RSAAlgorithm if rsa_key else jwt.algorithms.ECAlgorithm
        public = algorithm.to_jwk(key.public_key(), as_dict=True)
        self.keys[kid] = public | {"kid": kid, "use": "sig"}
        return key

    async def _jwks(self, _: web.Request) -> web.Response:
        self.asked += 1
        if self.broken:
            return web.Response(status=500)
        return web.json_response({"keys": list(self.keys.values())})


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    async with Issuer() as double:
        yield double


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(timeout=2) as opened:
        yield opened


def by_keys(issuer: Issuer, client: httpx.AsyncClient, clock: FakeClock) -> JwtAuthenticator:
    return JwtAuthenticator(keys=KeySet(f"{issuer.url}/jwks", client, clock), audience=AUDIENCE)


@pytest.mark.parametrize(("algorithm", "rsa_key"), [("ES256", False), ("RS256", True)])
async def test_tokens_signed_by_the_issuers_key_are_believed(
    issuer: Issuer, client: httpx.AsyncClient, algorithm: str, rsa_key: bool
) -> None:
    key = issuer.new_key("k1", rsa_key=rsa_key)
    authenticator = by_keys(issuer, client, FakeClock())
    for _ in range(3):
        identity = await authenticator.authenticate(signed(key, algorithm, "k1"))
        assert identity.actor.id == "user-1"
    assert issuer.asked == 1


async def test_a_rotated_key_is_found_without_a_restart(
    issuer: Issuer, client: httpx.AsyncClient
) -> None:
    clock = FakeClock()
    authenticator = by_keys(issuer, client, clock)
    await authenticator.authenticate(signed(issuer.new_key("old"), "ES256", "old"))
    new = issuer.new_key("new")
    clock.advance(11)
    await authenticator.authenticate(signed(new, "ES256", "new"))


async def test_forged_key_ids_do_not_make_us_hammer_the_issuer(
    issuer: Issuer, client: httpx.AsyncClient
) -> None:
    key = issuer.new_key("k1")
    authenticator = by_keys(issuer, client, FakeClock())
    for number in range(50):
        with pytest.raises(Unauthenticated):
            await authenticator.authenticate(signed(key, "ES256", f"forged-{number}"))
    assert issuer.asked == 1


async def test_while_the_issuer_is_down_known_keys_go_on_working(
    issuer: Issuer, client: httpx.AsyncClient
) -> None:
    clock = FakeClock()
    key = issuer.new_key("k1")
    authenticator = by_keys(issuer, client, clock)
    await authenticator.authenticate(signed(key, "ES256", "k1"))
    issuer.broken = True
    clock.advance(3600)
    await authenticator.authenticate(signed(key, "ES256", "k1"))


async def test_an_issuer_that_never_answered_is_unavailable_not_a_bad_token(
    issuer: Issuer, client: httpx.AsyncClient
) -> None:
    issuer.broken = True
    key = issuer.new_key("k1")
    with pytest.raises(Unavailable):
        await by_keys(issuer, client, FakeClock()).authenticate(signed(key, "ES256", "k1"))


async def test_a_public_key_is_never_taken_for_a_shared_secret(
    issuer: Issuer, client: httpx.AsyncClient
) -> None:
    key = issuer.new_key("k1")
    authenticator = by_keys(issuer, client, FakeClock())
    await authenticator.authenticate(signed(key, "ES256", "k1"))
    with pytest.raises(Unauthenticated):
        await authenticator.authenticate(signed("k" * 64, "HS256", "k1"))
