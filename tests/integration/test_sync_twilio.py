"""`sync twilio` and the daily run as their users have them: real processes, a Twilio on a socket, a real store."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.clock import SystemClock
from adapters.store import open_store
from graph.settings import Settings, Workspace
from graph.wiring.running import Running, running_services
from negotiation.imports import ImportRun, ImportState
from negotiation.records import Snapshot, UsageDay
from resolvers import usage_import
from tests.doubles.twilio import SID, TOKEN, TwilioDouble
from tests.doubles.twilio_reading import says, waits_for
from tests.doubles.wait import until
from tests.services import VERSION
from tests.stores import put

YESTERDAY = datetime.now(UTC).date() - timedelta(days=1)
SINCE = YESTERDAY - timedelta(days=21)
LONGCODE = "sms-outbound-longcode"
MESSAGES = {
    "country": "United States",
    "iso_country": "US",
    "price_unit": "USD",
    "outbound_sms_prices": [
        {
            "carrier": "any",
            "prices": [{"base_price": "0.0091", "current_price": "0.0050", "number_type": "local"}],
        }
    ],
    "inbound_sms_prices": [],
}

pytestmark = pytest.mark.timeout(240)


@asynccontextmanager
async def vendor() -> AsyncIterator[TwilioDouble]:
    async with TwilioDouble() as twilio:
        twilio.reading.use_daily(SINCE, YESTERDAY, "sms", "sms-outbound", LONGCODE)
        twilio.reading.prices["messaging", "US"] = MESSAGES
        yield twilio


def known(twilio: TwilioDouble) -> dict[str, str]:
    return {
        "TWILIO_ACCOUNT_SID": SID,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_BASE_URL": twilio.url,
        "TWILIO_SYNC_HOUR": "-1",
    }


async def started(folder: Path, *arguments: str, **settings: str) -> asyncio.subprocess.Process:
    kept = {
        name: os.environ[name]
        for name in ("PATH", "HOME", "LANG", "PYTHONPATH")
        if name in os.environ
    }
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "graph.cli", "sync", "twilio", *arguments),
        cwd=folder,
        env=kept | {"COLUMNS": "200", "WORKSPACE": "empty"} | settings,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def ran(folder: Path, *arguments: str, **settings: str) -> tuple[int | None, str, str]:
    process = await started(folder, *arguments, **settings)
    out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


def usage(snapshot: Snapshot) -> dict[date, UsageDay]:
    return {day: found for day, found in snapshot.usage.items() if found.rows}


@asynccontextmanager
async def stored(folder: Path) -> AsyncIterator[Any]:
    store = open_store(folder / ".data" / "negotiation.sqlite3", SystemClock())
    try:
        yield store
    finally:
        await store.aclose()


async def test_without_a_gateway_the_command_reads_everything_into_the_store(
    tmp_path: Path,
) -> None:
    async with vendor() as twilio:
        twilio.reading.use(YESTERDAY, "moon-calls", "7", "0.35")
        code, out, err = await ran(tmp_path, "--since", str(SINCE), **known(twilio))
        assert code == 0, err
        assert re.search(r"(\d+) of \1 in; 67 records, 23 rows new", out), out
        assert "wait for a decision: 1" in err
        async with stored(tmp_path) as store:
            snapshot = store.snapshot()
            assert len(usage(snapshot)) == 22
            row = snapshot.usage[SINCE].rows[LONGCODE]
            assert (str(row.quantity), str(row.billed), row.source) == ("100", "0.83", "twilio")
            assert snapshot.skus[LONGCODE].family == "sms"
        again = await ran(tmp_path, "--since", str(SINCE), "--json", **known(twilio))
        found = json.loads(again[1])
        assert (again[0], found["run"]["rowsWritten"], found["unmapped"]) == (0, 0, 1)
        assert [each["theirs"] for each in found["listRates"]] == ["0.0091"]


async def test_a_dry_run_writes_no_usage_and_prices_are_taken_over_when_asked(
    tmp_path: Path,
) -> None:
    async with vendor() as twilio:
        since = ("--since", str(SINCE))
        code, out, _ = await ran(tmp_path, *since, "--dry-run", **known(twilio))
        assert (code, "22 rows would be new" in out) == (0, True)
        async with stored(tmp_path) as store:
            assert usage(store.snapshot()) == {}
        assert (await ran(tmp_path, *since, "--no-pricing", **known(twilio)))[0] == 0
        code, out, _ = await ran(tmp_path, *since, "--apply-rates", **known(twilio))
        assert (code, "1 taken over" in out) == (0, True)
        async with stored(tmp_path) as store:
            assert str(store.snapshot().skus[LONGCODE].list_rate) == "0.0091"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ((), 1, "set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN"),
        (("--since", "2999-01-01"), 2, "not over yet"),
        (("--since", "yesterday"), 2, "does not match"),
        (("--apply-rates", "--no-pricing"), 2, "needs list prices"),
    ],
)
async def test_what_cannot_be_done_is_said_with_its_own_exit_code(
    tmp_path: Path, arguments: tuple[str, ...], code: int, words: str
) -> None:
    found, out, err = await ran(tmp_path, *arguments)
    assert (found, words in " ".join((out + err).split())) == (code, True), err


async def test_refused_credentials_end_with_1_and_words_without_the_token(tmp_path: Path) -> None:
    async with vendor() as twilio:
        wrong = known(twilio) | {"TWILIO_AUTH_TOKEN": "planted-wrong-9c2f"}
        code, out, err = await ran(tmp_path, **wrong)
        assert code == 1
        assert "refuses the credentials" in err
        assert "planted-wrong-9c2f" not in out + err


async def test_when_twilio_breaks_off_what_is_in_stays_in_and_the_next_run_goes_on(
    tmp_path: Path,
) -> None:
    async with vendor() as twilio:
        twilio.reading.script.extend([waits_for(nothing)] * 2)
        twilio.reading.script.extend([says(400, 20001)])
        code, out, err = await ran(tmp_path, "--since", str(SINCE), **known(twilio))
        assert code == 1
        assert re.search(r"14 of 2\d in", out), out + err
        assert f"the next run goes on at {SINCE + timedelta(days=14)}" in err


async def nothing() -> None:
    return


async def test_a_command_killed_in_the_middle_leaves_whole_days_and_the_next_goes_on(
    tmp_path: Path,
) -> None:
    async with vendor() as twilio:
        reached = asyncio.Event()

        async def hang() -> None:
            reached.set()
            await asyncio.Event().wait()

        twilio.reading.script.extend([waits_for(nothing), waits_for(nothing), waits_for(hang)])
        process = await started(tmp_path, "--since", str(SINCE), **known(twilio))
        await asyncio.wait_for(reached.wait(), 120)
        process.send_signal(signal.SIGKILL)
        await process.communicate()
        assert process.returncode == -signal.SIGKILL
        async with stored(tmp_path) as store:
            assert len(usage(store.snapshot())) == 14
            [run] = usage_import.newest_first(store.snapshot())
            assert (run.state, run.days_done) == (ImportState.RUNNING, 14)
            # a minute later
            await put(store, replace(run, lease_until=run.started_at))
        code, _, err = await ran(tmp_path, "--json", **known(twilio))
        assert code == 0, err
        async with stored(tmp_path) as store:
            snapshot = store.snapshot()
            assert list(usage(snapshot)) == [SINCE + timedelta(days=n) for n in range(22)]
            assert {
                row.revision for day in snapshot.usage.values() for row in day.rows.values()
            } == {1}
            [run] = usage_import.newest_first(snapshot)
            assert (run.state, run.rows_written) == (ImportState.DONE, 22)
            assert (await store.verify_audit()).ok
        days = [query["StartDate"] for _, query in twilio.reading.requests if query]
        assert days == sorted(days)


# --- in the gateway


@asynccontextmanager
async def gateway(folder: Path, twilio: TwilioDouble, hour: int) -> AsyncIterator[Running]:
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        data_dir=folder,
        workspace=Workspace.EMPTY,
        twilio_account_sid=SID,
        twilio_auth_token=TOKEN,
        twilio_base_url=twilio.url,
        twilio_sync_hour=hour,
    )
    async with running_services(settings, VERSION) as running:
        yield running


def runs(running: Running) -> list[ImportRun]:
    return usage_import.newest_first(running.store.snapshot())


async def test_a_gateway_reads_by_itself_once_a_day_also_after_a_restart(tmp_path: Path) -> None:
    async with vendor() as twilio:
        async with gateway(tmp_path, twilio, hour=0) as running:
            await until(lambda: bool(runs(running)) and not runs(running)[0].active, within=90)
            [run] = runs(running)
            assert (run.state, run.requested_by) == (ImportState.DONE, "schedule")
            assert len(usage(running.store.snapshot())) == 22
            [health] = [
                each.health()
                for each in running.services.components
                if each.health().name == "usage"
            ]
            assert f"Usage is in up to {run.last_day}" in health.message
        asked = len(twilio.reading.requests)
        async with gateway(tmp_path, twilio, hour=0) as running:
            await running.importer.step()
            assert len(runs(running)) == 1
        assert len(twilio.reading.requests) == asked


async def test_a_gateway_that_stops_in_the_middle_goes_on_at_its_next_start(
    tmp_path: Path,
) -> None:
    async with vendor() as twilio:
        reached = asyncio.Event()

        async def hang() -> None:
            reached.set()
            await asyncio.Event().wait()

        twilio.reading.script.extend([waits_for(nothing), waits_for(hang)])
        async with gateway(tmp_path, twilio, hour=0) as running:
            await asyncio.wait_for(reached.wait(), 60)
            [before] = runs(running)
            assert before.days_done == 7
        async with gateway(tmp_path, twilio, hour=0) as running:
            await until(lambda: not runs(running)[0].active, within=90)
            [after] = runs(running)
            assert (after.id, after.state) == (before.id, ImportState.DONE)
            assert len(usage(running.store.snapshot())) == 22
