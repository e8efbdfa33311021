"""Who may have which path: what the stored documents need, derived from the permission table, and what is open."""

from __future__ import annotations

from functools import reduce

from graphql import GraphQLSchema, parse

from graph.auth.permissions import EVERYONE, OPEN, Roles, permissions
from graph.execution.documents import selected_fields
from graph.http import documents
from graph.http.webhooks import SIGNED as SIGNED
from resolvers import exports

PUBLIC = ("/", "/docs", "/healthz", "/metrics", "/openapi.json")
"""Answered without a credential: pages, and what machines watch. None shows a figure of the negotiation."""


def rest_access(schema: GraphQLSchema) -> dict[str, Roles]:
    """Path → the roles that may have it; OPEN: whoever is signed in."""
    table = permissions()

    def needed(text: str) -> Roles:
        fields = selected_fields(schema, parse(text))
        closed = [table[field] for field in fields if not field.endswith("__typename")]
        return reduce(frozenset.intersection, (roles for roles in closed if roles), EVERYONE)

    stored = {f"/api/v1/{path}": needed(text) for path, text in documents.STORED.items()}
    return {
        **stored,
        "/api/v1/exports": OPEN,
        **{f"/api/v1/exports/{name}.csv": exports.BUYERS for name in exports.TABLES},
        **{f"/api/v1/exports/{exports.BRIEFING}.{end}": exports.BUYERS for end in ("md", "pdf")},
    }
