"""Machine keys: how one looks, how one is made, and whom one speaks for. Where they are kept is `adapters.keys`' business.

A key reads `tnk_<id>_<secret>`: a prefix that scanners find, an id to name it by, 256 random bits. Only the secret's
SHA-256 is kept: a random secret of that length needs no slow hash.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest

from graph.auth.identity import ROLES, Credential, Identity
from resolvers.errors import Unauthenticated
from resolvers.ports import Actor, Keys, MachineKey

PREFIX = "tnk_"
_KEY = re.compile(r"tnk_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
SECRET_BYTES = 32


def new_key(
    name: str, roles: Iterable[str], *, now: datetime, expires_at: datetime | None
) -> tuple[MachineKey, str]:
    """The key as it is kept, and the text that its machine sends; nobody can make that text again."""
    key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(SECRET_BYTES)
    kept = MachineKey(
        id=key_id,
        name=name,
        secret_sha256=_hashed(secret),
        roles=frozenset(roles) & ROLES,
        created_at=now,
        expires_at=expires_at,
    )
    return kept, f"{PREFIX}{key_id}_{secret}"


def identify(token: str, keys: Keys, now: datetime) -> Identity:
    """Whom the key speaks for. Raises Unauthenticated."""
    found = _KEY.fullmatch(token)
    kept = keys.find(found[1]) if found else None
    if found is None or kept is None or not compare_digest(kept.secret_sha256, _hashed(found[2])):
        raise Unauthenticated("The machine key is not one of this gateway's.")
    if (reason := fault(kept, now)) is not None:
        raise Unauthenticated(reason)
    return Identity(
        Actor(id=f"key:{kept.id}", name=kept.name, roles=kept.roles),
        expires_at=kept.expires_at.timestamp() if kept.expires_at else None,
        credential=Credential(key_id=kept.id),
    )


def fault(key: MachineKey | None, now: datetime) -> str | None:
    """Why this key does not let anybody in, or None."""
    if key is None:
        return "The machine key was removed."
    if key.revoked_at is not None:
        return "The machine key was revoked. Ask for a new one."
    if key.expires_at is not None and key.expires_at <= now:
        return "The machine key has expired. Ask for a new one."
    return None


def _hashed(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
