"""A wire between a client and the gateway that a test can cut: all of it, or its WebSockets only."""

import asyncio
import contextlib
import threading
from types import TracebackType
from typing import Self


class Wire:
    """A TCP relay on 127.0.0.1 (its own `port`) to `target`, in a thread of its own."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._loop = asyncio.new_event_loop()
        self._sockets: set[asyncio.StreamWriter] = set()
        self._refuse_sockets = False
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), daemon=True)
        self._thread.start()
        if not ready.wait(5):
            raise RuntimeError("the relay did not start")

    def _run(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._relay, "127.0.0.1", 0))
        self.port: int = server.sockets[0].getsockname()[1]
        ready.set()
        self._loop.run_forever()
        server.close()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.close()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer), contextlib.suppress(OSError, asyncio.CancelledError):
            head = await reader.read(65536)
            is_socket = b"upgrade: websocket" in head.lower()
            if is_socket and self._refuse_sockets:
                return
            up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self._target)
            if is_socket:
                self._sockets |= {writer, up_writer}
            with contextlib.closing(up_writer):
                up_writer.write(head)
                both = [
                    asyncio.create_task(self._pump(reader, up_writer)),
                    asyncio.create_task(self._pump(up_reader, writer)),
                ]
                _, running = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
                for task in running:
                    task.cancel()
            self._sockets -= {writer, up_writer}

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()

    def cut_sockets(self) -> None:
        """Break every WebSocket and refuse new ones; plain HTTP goes on."""

        def cut() -> None:
            self._refuse_sockets = True
            for writer in self._sockets:
                writer.transport.abort()

        self._loop.call_soon_threadsafe(cut)

    def mend_sockets(self) -> None:
        def mend() -> None:
            self._refuse_sockets = False

        self._loop.call_soon_threadsafe(mend)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
