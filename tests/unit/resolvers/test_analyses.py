"""Long figures: computed once for all who ask, off the loop, and not at all when nobody waits any more."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable
from typing import Any, cast

import pytest

from negotiation.assessment import Analyst
from tests.builders import a_negotiation
from tests.services import a_workbench


class Work:
    """Something slow: it waits until it may go on, and counts how often it began."""

    def __init__(self) -> None:
        self.begun = 0
        self.may_go_on = threading.Event()

    def __call__(self, _: Analyst) -> int:
        self.begun += 1
        assert self.may_go_on.wait(20)
        return self.begun


async def until(holds: Any) -> None:
    async with asyncio.timeout(20):
        while not holds():
            await asyncio.sleep(0.002)


async def test_all_who_ask_at_once_share_one_computation() -> None:
    figures, work = a_workbench(a_negotiation()).pictures.present(), Work()
    asked = [asyncio.ensure_future(waited(figures.soon("key", work))) for _ in range(50)]
    await until(lambda: work.begun)
    work.may_go_on.set()
    assert await asyncio.gather(*asked) == [1] * 50
    assert figures.soon("key", work) == 1


async def test_one_who_leaves_takes_nothing_from_the_others() -> None:
    figures, work = a_workbench(a_negotiation()).pictures.present(), Work()
    leaves, stays = (asyncio.ensure_future(waited(figures.soon("key", work))) for _ in range(2))
    await until(lambda: work.begun)
    leaves.cancel()
    work.may_go_on.set()
    assert await stays == 1
    with pytest.raises(asyncio.CancelledError):
        await leaves


async def test_what_nobody_waits_for_any_more_is_not_begun() -> None:
    figures, first, second = a_workbench(a_negotiation()).pictures.present(), Work(), Work()
    holds_the_thread = asyncio.ensure_future(waited(figures.soon("first", first)))
    await until(lambda: first.begun)
    typed_over = asyncio.ensure_future(waited(figures.soon("second", second)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    typed_over.cancel()
    await asyncio.gather(typed_over, return_exceptions=True)
    first.may_go_on.set()
    assert await holds_the_thread == 1
    second.may_go_on.set()
    assert await waited(figures.soon("third", second)) == 1


async def test_a_failure_is_told_to_all_and_not_kept() -> None:
    figures = a_workbench(a_negotiation()).pictures.present()

    def fails(_: Analyst) -> int:
        raise ValueError("no")

    told = await asyncio.gather(
        *(waited(figures.soon("key", fails)) for _ in range(3)), return_exceptions=True
    )
    assert [str(each) for each in told] == ["no"] * 3
    assert await waited(figures.soon("key", lambda _: 7)) == 7


async def test_nothing_is_a_figure_too() -> None:
    figures = a_workbench(a_negotiation()).pictures.present()
    assert await waited(figures.soon("key", lambda _: None)) is None
    assert figures.soon("key", lambda _: None) is None


async def waited(found: Any) -> Any:
    return await cast("Awaitable[Any]", found)
