"""Counts the tokens of a document without parsing it: the library's lexer takes a hundred times as long."""

from __future__ import annotations

import re
from itertools import islice

from graph.limits.bounds import Limits
from resolvers.errors import LimitExceeded

# Either what separates tokens, or one token. Every character matches, and none is looked at twice. What is no token at
# all counts as one: the parser will say so.
_PIECE = re.compile(
    r"(?:[\s,\ufeff]++|\#[^\n\r]*+)++"
    r"|("
    r'[_A-Za-z]\w*+|"""(?:\\"""|[^"]|"(?!""))*+(?:""")?|"(?:[^"\\\n\r]|\\.)*+"?|-?\d[\d.eE+-]*+|\.\.\.|.'
    r")",
    re.ASCII | re.DOTALL,
)


def count_tokens(text: str, most: int) -> int:
    """The number of tokens, counted no further than `most`."""
    found = (piece for piece in _PIECE.finditer(text) if piece.lastindex)
    return sum(1 for _ in islice(found, most))


def check_text(text: str, limits: Limits) -> int:
    """The number of tokens. Raises LimitExceeded; for tokens, `found` is the first too many."""
    if len(text) > limits.characters:
        raise LimitExceeded(
            f"The document has {len(text)} characters, at most {limits.characters} are allowed. "
            "Pass long texts and lists as variables.",
            limit="characters",
            value=limits.characters,
            found=len(text),
        )
    tokens = count_tokens(text, limits.tokens + 1)
    if tokens > limits.tokens:
        raise LimitExceeded(
            f"The document has more than {limits.tokens} tokens. Pass long lists as variables.",
            limit="tokens",
            value=limits.tokens,
            found=tokens,
        )
    return tokens
