"""Nothing is queued to who opted out; the list of them; and what lifts it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from negotiation.opt_outs import OptOutSource, heard
from negotiation.records import NotificationStatus, Record, Snapshot
from resolvers import batches, notifications, opt_outs
from resolvers.errors import BadUserInput, Unavailable
from resolvers.notifications import Message
from resolvers.ports import NotifierError, Put, Text
from tests.builders import a_notification, an_opt_out
from tests.doubles.notifier import ProviderDouble
from tests.fakes import NOON
from tests.services import OPERATOR, Workbench, a_workbench

NUMBER = "+14155550100"
S = NotificationStatus


def bench(*rows: Record) -> Workbench:
    return a_workbench(*rows, default_recipient=NUMBER)


async def send(on: Workbench) -> Any:
    message = Message(body="Hello", idempotency_key="k")
    return await notifications.send(on.services, OPERATOR, message)


async def test_nothing_is_queued_to_one_who_texted_stop() -> None:
    _, row, [notice] = await send(bench(an_opt_out()))
    assert (row, notice.code, notice.field) == (None, "RECIPIENT_OPTED_OUT", "to")
    assert "texted STOP on 2026-04-01 09:30 UTC" in notice.message
    assert NUMBER not in notice.message


async def test_after_they_texted_start_it_is() -> None:
    _, row, _ = await send(bench(an_opt_out(lifted_at=NOON)))
    assert row is not None


async def test_what_waited_or_failed_is_not_queued_again_to_one_who_texted_stop() -> None:
    failed = a_notification(status=S.FAILED, error_code="30003")
    on = bench(failed, an_opt_out())
    _, _, [notice] = await notifications.retry(on.services, OPERATOR, failed.id)
    assert notice.code == "RECIPIENT_OPTED_OUT"
    _, queued, [left] = await batches.retry_failed(on.services, OPERATOR)
    assert (queued, "opted out" in left.message) == ([], True)


def test_the_list_has_those_who_texted_and_those_whom_the_provider_refused() -> None:
    refused = a_notification(
        to="+442079460123", status=S.FAILED, error_code="21610", updated_at=NOON
    )
    lifted = an_opt_out(id="x", number="+33612345678", lifted_at=NOON)
    view = bench(an_opt_out(), refused, lifted).view()
    found = opt_outs.listing(view, first=None, after=None)
    assert [(each.number, each.source) for each in found.rows] == [
        ("+442079460123", OptOutSource.REFUSED),
        (NUMBER, OptOutSource.TEXTED),
    ]
    assert (found.rows[1].keyword, found.total) == ("STOP", 2)
    second = opt_outs.listing(view, first=1, after=found.cursors[0])
    assert [each.number for each in second.rows] == [NUMBER]


@pytest.mark.parametrize("texts", [(), ("START", "STOP"), ("hello",)])
async def test_without_a_start_of_theirs_nobody_can_lift_it(texts: tuple[str, ...]) -> None:
    on = bench(an_opt_out())
    for number, body in enumerate(texts):
        on.notifier.texts.append((NUMBER, NOON, Text(f"SM{number}", body)))
    _, lifted, [notice] = await opt_outs.lift(on.services, OPERATOR, NUMBER)
    assert (lifted, notice.code) == (False, "NOT_OPTED_IN")
    assert "Twilio refuses" in notice.message


async def test_a_start_that_did_not_reach_us_lifts_it_and_is_audited() -> None:
    on = bench(an_opt_out())
    on.notifier.texts.append((NUMBER, NOON, Text("SM9", "Start")))
    snapshot, lifted, notices = await opt_outs.lift(on.services, OPERATOR, NUMBER)
    assert (lifted, notices) == (True, ())
    [row] = snapshot.opt_outs.values()
    assert (row.lifted_at, row.texts) == (on.clock.now(), ("SM-stop", "SM9"))
    [line] = await on.store.history(first=1)
    assert (line.actor, line.cause) == ("operator", "liftOptOut")
    assert NUMBER not in line.entity_id


async def test_a_start_from_before_the_stop_does_not_count() -> None:
    on = bench(an_opt_out(since=NOON))
    on.notifier.texts.append((NUMBER, NOON - timedelta(hours=1), Text("SM9", "START")))
    _, lifted, _ = await opt_outs.lift(on.services, OPERATOR, NUMBER)
    assert not lifted


@pytest.mark.parametrize("known", [True, False])
async def test_a_stop_that_comes_while_twilio_is_asked_is_not_lifted_with_the_one_before(
    known: bool,
) -> None:
    """The START in Twilio's list is older than it."""
    refused = a_notification(to=NUMBER, status=S.FAILED, error_code="21610")
    on = bench(an_opt_out() if known else refused)

    class TextsAgain(ProviderDouble):
        async def texts_from(self, number: str, *, since: datetime) -> Sequence[Text]:
            def stop(snapshot: Snapshot) -> list[Put]:
                return [Put(r) for r in heard(snapshot, number, "STOP", text_id="SM-2", now=NOON)]

            await on.store.commit(stop, actor="twilio", cause="texted STOP")
            return [Text("SM9", "START")]

    services = replace(on.services, notifier=TextsAgain())
    _, lifted, [notice] = await opt_outs.lift(services, OPERATOR, NUMBER)
    assert (lifted, notice.code) == (False, "NOT_OPTED_IN")
    assert "meanwhile" in notice.message
    [row] = on.store.snapshot().opt_outs.values()
    assert row.lifted_at is None


async def test_one_who_never_opted_out_needs_no_lifting() -> None:
    _, lifted, [notice] = await opt_outs.lift(bench().services, OPERATOR, NUMBER)
    assert (lifted, notice.code) == (False, "NOT_OPTED_OUT")


async def test_where_the_provider_cannot_be_asked_it_stays_and_that_is_said() -> None:
    on = bench(an_opt_out())
    on.notifier.find_errors.append(NotifierError("UNREACHABLE", "No network.", retry=True))
    with pytest.raises(Unavailable, match="No network"):
        await opt_outs.lift(on.services, OPERATOR, NUMBER)
    assert on.store.snapshot().opt_outs == {"SM-stop": replace(an_opt_out())}


@pytest.mark.parametrize("text", ["+1 415 555 0100", "+1-415-555-0100"])
async def test_the_number_may_be_written_as_people_do(text: str) -> None:
    _, _, [notice] = await opt_outs.lift(bench(an_opt_out()).services, OPERATOR, text)
    assert notice.code == "NOT_OPTED_IN"
    with pytest.raises(BadUserInput, match="not a phone number") as refused:
        await opt_outs.lift(bench().services, OPERATOR, "nobody")
    assert [fault.path for fault in refused.value.fields] == ["to"]
