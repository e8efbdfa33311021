"""What a stand-in for Twilio knows of usage and prices: records that can be restated, pages, prices by country.

It has the routes of Usage Records (daily) and of Pricing (messaging v1, voice v2); `TwilioDouble` serves them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

from aiohttp import web

from tests.doubles.http import cut

Answer = Callable[[], dict[str, Any]]
Reading = Callable[[web.Request, Answer], Awaitable[web.StreamResponse]]


class ReadingDouble:
    """`script`: how the next requests are answered, instead of with what is known. `requests`: path and query of each."""

    def __init__(self) -> None:
        self.records: dict[tuple[date, str], dict[str, Any]] = {}
        self._of_day: dict[date, set[tuple[date, str]]] = {}
        self.prices: dict[tuple[str, str], dict[str, Any]] = {}
        self.script: deque[Reading] = deque()
        self.requests: list[tuple[str, dict[str, str]]] = []

    def routes(self, router: web.UrlDispatcher) -> None:
        router.add_get("/2010-04-01/Accounts/{account}/Usage/Records/Daily.json", self._usage)
        router.add_get("/v1/Messaging/Countries/{country}", self._prices("messaging"))
        router.add_get("/v2/Voice/Countries/{country}", self._prices("voice"))

    def use(
        self, day: date, category: str, usage: str = "100", price: str | None = "0.83", **more: Any
    ) -> None:
        """What Twilio says of a category on a day from now on."""
        self._of_day.setdefault(day, set()).add((day, category))
        self.records[day, category] = {
            "account_sid": "AC" + "0" * 32,
            "as_of": f"{day}T23:59:59+00:00",
            "category": category,
            "count": usage,
            "count_unit": "messages",
            "description": category.replace("-", " ").title(),
            "start_date": str(day),
            "end_date": str(day),
            "price": price,
            "price_unit": "usd",
            "usage": usage,
            "usage_unit": "segments",
            **more,
        }

    def use_daily(self, first: date, last: date, *categories: str) -> None:
        """Usage of each category on every day, a little more each day."""
        for offset, day in enumerate(_days(first, last)):
            for category in categories:
                self.use(day, category, str(100 + offset))

    async def _usage(self, request: web.Request) -> web.StreamResponse:
        query = dict(request.query)

        def page() -> dict[str, Any]:
            first, last = (date.fromisoformat(query[name]) for name in ("StartDate", "EndDate"))
            found = [
                self.records[key]
                for day in _days(first, last)
                for key in sorted(self._of_day.get(day, ()))
            ]
            size, number = int(query.get("PageSize", 50)), int(query.get("Page", 0))
            more = len(found) > (number + 1) * size
            following = request.rel_url.update_query(Page=str(number + 1), PageToken="PA1")
            return {
                "usage_records": found[number * size : (number + 1) * size],
                "page": number,
                "page_size": size,
                "uri": str(request.rel_url),
                "next_page_uri": str(following) if more else None,
            }

        return await self._answer(request, page)

    def _prices(self, service: str) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def serve(request: web.Request) -> web.StreamResponse:
            known = self.prices.get((service, request.match_info["country"]))
            if known is None:
                body = {"code": 20404, "message": "not found", "status": 404}
                self.requests.append((request.path, {}))
                return web.json_response(body, status=404)
            return await self._answer(request, lambda: known)

        return serve

    async def _answer(self, request: web.Request, body: Answer) -> web.StreamResponse:
        self.requests.append((request.path, dict(request.query)))
        if self.script:
            return await self.script.popleft()(request, body)
        return web.json_response(body())


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]


def says(status: int, code: int | None = None, retry_after: str | None = None) -> Reading:
    async def answer(_: web.Request, __: Answer) -> web.StreamResponse:
        headers = {} if retry_after is None else {"Retry-After": retry_after}
        body = {"code": code, "message": "no", "status": status}
        return web.json_response(body, status=status, headers=headers)

    return answer


def cuts_the_page() -> Reading:
    """Half of the page, then nothing."""

    async def answer(request: web.Request, body: Answer) -> web.StreamResponse:
        whole = web.json_response(body()).body
        assert isinstance(whole, bytes)
        response = web.StreamResponse(headers={"Content-Length": str(len(whole))})
        await response.prepare(request)
        await response.write(whole[: len(whole) // 2])
        cut(request)
        return response

    return answer


def says_instead(**changes: Any) -> Reading:
    """The page with other members."""

    async def answer(_: web.Request, body: Answer) -> web.StreamResponse:
        return web.json_response(body() | changes)

    return answer


def answers(text: str) -> Reading:
    """Exactly this text."""

    async def answer(_: web.Request, __: Answer) -> web.StreamResponse:
        return web.Response(text=text, content_type="application/json")

    return answer


def waits_for(go: Callable[[], Awaitable[object]]) -> Reading:
    """The page, when `go` is over."""

    async def answer(_: web.Request, body: Answer) -> web.StreamResponse:
        await go()
        return web.json_response(body())

    return answer
