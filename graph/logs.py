"""One structured log for everything: our events, the libraries' and uvicorn's, each line with its correlation id."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping, MutableMapping
from contextvars import ContextVar
from typing import Any

import structlog

from graph.settings import LogFormat

QUIET = (
    "asyncio",
    "fontTools",
    "fpdf",
    "h2",
    "hpack",
    "httpcore",
    "httpx",
    "twilio",
    "uvicorn.access",
    "uvicorn.error",
    "websockets",
)
"""Libraries that tell of every step; of them only what is wrong is told. Some would tell of keys in addresses."""

SILENT = ("realtime",)
"""Libraries that call a connection's end an error, even one we asked for; health says how things are."""


correlation_id: ContextVar[str | None] = ContextVar("correlation_id", default=None)
"""Of the request that is being served; the edge sets it, every log line has it."""


def _add_correlation_id(_: Any, __: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    if (current := correlation_id.get()) is not None:
        event.setdefault("correlation_id", current)
    return event


def configure_logging(level: str, log_format: LogFormat) -> None:
    """Logs go to stderr; stdout belongs to what a command answers."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        _add_correlation_id,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: list[Any] = (
        [structlog.processors.dict_tracebacks, structlog.processors.JSONRenderer()]
        if log_format is LogFormat.JSON
        else [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    for name in SILENT:
        logging.getLogger(name).setLevel(logging.CRITICAL)
