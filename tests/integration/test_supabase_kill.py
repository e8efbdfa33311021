"""Kill -9 of a gateway at any moment of its sync: what it answered for is in Supabase, each thing once."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from pathlib import Path

import pytest

from adapters.store import open_store, verify_audit
from adapters.supabase import make_peer
from resolvers.ports import Status
from tests.doubles.faults import Fault, FaultProxy
from tests.doubles.postgres import missing_programs, supabase_postgres
from tests.doubles.supabase_project import SupabaseProject
from tests.fakes import CountingSignal, FakeClock

KILLS = int(os.environ.get("SYNC_KILLS", "8"))
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def postgres():
    if missing := missing_programs():
        pytest.skip(f"PostgreSQL's {', '.join(missing)}: apt-get install postgresql")
    with supabase_postgres() as found:
        yield found


async def lives_and_dies(path, url, project, name, lines, answered):
    """Until it has answered for so many commits, and has been sending for a while."""
    sent = project.writes("rpc/apply_writes")
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.integration.sync_child", str(path), url, project.key, name),
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    assert child.stdout is not None
    said: list[str] = []
    while len(said) < lines or project.writes("rpc/apply_writes") < sent + 2:
        said.append((await child.stdout.readline()).decode())
        assert said[-1], "it ended by itself"
    child.send_signal(signal.SIGKILL)
    said += (await child.stdout.read()).decode().splitlines(keepends=True)
    # its log goes the same way
    answered.update(
        line.strip() for line in said if line.startswith(f"{name}-") and line.endswith("\n")
    )
    assert await child.wait() == -signal.SIGKILL


@pytest.mark.timeout(120 + 20 * KILLS)
async def test_nothing_is_lost_and_nothing_is_doubled_however_often_the_gateway_is_killed(
    postgres, tmp_path
):
    path, chance = tmp_path / "store.sqlite3", random.Random(KILLS)
    answered: set[str] = set()
    async with (
        SupabaseProject(postgres) as project,
        FaultProxy(project.url, delay=0.05) as proxy,
    ):
        for n in range(KILLS):
            # answers that come late make the moment long in which Supabase knows and the gateway does not
            await proxy.set(chance.choice([Fault.PASS, Fault.DELAY, Fault.DELAY]))
            lines = chance.randint(20, 200)
            await lives_and_dies(path, proxy.url, project, f"child-{n}", lines, answered)
        assert project.writes("rpc/apply_writes") > KILLS
        clock = FakeClock(impatient=True)
        store = open_store(path, clock)
        peer = make_peer(
            url=project.url,
            key=project.key,
            store=store,
            clock=clock,
            signal=CountingSignal(),
            timeout_seconds=60.0,
            realtime=False,
        )
        try:
            await peer.pull()
            assert peer.health().status is Status.OK, peer.health().message
            picture = store.snapshot()
        finally:
            await peer.close()
            store.close()
    assert answered <= picture.milestones.keys()
    assert picture.conflicts == {}
    [negotiation] = picture.negotiations.values()
    assert negotiation.version == len(picture.milestones)
    there = {id_ for [id_] in postgres.run("select id from milestones")}
    assert there == picture.milestones.keys()
    assert {sku for [sku] in postgres.run("select sku from usage")} == there
    assert postgres.run("select id from milestones where row_version <> 1") == []
    assert (
        postgres.run(
            "select gateway, area, id, revision from feed where area <> 'usage'"
            " group by 1, 2, 3, 4 having count(*) > 1"
        )
        == []
    )
    assert postgres.value("select version from negotiations") == str(negotiation.version)
    assert verify_audit(path).ok
