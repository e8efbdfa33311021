"""A context may live as long as a connection; what it shows may not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from graph.schema import build_schema
from negotiation.records import Snapshot
from resolvers.view import Figures, Pictures
from tests.builders import a_negotiation
from tests.gateway import Client
from tests.services import a_workbench
from tests.stores import put


async def test_each_operation_on_one_context_sees_the_newest_snapshot() -> None:
    client = Client(build_schema(), a_workbench(a_negotiation()))
    context, schema = client.context, client.schema
    for version in range(2, 5):
        await put(client.bench.store, a_negotiation(version=version))
        result = await schema.execute("{ negotiation { version } }", context_value=context)
        assert result.data == {"negotiation": {"version": version}}


async def test_all_fields_of_an_operation_see_one_snapshot() -> None:
    client = Client(build_schema(), a_workbench(a_negotiation()))
    seen: list[Snapshot] = []

    class Counting(Pictures):
        def of(self, snapshot: Snapshot) -> Figures:
            seen.append(snapshot)
            return super().of(snapshot)

    pictures = Counting(client.bench.services)
    context = replace(client.context, pictures=pictures)
    await client.schema.execute(
        "{ a: negotiation { id } b: health { revision } c: invoices { totalCount } }",
        context_value=context,
    )
    assert len(seen) == 1


def test_figures_are_shared_until_the_snapshot_or_the_day_changes() -> None:
    bench = a_workbench(a_negotiation())
    first = bench.pictures.present()
    assert bench.pictures.present() is first
    calls: list[int] = []
    for _ in range(3):
        bench.pictures.present().once("key", lambda: calls.append(1))
    assert calls == [1]
    bench.clock.advance(86_400)
    assert bench.pictures.present() is not first
    assert bench.pictures.present().snapshot is first.snapshot


def test_a_failed_computation_is_tried_again() -> None:
    figures = a_workbench(a_negotiation()).pictures.present()
    outcomes = iter([ValueError("no"), 7])

    def compute() -> int:
        found = next(outcomes)
        if isinstance(found, Exception):
            raise found
        return found

    with pytest.raises(ValueError, match="no"):
        figures.once("key", compute)
    assert figures.once("key", compute) == 7


def test_what_ifs_without_end_do_not_fill_the_memory() -> None:
    figures = a_workbench(a_negotiation()).pictures.present()
    for number in range(5_000):
        figures.once(number, lambda number=number: number)  # type: ignore[misc]
    calls: list[int] = []
    figures.once(0, lambda: calls.append(0))
    figures.once(4_999, lambda: calls.append(4_999))
    assert calls == [0]
