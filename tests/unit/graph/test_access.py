"""Who is let in by key or token, how often a signature is checked, and what revocation does."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from graph.auth.access import MEMORY_SECONDS, Access
from graph.auth.identity import Credential, Identity
from graph.auth.keys import new_key
from resolvers.errors import Unauthenticated
from resolvers.ports import Actor, MachineKey
from tests.fakes import FakeClock


class KeyRing:
    """Satisfies Keys, in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, MachineKey] = {}
        self.changed = False

    def find(self, key_id: str) -> MachineKey | None:
        return self.kept.get(key_id)

    def all(self) -> list[MachineKey]:
        return list(self.kept.values())

    def refresh(self) -> bool:
        changed, self.changed = self.changed, False
        return changed

    def add(self, key: MachineKey) -> None:
        self.kept[key.id] = key
        self.changed = True

    def revoke(self, key_id: str, at: datetime) -> MachineKey | None:
        self.kept[key_id] = replace(self.kept[key_id], revoked_at=at)
        self.changed = True
        return self.kept[key_id]


class Revoked:
    """Satisfies Revocations."""

    def __init__(self) -> None:
        self.listed: set[tuple[str, str]] = set()

    def refuses(self, kind: str, value: str, issued_at: float | None) -> bool:
        return (kind, value) in self.listed

    def refresh(self) -> bool:
        return True


class Proving:
    """Satisfies Authenticator; counts how often it proves a token."""

    def __init__(self, lasting: float | None = 3600.0) -> None:
        self.proofs = 0
        self.lasting = lasting
        self.clock = FakeClock()

    async def authenticate(self, authorization: str | None) -> Identity:
        self.proofs += 1
        if authorization == "Bearer forged":
            raise Unauthenticated("The token is not valid.")
        ends = None if self.lasting is None else self.clock.now().timestamp() + self.lasting
        credential = Credential(token_id="t-1", session_id="s-1", subject="kim")
        return Identity(Actor(id="kim", name="Kim"), ends, credential)


class Door:
    """An Access over doubles."""

    def __init__(self, tokens: Proving | None = None) -> None:
        self.tokens = tokens or Proving()
        self.clock = self.tokens.clock
        self.keys, self.revoked = KeyRing(), Revoked()
        self.access = Access(
            keys=self.keys, revocations=self.revoked, tokens=self.tokens, clock=self.clock
        )

    def new_key(self, *roles: str, days: int | None = 1) -> str:
        now = self.clock.now()
        ends = None if days is None else now + timedelta(days=days)
        kept, shown = new_key("export", roles, now=now, expires_at=ends)
        self.keys.add(kept)
        return f"Bearer {shown}"

    async def enters(self, authorization: str | None) -> Identity:
        return await self.access.authenticate(authorization)


async def test_a_machine_key_lets_in_with_its_roles_under_its_own_name() -> None:
    door = Door()
    identity = await door.enters(door.new_key("viewer", "analyst", "root"))
    assert identity.actor.roles == {"viewer", "analyst"}
    assert (identity.actor.name, identity.actor.id[:4]) == ("export", "key:")
    assert identity.expires_at == (door.clock.now() + timedelta(days=1)).timestamp()
    assert door.tokens.proofs == 0


async def test_a_key_is_256_random_bits_behind_a_prefix_that_scanners_find() -> None:
    door = Door()
    first, second = door.new_key("viewer"), door.new_key("viewer")
    assert first != second
    assert first.startswith("Bearer tnk_")
    assert len(first.rpartition("_")[2]) >= 40 or "_" in first[20:]
    assert all(len(key.secret_sha256) == 64 for key in door.keys.all())


async def test_a_key_that_is_wrong_in_any_part_is_refused() -> None:
    door = Door()
    good = door.new_key("viewer")
    for bad in (
        good[:-1],
        good + "x",
        good[:-1] + ("a" if good[-1] != "a" else "b"),
        "Bearer tnk_",
        good[:13] + "0" * 12 + good[25:],
    ):
        with pytest.raises(Unauthenticated):
            await door.enters(bad)
    await door.enters(good)


async def test_a_key_ends_at_its_hour_and_when_it_is_revoked() -> None:
    door = Door()
    short, other = door.new_key("viewer"), door.new_key("viewer", days=None)
    held = await door.enters(other)
    door.clock.advance(24 * 3600)
    with pytest.raises(Unauthenticated, match="expired"):
        await door.enters(short)
    assert door.access.refusal(held) is None
    door.keys.revoke((await door.enters(other)).actor.id.removeprefix("key:"), door.clock.now())
    with pytest.raises(Unauthenticated, match="revoked"):
        await door.enters(other)
    assert "revoked" in (door.access.refusal(held) or "")


async def test_a_signature_is_checked_once_for_many_requests_and_again_after_a_while() -> None:
    door = Door()
    for _ in range(100):
        await door.enters("Bearer good")
    assert door.tokens.proofs == 1
    door.clock.advance(MEMORY_SECONDS)
    await door.enters("Bearer good")
    assert door.tokens.proofs == 2


async def test_a_remembered_token_is_not_believed_beyond_its_end() -> None:
    door = Door(Proving(lasting=60.0))
    await door.enters("Bearer good")
    door.clock.advance(60)
    await door.enters("Bearer good")
    assert door.tokens.proofs == 2


async def test_what_was_not_believed_is_not_remembered() -> None:
    door = Door()
    for _ in range(2):
        with pytest.raises(Unauthenticated):
            await door.enters("Bearer forged")
    assert door.tokens.proofs == 2


@pytest.mark.parametrize("listed", [("jti", "t-1"), ("session", "s-1"), ("sub", "kim")])
async def test_a_revoked_token_is_refused_at_once_also_where_it_is_remembered(
    listed: tuple[str, str],
) -> None:
    door = Door()
    held = await door.enters("Bearer good")
    door.revoked.listed.add(listed)
    with pytest.raises(Unauthenticated, match="revoked"):
        await door.enters("Bearer good")
    assert "revoked" in (door.access.refusal(held) or "")


@pytest.mark.parametrize("nothing", [None, "", "  "])
async def test_without_a_credential_nobody_enters(nothing: str | None) -> None:
    with pytest.raises(Unauthenticated, match="Sign in"):
        await Door().enters(nothing)


async def test_without_an_issuer_keys_alone_let_in() -> None:
    clock, keys = FakeClock(), KeyRing()
    access = Access(keys=keys, revocations=Revoked(), tokens=None, clock=clock)
    kept, shown = new_key("export", ["viewer"], now=clock.now(), expires_at=None)
    keys.add(kept)
    assert (await access.authenticate(f"Bearer {shown}")).expires_at is None
    with pytest.raises(Unauthenticated):
        await access.authenticate("Bearer eyJhbGciOi")


def test_a_change_is_counted_so_that_open_streams_are_looked_at() -> None:
    door = Door()
    before = door.access.changes
    door.access.refresh()
    assert door.access.changes == before + 1
