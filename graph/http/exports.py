"""`/api/v1/exports/{name}.{ending}`: what `resolvers.exports` offers, as files to download. Buyer roles only."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

from fastapi import APIRouter, Request, Response

from graph.context import Context
from resolvers import exports
from resolvers.errors import NotFound

ContextOf = Callable[[Request], Awaitable[Context]]
PDF = "application/pdf"


def exports_router(context_of: ContextOf) -> APIRouter:
    router = APIRouter(prefix="/api/v1/exports", tags=["exports"])

    @router.get("", summary="What can be exported")
    async def listing(request: Request) -> dict[str, list[dict[str, str]]]:
        await context_of(request)
        found = [
            {"name": name, "title": kind.title, "path": f"{router.prefix}/{name}.csv"}
            for name, kind in exports.TABLES.items()
        ]
        for ending in ("md", "pdf"):
            path = f"{router.prefix}/{exports.BRIEFING}.{ending}"
            found.append({"name": exports.BRIEFING, "title": "Briefing", "path": path})
        return {"exports": found}

    @router.get("/{file}", summary="One export: a table as .csv, the briefing as .md or .pdf")
    async def download(request: Request, file: str) -> Response:
        context = await context_of(request)
        name, _, ending = file.rpartition(".")
        endings = {"md", "pdf"} if name == exports.BRIEFING else {"csv"}
        if ending not in endings:
            raise NotFound(
                f"There is no {file!r}; {name or file} comes as {' or '.join(sorted(endings))}."
            )
        view = context.view_of(context.services.store.snapshot())
        made = await exports.export(view, name)
        if ending != "pdf":
            return _attached(made.text.encode(), made.media_type, made.name)
        body = await asyncio.to_thread(_pdf, made.text, context.services.clock.now())
        return _attached(body, PDF, made.name.replace(".md", ".pdf"))

    return router


def _pdf(markdown: str, made_at: datetime) -> bytes:
    """Loads what makes PDFs, a ninth of what a gateway loads at its start, when the first one is asked for."""
    from graph.exports.pdf import render

    return render(markdown, made_at)


def _attached(body: bytes, media_type: str, name: str) -> Response:
    headers = {
        "content-disposition": f'attachment; filename="{name}"',
        "cache-control": "no-store",
    }
    return Response(body, media_type=media_type, headers=headers)
