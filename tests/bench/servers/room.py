"""What every server of the comparison serves: one room, its dashboard, and a number that each publication replaces.

The schema is small on purpose: a peer's execution of a delivery is as cheap as it can be, so that what is compared is
how deliveries are made. Values are ready-made objects; nothing is computed in a resolver.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import strawberry

from adapters.broadcast import Latest
from negotiation.records import Provenance, Snapshot

SDL = """\
type Query { dashboard(rows: Int!): Dashboard! }
type Subscription { room(key: Int!): Room! }
type Room { sequence: Int! key: Int! name: String! currency: String! revenue: String! expense: String! text: String! }
type Dashboard {
  sequence: Int! name: String! currency: String! revenue: String! expense: String! margin: String! open: Int!
  updatedAt: String! rows: [Row!]!
}
type Row {
  id: ID! number: String! issuedOn: String! dueOn: String! counterparty: String! currency: String! net: String!
  tax: String! total: String! status: String! lines: Int! disputed: Boolean!
}
"""
SUBSCRIPTION = (
    "subscription Room($key: Int!) {"
    " room(key: $key) { sequence key name currency revenue expense text } }"
)
DASHBOARD = (
    "query Dashboard($rows: Int!) { dashboard(rows: $rows) {"
    " sequence name currency revenue expense margin open updatedAt"
    " rows { id number issuedOn dueOn counterparty currency net tax total status lines disputed } } }"
)
SCALARS, COLUMNS, MOST_ROWS = 8, 12, 400
DASHBOARD_LEAVES = 440
TEXT_BYTES = 1_820  # makes a delivery 2 kB


def rows_for(leaves: int) -> int:
    """How many rows the dashboard needs to have about so many leaves."""
    return max(1, round((leaves - SCALARS) / COLUMNS))


def room_data() -> dict[str, Any]:
    """The data of every server, in whatever language."""
    states = ("ISSUED", "PAID", "DISPUTED", "OVERDUE")
    return {
        "room": {
            "name": "Twilio 2026 renewal",
            "currency": "USD",
            "revenue": "1284500.00",
            "expense": "771200.00",
            "text": ("The quick brown fox jumps over the lazy dog. " * 50)[:TEXT_BYTES],
        },
        "dashboard": {
            "name": "Twilio 2026 renewal",
            "currency": "USD",
            "revenue": "1284500.00",
            "expense": "771200.00",
            "margin": "0.3996",
            "open": 12,
            "updatedAt": "2026-04-01T12:00:00Z",
            "rows": [
                {
                    "id": f"invoice-{n}",
                    "number": f"INV-2026-{n:05}",
                    "issuedOn": f"2026-{n % 12 + 1:02}-01",
                    "dueOn": f"2026-{n % 12 + 1:02}-28",
                    "counterparty": "Twilio Inc.",
                    "currency": "USD",
                    "net": f"{1000 + n * 7}.25",
                    "tax": f"{190 + n}.05",
                    "total": f"{1190 + n * 8}.30",
                    "status": states[n % 4],
                    "lines": n % 9 + 1,
                    "disputed": n % 4 == 2,
                }
                for n in range(MOST_ROWS)
            ],
        },
    }


@strawberry.type
class Row:
    id: strawberry.ID
    number: str
    issued_on: str
    due_on: str
    counterparty: str
    currency: str
    net: str
    tax: str
    total: str
    status: str
    lines: int
    disputed: bool


@strawberry.type
class Dashboard:
    sequence: int
    name: str
    currency: str
    revenue: str
    expense: str
    margin: str
    open: int
    updated_at: str
    rows: list[Row]


@strawberry.type
class Room:
    sequence: int
    key: int
    name: str
    currency: str
    revenue: str
    expense: str
    text: str


class RoomStore:
    """As much of the Store port as executing and following operations needs; `publish` is its commit."""

    def __init__(self, data: dict[str, Any]) -> None:
        dashboard = data["dashboard"]
        self._rows = [
            Row(issued_on=row.pop("issuedOn"), due_on=row.pop("dueOn"), **row)
            for row in dashboard.pop("rows")
        ]
        self.room = Room(sequence=0, key=0, **data["room"])
        self._dashboard = Dashboard(
            sequence=0, updated_at=dashboard.pop("updatedAt"), rows=[], **dashboard
        )
        empty = Snapshot(
            store_id="bench", revision=0, as_of=datetime.now(UTC), provenance=Provenance.FIXTURE
        )
        self._latest = Latest(empty)

    def snapshot(self) -> Snapshot:
        return self._latest.value

    def watch(self) -> AsyncGenerator[Snapshot, None]:
        return self._latest.watch()

    def publish(self, sequence: int | None = None) -> None:
        """A new revision with this number; without one, with the next."""
        before = self._latest.value
        number = self.room.sequence + 1 if sequence is None else sequence
        self.room = replace(self.room, sequence=number)
        self._latest.set(replace(before, revision=before.revision + 1))

    def room_for(self, key: int) -> Room:
        return replace(self.room, key=key)

    def dashboard(self, rows: int) -> Dashboard:
        return replace(self._dashboard, sequence=self.room.sequence, rows=self._rows[:rows])


def make_schema(store: RoomStore, extensions: tuple[Any, ...] = ()) -> strawberry.Schema:
    def present(rows: int) -> Dashboard:
        return store.dashboard(rows)

    async def follow(key: int) -> AsyncGenerator[Room, None]:
        async for _ in store.watch():
            yield store.room_for(key)

    @strawberry.type
    class Query:
        dashboard: Dashboard = strawberry.field(resolver=present)

    @strawberry.type
    class Subscription:
        room: Room = strawberry.subscription(resolver=follow)

    return strawberry.Schema(query=Query, subscription=Subscription, extensions=list(extensions))


def load_store(path: str) -> RoomStore:
    return RoomStore(json.loads(Path(path).read_text()))
