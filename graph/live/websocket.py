"""The WebSocket endpoint: handshake, then each message to the session, then the end of everything it held."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from graph.auth.identity import Authenticator, Identity, connection_authorization
from graph.live.connection import AsgiConnection, Connection, FramesConnection
from graph.live.live import Live
from graph.live.transport_ws import (
    NOT_ACCEPTABLE,
    SUBPROTOCOL,
    TRY_AGAIN_LATER,
    Session,
    SocketLimits,
)

FRAMES = "negotiation.frames"


class WebSocketEndpoint:
    """ASGI, for `websocket` scopes only."""

    def __init__(self, live: Live, authenticator: Authenticator, limits: SocketLimits) -> None:
        self._live = live
        self._authenticator = authenticator
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()  # websocket.connect
        offered = scope.get("subprotocols", [])
        chosen = SUBPROTOCOL if SUBPROTOCOL in offered else None
        await send({"type": "websocket.accept", "subprotocol": chosen})
        if chosen is None:
            reason = f"Speak {SUBPROTOCOL}; graphql-ws is not spoken here"
            await send({"type": "websocket.close", "code": NOT_ACCEPTABLE, "reason": reason})
            return
        if self._live.full:
            reason = "Too many connections; try again later"
            await send({"type": "websocket.close", "code": TRY_AGAIN_LATER, "reason": reason})
            return
        await self._converse(scope, receive, send)

    async def _converse(self, scope: Scope, receive: Receive, send: Send) -> None:
        header = Headers(scope=scope).get("authorization")

        async def authenticate(payload: Mapping[str, Any] | None) -> Identity:
            return await self._authenticator.authenticate(connection_authorization(payload, header))

        frames = scope.get("extensions", {}).get(FRAMES)
        connection: Connection = FramesConnection(frames) if frames else AsgiConnection(send)
        session = Session(
            connection,
            self._live,
            authenticate,
            scope["state"]["correlation_id"],
            self._limits,
        )
        self._live.enter(session)
        try:
            while (message := await receive())["type"] == "websocket.receive":
                if (text := message.get("text")) is not None:
                    session.receive(text)
                else:
                    session.receive_binary()
        finally:
            session.end()
            self._live.leave(session)
            if isinstance(connection, AsgiConnection):
                await connection.finish()
