"""Stock Strawberry: its FastAPI router, with or without its two caches (second argument: `cached`)."""

from __future__ import annotations

import sys
from typing import Any

from fastapi import FastAPI
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.fastapi import GraphQLRouter
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

from tests.bench.servers.room import load_store, make_schema
from tests.bench.servers.serving import Control, run


def make_app(data: str, *, cached: bool) -> Control:
    store = load_store(data)
    caches: tuple[Any, ...] = (
        (lambda: ParserCache(256), lambda: ValidationCache(256)) if cached else ()
    )
    router: GraphQLRouter[None, None] = GraphQLRouter(
        make_schema(store, caches),
        graphql_ide=None,
        subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL],
    )
    app = FastAPI()
    app.include_router(router, prefix="/graphql")
    return Control(app, store.publish)


def main() -> None:
    run(make_app(sys.argv[1], cached="cached" in sys.argv[2:]))


if __name__ == "__main__":
    main()
