"""The command line. Each command imports what it needs when it runs, so that `--help` answers at once."""

from __future__ import annotations

import gc

import typer

from graph.cli import data, exports, gateway, imports, keys, preflight, queue, rules, schema, sync

app = typer.Typer(
    name="twilio-negotiation",
    help="One live picture of a vendor negotiation: gateway, imports, checks.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_show_locals=False,
)
gateway.register(app)
imports.register(app)
data.register(app)
sync.register(app)
exports.register(app)
keys.register(app)
queue.register(app)
rules.register(app)
schema.register(app)
preflight.register(app)


@app.callback()
def quiet() -> None:
    from graph.logs import configure_logging
    from graph.settings import LogFormat

    configure_logging(
        "WARNING", LogFormat.CONSOLE
    )  # a command speaks for itself; `serve` logs more


def main() -> None:
    """The console script."""
    gc.set_threshold(100_000)  # what is being imported stays: Python would walk it again and again
    app()
