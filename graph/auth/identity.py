"""Turns a bearer token into an Actor: Supabase's JWTs, by JWKS or the legacy shared secret.

Without authentication configured everyone is the one local operator: settings refuse to listen beyond loopback then.
What an actor may do is `graph.auth.permissions`' business.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import httpx
import jwt
import structlog

from resolvers.errors import Unauthenticated, Unavailable
from resolvers.ports import Actor, Clock

ROLES = frozenset({"viewer", "analyst", "negotiator", "approver", "admin", "vendor_guest"})
LOCAL_OPERATOR = Actor(id="local-operator", name="Local operator", roles=ROLES - {"vendor_guest"})

LEEWAY_SECONDS = 10
ASYMMETRIC = ("ES256", "RS256")


class Authenticator(Protocol):
    async def authenticate(self, authorization: str | None) -> Identity:
        """Who sent this `Authorization` value. Raises Unauthenticated, or Unavailable when the issuer cannot be asked."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """By what the proof can be called back: a machine key's id, or a token's own claims. issued_at: POSIX seconds."""

    key_id: str | None = None
    token_id: str | None = None
    session_id: str | None = None
    subject: str | None = None
    issued_at: float | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """An actor, and the second (POSIX) at which the proof of it ends; None: never.

    credential: None for the local operator, who is not limited either.
    """

    actor: Actor
    expires_at: float | None = None
    credential: Credential | None = None


class LocalAuthenticator:
    """Everyone is the local operator."""

    async def authenticate(self, authorization: str | None) -> Identity:
        del authorization
        return Identity(LOCAL_OPERATOR)


class KeySet:
    """The issuer's public keys, fetched when first needed and again when a token names one we do not know.

    An unknown key id asks the issuer at most every `min_refresh_seconds`, so that forged tokens cannot make us a
    hammer. While the issuer is down the keys we have go on working.
    """

    def __init__(
        self,
        url: str,
        client: httpx.AsyncClient,
        clock: Clock,
        *,
        max_age_seconds: float = 600.0,
        min_refresh_seconds: float = 10.0,
    ) -> None:
        self._url = url
        self._client = client
        self._clock = clock
        self._max_age = max_age_seconds
        self._min_refresh = min_refresh_seconds
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched_at: float | None = None
        self._tried_at: float | None = None

    async def key(self, kid: str) -> jwt.PyJWK:
        if kid not in self._keys or self._older_than(self._fetched_at, self._max_age):
            await self._refresh()
        if kid in self._keys:
            return self._keys[kid]
        if self._fetched_at is None:
            raise Unavailable(
                "The token issuer's keys cannot be fetched, so nobody can be let in. "
                "Try again shortly; the operator finds the reason in the log."
            )
        raise Unauthenticated("The token is signed with a key its issuer does not list.")

    def _older_than(self, instant: float | None, seconds: float) -> bool:
        return instant is None or self._clock.monotonic() - instant > seconds

    async def _refresh(self) -> None:
        if not self._older_than(self._tried_at, self._min_refresh):
            return
        self._tried_at = self._clock.monotonic()
        try:
            answer = await self._client.get(self._url)
            answer.raise_for_status()
            listed = jwt.PyJWKSet.from_dict(answer.json()).keys
        except (httpx.HTTPError, ValueError, jwt.PyJWTError) as error:
            structlog.get_logger().warning("jwks_unavailable", url=self._url, reason=repr(error))
            return
        self._keys = {key.key_id: key for key in listed if key.key_id is not None}
        self._fetched_at = self._clock.monotonic()


class JwtAuthenticator:
    """Checks signature, `aud`, `exp`, `nbf` (and `iss` where set); reads roles from `app_metadata.roles`."""

    def __init__(
        self,
        *,
        keys: KeySet | None = None,
        secret: str | None = None,
        audience: str,
        issuer: str | None = None,
    ) -> None:
        self._keys = keys
        self._secret = secret
        self._audience = audience
        self._issuer = issuer

    async def authenticate(self, authorization: str | None) -> Identity:
        token = bearer(authorization)
        if token is None:
            raise Unauthenticated("Sign in: send `Authorization: Bearer <token>`.")
        try:
            header = jwt.get_unverified_header(token)
            claims = await self._verified(token, header)
        except jwt.ExpiredSignatureError as error:
            raise Unauthenticated("The token has expired. Sign in again.") from error
        except jwt.PyJWTError as error:
            raise Unauthenticated(f"The token is not valid: {error}.") from error
        return Identity(
            actor_of(claims), expires_at=float(claims["exp"]), credential=credential_of(claims)
        )

    async def _verified(self, token: str, header: Mapping[str, Any]) -> dict[str, Any]:
        algorithm = header.get("alg")
        # The algorithm picks the key family, never the other way round: a public key must not become an HMAC secret.
        if algorithm == "HS256" and self._secret is not None:
            return self._decode(token, self._secret, ["HS256"])
        if (
            algorithm in ASYMMETRIC
            and self._keys is not None
            and isinstance(header.get("kid"), str)
        ):
            key = await self._keys.key(header["kid"])
            return self._decode(token, key.key, [algorithm])
        raise jwt.InvalidAlgorithmError(f"algorithm {algorithm!r} is not accepted here")

    def _decode(self, token: str, key: Any, algorithms: list[str]) -> dict[str, Any]:
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=algorithms,
            audience=self._audience,
            issuer=self._issuer,
            leeway=LEEWAY_SECONDS,
            options={"require": ["exp", "sub"]},
        )
        return claims


def bearer(authorization: str | None) -> str | None:
    """The token of an `Authorization: Bearer …` value, or None when there is no value at all."""
    if authorization is None or not authorization.strip():
        return None
    scheme, _, token = authorization.strip().partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("Authorization must read `Bearer <token>`.")
    return token.strip()


def actor_of(claims: Mapping[str, Any]) -> Actor:
    """The actor a token speaks for. Unknown roles are ignored; no known role means no rights, not a default one."""
    metadata = claims.get("app_metadata")
    listed = metadata.get("roles") if isinstance(metadata, Mapping) else None
    roles = (
        frozenset(role for role in listed if role in ROLES)
        if isinstance(listed, list)
        else frozenset()
    )
    name = claims.get("email") or claims.get("phone") or claims["sub"]
    return Actor(id=str(claims["sub"]), name=str(name), roles=roles)


def credential_of(claims: Mapping[str, Any]) -> Credential:
    """The claims by which a token can be called back. Those that are no text or number are left out."""

    def text(name: str) -> str | None:
        return claims[name] if isinstance(claims.get(name), str) else None

    issued = claims.get("iat")
    return Credential(
        token_id=text("jti"),
        session_id=text("session_id"),
        subject=str(claims["sub"]),
        issued_at=float(issued) if isinstance(issued, int | float) else None,
    )


def connection_authorization(payload: Mapping[str, Any] | None, header: str | None) -> str | None:
    """The credential of a WebSocket: `Authorization` (any case) in connection_init, else the handshake's header."""
    for key, value in (payload or {}).items():
        if key.lower() == "authorization":
            if not isinstance(value, str):
                raise Unauthenticated("`Authorization` in connection_init must be a string.")
            return value
    return header
