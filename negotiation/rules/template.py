"""The text of a rule: plain words and the facts of its kind by name, "{{amount}}". Nothing else is read in it, nothing runs."""

from __future__ import annotations

import string
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from negotiation.errors import NegotiationError
from negotiation.sms import MAX_CHARACTERS

MAX_TEMPLATE: Final = 640
_LONGEST_VALUE: Final = 80
_ELLIPSIS: Final = "..."
"""ASCII: the one character of Unicode would make the whole text dearer."""


class _Braces(string.Template):
    """`{{name}}`, spaces within allowed; any other `{{` or `}}` is a fault."""

    delimiter = "{{"
    pattern = r"""
        (?P<escaped>(?!))|
        \{\{[ ]*(?P<named>[a-z]+)[ ]*\}\}|
        (?P<braced>(?!))|
        (?P<invalid>\{\{|\}\})
    """  # type: ignore[assignment]


def faults(
    template: str, names: Collection[str], field: str = "template"
) -> Iterator[NegotiationError]:
    """What keeps `template` from being a text with these names."""
    if not template.strip():
        yield NegotiationError(
            "TEMPLATE_EMPTY",
            "The text is empty.",
            field,
            "Write one, or leave it out for the kind's own.",
        )
        return
    if len(template) > MAX_TEMPLATE:
        yield NegotiationError(
            "TEMPLATE_TOO_LONG",
            f"The text has {len(template)} characters.",
            field,
            f"It may have {MAX_TEMPLATE}; four segments are a long message.",
        )
        return
    for match in _Braces.pattern.finditer(template):  # type: ignore[attr-defined]
        if match["invalid"] is not None:
            yield NegotiationError(
                "TEMPLATE_BRACES",
                f"At character {match.start() + 1} there are braces without a name between them.",
                field,
                'Write a name between two pairs of braces: "{{negotiation}}".',
            )
        elif match["named"] not in names:
            yield NegotiationError(
                "TEMPLATE_NAME",
                f"There is no {match['named']!r} to write at character {match.start() + 1}.",
                field,
                f"Names are {', '.join(names)}.",
            )


def render(template: str, facts: Mapping[str, str]) -> str:
    """The text with the facts in it, as long as one message may be. KeyError or ValueError for what `faults` refuses.

    A fact is one line of at most 80 characters, whatever somebody else wrote into it.
    """
    shown = {
        name: _clipped(" ".join(_printable(value).split()), _LONGEST_VALUE)
        for name, value in facts.items()
    }
    return _clipped(_Braces(template).substitute(shown), MAX_CHARACTERS)


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)


def _clipped(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - len(_ELLIPSIS)] + _ELLIPSIS
