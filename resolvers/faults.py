"""The model's refusals as errors of a use case, with the paths that a client knows."""

from __future__ import annotations

from negotiation.errors import NegotiationError, ValidationFailed
from resolvers.errors import BadUserInput, FieldError


def bad_input(error: NegotiationError, path: str = "") -> BadUserInput:
    """A refusal by the model as bad input, its fields below `path`."""
    parts = error.errors if isinstance(error, ValidationFailed) else (error,)
    fields = [
        FieldError(
            ".".join(step for step in (path, each.field) if step),
            each.message,
            each.hint,
            each.code,
        )
        for each in parts
    ]
    return BadUserInput(" ".join(sentence(each) for each in parts), fields)


def sentence(error: NegotiationError) -> str:
    """What is wrong and what to do about it."""
    return f"{error.message} {error.hint}" if error.hint else error.message
