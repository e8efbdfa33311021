"""Terms to and from JSON: one object per term, its kind beside its fields.

Used wherever terms are kept or sent: the store, the peer database, the hash of an offer. Decimals are text, a field
that is None or empty is left out. Whether the terms make sense together is for the lint of offers to say.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import cache
from typing import Any, Final

from negotiation.decimals import shown
from negotiation.plain import (
    canonical_decimal_text,
    decimal_text,
    from_plain,
    joined,
    refused,
    to_plain,
)
from negotiation.terms import (
    CommitmentTerm,
    CreditTerm,
    LadderTerm,
    PaymentTerm,
    PriceProtectionTerm,
    QualitativeTerm,
    RampTerm,
    RateTerm,
    RenewalTerm,
    ShortfallTerm,
    Term,
)

TERM_KINDS: Final[dict[str, type[Term]]] = {
    "commitment": CommitmentTerm,
    "credit": CreditTerm,
    "ladder": LadderTerm,
    "payment": PaymentTerm,
    "price_protection": PriceProtectionTerm,
    "qualitative": QualitativeTerm,
    "ramp": RampTerm,
    "rate": RateTerm,
    "renewal": RenewalTerm,
    "shortfall": ShortfallTerm,
}


def term_to_plain(term: Term) -> dict[str, Any]:
    """`{"kind": "ladder", "id": ..., ...}`: only dicts, lists, text, whole numbers and booleans."""
    return _with_kind(term, decimal_text)


def term_from_plain(plain: Any, path: str = "") -> Term:
    """The term that `term_to_plain` wrote. TermError with the path ("2.tiers.0.discount") of what cannot be read."""
    if not isinstance(plain, dict):
        raise refused(path, f"{shown(plain)} is not a term: an object with a kind.")
    kind = plain.get("kind")
    cls = TERM_KINDS.get(kind) if isinstance(kind, str) else None
    if cls is None:
        raise refused(
            joined(path, "kind"),
            f"{shown(kind)} is not a kind of term.",
            f"Kinds are {', '.join(TERM_KINDS)}.",
        )
    term: Term = from_plain(cls, {k: v for k, v in plain.items() if k != "kind"}, path)
    return term


def terms_to_plain(terms: Iterable[Term]) -> list[dict[str, Any]]:
    return [term_to_plain(term) for term in terms]


def terms_from_plain(plain: Any, path: str = "") -> tuple[Term, ...]:
    """TermError with the path of what cannot be read."""
    if not isinstance(plain, list | tuple):
        raise refused(path, f"{shown(plain)} is not a list of terms.")
    return tuple(term_from_plain(each, joined(path, str(i))) for i, each in enumerate(plain))


def terms_to_json(terms: Iterable[Term]) -> str:
    """Compact JSON that keeps every digit as written (1.50 stays 1.50)."""
    return _compact(terms_to_plain(terms))


def terms_from_json(text: str) -> tuple[Term, ...]:
    """TermError where the text is no JSON or no list of terms."""
    try:
        plain = json.loads(text)
    except ValueError as error:
        raise refused("", f"The terms are no JSON: {error}.") from None
    return terms_from_plain(plain)


def canonical_terms(terms: Iterable[Term]) -> str:
    """One text for equal terms, for hashing: keys sorted, decimals without trailing zeros, order of terms kept."""
    return _compact([_with_kind(term, canonical_decimal_text) for term in terms])


def _with_kind(term: Term, decimal: Callable[[Decimal], str]) -> dict[str, Any]:
    return {"kind": _kinds()[type(term)], **to_plain(term, decimal)}


def _compact(plain: Any) -> str:
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


@cache
def _kinds() -> dict[type[Any], str]:
    return {cls: kind for kind, cls in TERM_KINDS.items()}
