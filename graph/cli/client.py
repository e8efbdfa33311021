"""Runs one stored operation for a command: at the running gateway where there is one, else on the store itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import httpx
import orjson

from graph.cli.announce import announced_url
from graph.cli.common import USAGE, errors, fail
from graph.settings import Settings

if TYPE_CHECKING:
    from graph.wiring.running import Running

CHUNK = 64 * 1024
PROBE_SECONDS = 1.0
ANSWER_SECONDS = 120.0

Sent = Callable[[int, int], None]


def gateway_url(settings: Settings, endpoint: str | None) -> str | None:
    """The GraphQL address of the gateway to use: the one asked for, else the one that answers for this data folder."""
    wanted = endpoint or settings.twilio_negotiation_endpoint
    if wanted is not None:
        _refuse_what_is_no_address(wanted)
        return (
            wanted if wanted.rstrip("/").endswith("/graphql") else f"{wanted.rstrip('/')}/graphql"
        )
    url = announced_url(settings.data_dir)
    if url is not None and _answers(url):
        return f"{url}/graphql"
    return None


def _refuse_what_is_no_address(endpoint: str) -> None:
    try:
        url = httpx.URL(endpoint)
    except httpx.InvalidURL:
        url = httpx.URL()
    if url.scheme not in {"http", "https"} or not url.host:
        fail(f"{endpoint!r} is no address of a gateway. Write it as http://127.0.0.1:8000.", USAGE)


def run_operation(
    settings: Settings,
    document: str,
    variables: Mapping[str, Any],
    *,
    endpoint: str | None = None,
    sent: Sent | None = None,
) -> dict[str, Any]:
    """`data` of the operation. Ends the command when it was refused or the gateway cannot be reached.

    sent: told (bytes, of how many) while the request is on its way.
    """
    url = gateway_url(settings, endpoint)
    if url is None:
        return asyncio.run(_locally(settings, document, variables))
    return _data(_remotely(settings, url, document, variables, sent))


def where(settings: Settings, endpoint: str | None) -> str:
    url = gateway_url(settings, endpoint)
    return f"the gateway at {url}" if url else f"the store {settings.database_path}"


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz", timeout=PROBE_SECONDS).is_success
    except httpx.HTTPError:
        return False


def _remotely(
    settings: Settings,
    url: str,
    document: str,
    variables: Mapping[str, Any],
    sent: Sent | None,
) -> dict[str, Any]:
    body = orjson.dumps({"query": document, "variables": dict(variables)})
    headers = {"content-type": "application/json", "content-length": str(len(body))}
    if settings.twilio_negotiation_token is not None:
        headers["authorization"] = f"Bearer {settings.twilio_negotiation_token.get_secret_value()}"
    try:
        answer = httpx.post(
            url, content=_chunks(body, sent), headers=headers, timeout=ANSWER_SECONDS
        )
        result: dict[str, Any] = orjson.loads(answer.content)
    except httpx.HTTPError as error:
        fail(f"The gateway at {url} cannot be reached: {error}. Start it, or leave --endpoint out.")
    except orjson.JSONDecodeError:
        fail(f"What answers at {url} is no gateway of ours (HTTP {answer.status_code}).")
    return result


def _chunks(body: bytes, sent: Sent | None) -> Iterator[bytes]:
    for start in range(0, len(body), CHUNK):
        yield body[start : start + CHUNK]
        if sent is not None:
            sent(min(start + CHUNK, len(body)), len(body))


Ask = Callable[[str, Mapping[str, Any]], Awaitable[dict[str, Any]]]
"""`data` of an operation; ends the command when it was refused."""


@asynccontextmanager
async def local_gateway(settings: Settings) -> AsyncIterator[tuple[Running, Ask]]:
    """The services over the store itself, without their background work, and how to ask them."""
    from graph import sdl
    from graph.app import make_gateway
    from graph.auth.identity import LOCAL_OPERATOR
    from graph.execution.gateway import Refused
    from graph.schema import build_schema
    from graph.wiring.running import running_services
    from resolvers.errors import Unavailable

    schema = build_schema()
    try:
        async with running_services(
            settings, sdl.version_of(sdl.render(schema)), background=False
        ) as running:
            gateway = make_gateway(running.services, schema)

            async def ask(document: str, variables: Mapping[str, Any]) -> dict[str, Any]:
                context = gateway.context(LOCAL_OPERATOR, "command-line")
                try:
                    operation = gateway.prepare(document, None, context)
                    return _data(await gateway.execute(operation, variables, context))
                except Refused as refused:
                    return _data({"errors": refused.errors})

            yield running, ask
    except Unavailable as error:
        fail(error.message)


async def _locally(
    settings: Settings, document: str, variables: Mapping[str, Any]
) -> dict[str, Any]:
    async with local_gateway(settings) as (_, ask):
        return await ask(document, variables)


def _data(result: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(result, dict):
        fail(f"What answers is no gateway of ours: {str(result)[:80]}")
    if result.get("errors"):
        for error in result["errors"]:
            errors.print(error["message"], style="red", markup=False, soft_wrap=True)
            for field in (error.get("extensions") or {}).get("fields", []):
                errors.print(f"  {field['path']}: {field['message']}", markup=False, soft_wrap=True)
        fail("Nothing was changed.")
    if not isinstance(result.get("data"), dict):
        fail(f"The gateway answered without data: {result}")
    data: dict[str, Any] = result["data"]
    return data
