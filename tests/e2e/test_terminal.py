"""The terminal acts on the gateway: what is done in one is seen in the other."""

from collections.abc import Callable

from tests.e2e.gateway import Gateway
from tests.e2e.terminal import Terminal

SEND = """mutation { sendDemoNotification { notification { id } userErrors { message } } }"""
PAUSE = "{ notificationQueue { pause { reason } } }"
STATES = "{ notifications(first: 1) { edges { node { status } } } }"


def test_sending_is_paused_with_a_reason_and_a_message_cancelled_and_queued_again_with_two_presses(
    gateway: Gateway, open_terminal: Callable[[Gateway], Terminal]
) -> None:
    terminal = open_terminal(gateway)
    terminal.wait(lambda screen: "LIVE" in screen)
    terminal.press("7")
    terminal.wait(lambda screen: "nothing was ever sent" in screen)
    terminal.press("P")
    terminal.wait(lambda screen: "Pause all sending, why?" in screen)
    terminal.press("The prices are checked\r")
    terminal.wait(lambda screen: "The prices are checked. Nothing is sent" in screen)
    assert gateway.ask(PAUSE) == {
        "notificationQueue": {"pause": {"reason": "The prices are checked"}}
    }
    gateway.ask(SEND)
    terminal.wait(lambda screen: "○ queued" in screen)

    terminal.press("x")
    terminal.wait(lambda screen: "x once more does it" in screen)
    assert state(gateway) == "QUEUED"
    terminal.press(
        "xx"
    )  # the first is the second, unless the machine was so busy that it begins anew
    terminal.wait(lambda screen: "· cancelled" in screen)
    assert state(gateway) == "CANCELLED"

    terminal.press("RR")
    terminal.wait(lambda screen: "○ queued" in screen)
    assert state(gateway) == "QUEUED"
    assert terminal.close() == 0


def state(gateway: Gateway) -> str:
    (edge,) = gateway.ask(STATES)["notifications"]["edges"]
    found: str = edge["node"]["status"]
    return found
