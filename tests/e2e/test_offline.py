"""The gateway goes away and comes back: screens keep the last truth, say how old it is, recover by themselves."""

import signal
from collections.abc import Callable
from decimal import Decimal

from playwright.sync_api import Page, expect

from tests.e2e.gateway import Gateway
from tests.e2e.terminal import Terminal

REVENUE = "{ negotiation { envelope { revenue } } }"
SAVED = """figure => new Promise((told) => {
  const opening = indexedDB.open("negotiation");
  opening.onsuccess = () => {
    const all = opening.result.transaction("cache").objectStore("cache").getAll();
    all.onsuccess = () => {
      opening.result.close();
      told(all.result.some(({ data }) =>
        ["viewer", "negotiation", "health"].every(root => root in (data.ROOT_QUERY ?? {}))
          && JSON.stringify(data).includes(figure)));
    };
  };
})"""
"""Whether all that the screen asked for is on disk, with that figure; what a push alone brought is not enough."""
TRAILING = "{ negotiation { trailing90 { amount } } }"


def test_the_dashboard_shows_its_cache_while_the_gateway_is_down_even_after_a_reload(
    gateway: Gateway, page: Page
) -> None:
    revenue = gateway.ask(REVENUE)["negotiation"]["envelope"]["revenue"]
    connection, data = page.get_by_test_id("pill-connection"), page.get_by_test_id("pill-data")
    figure = page.get_by_test_id("envelope-revenue")
    page.goto(gateway.url)
    expect(connection).to_have_attribute("data-state", "live")
    expect(figure).to_have_attribute("value", revenue)
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    page.reload()  # from now on the worker serves the page
    expect(connection).to_have_attribute("data-state", "live")
    expect(figure).to_have_attribute("value", revenue)

    page.wait_for_function(SAVED, arg=revenue)

    gateway.stop(signal.SIGKILL)
    expect(connection).to_have_attribute("data-state", "offline", timeout=90_000)
    expect(data).to_have_attribute("data-state", "cached")
    expect(figure).to_have_attribute("value", revenue)
    page.reload()
    expect(figure).to_have_attribute("value", revenue)
    expect(data).to_have_attribute("data-state", "cached")
    expect(data).to_contain_text("cached")

    gateway.start()
    expect(connection).to_have_attribute("data-state", "live", timeout=90_000)
    expect(data).to_have_attribute("data-state", "fixture")


def test_the_terminal_replays_its_cache_while_the_gateway_is_down_and_recovers(
    gateway: Gateway, open_terminal: Callable[[Gateway], Terminal]
) -> None:
    spend = Decimal(gateway.ask(TRAILING)["negotiation"]["trailing90"]["amount"])
    figure = f"{spend:,.2f}"
    first = open_terminal(gateway)
    first.wait(lambda screen: figure in screen and "LIVE" in screen, seconds=90)
    assert first.close() == 0
    assert (gateway.home / ".twilio-negotiation" / "cache.json").is_file()

    gateway.stop()
    again = open_terminal(gateway)
    again.wait(lambda screen: figure in screen, seconds=90)
    again.wait(lambda screen: "OFFLINE" in screen, seconds=90)
    assert figure in again.text

    gateway.start()
    again.wait(lambda screen: figure in screen and "LIVE" in screen, seconds=120)
    assert again.close() == 0
