"""What the dashboard asks at its start is answered to whom it is asked for: a guest of the vendor and a reader meet no refusal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from graphql import OperationDefinitionNode, parse

from tests.integration.security.conftest import Opened
from tests.integration.security.door import a_token

WEB = Path(__file__).parents[3] / "web" / "src" / "gql" / "persisted-documents.json"
FOR_GUESTS = ("Viewer", "GuestShell", "Guest")
FOR_READERS = (
    *FOR_GUESTS,
    "Shell",
    "Negotiation",
    "Offers",
    "Position",
    "Forecast",
    "Invoices",
    "TwilioImport",
    "UsageMappings",
    "ListRates",
    "Catalog",
    "Notifications",
    "NotificationQueue",
    "Rules",
    "RuleFirings",
    "Health",
    "Changes",
)


def queries() -> dict[str, str]:
    """The dashboard's documents by the name of their operation."""
    found = {}
    for text in json.loads(WEB.read_text(encoding="utf-8")).values():
        for definition in parse(text).definitions:
            if isinstance(definition, OperationDefinitionNode) and definition.name is not None:
                found[definition.name.value] = text
    return found


@pytest.mark.parametrize(("role", "names"), [("vendor_guest", FOR_GUESTS), ("viewer", FOR_READERS)])
async def test_no_screen_asks_for_what_its_reader_may_not_have(
    opened: Opened, role: str, names: tuple[str, ...]
) -> None:
    documents = queries()
    async with opened(cost_per_minute=100_000_000) as door:
        for name in names:
            variables: dict[str, Any] = {"first": 5} if "$first: Int!" in documents[name] else {}
            answer = await door.post(
                documents[name], a_token(role), operationName=name, variables=variables
            )
            assert "errors" not in answer.json(), name
