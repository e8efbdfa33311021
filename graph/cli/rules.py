"""`rules list|export|import`: the rules that notify, as a table and as JSON, at the gateway or on the store itself."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.table import Table

from graph.cli.client import Ask, gateway_url, local_gateway, run_operation
from graph.cli.common import USAGE, DataDir, console, errors, fail, settings_with
from graph.settings import Settings

FIELDS = """id name kind enabled negotiationId days threshold tier recipients channel template
  quietHours { start end zone days } passesQuietHours dailyCap cooldownHours repeats priority"""
RULES = f"query Rules {{ rules {{ {FIELDS} version lastFiredAt }} }}"
CHECK = "query CheckRule($input: RuleInput!) { previewRule(input: $input) { problems { field message } } }"
SAVE = "mutation SaveRule($input: RuleInput!) { saveRule(input: $input) { rule { name } } }"

Endpoint = Annotated[
    str | None,
    typer.Option(help="Gateway to ask. Default: the one running on this data folder."),
]


def register(app: typer.Typer) -> None:
    rules = typer.Typer(
        help="The rules that send a text when something comes to pass.", no_args_is_help=True
    )
    rules.command("list")(list_rules)
    rules.command("export")(export_rules)
    rules.command("import")(import_rules)
    app.add_typer(rules, name="rules")


def list_rules(endpoint: Endpoint = None, data_dir: DataDir = None) -> None:
    """Every rule, whether it is switched on, and when it last fired."""
    found = run_operation(settings_with(data_dir=data_dir), RULES, {}, endpoint=endpoint)
    table = Table("Id", "Name", "Kind", "On", "To", "Version", "Last fired")
    for rule in found["rules"]:
        table.add_row(
            rule["id"],
            rule["name"],
            rule["kind"],
            "yes" if rule["enabled"] else "no",
            ", ".join(rule["recipients"]) or "the configured recipient",
            str(rule["version"]),
            rule["lastFiredAt"] or "never",
        )
    console.print(table)


def export_rules(
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write. Default: standard output.")
    ] = None,
    endpoint: Endpoint = None,
    data_dir: DataDir = None,
) -> None:
    """Write all rules as JSON, as `rules import` reads them."""
    found = run_operation(settings_with(data_dir=data_dir), RULES, {}, endpoint=endpoint)
    kept = [
        {name: value for name, value in rule.items() if name not in {"version", "lastFiredAt"}}
        for rule in found["rules"]
    ]
    text = orjson.dumps(kept, option=orjson.OPT_INDENT_2).decode()
    if output is None:
        typer.echo(text)
        return
    try:
        output.write_text(f"{text}\n", encoding="utf-8")
    except OSError as error:
        fail(f"{output} cannot be written: {error.strerror}.", USAGE)
    errors.print(f"{len(kept)} rules written to {output}.")


def import_rules(
    file: Annotated[
        Path, typer.Argument(help="JSON from `rules export`.", exists=True, dir_okay=False)
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check every rule, change nothing.")
    ] = False,
    endpoint: Endpoint = None,
    data_dir: DataDir = None,
) -> None:
    """Save the rules of a file: one whose id is there becomes what the file says, any other is made.

    Each is checked first; where one is wrong, none is saved.
    """
    settings = settings_with(data_dir=data_dir)
    rules = _read(file)
    asyncio.run(_at(settings, endpoint, rules, dry_run=dry_run))
    done = "would be saved" if dry_run else "saved"
    console.print(f"{len(rules)} {'rule' if len(rules) == 1 else 'rules'} {done}.")


def _read(file: Path) -> list[dict[str, Any]]:
    try:
        found = orjson.loads(file.read_bytes())
    except OSError as error:
        fail(f"{file} cannot be read: {error.strerror}.", USAGE)
    except orjson.JSONDecodeError as error:
        fail(f"{file} is no JSON: {error}.", USAGE)
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        fail(f"{file} holds no list of rules. `rules export` writes one.", USAGE)
    return found


async def _at(
    settings: Settings, endpoint: str | None, rules: list[dict[str, Any]], *, dry_run: bool
) -> None:
    url = gateway_url(settings, endpoint)
    if url is None:
        async with local_gateway(settings) as (_, ask):
            await _save(ask, rules, dry_run=dry_run)
        return

    async def remotely(document: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        return await asyncio.to_thread(run_operation, settings, document, variables, endpoint=url)

    await _save(remotely, rules, dry_run=dry_run)


async def _save(ask: Ask, rules: list[dict[str, Any]], *, dry_run: bool) -> None:
    known = {rule["id"] for rule in (await ask(RULES, {}))["rules"]}
    wanted = [
        rule if rule.get("id") in known else {k: v for k, v in rule.items() if k != "id"}
        for rule in rules
    ]
    wrong = []
    for number, rule in enumerate(wanted, 1):
        problems = (await ask(CHECK, {"input": rule}))["previewRule"]["problems"]
        named = f"Rule {number} ({rule.get('name')})"
        wrong += [f"{named}, {each['field']}: {each['message']}" for each in problems]
    if wrong:
        fail("\n".join([*wrong, "Nothing was saved."]))
    if not dry_run:
        for rule in wanted:
            await ask(SAVE, {"input": rule})
