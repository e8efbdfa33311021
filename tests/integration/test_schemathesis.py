"""Operations that schemathesis makes from our schema, sent to the real application: never a 5xx, never a traceback."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from adapters.store import open_store
from graph.app import App
from graph.auth.identity import LocalAuthenticator
from graph.live.live import LiveComponent
from graph.schema import build_schema
from graph.settings import Settings
from tests.servers import serving
from tests.services import a_workbench
from tests.stores import put
from tests.workspace import workspace

SCALARS: dict[str, st.SearchStrategy[str]] = {
    "Decimal": st.decimals(allow_nan=False, allow_infinity=False, places=4).map(str)
    | st.text(max_size=8),
    "Ratio": st.sampled_from(["0.35", "35%", "3500bp", "1", "-0.1", "x"]),
    "Date": st.dates().map(str) | st.just("2026-02-30"),
    "DateTime": st.datetimes().map(lambda moment: f"{moment.isoformat()}Z"),
}
for name, values in SCALARS.items():
    schemathesis.graphql.scalar(name, values.map(schemathesis.graphql.nodes.String))

SCHEMA = build_schema()
EXAMPLES = 120


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The application on a socket, in a loop of its own thread: schemathesis is synchronous."""
    folder: Path = tmp_path_factory.mktemp("store")
    started, stop = threading.Event(), asyncio.Event()
    found: dict[str, Any] = {}

    async def run() -> None:
        bench = a_workbench(store=lambda clock: open_store(folder / "store.sqlite3", clock))
        await put(bench.store, *workspace())
        app = App(
            bench.services,
            settings=Settings(_env_file=None),  # type: ignore[call-arg]
            schema=SCHEMA,
            authenticator=LocalAuthenticator(),
            live_component=LiveComponent(),
        )
        async with serving(app) as port:
            found["url"], found["loop"] = (
                f"http://127.0.0.1:{port}/graphql",
                asyncio.get_running_loop(),
            )
            started.set()
            await stop.wait()
        bench.store.close()

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    assert started.wait(30)
    yield found["url"]
    found["loop"].call_soon_threadsafe(stop.set)
    thread.join(30)


def test_no_generated_operation_makes_the_gateway_fail(url: str) -> None:
    schema = schemathesis.graphql.from_url(url)
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) > 15

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=st.one_of([operation.as_strategy() for operation in operations]))
    def check(case: Any) -> None:
        answer = case.call(timeout=60)  # what hangs for good is found; a crowded machine is not
        assert answer.status_code < 500, answer.text
        for error in answer.json().get("errors", []):
            assert error["extensions"]["code"] != "INTERNAL", (case.body, error)

    check()
