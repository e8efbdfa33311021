"""One banner for all that is wrong."""

from __future__ import annotations

from resolvers.health import banner, worst
from resolvers.ports import ComponentHealth, Status


def component(name: str, status: Status, message: str = "Something.") -> ComponentHealth:
    return ComponentHealth(name=name, status=status, mode="test", message=message)


FINE = component("store", Status.OK)
NO_TWILIO = component("twilio", Status.DEGRADED, "Twilio is not set up.")
IDLE_OUTBOX = component("outbox", Status.DEGRADED, "Nothing is sent.")
DOWN_STORE = component("store", Status.DOWN, "The disk is full.")


def text(*components: ComponentHealth, waiting: int = 0) -> str:
    found = banner(components, waiting)
    assert found is not None
    return found.message


def test_there_is_no_banner_while_all_is_well() -> None:
    assert banner([FINE], 3) is None
    assert worst([FINE]) is Status.OK
    assert worst([]) is Status.OK


def test_the_gravest_comes_first_and_gives_the_banner_its_code() -> None:
    found = banner([NO_TWILIO, DOWN_STORE], 0)
    assert found is not None
    assert (found.code, found.field) == ("DOWN", "store")
    assert found.message == "Store: The disk is full. Twilio is not set up."
    assert worst([NO_TWILIO, DOWN_STORE, FINE]) is Status.DOWN


def test_what_follows_from_another_fault_is_not_told_twice() -> None:
    assert text(NO_TWILIO, IDLE_OUTBOX) == "Twilio is not set up."
    assert text(IDLE_OUTBOX) == "Outbox: Nothing is sent."


def test_messages_that_wait_are_counted_and_not_lost() -> None:
    assert "1 message is waiting" in text(NO_TWILIO, waiting=1)
    assert "2 messages are waiting" in text(NO_TWILIO, waiting=2)
