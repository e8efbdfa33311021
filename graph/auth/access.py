"""Lets in by machine key or token, remembers which tokens were proved, and turns away what was revoked.

A signature is checked once per token and then not for `MEMORY_SECONDS`, so that the hot path pays for a look-up only; a
signing key that its issuer withdraws is noticed by then. `refresh` is called once a second (`graph.wiring`).
"""

from __future__ import annotations

from collections import OrderedDict

import structlog

from graph.auth.identity import Authenticator, Credential, Identity, bearer
from graph.auth.keys import PREFIX, fault, identify
from resolvers.errors import Unauthenticated, Unavailable
from resolvers.ports import Clock, Keys, Revocations

MEMORY_SECONDS = 300.0
MOST_REMEMBERED = 10_000


class Access:
    """Satisfies Authenticator. tokens: None where no issuer is set: machine keys alone let in then."""

    def __init__(
        self, *, keys: Keys, revocations: Revocations, tokens: Authenticator | None, clock: Clock
    ) -> None:
        self._keys = keys
        self._revocations = revocations
        self._tokens = tokens
        self._clock = clock
        self._proved: OrderedDict[str, tuple[Identity, float]] = OrderedDict()
        self.changes = 0
        """How often something was found changed: whoever holds connections open asks `refusal` again then."""

    async def authenticate(self, authorization: str | None) -> Identity:
        now = self._clock.now()
        if authorization is not None and (proved := self._proved.get(authorization)) is not None:
            identity, until = proved
            if now.timestamp() < until:
                self._proved.move_to_end(authorization)
                return self._standing(identity)
            del self._proved[authorization]
        token = bearer(authorization)
        if token is not None and token.startswith(PREFIX):
            return identify(token, self._keys, now)
        if token is None or self._tokens is None:
            raise Unauthenticated("Sign in: send `Authorization: Bearer <token or machine key>`.")
        identity = self._standing(await self._tokens.authenticate(authorization))
        self._remember(authorization or "", identity)
        return identity

    def refusal(self, identity: Identity) -> str | None:
        """Why somebody who was let in no longer would be, or None. Its end in time is not asked for here."""
        credential = identity.credential
        if credential is None:
            return None
        if credential.key_id is not None:
            return fault(self._keys.find(credential.key_id), self._clock.now())
        return "The token was revoked. Sign in again." if self._revoked(credential) else None

    def refresh(self) -> None:
        """Look again for keys and revocations. Blocking, short; never raises."""
        try:
            keys = self._keys.refresh()
        except Unavailable as error:
            structlog.get_logger().warning("machine_keys_unreadable", reason=error.message)
            keys = False
        if self._revocations.refresh() or keys:
            self.changes += 1

    def _standing(self, identity: Identity) -> Identity:
        if (reason := self.refusal(identity)) is not None:
            raise Unauthenticated(reason)
        return identity

    def _revoked(self, credential: Credential) -> bool:
        return any(
            value is not None and self._revocations.refuses(kind, value, credential.issued_at)
            for kind, value in (
                ("jti", credential.token_id),
                ("session", credential.session_id),
                ("sub", credential.subject),
            )
        )

    def _remember(self, authorization: str, identity: Identity) -> None:
        until = self._clock.now().timestamp() + MEMORY_SECONDS
        if identity.expires_at is not None:
            until = min(until, identity.expires_at)
        self._proved[authorization] = (identity, until)
        if len(self._proved) > MOST_REMEMBERED:
            self._proved.popitem(last=False)
