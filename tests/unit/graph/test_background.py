"""What runs beside the gateway does not die in silence."""

import asyncio
import gc
import warnings
from contextlib import suppress

import structlog

from graph.wiring.running import _background, _importing
from resolvers.importer import IDLE_SECONDS
from tests.fakes import FakeClock


class BreaksOff:
    """An importer whose first step fails as none should."""

    steps = released = 0

    async def step(self):
        self.steps += 1
        if self.steps == 1:
            raise RuntimeError("a bug")
        return IDLE_SECONDS

    async def release(self):
        self.released += 1


async def test_an_import_that_breaks_off_is_in_the_log_and_begun_again():
    importer, clock = BreaksOff(), FakeClock()
    with structlog.testing.capture_logs() as logs:
        async with _importing(importer, clock, asyncio.Event()):
            await clock.elapse(0)
            assert importer.steps == 1
            await clock.elapse(IDLE_SECONDS)
            assert importer.steps == 2
    assert [line["event"] for line in logs] == ["import.unexpected"]
    assert importer.released == 1


async def test_what_dies_in_the_background_is_in_the_log_at_once_by_its_name():
    async def die():
        raise RuntimeError("a bug")

    said = []
    with structlog.testing.capture_logs() as logs, suppress(RuntimeError):
        async with _background(die(), "deliveries"):
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            said += [(line["event"], line["task"]) for line in logs]
    assert said == [("background.died", "deliveries")]


async def test_what_is_stopped_before_it_has_begun_is_no_fault():
    async def work():
        await asyncio.Event().wait()

    with structlog.testing.capture_logs() as logs, warnings.catch_warnings():
        warnings.simplefilter("error")
        async with _background(work(), "rules"):
            pass
        gc.collect()
    assert logs == []
