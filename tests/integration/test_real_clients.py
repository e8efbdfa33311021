"""Clients and checks that others wrote, against our transports: none of them knows anything of ours."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path

import pytest

from tests.integration.live.room import a_room

CLIENTS = Path(__file__).parents[1] / "clients"
DEAL = "subscription { deal { name } }"


async def node(script: str, *arguments: str) -> asyncio.subprocess.Process:
    program = shutil.which("node", path=str(Path(__file__).parents[2] / ".venv/bin"))
    assert program, "Node is not in .venv; run `make test` once, it installs it"
    assert (CLIENTS / "node_modules").is_dir(), "run `npm --prefix tests/clients ci`"
    return await asyncio.create_subprocess_exec(
        program,
        script,
        *arguments,
        cwd=CLIENTS,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


async def line_of(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    async with asyncio.timeout(30):
        return (await process.stdout.readline()).decode()


async def test_every_check_of_the_graphql_over_http_audit_is_ok() -> None:
    async with a_room() as room:
        process = await node("audit.mjs", room.http_url)
        output, _ = await process.communicate()
        assert process.returncode == 0, output.decode()
        assert output.decode().strip().endswith("61 of 61 audits ok")


@pytest.mark.parametrize("client", ["graphql-ws", "graphql-sse", "apollo-ws", "apollo-multipart"])
async def test_a_real_client_gets_the_present_value_and_every_change(client: str) -> None:
    async with a_room() as room:
        process = await node("subscribe.mjs", client, room.http_url, "3", DEAL)
        names = [json.loads(await line_of(process))["data"]["deal"]["name"]]
        for name in ("Second", "Third"):
            await room.rename(name)
            names.append(json.loads(await line_of(process))["data"]["deal"]["name"])
        assert names == ["First", "Second", "Third"]
        assert await process.wait() == 0
        await room.quiet()


@pytest.mark.parametrize("client", ["graphql-ws", "graphql-sse", "apollo-ws", "apollo-multipart"])
async def test_a_real_client_sees_the_end_of_a_stream(client: str) -> None:
    async with a_room() as room:
        process = await node(
            "subscribe.mjs", client, room.http_url, "9", "subscription { ticks(count: 2) }"
        )
        lines = [await line_of(process) for _ in range(3)]
        assert [json.loads(line)["data"]["ticks"] for line in lines[:2]] == [0, 1]
        assert lines[2] == "complete\n"
        process.kill()
        await process.wait()
