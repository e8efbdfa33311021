"""The gateway as it is served: its own schema over the demo workspace in a store file. Publishing is a durable commit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import uvloop

from graph import sdl
from graph.app import App
from graph.cli.gateway import make_server
from graph.schema import build_schema
from graph.settings import Settings
from graph.wiring.running import running_services
from resolvers.ports import Put, Store
from tests.bench.servers.serving import Control, serve

SCREEN = """
query Screen {
  negotiation {
    id name vendor buyer currency status version asOf provenance usageFrom usageTo
    targets { floorMargin targetMargin ceilingMargin }
    dates { start end lastNoticeDay autoRenews }
    envelope {
      currency revenue expense listRevenue currentMargin floorMargin targetMargin ceilingMargin
      floorRevenue targetRevenue ceilingRevenue
      discountAtFloorMargin discountAtTargetMargin discountAtCeilingMargin
      trace { id label formula inputs value }
      warnings { code message field }
    }
    ladder { basis application windowDays tiers { name threshold discount } }
    trailing90 { from to basis amount missingDays tier { name } nextTier { name threshold } toNextTier }
    streams { name side unit volume unitPrice listUnitPrice amount listAmount }
    milestones { id name dueOn status late ownerRole }
    dailySpend { date list net }
  }
}
"""
FOLLOWED = """
subscription Followed {
  negotiationUpdated {
    sequence: version
    id name status currency
    envelope { revenue expense listRevenue currentMargin floorRevenue targetRevenue ceilingRevenue }
    streams { name side unit volume unitPrice amount }
    trailing90 { amount toNextTier tier { name } nextTier { name threshold } }
    milestones { id name dueOn status late }
  }
}
"""


class Publisher:
    """Commits the number as the current negotiation's version."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def publish(self, number: int | None) -> None:
        def decide(snapshot: Any) -> list[Put]:
            current = snapshot.negotiations[snapshot.current_negotiation_id]
            version = current.version + 1 if number is None else number
            return [Put(replace(current, version=version))]

        await self._store.commit(decide, actor="bench", cause="publish")


class Product(Control):
    """The product behind the benchmark's door."""

    def __init__(self, app: App, publisher: Publisher) -> None:
        super().__init__(app, publisher.publish)
        self.drain = app.drain


async def serve_product(folder: str) -> None:
    settings = Settings(
        _env_file=None, data_dir=Path(folder), web_dist=Path(folder, "none"), drain_seconds=0
    )
    schema = build_schema()
    async with running_services(settings, sdl.version_of(sdl.render(schema))) as running:
        app = App(
            running.services,
            settings=settings,
            schema=schema,
            authenticator=running.authenticator,
            live_component=running.live,
        )
        publisher = Publisher(running.store)
        await publisher.publish(0)
        product: Any = Product(app, publisher)
        await serve(make_server(product, settings))


def main() -> None:
    with TemporaryDirectory() as folder:
        uvloop.run(serve_product(folder))


if __name__ == "__main__":
    main()
