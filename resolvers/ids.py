"""Ids as clients see them: the kind and the record's own id, "invoice:INV-2026-01".

Readable, stable, and accepted wherever an id is taken. What a record's own id is, is its store's business.
"""

from __future__ import annotations

from typing import Final

from resolvers.errors import BadUserInput, FieldError

NEGOTIATION: Final = "negotiation"
SKU: Final = "sku"
OFFER: Final = "offer"
MILESTONE: Final = "milestone"
INVOICE: Final = "invoice"
NOTIFICATION: Final = "notification"
RULE: Final = "rule"
FIRING: Final = "firing"
CONFLICT: Final = "conflict"

KINDS: Final = (NEGOTIATION, SKU, OFFER, MILESTONE, INVOICE, NOTIFICATION, RULE, FIRING, CONFLICT)
_KIND_OF_AREA: Final = {
    "negotiations": NEGOTIATION,
    "skus": SKU,
    "offers": OFFER,
    "milestones": MILESTONE,
    "invoices": INVOICE,
    "notifications": NOTIFICATION,
    "rules": RULE,
    "rule_firings": FIRING,
    "conflicts": CONFLICT,
}
_SHOWN = 80


def global_id(kind: str, own: str) -> str:
    """The id that clients see."""
    return f"{kind}:{own}"


def entity_id(area: str, own: str) -> str:
    """The id of an audited row: as clients see it where it is a node, else the row's own."""
    kind = _KIND_OF_AREA.get(area)
    return own if kind is None else global_id(kind, own)


def split(text: str, *, path: str = "id") -> tuple[str, str]:
    """(kind, own id). Raises BadUserInput naming `path`."""
    kind, colon, own = text.partition(":")
    if not colon or not own or kind not in KINDS:
        raise _bad(path, f"{_short(text)} is not an id.", f'Ids look like "{NEGOTIATION}:demo".')
    return kind, own


def own_id(kind: str, text: str, *, path: str = "id") -> str:
    """The own id in an id of this kind. Raises BadUserInput naming `path`."""
    found, own = split(text, path=path)
    if found != kind:
        raise _bad(
            path, f"{_short(text)} is the id of a {found}.", f'Give the id of a {kind}: "{kind}:…".'
        )
    return own


def _bad(path: str, message: str, hint: str) -> BadUserInput:
    return BadUserInput(f"{message} {hint}", [FieldError(path, message, hint)])


def _short(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")
