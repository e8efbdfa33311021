"""A Supabase project that stands on a machine of its own, as seen from here: what it answered once, it answers again from
memory, at the cost of writing the bytes. `python -m tests.bench.replay URL`: stands before the project at URL; prints its
own address; ends with its standard input.
"""

from __future__ import annotations

import asyncio
import sys

import httpx
import uvloop

_HOPS = frozenset({"connection", "content-encoding", "content-length", "transfer-encoding"})
_ASKED = frozenset({"host", "connection", "accept-encoding", "content-length"})


class Replay:
    """Remembers answers by method, address and body."""

    def __init__(self, target: str) -> None:
        self._http = httpx.AsyncClient(base_url=target, timeout=60)
        self._known: dict[tuple[str, str, bytes], bytes] = {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
                method, path, _ = head[0].split(" ")
                headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                writer.write(await self._answer(method, path, head[1:-2], body))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def _answer(self, method: str, path: str, head: list[str], body: bytes) -> bytes:
        key = (method, path, body)
        if key not in self._known:
            asked = [line.split(": ", 1) for line in head]
            found = await self._http.request(
                method,
                path,
                content=body,
                headers=[(name, value) for name, value in asked if name.lower() not in _ASKED],
            )
            kept = [
                f"{name}: {value}" for name, value in found.headers.items() if name not in _HOPS
            ]
            kept += [f"content-length: {len(found.content)}", "", ""]
            start = f"HTTP/1.1 {found.status_code} {found.reason_phrase}"
            self._known[key] = "\r\n".join([start, *kept]).encode() + found.content
        return self._known[key]


async def main(target: str) -> None:
    server = await asyncio.start_server(Replay(target).serve, "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)  # noqa: T201 - for who started it
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1]))
