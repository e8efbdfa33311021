"""A stand-in for Supabase Realtime: its Phoenix protocol on a WebSocket, its events from a real PostgreSQL.

Triggers on the tables of the publication `supabase_realtime` tell of each row that changed, once its transaction is
committed. As in the real one: a row comes as JSON, its numbers included, and of a row too large only the key comes, with
an error. It serves the service role only: row-level security for subscribers is not imitated.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from dataclasses import dataclass, field
from typing import Any

import jwt
import psycopg
from aiohttp import WSMsgType, web

_CHANNEL = "realtime_double"
_TRIGGERS = """
create schema if not exists realtime_double;
create or replace function realtime_double.tell() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
declare
  event json;
  keys text[];
  old_keys jsonb;
begin
  keys := array(
    select a.attname from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
    where i.indrelid = tg_relid and i.indisprimary);
  if tg_op <> 'INSERT' then
    old_keys := (select jsonb_object_agg(key, value) from jsonb_each(to_jsonb(old)) where key = any (keys));
  end if;
  event := json_build_object(
    'schema', tg_table_schema, 'table', tg_table_name, 'type', tg_op, 'at', clock_timestamp(),
    'record', case when tg_op = 'DELETE' then null else to_json(new) end, 'old_record', old_keys);
  if octet_length(event::text) > 7900 then
    event := json_build_object(
      'schema', tg_table_schema, 'table', tg_table_name, 'type', tg_op, 'at', clock_timestamp(),
      'errors', json_build_array('Error 413: Payload Too Large'), 'old_record', old_keys,
      'record', case when tg_op = 'DELETE' then null else
        (select json_object_agg(key, value) from jsonb_each(to_jsonb(new)) where key = any (keys)) end);
  end if;
  perform pg_notify('realtime_double', event::text);
  return null;
end $$;
grant usage on schema realtime_double to public;
do $$
declare
  followed record;
begin
  for followed in select schemaname, tablename from pg_publication_tables where pubname = 'supabase_realtime' loop
    execute format(
      'create or replace trigger realtime_double after insert or update or delete on %I.%I
         for each row execute function realtime_double.tell()', followed.schemaname, followed.tablename);
  end loop;
end $$;
"""


@dataclass(slots=True)
class _Binding:
    id: int
    event: str
    schema: str
    table: str | None
    filter: str | None

    def wants(self, change: dict[str, Any]) -> bool:
        return (
            self.event in {"*", change["type"]}
            and self.schema in {"*", change["schema"]}
            and self.table in {None, "*", change["table"]}
            and self._passes(change.get("record") or change.get("old_record") or {})
        )

    def _passes(self, row: dict[str, Any]) -> bool:
        if self.filter is None:
            return True
        column, _, rest = self.filter.partition("=")
        return rest == f"eq.{row.get(column)}"

    def said(self) -> dict[str, Any]:
        said = {"id": self.id, "event": self.event, "schema": self.schema}
        return said | {
            key: value
            for key, value in (("table", self.table), ("filter", self.filter))
            if value is not None
        }


@dataclass(eq=False, slots=True)
class _Socket:
    web: web.WebSocketResponse
    topics: dict[str, list[_Binding]] = field(default_factory=dict)

    async def send(self, topic: str, event: str, payload: Any, ref: str | None = None) -> None:
        if not self.web.closed:
            message = {"topic": topic, "event": event, "payload": payload, "ref": ref}
            await self.web.send_str(json.dumps(message))


class RealtimeDouble:
    """`joins` counts the channels that were joined; `heartbeats` what keeps their sockets open."""

    def __init__(self, conninfo: str, *, secret: str) -> None:
        self._conninfo = conninfo
        self._secret = secret
        self._sockets: set[_Socket] = set()
        self._ids = itertools.count(10_000_001)
        self._listening: asyncio.Task[None] | None = None
        self.joins = 0
        self.heartbeats = 0

    async def start(self) -> None:
        connection = await psycopg.AsyncConnection.connect(self._conninfo, autocommit=True)
        await connection.execute(_TRIGGERS)
        await connection.execute(f"listen {_CHANNEL}")
        self._listening = asyncio.create_task(self._listen(connection))

    async def stop(self) -> None:
        await self.drop()
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.wait([self._listening])
            self._listening = None

    async def drop(self) -> None:
        """Cut all sockets, as a restart of the server does."""
        for socket in list(self._sockets):
            await socket.web.close(code=1012)

    @property
    def channels(self) -> int:
        return sum(len(socket.topics) for socket in self._sockets)

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        """`key` is on the address, as the client puts it there."""
        answer = web.WebSocketResponse(heartbeat=None)
        await answer.prepare(request)
        socket = _Socket(answer)
        self._sockets.add(socket)
        try:
            async for message in answer:
                if message.type is not WSMsgType.TEXT:
                    break
                await self._heard(socket, json.loads(message.data))
        finally:
            self._sockets.discard(socket)
        return answer

    async def _heard(self, socket: _Socket, message: dict[str, Any]) -> None:
        topic, event, payload, ref = (
            message.get(key) for key in ("topic", "event", "payload", "ref")
        )
        match event:
            case "heartbeat":
                self.heartbeats += 1
                await _reply(socket, topic, ref, {})
            case "phx_join":
                await self._join(socket, topic, payload or {}, ref)
            case "phx_leave":
                socket.topics.pop(topic, None)
                await _reply(socket, topic, ref, {})
                await socket.send(topic, "phx_close", {}, ref)
            case "access_token":
                if self._role((payload or {}).get("access_token")) != "service_role":
                    socket.topics.pop(topic, None)
                    await socket.send(
                        topic,
                        "system",
                        {
                            "channel": topic.removeprefix("realtime:"),
                            "extension": "system",
                            "message": "Token is not valid",
                            "status": "error",
                        },
                    )
                    await socket.send(topic, "phx_close", {}, None)
            case _:
                await _reply(socket, topic, ref, {"reason": f"unknown event {event}"}, "error")

    async def _join(
        self, socket: _Socket, topic: str, payload: dict[str, Any], ref: str | None
    ) -> None:
        if self._role(payload.get("access_token")) != "service_role":
            await _reply(socket, topic, ref, {"reason": "Unauthorized"}, "error")
            return
        asked = (payload.get("config") or {}).get("postgres_changes") or []
        bindings = [
            _Binding(
                next(self._ids),
                one.get("event", "*"),
                one.get("schema", "public"),
                one.get("table"),
                one.get("filter"),
            )
            for one in asked
        ]
        socket.topics[topic] = bindings
        self.joins += 1
        await _reply(
            socket, topic, ref, {"postgres_changes": [binding.said() for binding in bindings]}
        )
        # the real one says so when its replication stands, which is after the reply
        await socket.send(
            topic,
            "system",
            {
                "channel": topic.removeprefix("realtime:"),
                "extension": "postgres_changes",
                "message": "Subscribed to PostgreSQL",
                "status": "ok",
            },
        )

    def _role(self, token: str | None) -> str | None:
        try:
            claims = jwt.decode(
                token or "", self._secret, algorithms=["HS256"], options={"verify_aud": False}
            )
        except jwt.InvalidTokenError:
            return None
        return str(claims.get("role"))

    async def _listen(self, connection: psycopg.AsyncConnection[Any]) -> None:
        async with connection:
            async for notice in connection.notifies():
                await self._tell(json.loads(notice.payload))

    async def _tell(self, change: dict[str, Any]) -> None:
        data = {
            "schema": change["schema"],
            "table": change["table"],
            "commit_timestamp": change["at"],
            "type": change["type"],
            "errors": change.get("errors"),
            "columns": [
                {"name": name, "type": "text"}
                for name in (change.get("record") or change.get("old_record") or {})
            ],
        }
        for key in ("record", "old_record"):
            if change.get(key) is not None:
                data[key] = change[key]
        for socket in list(self._sockets):
            for topic, bindings in list(socket.topics.items()):
                if ids := [binding.id for binding in bindings if binding.wants(change)]:
                    await socket.send(topic, "postgres_changes", {"data": data, "ids": ids})


async def _reply(
    socket: _Socket, topic: str, ref: str | None, response: Any, status: str = "ok"
) -> None:
    await socket.send(topic, "phx_reply", {"status": status, "response": response}, ref)
