"""The command line as its user has it: real processes, a fresh data folder, real signals."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.sync.client import connect

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / ".venv" / "bin" / "twilio-negotiation"
YESTERDAY = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
START_SECONDS = 120


def environment(**changes: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {"COLUMNS": "120", "WORKSPACE": "empty"} | changes


def run(*arguments: str, cwd: Path, **changes: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(PROGRAM), *arguments],
        cwd=cwd,
        env=environment(**changes),
        capture_output=True,
        text=True,
        timeout=240,
    )


@contextmanager
def gateway(cwd: Path, **changes: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A gateway in `cwd` on a free port, and its address."""
    with subprocess.Popen(
        [str(PROGRAM), "serve", "--port", "0"],
        cwd=cwd,
        env=environment(**changes),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            yield process, address_of(process)
        finally:
            process.kill()


def address_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.search(r"Dashboard\s+(http://\S+)", line):
            break
    else:
        raise AssertionError("the gateway did not say where it is")
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            httpx.get(f"{found[1]}/healthz").raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.05)
        else:
            return found[1]
    raise AssertionError("the gateway did not answer")


def ask(url: str, query: str, **variables: Any) -> Any:
    answer = httpx.post(
        f"{url}/graphql", json={"query": query, "variables": variables}, timeout=120
    )
    assert "errors" not in answer.json(), answer.text
    return answer.json()["data"]


def usage_file(folder: Path, *rows: str) -> Path:
    file = folder / "usage.csv"
    head = "category,start_date,end_date,usage,usage_unit,price,price_unit"
    file.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return file


def export_row(quantity: int, price: str) -> str:
    return f"sms-outbound,{YESTERDAY},{YESTERDAY},{quantity},segments,{price},usd"


def test_it_starts_says_where_everything_is_and_stops_cleanly_on_ctrl_c(tmp_path: Path) -> None:
    with gateway(tmp_path) as (process, url):
        assert ask(url, "{ health { status } viewer { roles } }")["health"]["status"] == "DEGRADED"
        note = json.loads((tmp_path / ".data" / "gateway.json").read_text())
        assert note == {"url": url, "pid": process.pid}
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 0
    assert not (tmp_path / ".data" / "gateway.json").exists()


def test_an_import_reaches_the_running_gateway_without_being_told_where_it_is(
    tmp_path: Path,
) -> None:
    file = usage_file(tmp_path, export_row(1000, "7.90"))
    with gateway(tmp_path) as (_, url):
        before = ask(url, "{ health { revision } }")["health"]["revision"]
        done = run("import", "usage", str(file), cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert f"imported into the gateway at {url}/graphql" in done.stdout
        revision = ask(url, "{ health { revision } }")["health"]["revision"]
        assert revision == before + 1
        again = run("import", "usage", str(file), cwd=tmp_path)
        assert "1 row already there" in again.stdout


def test_without_a_gateway_an_import_reaches_the_store(tmp_path: Path) -> None:
    file = usage_file(tmp_path, export_row(1000, "7.90"))
    done = run("import", "usage", str(file), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "usage: 1 row imported into the store" in done.stdout
    with gateway(tmp_path) as (_, url):
        spend = ask(url, "{ negotiation { trailing90 { amount missingDays } } }")
        assert len(spend["negotiation"]["trailing90"]["missingDays"]) == 89


@pytest.mark.parametrize("zone", ["EAST-14", "WEST+12"])
def test_windows_are_days_of_utc_wherever_the_gateway_stands(tmp_path: Path, zone: str) -> None:
    """At any moment it is another day than in UTC in at least one of the two."""
    file = usage_file(tmp_path, export_row(1000, "7.90"))
    assert run("import", "usage", str(file), cwd=tmp_path, TZ=zone).returncode == 0
    before = datetime.now(UTC).date()
    with gateway(tmp_path, TZ=zone) as (_, url):
        window = ask(url, "{ negotiation { trailing90 { from to } } }")["negotiation"]["trailing90"]
    last = date.fromisoformat(window["to"])
    assert before <= last + timedelta(days=1) <= datetime.now(UTC).date()
    assert last - date.fromisoformat(window["from"]) == timedelta(days=89)


def test_a_dry_run_changes_nothing(tmp_path: Path) -> None:
    file = usage_file(tmp_path, export_row(1000, "7.90"))
    done = run("import", "usage", str(file), "--dry-run", cwd=tmp_path)
    assert "usage: 1 row would be imported" in done.stdout
    assert "usage: 1 row imported" in run("import", "usage", str(file), cwd=tmp_path).stdout


def test_a_file_with_a_wrong_row_is_refused_whole_and_every_wrong_row_is_listed(
    tmp_path: Path,
) -> None:
    file = tmp_path / "invoices.csv"
    file.write_text(
        "number,period_start,period_end,amount,currency,status\n"
        "A-1,2026-01-01,2026-01-31,100.00,USD,OPEN\n"
        "A-2,2026-02-01,2026-02-30,100.00,XXQ,LOST\n"
        'A-3,2026-02-01,2026-02-28,"12,34,5",USD,OPEN\n',
        encoding="utf-8",
    )
    done = run("import", "invoices", str(file), cwd=tmp_path)
    assert done.returncode == 1
    for word in ("amount", "period_end", "currency", "status", "Nothing was imported"):
        assert word in done.stderr
    assert " imported into " not in done.stdout


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252"])
def test_a_file_of_a_spreadsheet_is_read_in_its_own_encoding(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "invoices.csv"
    text = "number,period,amount,currency\nRechnung-Müller-€,2026-01,100.00,USD\n"
    file.write_bytes(text.encode(encoding))
    done = run("import", "invoices", str(file), cwd=tmp_path)
    assert "invoices: 1 row imported" in done.stdout, done.stderr


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"\xff\xfe\x00", "column"),
        (b"PK\x03\x04\x00\xe9", "NUL"),
        (b"", "empty"),
        (b"a,b\n1,2\n", "column"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_words(
    tmp_path: Path, content: bytes, word: str
) -> None:
    file = tmp_path / "usage.csv"
    file.write_bytes(content)
    done = run("import", "usage", str(file), cwd=tmp_path)
    assert done.returncode in {1, 2}
    assert word.lower() in done.stderr.lower()
    assert "Traceback" not in done.stderr


def test_a_gateway_that_is_not_there_is_said_plainly(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    file = usage_file(tmp_path, export_row(1, "0.01"))
    done = run("import", "usage", str(file), "--endpoint", f"http://127.0.0.1:{port}", cwd=tmp_path)
    assert (done.returncode, "cannot be reached" in done.stderr) == (1, True)


@pytest.mark.parametrize("address", ["http://[::1", "gateway", "ftp://127.0.0.1"])
def test_what_is_no_address_is_said_plainly(tmp_path: Path, address: str) -> None:
    file = usage_file(tmp_path, export_row(1, "0.01"))
    done = run("import", "usage", str(file), "--endpoint", address, cwd=tmp_path)
    assert (done.returncode, "is no address" in done.stderr) == (2, True)
    done = run("export", "invoices", "--endpoint", address, cwd=tmp_path)
    assert (done.returncode, "is no address" in done.stderr) == (2, True)


def test_an_export_that_cannot_be_written_is_said_plainly(tmp_path: Path) -> None:
    run("import", "usage", str(usage_file(tmp_path, export_row(1, "0.01"))), cwd=tmp_path)
    done = run("export", "usage", "--output", "nowhere/usage.csv", cwd=tmp_path)
    assert (done.returncode, "cannot be written" in done.stderr) == (2, True)
    done = run("export", "usage", "--output", "all.csv", cwd=tmp_path)
    assert (done.returncode, (tmp_path / "all.csv").stat().st_size > 0) == (0, True)


def test_it_refuses_to_listen_on_the_network_without_authentication(tmp_path: Path) -> None:
    done = run("serve", "--host", "0.0.0.0", cwd=tmp_path)
    assert (done.returncode, "AUTH_JWKS_URL" in done.stderr) == (1, True)
    assert not (tmp_path / ".data").exists()


def test_a_taken_port_is_said_with_what_to_do(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = run("serve", "--port", port, cwd=tmp_path)
    assert (done.returncode, port in done.stderr, "--port" in done.stderr) == (1, True, True)


@pytest.mark.parametrize(
    "command", [("serve", "--port", "0"), ("import", "usage", "usage.csv"), ("sync",)]
)
def test_a_data_folder_that_cannot_be_is_said_with_what_to_do(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    usage_file(tmp_path, export_row(1, "0.01"))
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    done = run(*command, "--data-dir", str(tmp_path / "taken"), cwd=tmp_path)
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert "taken" in done.stderr
    assert "choose another" in done.stderr.lower()


def test_a_wrong_setting_is_named_and_its_value_is_not_shown(tmp_path: Path) -> None:
    done = run("serve", cwd=tmp_path, AUTH_JWT_SECRET="hunter2")
    assert (done.returncode, "AUTH_JWT_SECRET" in done.stderr) == (2, True)
    assert "hunter2" not in done.stderr


def test_the_audit_trail_is_whole_until_somebody_writes_into_it(tmp_path: Path) -> None:
    run("import", "usage", str(usage_file(tmp_path, export_row(5, "0.04"))), cwd=tmp_path)
    whole = run("audit", "verify", cwd=tmp_path)
    assert (whole.returncode, "whole" in whole.stdout) == (0, True)
    listed = run("audit", "list", cwd=tmp_path)
    assert "usage" in listed.stdout


def test_a_backup_restores_elsewhere_and_never_over_a_store(tmp_path: Path) -> None:
    run("import", "usage", str(usage_file(tmp_path, export_row(5, "0.04"))), cwd=tmp_path)
    copy = tmp_path / "copy.sqlite3"
    assert run("backup", str(copy), cwd=tmp_path).returncode == 0
    assert run("restore", str(copy), cwd=tmp_path).returncode == 2
    restored = run("restore", str(copy), "--data-dir", "elsewhere", cwd=tmp_path)
    assert (restored.returncode, "whole" in restored.stdout) == (0, True), restored.stderr
    assert "usage" in run("audit", "list", "--data-dir", "elsewhere", cwd=tmp_path).stdout


def test_commands_that_need_a_store_do_not_make_one(tmp_path: Path) -> None:
    done = run("audit", "verify", cwd=tmp_path)
    assert (done.returncode, "no store" in done.stderr) == (2, True)
    assert not (tmp_path / ".data").exists()


def test_the_demo_of_a_day_is_the_same_on_every_machine(tmp_path: Path) -> None:
    said = [run("demo", "--anchor", "2026-04-01", cwd=tmp_path).stdout for _ in range(2)]
    assert said[0] == said[1]
    assert "7424fe304d601426" in said[0]
    assert re.search(r"skus\s+147", said[0])


def test_what_was_answered_survives_kill_9(tmp_path: Path) -> None:
    mutation = (
        """mutation ($input: ImportInput!) { importUsage(input: $input) { revision accepted } }"""
    )
    csv = usage_file(tmp_path, export_row(7, "0.05")).read_text()
    with gateway(tmp_path) as (process, url):
        done = ask(url, mutation, input={"csv": csv})["importUsage"]
        process.kill()
        process.wait()
    with gateway(tmp_path) as (_, url):
        assert ask(url, "{ health { revision } }")["health"]["revision"] == done["revision"]


def test_workers_share_the_port_and_a_commit_in_one_reaches_subscribers_of_all(
    tmp_path: Path,
) -> None:
    query = "subscription { negotiationUpdated { version } }"
    targets = 'mutation { setTargets(input: {targetMargin: "0.71"}) { negotiation { version } } }'
    with gateway(tmp_path, WORKERS="2") as (process, url):
        sockets = [
            connect(url.replace("http", "ws") + "/graphql", subprotocols=["graphql-transport-ws"])  # type: ignore[list-item]
            for _ in range(12)
        ]
        for socket_ in sockets:
            socket_.send('{"type": "connection_init"}')
            assert json.loads(socket_.recv(10))["type"] == "connection_ack"
            socket_.send(json.dumps({"type": "subscribe", "id": "1", "payload": {"query": query}}))
            first = json.loads(socket_.recv(10))
        version = first["payload"]["data"]["negotiationUpdated"]["version"]
        changed = ask(url, targets)["setTargets"]["negotiation"]["version"]
        assert changed == version + 1
        for socket_ in sockets:
            event = json.loads(socket_.recv(10))
            assert event["payload"]["data"]["negotiationUpdated"]["version"] == changed
        process.send_signal(signal.SIGTERM)
        for socket_ in sockets:
            socket_.close()
        assert process.wait(timeout=15) == 0


def test_a_worker_that_dies_is_replaced(tmp_path: Path) -> None:
    with gateway(tmp_path, WORKERS="2") as (process, url):
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        assert len(children) == 2
        os.kill(int(children[0]), signal.SIGKILL)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            now = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
            if len(now) == 2 and children[0] not in now:
                break
            time.sleep(0.1)
        else:
            raise AssertionError("no new worker came")
        assert ask(url, "{ health { status } }")["health"]["status"] == "DEGRADED"
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=15) == 0


def test_the_queue_is_stopped_from_the_command_line_and_stays_so_through_a_restart(
    tmp_path: Path,
) -> None:
    with gateway(tmp_path) as (_, url):
        done = run("queue", "pause", "Twilio's incident", cwd=tmp_path)
        assert (done.returncode, "incident" in done.stdout) == (0, True), done.stderr
        held = ask(url, "{ notificationQueue { pause { reason } } }")["notificationQueue"]
        assert held == {"pause": {"reason": "Twilio's incident"}}
        again = run("queue", "pause", "Another", cwd=tmp_path)
        assert (again.returncode, "incident" in again.stderr) == (1, True)
    status = run("queue", "status", cwd=tmp_path)
    assert "incident" in status.stdout
    resumed = run("queue", "resume", cwd=tmp_path)
    assert (resumed.returncode, "no limit" in resumed.stdout) == (0, True)
    assert run("queue", "resume", cwd=tmp_path).returncode == 1
