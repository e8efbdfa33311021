"""One short banner for all that is wrong."""

from __future__ import annotations

import pytest

from negotiation.records import Provenance
from resolvers.health import banner, worst
from resolvers.ports import ComponentHealth, Status


def component(name: str, status: Status, mode: str = "test") -> ComponentHealth:
    message = f"A long story about {name}, with what to do about it."
    return ComponentHealth(name=name, status=status, mode=mode, message=message)


FINE = component("store", Status.OK)
NO_TWILIO = component("twilio", Status.DEGRADED, "queue")
NO_SUPABASE = component("supabase", Status.DEGRADED, "fixtures")
IDLE_OUTBOX = component("outbox", Status.DEGRADED)
DOWN_STORE = component("store", Status.DOWN)


def text(*components: ComponentHealth, provenance: Provenance = Provenance.LIVE) -> str:
    found = banner(components, provenance)
    assert found is not None
    return found.message


def test_there_is_no_banner_while_all_is_well() -> None:
    assert banner([FINE], Provenance.LIVE) is None
    assert worst([FINE]) is Status.OK
    assert worst([]) is Status.OK


def test_the_gravest_comes_first_and_gives_the_banner_its_code() -> None:
    found = banner([NO_TWILIO, DOWN_STORE], Provenance.LIVE)
    assert found is not None
    assert (found.code, found.field) == ("DOWN", "store")
    assert found.message == (
        "Changes may not be kept: the store has trouble. "
        "Messages wait in the queue: Twilio is not set up."
    )
    assert worst([NO_TWILIO, DOWN_STORE, FINE]) is Status.DOWN


def test_what_follows_from_another_fault_is_not_told_twice() -> None:
    assert text(NO_TWILIO, IDLE_OUTBOX) == "Messages wait in the queue: Twilio is not set up."
    assert text(IDLE_OUTBOX) == "Some messages are not delivered: look at the queue."


def test_that_sending_is_paused_is_said_whatever_else_is_wrong() -> None:
    paused = component("outbox", Status.DEGRADED, "paused")
    assert text(NO_TWILIO, paused) == (
        "Messages wait in the queue: Twilio is not set up. Sending is paused: look at the queue."
    )


def test_what_waits_for_a_person_is_no_trouble_of_what_it_waits_in() -> None:
    conflict = component("supabase", Status.DEGRADED, "realtime")
    undecided = component("usage", Status.DEGRADED, "importing")
    assert text(conflict, undecided) == (
        "Not all is in step with Supabase: look at the sync. "
        "Some of Twilio's usage categories wait for a decision."
    )
    away = component("supabase", Status.DEGRADED, "cached")
    assert text(away) == "The data may be old: Supabase has trouble."


def test_without_credentials_it_says_what_the_reader_looks_at() -> None:
    assert text(NO_SUPABASE, NO_TWILIO, IDLE_OUTBOX, provenance=Provenance.FIXTURE) == (
        "Demonstration data: Supabase is not set up. "
        "Messages wait in the queue: Twilio is not set up."
    )
    assert text(NO_SUPABASE).startswith("Data of this machine only")


@pytest.mark.parametrize("name", ["store", "supabase", "twilio", "outbox", "live", "another"])
def test_it_stays_short_whatever_is_wrong(name: str) -> None:
    others = (DOWN_STORE, NO_SUPABASE, NO_TWILIO, IDLE_OUTBOX)
    found = text(component(name, Status.DOWN), *others)
    assert len(found) <= 120
    assert found.count(".") <= 2
