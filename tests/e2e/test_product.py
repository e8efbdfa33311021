"""Start, stop, forms and the explorer, as a user meets them in the browser."""

import json
import resource
import signal
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, Request, Route, expect

from tests.e2e.gateway import Gateway

QUEUE = "{ notifications { edges { node { id body status attempts } } } }"


def queued(gateway: Gateway) -> list[tuple[str, str, int]]:
    edges = gateway.ask(QUEUE)["notifications"]["edges"]
    return [(e["node"]["body"], e["node"]["status"], e["node"]["attempts"]) for e in edges]


def test_it_starts_on_an_empty_folder_stops_on_ctrl_c_and_starts_again_at_once(
    stopped_gateway: Gateway, report: Callable[[str], None]
) -> None:
    first = stopped_gateway.start()
    before = stopped_gateway.ask("{ health { revision } negotiation { id } }")
    assert stopped_gateway.stop(signal.SIGINT) == 0
    assert "Traceback" not in stopped_gateway.log.read_text()
    used_before = resource.getrusage(resource.RUSAGE_CHILDREN)
    second = stopped_gateway.start()
    assert stopped_gateway.ask("{ health { revision } negotiation { id } }") == before
    stopped_gateway.stop()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    worked = used.ru_utime + used.ru_stime - used_before.ru_utime - used_before.ru_stime
    # How long is told, not judged; what made the first start long must not happen again.
    assert stopped_gateway.log.read_text().count("seeding") == 1
    report(
        f"first start {first:.1f} s (seeds the demo workspace), second start {second:.1f} s "
        f"({worked:.1f} s of the processor, its stop included)"
    )


def test_a_message_sent_in_the_form_is_queued_and_survives_kill_9(
    gateway: Gateway, page: Page
) -> None:
    page.goto(f"{gateway.url}/notifications")
    form = page.get_by_test_id("notification-form")
    form.get_by_label("To").fill("+4420")
    form.get_by_label("Message").fill("We are above the target.")
    form.get_by_role("button", name="Send", exact=True).click()
    expect(form.get_by_label("To")).to_have_attribute("aria-invalid", "true")
    assert queued(gateway) == []

    form.get_by_label("To").fill("+14155550123")
    form.get_by_role("button", name="Send", exact=True).click()
    message = page.get_by_test_id("notification")
    expect(message).to_have_attribute("data-state", "QUEUED")
    expect(message).to_contain_text("We are above the target.")
    expect(page.get_by_test_id("banner-degraded")).to_contain_text("Twilio")

    gateway.stop(signal.SIGKILL)
    gateway.start()
    assert queued(gateway) == [("We are above the target.", "QUEUED", 0)]


def test_a_wrong_row_of_a_chosen_file_is_named_and_nothing_is_imported(
    gateway: Gateway, page: Page, tmp_path: Path
) -> None:
    file = tmp_path / "invoices.csv"
    file.write_text(
        "number,period_start,period_end,amount,currency,status\n"
        "E2E-1,2026-01-01,2026-01-31,100.00,USD,open\n"
        'E2E-2,2026-02-01,2026-02-28,"12,34,5",USD,open\n'
    )
    before = gateway.ask("{ health { revision } }")
    page.goto(f"{gateway.url}/import")
    page.get_by_test_id("import-drop").locator("input[type=file]").set_input_files(file)
    errors = page.get_by_test_id("import-errors")
    expect(errors).to_contain_text("12,34,5")
    expect(errors).to_contain_text("amount")
    expect(page.get_by_test_id("import-commit")).to_be_disabled()
    assert gateway.ask("{ health { revision } }") == before


def test_the_explorer_runs_a_query_with_nothing_from_another_host(
    gateway: Gateway, page: Page
) -> None:
    elsewhere: list[str] = []

    def only_ours(route: Route, request: Request) -> None:
        if request.url.startswith((gateway.url, "data:", "blob:")):
            route.continue_()
        else:
            elsewhere.append(request.url)
            route.abort()

    page.route("**/*", only_ours)
    page.add_init_script(
        f"localStorage.setItem('graphiql:query', {json.dumps('{ viewer { name } }')})"
    )
    page.goto(f"{gateway.url}/graphiql")
    expect(page.locator(".graphiql-query-editor")).to_contain_text("viewer", timeout=90_000)
    page.get_by_role("button", name="Execute query").click()
    expect(page.locator(".graphiql-response")).to_contain_text("Local operator", timeout=90_000)
    assert elsewhere == []
