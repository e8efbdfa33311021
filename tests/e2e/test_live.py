"""The whole path: a file goes in on the command line, every open screen shows it."""

import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.gateway import Gateway
from tests.e2e.proxy import wire_to
from tests.e2e.terminal import Terminal

FIGURES = "{ negotiation { envelope { revenue expense } trailing90 { amount tier { name } } } }"
# Keeps every value the element shows, each with its instant (ms).
RECORD = """
name => {
  const seen = (window.seen = []);
  const look = () => {
    const value = document.querySelector(`[data-testid="${name}"]`)?.getAttribute("value");
    if (value && value !== seen.at(-1)?.value) seen.push({ at: Date.now(), value });
  };
  look();
  new MutationObserver(look).observe(document.body, {
    subtree: true, childList: true, attributes: true,
  });
}
"""


def shown_in_browser(page: Page, value: str) -> float:
    """Wait until the recorded element has shown `value`; when it did (Unix time)."""
    shows = "value => window.seen.find(entry => entry.value === value)?.at"
    return float(page.wait_for_function(shows, arg=value, timeout=60_000).json_value()) / 1000


def as_shown(amount: str) -> str:
    return f"{Decimal(amount):,.2f}"


def test_usage_imported_on_the_command_line_shows_on_the_open_dashboard_and_terminal(
    gateway: Gateway,
    page: Page,
    open_terminal: Callable[..., Terminal],
    usage_file: Path,
    report: Callable[[str], None],
) -> None:
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
    before = gateway.ask(FIGURES)["negotiation"]
    page.goto(gateway.url)
    expect(page.get_by_test_id("pill-connection")).to_have_attribute("data-state", "live")
    expect(page.get_by_test_id("envelope-revenue")).to_have_attribute(
        "value", before["envelope"]["revenue"]
    )
    page.evaluate(RECORD, "trailing-90-amount")
    assert shown_in_browser(page, before["trailing90"]["amount"])
    page.evaluate("() => { window.notReloaded = true }")
    terminal = open_terminal(gateway, "--poll-interval", "10m")  # what comes sooner was pushed
    terminal.wait(lambda screen: as_shown(before["trailing90"]["amount"]) in screen)
    terminal.wait(lambda screen: "LIVE" in screen)

    said = []
    with gateway.command("import", "usage", str(usage_file)) as command:
        assert command.stdout is not None
        for line in command.stdout:
            said.append(line)
            if "imported" in line:
                answered = time.time()
    assert command.returncode == 0, "".join(said)

    after = gateway.ask(FIGURES)["negotiation"]
    amount = after["trailing90"]["amount"]
    assert Decimal(amount) > Decimal(before["trailing90"]["amount"])
    assert (before["trailing90"]["tier"]["name"], after["trailing90"]["tier"]["name"]) == ("A", "B")
    in_browser = shown_in_browser(page, amount) - answered
    terminal.wait(lambda screen: as_shown(amount) in screen)
    in_terminal = terminal.first_drawn(lambda screen: as_shown(amount) in screen) - answered
    # The promise is a second each, told below; this bound leaves a busy machine ten of them.
    assert max(in_browser, in_terminal) < 10
    expect(page.get_by_test_id("pill-connection")).to_have_attribute("data-state", "live")
    expect(page.get_by_test_id("envelope-revenue")).to_have_attribute(
        "value", after["envelope"]["revenue"]
    )
    expect(page.get_by_test_id("envelope-expense")).to_have_attribute(
        "value", after["envelope"]["expense"]
    )
    assert page.evaluate("() => window.notReloaded")
    assert faults == []
    report(
        "new figure after the command said it was imported (negative: before): "
        f"dashboard {in_browser * 1000:+.0f} ms, terminal {in_terminal * 1000:+.0f} ms"
    )


def test_the_dashboard_polls_visibly_while_sockets_are_cut_and_goes_live_again(
    gateway: Gateway, page: Page, usage_file: Path, report: Callable[[str], None]
) -> None:
    connection = page.get_by_test_id("pill-connection")
    with wire_to(gateway.port) as wire:
        page.goto(f"http://127.0.0.1:{wire.port}")
        expect(connection).to_have_attribute("data-state", "live")
        page.evaluate(RECORD, "trailing-90-amount")

        wire.cut_sockets()
        expect(connection).to_have_attribute("data-state", "polling")
        expect(connection).to_contain_text("polling")

        gateway.run("import", "usage", str(usage_file))
        imported = time.time()
        amount = gateway.ask(FIGURES)["negotiation"]["trailing90"]["amount"]
        polled = shown_in_browser(page, amount) - imported
        expect(connection).to_have_attribute("data-state", "polling")

        wire.mend_sockets()
        mended = time.time()
        expect(connection).to_have_attribute("data-state", "live", timeout=60_000)
        report(
            f"by polling {polled * 1000:.0f} ms after the command, "
            f"live again {time.time() - mended:.1f} s after the cut was mended"
        )
