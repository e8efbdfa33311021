"""A stand-in for Twilio that remembers: messages and flow runs with their states, refusals, slowness, lost answers.

It speaks HTTP on a real socket to twilio's own client. Only what the adapters use; what Twilio validates it does not.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from aiohttp import web

from tests.doubles.http import HttpDouble, cut
from tests.doubles.twilio_reading import ReadingDouble

SID = "AC" + "0" * 32
TOKEN = "planted-token-5ab1"
Behaviour = Callable[
    ["TwilioDouble", web.Request, Callable[[], dict[str, Any]]], Awaitable[web.StreamResponse]
]


def accepts() -> Behaviour:
    async def behave(_: TwilioDouble, __: web.Request, accept: Callable[[], dict[str, Any]]):
        return web.json_response(accept(), status=201)

    return behave


def refuses(
    status: int, code: int | None = None, message: str = "no", retry_after: float | None = None
) -> Behaviour:
    async def behave(_: TwilioDouble, __: web.Request, ___: Callable[[], dict[str, Any]]):
        headers = {"Retry-After": str(retry_after)} if retry_after is not None else {}
        if code is None:
            return web.Response(text="<html>trouble</html>", status=status, headers=headers)
        body = {"code": code, "message": message, "status": status, "more_info": "…"}
        return web.json_response(body, status=status, headers=headers)

    return behave


def cuts_after_accepting() -> Behaviour:
    async def behave(_: TwilioDouble, request: web.Request, accept: Callable[[], dict[str, Any]]):
        accept()
        cut(request)
        return web.Response()

    return behave


def cuts_before_accepting() -> Behaviour:
    async def behave(_: TwilioDouble, request: web.Request, __: Callable[[], dict[str, Any]]):
        cut(request)
        return web.Response()

    return behave


def accepts_and_says(status: int) -> Behaviour:
    """Takes the message, then answers with a failure."""

    async def behave(_: TwilioDouble, __: web.Request, accept: Callable[[], dict[str, Any]]):
        accept()
        return web.Response(text="upstream lost", status=status)

    return behave


def cuts_inside_the_answer() -> Behaviour:
    async def behave(_: TwilioDouble, request: web.Request, accept: Callable[[], dict[str, Any]]):
        response = web.StreamResponse(status=201, headers={"Content-Length": "1000"})
        body = json.dumps(accept()).encode()
        await response.prepare(request)
        await response.write(body[:20])
        cut(request)
        return response

    return behave


def takes(seconds: float) -> Behaviour:
    """Accepts at once, answers late."""

    async def behave(_: TwilioDouble, __: web.Request, accept: Callable[[], dict[str, Any]]):
        body = accept()
        await asyncio.sleep(seconds)
        return web.json_response(body, status=201)

    return behave


class TwilioDouble(HttpDouble):
    """`script` holds the behaviours of the next creations; when it is empty, `default` is used."""

    def __init__(self) -> None:
        super().__init__()
        self.script: deque[Behaviour] = deque()
        self.default: Behaviour = accepts()
        self.list_behaviour: Behaviour | None = None
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.messages: dict[str, dict[str, Any]] = {}
        self.runs: dict[str, dict[str, Any]] = {}
        self.hidden: set[str] = set()
        self.reading = ReadingDouble()
        """Usage and prices."""
        account = "/2010-04-01/Accounts/{account}"
        self.app.router.add_post(f"{account}/Messages.json", self._create_message)
        self.app.router.add_get(f"{account}/Messages.json", self._list_messages)
        self.app.router.add_get(f"{account}/Messages/{{sid}}.json", self._fetch_message)
        flow = "/v2/Flows/{flow}/Executions"
        self.app.router.add_post(flow, self._create_run)
        self.app.router.add_get(flow, self._list_runs)
        self.app.router.add_get(f"{flow}/{{sid}}/Context", self._run_context)
        self.app.router.add_get(f"{flow}/{{sid}}/Steps", self._run_steps)
        self.app.router.add_get(f"{flow}/{{sid}}", self._fetch_run)
        self.reading.routes(self.app.router)
        self.app.middlewares.append(_authenticated)

    @property
    def sent(self) -> list[dict[str, Any]]:
        """The messages accepted, oldest first."""
        return list(self.messages.values())

    def creations(self) -> int:
        return sum(1 for method, _, _ in self.requests if method == "POST")

    def add_message(self, **changes: Any) -> dict[str, Any]:
        """A message as Twilio lists it."""
        now = format_datetime(datetime.now(UTC))
        message = {
            "sid": f"SM{len(self.messages):032x}",
            "account_sid": SID,
            "to": "+14155550100",
            "from": "+14155550199",
            "body": "",
            "status": "queued",
            "direction": "outbound-api",
            "date_created": now,
            "date_updated": now,
            "date_sent": None,
            "error_code": None,
            "error_message": None,
            "messaging_service_sid": None,
            "num_segments": "1",
            "price": None,
            "price_unit": "USD",
            **changes,
        }
        self.messages[message["sid"]] = message
        return message

    async def _create_message(self, request: web.Request) -> web.StreamResponse:
        form = {k: str(v) for k, v in (await request.post()).items()}
        self.requests.append(("POST", request.path, form))

        def accept() -> dict[str, Any]:
            return self.add_message(
                to=form["To"],
                body=form["Body"],
                messaging_service_sid=form.get("MessagingServiceSid"),
                **{"from": form.get("From")},
            )

        behaviour = self.script.popleft() if self.script else self.default
        return await behaviour(self, request, accept)

    async def _list_messages(self, request: web.Request) -> web.StreamResponse:
        query = dict(request.query)
        self.requests.append(("GET", request.path, query))
        if self.list_behaviour is not None:
            return await self.list_behaviour(self, request, dict)
        listed = [
            message
            for message in reversed(self.messages.values())
            if query.get("To") in {None, message["to"]}
            and query.get("From") in {None, message["from"]}
            and message["sid"] not in self.hidden
        ]
        size, page = int(query.get("PageSize", 50)), int(query.get("Page", 0))
        more = len(listed) > (page + 1) * size
        following = request.rel_url.update_query(Page=str(page + 1), PageToken="PA1")
        return web.json_response(
            {
                "messages": listed[page * size : (page + 1) * size],
                "page": page,
                "page_size": size,
                "uri": str(request.rel_url),
                "next_page_uri": str(following) if more else None,
            }
        )

    async def _fetch_message(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(("GET", request.path, dict(request.query)))
        message = self.messages.get(request.match_info["sid"])
        if message is None:
            return web.json_response({"code": 20404, "message": "not found"}, status=404)
        return web.json_response(message)

    async def _create_run(self, request: web.Request) -> web.StreamResponse:
        form = {k: str(v) for k, v in (await request.post()).items()}
        self.requests.append(("POST", request.path, form))

        def accept() -> dict[str, Any]:
            sid = f"FN{len(self.runs):032x}"
            now = datetime.now(UTC).isoformat()
            self.runs[sid] = {
                "sid": sid,
                "account_sid": SID,
                "flow_sid": request.match_info["flow"],
                "contact_channel_address": form["To"],
                "status": "active",
                "context": {"flow": {"data": json.loads(form["Parameters"])}},
                "date_created": now,
                "date_updated": now,
            }
            return self.runs[sid]

        behaviour = self.script.popleft() if self.script else self.default
        return await behaviour(self, request, accept)

    async def _list_runs(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(("GET", request.path, dict(request.query)))
        return web.json_response(
            {
                "executions": [{**run, "context": {}} for run in reversed(self.runs.values())],
                "meta": {"key": "executions", "page": 0, "page_size": 50},
            }
        )

    async def _fetch_run(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(("GET", request.path, dict(request.query)))
        run = self.runs.get(request.match_info["sid"])
        if run is None:
            return web.json_response({"code": 20404, "message": "not found"}, status=404)
        return web.json_response({**run, "context": {}})

    async def _run_steps(self, request: web.Request) -> web.StreamResponse:
        """Newest first, as Twilio lists them. `steps` of a run: (event, widget it came from), oldest first."""
        run = self.runs[request.match_info["sid"]]
        steps = [
            {"sid": f"FT{n:032x}", "name": event, "transitioned_from": widget, "context": {}}
            for n, (event, widget) in enumerate(run.get("steps", []))
        ]
        meta = {"key": "steps", "page": 0, "page_size": 50}
        return web.json_response({"steps": steps[::-1], "meta": meta})

    async def _run_context(self, request: web.Request) -> web.StreamResponse:
        run = self.runs[request.match_info["sid"]]
        return web.json_response({**run, "execution_sid": run["sid"]})


@web.middleware
async def _authenticated(request: web.Request, handler: Any) -> web.StreamResponse:
    expected = "Basic " + base64.b64encode(f"{SID}:{TOKEN}".encode()).decode()
    if request.headers.get("Authorization") != expected:
        return web.json_response(
            {"code": 20003, "message": "Authenticate", "status": 401}, status=401
        )
    response: web.StreamResponse = await handler(request)
    return response
