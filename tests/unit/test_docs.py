"""The documents keep up with the code: settings, commands, error codes, words and links."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
from graphql import build_schema
from graphql.type import GraphQLEnumType, GraphQLObjectType, GraphQLUnionType

from graph import cli
from graph.preflight.catalogue import CATALOGUE
from graph.settings import Settings
from resolvers import errors

ROOT = Path(__file__).parents[2]
ENV_EXAMPLE = ROOT / ".env.example"
OPERATIONS = ROOT / "docs" / "operations.md"
ARCHITECTURE = ROOT / "docs" / "architecture.md"
GLOSSARY = ROOT / "docs" / "glossary.md"
MAKEFILE = ROOT / "Makefile"
MARKDOWN = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])

SETTINGS = {name.upper() for name in Settings.model_fields}
# How lists are cut into pages is the same for every list and needs no word of its own.
PLUMBING = re.compile(r"(Connection|Edge|Payload|PageInfo|Query|Mutation|Subscription)$|^__")


def commands(command: Any, path: str = "twilio-negotiation") -> Iterator[str]:
    """The full names of a click command and all below it."""
    if children := getattr(command, "commands", None):
        for name, child in children.items():
            yield from commands(child, f"{path} {name}")
    elif not command.hidden:
        yield path


def gateway_errors() -> list[type[errors.GatewayError]]:
    return [errors.GatewayError, *errors.GatewayError.__subclasses__()]


def test_the_example_environment_names_every_setting_and_no_other() -> None:
    named = re.findall(r"^# ([A-Z_]+)=", ENV_EXAMPLE.read_text(), flags=re.MULTILINE)
    assert len(named) == len(set(named))
    assert set(named) == SETTINGS


def test_the_example_environment_shows_the_defaults(tmp_path: Path) -> None:
    uncommented = tmp_path / ".env"
    uncommented.write_text(
        re.sub(r"^# (?=[A-Z_]+=)", "", ENV_EXAMPLE.read_text(), flags=re.MULTILINE)
    )
    assert Settings(_env_file=uncommented) == Settings(_env_file=None)


def test_operations_explains_every_setting_and_no_other() -> None:
    explained = re.findall(r"^\| `([A-Z_]+)` \|", OPERATIONS.read_text(), flags=re.MULTILINE)
    assert len(explained) == len(set(explained))
    assert set(explained) == SETTINGS


def test_every_command_is_in_the_operations_page() -> None:
    text = OPERATIONS.read_text()
    found = list(commands(typer.main.get_command(cli.app)))
    assert found
    assert [command for command in found if command not in text] == []


def test_every_check_of_the_preflight_is_in_its_page_with_its_title() -> None:
    text = (ROOT / "docs" / "preflight.md").read_text()
    documented = re.findall(r"^\| (P\d\d) \| ([^|]+) \|", text, flags=re.MULTILINE)
    assert documented == [(check.id, check.title) for check in CATALOGUE]


@pytest.mark.parametrize("error", gateway_errors(), ids=lambda error: error.code)
def test_every_error_code_is_documented_with_its_status(error: type[errors.GatewayError]) -> None:
    assert f"| `{error.code}` | {error.status} |" in ARCHITECTURE.read_text()


def test_every_type_of_the_sdl_has_a_line_in_the_glossary() -> None:
    schema = build_schema((ROOT / "schema" / "schema.graphql").read_text())
    glossary = GLOSSARY.read_text()
    kinds = GraphQLObjectType | GraphQLEnumType | GraphQLUnionType
    names = [
        name
        for name, definition in schema.type_map.items()
        if isinstance(definition, kinds) and not PLUMBING.search(name)
    ]
    assert names
    missing = [
        name for name in names if not re.search(rf"\b{spoken(name)}s?\b", glossary, re.IGNORECASE)
    ]
    assert missing == []


def spoken(name: str) -> str:
    """A pattern for a type's name as it is, or as words: "RateTier" or "rate tier"."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", r"[- ]?", name)


@pytest.mark.parametrize("page", MARKDOWN, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_and_picture_of_a_page_exists(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text())
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_every_verb_that_a_page_names_is_in_the_makefile() -> None:
    verbs = set(re.findall(r"^([a-z-]+):", MAKEFILE.read_text(), flags=re.MULTILINE))
    named = {
        verb
        for page in MARKDOWN
        for verb in re.findall(r"(?:^|`)make ([a-z-]+)", page.read_text(), flags=re.MULTILINE)
    }
    assert named
    assert named <= verbs


def test_the_index_of_decisions_lists_every_page() -> None:
    folder = ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text()
    pages = sorted(page.name for page in folder.glob("[0-9]*.md"))
    assert pages
    assert [page for page in pages if f"({page})" not in index] == []
