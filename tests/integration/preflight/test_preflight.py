"""Every scenario of the catalogue: its fault is injected, and the preflight sees it; without it, it is quiet."""

from __future__ import annotations

import json
import os
import resource
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

import httpx
import pytest
from aiohttp import web

from adapters.clock import SystemClock
from adapters.store import StoreReport, open_store
from graph import sdl
from graph.preflight.catalogue import CATALOGUE
from graph.preflight.findings import Check, Finding, Severity, World, run_all
from graph.preflight.outside import enough_files
from graph.preflight.stored import judged
from graph.preflight.surfaces import drift as surfaces_drift
from graph.schema import build_schema
from graph.settings import Profile, Settings
from negotiation.imports import UsageMappingRule
from negotiation.records import NotificationStatus
from negotiation.terms import LadderTerm, LadderTier
from tests.builders import (
    a_mapping,
    a_negotiation,
    a_notification,
    a_pause,
    a_row,
    a_rule,
    a_sku,
    an_invoice,
    an_offer,
)
from tests.doubles.http import HttpDouble
from tests.doubles.supabase import KEY, SupabaseDouble, answers
from tests.stores import put

ROOT = Path(__file__).parents[3]
NOW = datetime.now(UTC)


def settings(data: Path, **changes: Any) -> Settings:
    return Settings(_env_file=None, data_dir=data, port=0, **changes)  # type: ignore[call-arg]


@dataclass
class Bench:
    world: World

    def with_settings(self, **changes: Any) -> Bench:
        chosen = settings(self.world.settings.data_dir, web_dist=Path("web/dist"), **changes)
        return self.but(settings=chosen)

    def but(self, **changes: Any) -> Bench:
        return Bench(replace(self.world, **changes))

    async def finding(self, id_: str) -> Finding:
        check = next(check for check in CATALOGUE if check.id == id_)
        (result,) = await run_all([check], self.world)
        return result.finding

    async def store(self, *records: Any) -> None:
        opened = open_store(self.world.settings.database_path, SystemClock())
        await put(opened, *records)
        await opened.aclose()


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    """A copy of what the surfaces committed, an empty home, no store."""
    root = tmp_path / "root"
    for part in ("schema", "docs", "web/src/gql", "desktop/graphql"):
        shutil.copytree(ROOT / part, root / part)
    shutil.copy(ROOT / "pyproject.toml", root)
    (root / "web/dist/assets").mkdir(parents=True)
    (root / "web/dist/index.html").write_text("<title>Dashboard</title>")
    (root / "web/dist/assets/app.js").write_text(f'const version = "{version()}"')
    data, home = tmp_path / "data", tmp_path / "home"
    data.mkdir()
    home.mkdir()
    async with httpx.AsyncClient(timeout=2) as http:
        yield Bench(World(settings=settings(data), root=root, home=home, now=NOW, http=http))


def version() -> str:
    return sdl.version_of(sdl.render(build_schema())).version


# --- the run itself


def test_the_catalogue_has_the_seeds_ten_scenarios_and_each_id_once() -> None:
    ids = [check.id for check in CATALOGUE]
    assert ids == sorted(set(ids))
    assert {f"P{number:02}" for number in range(1, 11)} <= set(ids)


async def test_a_check_that_breaks_is_itself_a_blocking_finding(bench: Bench) -> None:
    async def breaks(_: World) -> Finding:
        raise RuntimeError("oh")

    (result,) = await run_all([Check("X", "broken", breaks)], bench.world)
    assert result.finding.severity is Severity.BLOCK
    assert "RuntimeError" in result.finding.found


def test_the_command_exits_with_1_when_something_blocks_and_its_json_says_what(
    tmp_path: Path,
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "graph.cli", "preflight", "--json", "--root", str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "DATA_DIR": str(tmp_path / "data"), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=240,
    )
    said = json.loads(done.stdout)
    by_id = {check["id"]: check for check in said["checks"]}
    assert (done.returncode, said["ok"]) == (1, False)
    assert by_id["P10"]["severity"] == "BLOCK"
    assert all(check["found"] for check in said["checks"])
    assert all(
        check["todo"] and check["why"] for check in said["checks"] if check["severity"] != "OK"
    )


# --- P01, P04, P16: settings


async def test_p01_missing_supabase_credentials_warn(bench: Bench) -> None:
    finding = await bench.finding("P01")
    assert (finding.severity, "SUPABASE_URL" in finding.found) == (Severity.WARN, True)
    half = await bench.with_settings(supabase_url="https://x.supabase.co").finding("P01")
    assert (half.severity, half.found) == (Severity.WARN, "Not set: SUPABASE_KEY.")
    whole = bench.with_settings(supabase_url="https://x.supabase.co", supabase_key="k")
    assert (await whole.finding("P01")).severity is Severity.OK


async def test_p04_twilio_absent_or_half_set_warns_and_names_what_is_missing(bench: Bench) -> None:
    assert (await bench.finding("P04")).severity is Severity.WARN
    half = await bench.with_settings(twilio_account_sid="AC1", twilio_from="+14155550100").finding(
        "P04"
    )
    assert (half.severity, "TWILIO_AUTH_TOKEN" in half.found) == (Severity.WARN, True)
    whole = bench.with_settings(
        twilio_account_sid="AC1", twilio_auth_token="t", twilio_from="+14155550100"
    )
    assert (await whole.finding("P04")).severity is Severity.OK


async def test_p16_an_open_door_or_a_weak_secret_blocks(bench: Bench) -> None:
    assert (await bench.finding("P16")).severity is Severity.OK
    for changes in (
        {"bind_host": "0.0.0.0"},
        {"auth_jwt_secret": "super-secret-jwt-token-with-at-least-32-characters"},
        {"profile": Profile.PRODUCTION},
    ):
        assert (await bench.with_settings(**changes).finding("P16")).severity is Severity.BLOCK


# --- P02, P03: Supabase, through the real client


async def test_p02_a_missing_table_blocks(bench: Bench) -> None:
    async with SupabaseDouble() as double:
        del double.tables["invoices"]
        at = bench.with_settings(supabase_url=double.url, supabase_key=KEY)
        finding = await at.finding("P02")
        assert (finding.severity, "invoices" in finding.found) == (Severity.BLOCK, True)
        assert (await at.finding("P03")).severity is Severity.OK


async def test_p02_a_project_without_our_functions_blocks(bench: Bench) -> None:
    async with SupabaseDouble() as double:
        fault = {"code": "PGRST202", "message": "Could not find the function public.feed_after"}
        double.default = answers(404, fault)
        at = bench.with_settings(supabase_url=double.url, supabase_key=KEY)
        finding = await at.finding("P02")
        assert (finding.severity, "feed_after" in finding.found) == (Severity.BLOCK, True)


async def test_p03_a_supabase_that_cannot_be_reached_warns(bench: Bench) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    at = bench.with_settings(supabase_url=f"http://127.0.0.1:{port}", supabase_key="k")
    finding = await at.finding("P03")
    assert (finding.severity, "reached" in finding.found) == (Severity.WARN, True)
    assert (await at.finding("P02")).severity is Severity.OK


async def test_p02_and_p03_are_quiet_over_an_empty_project(bench: Bench) -> None:
    async with SupabaseDouble() as double:
        at = bench.with_settings(supabase_url=double.url, supabase_key=KEY)
        for id_ in ("P02", "P03"):
            finding = await at.finding(id_)
            assert finding.severity is Severity.OK, finding


# --- P05: Twilio, through its own client


class TwilioAccounts(HttpDouble):
    def __init__(self, *, status: int = 200, account: str = "active", ours: bool = True) -> None:
        super().__init__()
        self._status, self._account, self._ours = status, account, ours
        self.app.router.add_get("/2010-04-01/Accounts/{sid}.json", self._fetch)
        self.app.router.add_get(
            "/2010-04-01/Accounts/{sid}/IncomingPhoneNumbers.json", self._numbers
        )

    async def _fetch(self, request: web.Request) -> web.Response:
        if self._status != 200:
            fault = {"code": 20003, "message": "Authenticate", "status": self._status}
            return web.json_response(fault, status=self._status)
        return web.json_response({"sid": request.match_info["sid"], "status": self._account})

    async def _numbers(self, _: web.Request) -> web.Response:
        number = {"sid": "PN1", "phone_number": "+14155550100"}
        return web.json_response({"incoming_phone_numbers": [number] if self._ours else []})


@pytest.mark.parametrize(
    ("double", "severity", "word"),
    [
        (TwilioAccounts(), Severity.OK, "ours"),
        (TwilioAccounts(status=401), Severity.BLOCK, "TWILIO_AUTH_TOKEN"),
        (TwilioAccounts(account="suspended"), Severity.BLOCK, "suspended"),
        (TwilioAccounts(ours=False), Severity.BLOCK, "TWILIO_FROM"),
    ],
    ids=["let in", "bad token", "suspended", "sender not ours"],
)
async def test_p05_a_twilio_that_would_refuse_blocks(
    bench: Bench, double: TwilioAccounts, severity: Severity, word: str
) -> None:
    async with double:
        finding = await bench.with_settings(
            twilio_account_sid="AC" + "0" * 32,
            twilio_auth_token="t",
            twilio_from="+14155550100",
            twilio_base_url=double.url,
        ).finding("P05")
    assert finding.severity is severity, finding
    assert word in finding.found


# --- P06, P12, P13, P17: what is stored


@pytest.mark.parametrize("begun", [False, True])
async def test_without_a_store_there_is_nothing_to_say_and_none_is_made(
    bench: Bench, *, begun: bool
) -> None:
    """Nor where a gateway is just making one, or was killed before it had."""
    file = bench.world.settings.database_path
    if begun:
        file.touch()
    for id_ in ("P06", "P12", "P13", "P17"):
        finding = await bench.finding(id_)
        assert finding.severity is Severity.OK, finding.found
        assert "revision None" not in finding.found
    assert file.exists() is begun
    assert not begun or file.read_bytes() == b""


async def test_p06_a_stored_offer_that_cannot_be_computed_blocks(bench: Bench) -> None:
    await bench.store(a_negotiation(), an_offer())
    assert (await bench.finding("P06")).severity is Severity.OK
    upside_down = LadderTerm(
        id="t1",
        tiers=(
            LadderTier("B", Decimal(100), Decimal("0.2")),
            LadderTier("A", Decimal(50), Decimal("0.1")),
        ),
    )
    await bench.store(an_offer(id="bad", terms=(upside_down,)))
    finding = await bench.finding("P06")
    assert (finding.severity, "terms.0" in finding.found) == (Severity.BLOCK, True)


async def test_p06_a_stored_rule_that_cannot_be_judged_warns_while_it_is_switched_on(
    bench: Bench,
) -> None:
    await bench.store(a_negotiation(), a_rule(), a_rule(id="r2", template="{{x}}", enabled=False))
    assert (await bench.finding("P06")).severity is Severity.OK
    await bench.store(a_rule(id="r3", name="Spend", template="{{nothing}}"))
    finding = await bench.finding("P06")
    assert finding.severity is Severity.WARN
    assert "'Spend', template: There is no 'nothing'" in finding.found
    assert "switch it off" in finding.todo


async def test_p12_a_damaged_or_newer_store_blocks_and_is_left_alone(bench: Bench) -> None:
    await bench.store(a_negotiation())
    path = bench.world.settings.database_path
    assert (await bench.finding("P12")).severity is Severity.OK
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 999")
    connection.close()
    assert (await bench.finding("P12")).severity is Severity.BLOCK
    path.write_bytes(b"this is no database" * 100)
    before = path.read_bytes()
    assert (await bench.finding("P12")).severity is Severity.BLOCK
    assert path.read_bytes() == before
    for unknown in ("P13", "P17"):
        finding = await bench.finding(unknown)
        assert (finding.severity, finding.todo) == (Severity.WARN, "See P12.")


async def test_p12_a_data_folder_that_cannot_be_blocks(bench: Bench, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("a file", encoding="utf-8")
    at = bench.but(settings=bench.world.settings.model_copy(update={"data_dir": taken}))
    finding = await at.finding("P12")
    assert (finding.severity, "DATA_DIR" in finding.todo) == (Severity.BLOCK, True)


@pytest.mark.parametrize(
    ("state", "word"),
    [
        ({"writable": False, "problems": ("It cannot be written by this user.",)}, "DATA_DIR"),
        ({"free_bytes": 200 * 2**20}, "Free space"),
        ({"problems": ("row 7 missing from index",)}, "restore"),
    ],
    ids=["read-only", "nearly full", "damaged"],
)
def test_p12_what_keeps_a_store_from_being_used_blocks(state: dict[str, Any], word: str) -> None:
    sound = StoreReport(
        exists=True, version=2, revision=7, writable=True, free_bytes=2**40, problems=()
    )
    assert judged(sound, Path("x")).severity is Severity.OK
    finding = judged(replace(sound, **state), Path("x"))
    assert (finding.severity, word in finding.todo) == (Severity.BLOCK, True)


async def test_looking_at_a_store_changes_nothing_in_it(bench: Bench) -> None:
    await bench.store()
    path = bench.world.settings.database_path
    before = path.read_bytes()
    for id_ in ("P06", "P12", "P13", "P17"):
        await bench.finding(id_)
    assert path.read_bytes() == before


async def test_p13_old_failed_and_unconfirmed_messages_warn(bench: Bench) -> None:
    fresh = a_notification(id="n1", idempotency_key="k1", queued_at=NOW, updated_at=NOW)
    await bench.store(fresh)
    assert (await bench.finding("P13")).severity is Severity.OK
    early = NOW - timedelta(hours=3)
    await bench.store(
        a_notification(id="n2", idempotency_key="k2", queued_at=early, updated_at=early),
        a_notification(id="n3", idempotency_key="k3", status=NotificationStatus.FAILED),
        a_notification(id="n4", idempotency_key="k4", status=NotificationStatus.UNCONFIRMED),
    )
    finding = await bench.finding("P13")
    assert finding.severity is Severity.WARN
    assert finding.found == "1 wait for more than an hour, 1 failed, 1 unconfirmed."


async def test_p17_missing_days_unknown_categories_bare_invoices_and_homeless_skus_are_listed(
    bench: Bench,
) -> None:
    await bench.store(
        a_negotiation(),
        a_sku(),
        a_sku("orphan", family=""),
        an_invoice(lines=()),
        a_row((NOW - timedelta(days=1)).date()),
        a_mapping("moon-calls", rule=UsageMappingRule.UNMAPPED),
    )
    finding = await bench.finding("P17")
    assert finding.severity is Severity.WARN
    assert "moon-calls" in finding.found
    assert "89 of the last 90 days" in finding.found
    assert "orphan" in finding.found
    assert "no lines" in finding.found


# --- P07: the terminal's cache


async def test_p07_a_terminal_without_a_usable_cache_warns(bench: Bench) -> None:
    path = bench.world.home / ".twilio-negotiation" / "cache.json"
    path.parent.mkdir()
    assert (await bench.finding("P07")).severity is Severity.WARN
    good = {"format": 1, "savedAt": NOW.isoformat(), "schemaVersion": version()}
    for content in (
        "not json",
        "[]",
        json.dumps(good | {"savedAt": "yesterday"}),
        json.dumps(good | {"schemaVersion": "0" * 12}),
        json.dumps(good | {"savedAt": (NOW - timedelta(days=30)).isoformat()}),
    ):
        path.write_text(content)
        assert (await bench.finding("P07")).severity is Severity.WARN, content
    path.write_text(json.dumps(good))
    assert (await bench.finding("P07")).severity is Severity.OK


# --- P08, P10, P11: surfaces


async def test_p08_a_dashboard_that_is_not_built_or_built_for_another_schema_blocks(
    bench: Bench,
) -> None:
    assert (await bench.finding("P08")).severity is Severity.OK
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    down = await bench.but(live_url=f"http://127.0.0.1:{port}").finding("P08")
    assert (down.severity, str(port) in down.found) == (Severity.BLOCK, True)
    (bench.world.root / "web/dist/assets/app.js").write_text("const version = '000000000000'")
    assert (await bench.finding("P08")).severity is Severity.BLOCK
    shutil.rmtree(bench.world.root / "web/dist")
    assert (await bench.finding("P08")).severity is Severity.BLOCK


async def test_p10_is_quiet_when_every_surface_has_the_same_schema(bench: Bench) -> None:
    finding = await bench.finding("P10")
    assert finding.severity is Severity.OK, finding


def changed(path: str, old: str, new: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        file = root / path
        text = file.read_text(encoding="utf-8")
        assert old in text, (path, old)
        file.write_text(text.replace(old, new), encoding="utf-8")

    return change


def written(path: str, text: str) -> Callable[[Path], None]:
    return lambda root: (root / path).write_text(text) and None


@pytest.mark.parametrize(
    ("drift", "named"),
    [
        (
            changed("schema/schema.graphql", "currentMargin", "presentMargin"),
            "schema/schema.graphql",
        ),
        (
            written("docs/schema-version.json", '{"version": "000000000000"}'),
            "docs/schema-version.json",
        ),
        (
            written("web/src/gql/schema-version.json", '{"version": "000000000000"}'),
            "web/src/gql/schema-version.json",
        ),
        (
            written("web/src/gql/persisted-documents.json", '{"abc": "{ health { mood } }"}'),
            "persisted-documents.json",
        ),
        (
            changed("desktop/graphql/health.graphql", "status", "mood"),
            "desktop/graphql/health.graphql",
        ),
        (written("desktop/graphql/health.graphql", "query {"), "desktop/graphql/health.graphql"),
        (
            changed("desktop/graphql/health.graphql", "TerminalHealth", "TerminalPulse"),
            "schema/trusted-documents.json",
        ),
    ],
    ids=[
        "SDL",
        "docs",
        "web types",
        "web documents",
        "terminal field",
        "terminal syntax",
        "a document that is not trusted",
    ],
)
async def test_p10_drift_of_any_surface_blocks_and_is_named(
    bench: Bench, drift: Callable[[Path], None], named: str
) -> None:
    drift(bench.world.root)
    finding = await bench.finding("P10")
    assert finding.severity is Severity.BLOCK
    assert named in finding.found


async def test_p10_a_schema_that_cannot_be_made_blocks_with_what_it_lacks(bench: Bench) -> None:
    def incomplete() -> NoReturn:
        raise ValueError("Fields without an entry in the permission table: Health.mood.")

    finding = await surfaces_drift(bench.world, incomplete)
    assert finding.severity is Severity.BLOCK
    assert "Health.mood" in finding.found


@pytest.mark.parametrize(("served", "severity"), [(None, Severity.OK), ("0" * 12, Severity.BLOCK)])
async def test_p10_a_live_gateway_of_another_schema_blocks(
    bench: Bench, served: str | None, severity: Severity
) -> None:
    class Other(HttpDouble):
        async def answer(self, _: web.Request) -> web.Response:
            said = {"version": served or version()}
            return web.json_response({"data": {"schemaVersion": said}})

    double = Other()
    double.app.router.add_post("/graphql", double.answer)
    async with double:
        finding = await bench.but(live_url=double.url).finding("P10")
    assert finding.severity is severity, finding


async def test_p11_a_breaking_change_blocks_unless_the_major_version_says_so(bench: Bench) -> None:
    assert (await bench.finding("P11")).severity is Severity.OK
    text = sdl.render(build_schema())
    releases = bench.world.root / "schema/releases"
    releases.mkdir()
    (releases / "0.1.0.graphql").write_text(text)
    assert (await bench.finding("P11")).severity is Severity.OK
    assert "type Viewer {" in text
    (releases / "0.2.0.graphql").write_text(
        text.replace("type Viewer {", "type Viewer {\n  nickname: String")
    )
    finding = await bench.finding("P11")
    assert (finding.severity, "nickname" in finding.found) == (Severity.BLOCK, True)
    project = bench.world.root / "pyproject.toml"
    project.write_text('[project]\nversion = "1.0.0"\n')
    assert (await bench.finding("P11")).severity is Severity.OK


# --- P09, P14, P15: the model and this machine


async def test_p09_the_model_computes_its_worked_examples_here(bench: Bench) -> None:
    assert (await bench.finding("P09")).severity is Severity.OK


async def test_p09_a_model_that_computes_something_else_blocks(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    from graph.preflight import model

    monkeypatch.setitem(model.EXPECTED, "target_revenue", "900.01")
    finding = await bench.finding("P09")
    assert (finding.severity, "target_revenue" in finding.found) == (Severity.BLOCK, True)


async def test_p14_a_clock_that_differs_from_a_peers_warns(bench: Bench) -> None:
    class Peer(HttpDouble):
        date = "Wed, 21 Oct 2015 07:28:00 GMT"

        async def answer(self, _: web.Request) -> web.Response:
            return web.Response(headers={"date": self.date})

    peer = Peer()
    peer.app.router.add_get("/", peer.answer)
    assert (await bench.finding("P14")).severity is Severity.OK
    async with peer:
        at = bench.but(live_url=peer.url)
        assert (await at.finding("P14")).severity is Severity.WARN
        peer.date = datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
        assert (await at.finding("P14")).severity is Severity.OK


async def test_p15_a_taken_port_blocks(bench: Bench) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        at = bench.but(settings=bench.world.settings.model_copy(update={"port": port}))
        finding = await at.finding("P15")
        assert (finding.severity, str(port) in finding.found) == (Severity.BLOCK, True)
        note = bench.world.settings.data_dir / "gateway.json"
        note.write_text(json.dumps({"url": f"http://127.0.0.1:{port}", "pid": 1}))
        stale = await at.finding("P15")  # what listens there never answers
    assert stale.severity is Severity.BLOCK


async def test_p15_the_port_of_the_gateway_on_this_very_data_is_no_fault(bench: Bench) -> None:
    class Gateway(HttpDouble):
        async def healthz(self, _: web.Request) -> web.Response:
            return web.Response()

    double = Gateway()
    double.app.router.add_get("/healthz", double.healthz)
    async with double:
        port = int(double.url.rsplit(":", 1)[1])
        at = bench.but(settings=bench.world.settings.model_copy(update={"port": port}))
        assert (await at.finding("P15")).severity is Severity.BLOCK
        note = bench.world.settings.data_dir / "gateway.json"
        note.write_text(json.dumps({"url": double.url, "pid": 1}))
        assert (await at.finding("P15")).severity is not Severity.BLOCK


@pytest.mark.parametrize(
    ("soft", "severity"),
    [(1024, Severity.WARN), (1_048_576, Severity.OK), (resource.RLIM_INFINITY, Severity.OK)],
)
def test_p15_few_open_files_warn(soft: int, severity: Severity) -> None:
    assert enough_files(soft, "Port 8000 is usable").severity is severity


async def test_p13_sending_that_somebody_paused_warns_with_who_and_why(bench: Bench) -> None:
    await bench.store(a_pause())
    finding = await bench.finding("P13")
    assert finding.severity is Severity.WARN
    assert "Olga Operator has paused sending" in finding.found
    assert "queue resume" in finding.todo
