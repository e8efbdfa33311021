"""The benchmark tools themselves: tables come out, and no subscriber misses a number. Nothing is measured here."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench import build, contest, report
from tests.bench.contest import requests, started
from tests.bench.live import distinct_table, fan_out_table, measure
from tests.bench.machine import Cores
from tests.bench.readers import readers
from tests.bench.report import Table
from tests.bench.scale import SMOKE
from tests.bench.servers.room import DASHBOARD, rows_for

pytestmark = pytest.mark.timeout(240)  # the first build of the generator
PYTHON = (contest.OURS, contest.UVICORN_LIMIT, contest.TRANSPORT_LIMIT)


@pytest.fixture(scope="module")
def cores() -> Cores:
    build.build_generator()
    return Cores.of_this_machine()


def test_every_server_delivers_every_event_to_every_subscriber(cores: Cores) -> None:
    measured = measure(PYTHON, cores, SMOKE, 20)
    assert [row[0] for row in fan_out_table(measured, 20).rows] == [each.name for each in PYTHON]
    for reports in measured.values():
        assert reports[0]["latency"]["events"] == SMOKE.events
        assert reports[0]["throughput"]["deliveries"] > 0


def test_the_gateway_executes_as_often_as_there_are_distinct_operations(cores: Cores) -> None:
    executions = [row[:2] for row in distinct_table(cores, SMOKE).rows]
    assert executions == [("1", "1"), ("2", "2")]


def test_a_cold_request_meets_a_new_revision_and_a_hot_one_does_not(cores: Cores) -> None:
    with started(contest.OURS, cores) as running:
        hot, cold = (
            requests(
                running,
                cores,
                query=DASHBOARD,
                variables={"rows": rows_for(40)},
                seconds=0.1,
                warmup_seconds=0.05,
                connections=1,
                cold=fresh,
            )
            for fresh in (False, True)
        )
    assert '"sequence":0,' in hot["body"]
    assert '"sequence":1,' in cold["body"]


def test_a_server_that_does_not_start_says_why(cores: Cores) -> None:
    broken = contest.python("broken", "ours", "no such file")
    with (
        pytest.raises(contest.Broken, match=r"(?s)broken: did not start.*no such file"),
        started(broken, cores),
    ):
        pass


def test_a_part_replaces_only_what_is_between_its_markers(tmp_path: Path) -> None:
    page = tmp_path / "benchmarks.md"
    page.write_text("Said by hand.\n<!-- live -->\nold\n<!-- /live -->\nAlso by hand.\n")
    report.write("live", "Today.", [Table("Speed", ("who", "fast"), [("we", "1")], 3)], page)
    assert page.read_text() == (
        "Said by hand.\n<!-- live -->\nToday.\n\n### Speed (median of 3 runs)\n\n| who | fast |\n| :--- | ---: |\n| we | 1 |\n"
        "<!-- /live -->\nAlso by hand.\n"
    )
    with pytest.raises(ValueError, match="markers of 'http'"):
        report.write("http", "Today.", [], page)


def test_readers_that_stop_are_measured_beside_a_room_without_them(cores: Cores) -> None:
    [table] = readers(cores, SMOKE)
    assert [row[0] for row in table.rows] == ["0 of 1,000", "50 of 1,000"]
    assert all(float(row[2]) > 0 for row in table.rows)
