"""The built product, once per test; one real Chromium for all of them."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.e2e.gateway import DIST, ROOT, Gateway
from tests.e2e.terminal import Terminal

ARTIFACTS = Path(__file__).parent / "artifacts"
TERMINAL = ROOT / "desktop" / "target" / "debug" / "twilio-negotiation-desktop"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
MEASURED = pytest.StashKey[list[str]]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.timeout(900))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if measured := terminalreporter.config.stash.get(MEASURED, []):
        terminalreporter.section("measured")
        for line in measured:
            terminalreporter.write_line(line)


@pytest.fixture
def report(pytestconfig: pytest.Config) -> Callable[[str], None]:
    """A measurement for the summary: told, not judged."""
    return pytestconfig.stash.setdefault(MEASURED, []).append


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    wanted = os.environ.get("CHROMIUM")
    program = wanted or next((found for name in BROWSERS if (found := shutil.which(name))), None)
    assert program, "no Chromium on this machine: scripts/system-tools installs it"
    with sync_playwright() as playwright:
        expect.set_options(timeout=60_000)  # other work may keep the machine busy
        chromium = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A tab of a browser that knows nothing yet; a picture of it is kept when the test fails."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000}, locale="en-US")
    tab = context.new_page()
    tab.set_default_timeout(60_000)
    failed_before = request.session.testsfailed
    yield tab
    if request.session.testsfailed > failed_before:
        ARTIFACTS.mkdir(exist_ok=True)
        tab.screenshot(path=ARTIFACTS / f"{request.node.name}.png", full_page=True)
    context.close()


@pytest.fixture
def stopped_gateway(tmp_path: Path) -> Iterator[Gateway]:
    """Set up over an empty folder, not yet started."""
    assert (DIST / "index.html").is_file(), "the dashboard is not built: make web/dist/.ready"
    gateway = Gateway(tmp_path, {"NOTIFY_ALLOWED": "+1415*"})
    yield gateway
    gateway.stop()


@pytest.fixture
def gateway(stopped_gateway: Gateway) -> Gateway:
    """Running over the demo workspace."""
    stopped_gateway.start()
    return stopped_gateway


@pytest.fixture
def open_terminal(tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    """Start the terminal companion on a gateway, with options of it, as often as wanted."""
    opened: list[Terminal] = []

    def start(gateway: Gateway, *options: str) -> Terminal:
        env = gateway.env | {"TERM": "xterm-256color", "COLUMNS": "", "LINES": ""}
        opened.append(Terminal([str(TERMINAL), "watch", *options], env=env, cwd=tmp_path))
        return opened[-1]

    yield start
    for terminal in opened:
        terminal.close()


@pytest.fixture
def usage_file(tmp_path: Path) -> Path:
    """A week of usage up to yesterday, in the form of Twilio's export."""
    file = tmp_path / "usage.csv"
    script = ROOT / "scripts" / "sample_usage.py"
    printed = subprocess.run([sys.executable, script], check=True, capture_output=True, text=True)
    file.write_text(printed.stdout)
    return file
