"""Serves the built dashboard, GraphiQL and the API reference from `web/dist`: files at their own paths, screens by index.html."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, PlainTextResponse
from starlette.exceptions import HTTPException

IMMUTABLE = "public, max-age=31536000, immutable"
REVALIDATE = "no-cache"
NOT_BUILT = (
    "The dashboard is not built. Run `make run`, or `npm --prefix web run build`, and reload.\n"
)


def dashboard_router(dist: Path, *, with_explorer: bool) -> APIRouter:
    """GET only. `with_explorer`: GraphiQL is served (development profile)."""
    router = APIRouter(include_in_schema=False)
    root = dist.resolve()

    def page(relative: str) -> Response:
        file = root / relative
        if not file.is_file():
            return PlainTextResponse(NOT_BUILT, 503)
        return FileResponse(file, headers={"cache-control": REVALIDATE})

    if with_explorer:

        @router.get("/graphiql")
        async def explorer() -> Response:
            return page("explorer/index.html")

    @router.get("/docs")
    async def reference() -> Response:
        return page("docs/index.html")

    @router.get("/{path:path}")
    async def file_or_screen(request: Request, path: str) -> Response:
        file = (root / path).resolve()
        if path and file.is_relative_to(root) and file.is_file() and file.suffix != ".html":
            lasting = IMMUTABLE if path.startswith("assets/") else REVALIDATE
            return FileResponse(file, headers={"cache-control": lasting})
        if path.startswith(("api/", "assets/")) or "text/html" not in request.headers.get(
            "accept", "*/*"
        ).replace("*/*", "text/html"):
            raise HTTPException(404, f"There is nothing at /{path}.")
        return page("index.html")

    return router
