"""The schema over a real store file, with a small workspace in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import strawberry

from adapters.store import open_store
from graph.schema import build_schema
from tests.gateway import Client
from tests.services import a_workbench
from tests.stores import put
from tests.workspace import workspace


@pytest.fixture(scope="session")
def schema() -> strawberry.Schema:
    return build_schema()


@pytest.fixture
async def client(schema: strawberry.Schema, tmp_path: Path) -> AsyncIterator[Client]:
    """The operator over the workspace, in a file. The boss may be texted, and the numbers of one area."""
    bench = a_workbench(
        store=lambda clock: open_store(tmp_path / "store.sqlite3", clock),
        default_recipient="+14155552671",
        allowed=("+1415*",),
    )
    await put(bench.store, *workspace())
    yield Client(schema, bench)
    bench.store.close()
