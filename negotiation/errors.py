"""Everything the model can refuse, as one tree.

* NegotiationError              base: a stable code, a sentence, the field at fault, what to do
  + AmountError                 a money text, a number or a quantity cannot be read or used
  | + CurrencyError             a currency is unknown, or two of them contradict each other
  + RatioError                  a margin, discount or band cannot be read, or is out of range
  + StreamError                 a revenue or expense stream cannot be read
  + TermError                   a contract term contradicts itself or another term
  + ValidationFailed            several of the above at once, each kept in `errors`

The model raises nothing else for bad input: `decimal.InvalidOperation` and its like stay inside. How an
error reaches a client (GraphQL extensions, REST status, row of an import) is left to the edges.
"""

from __future__ import annotations

from collections.abc import Iterable


class NegotiationError(ValueError):
    """Input that the model refuses.

    `code` is stable and meant for programs, `message` says what is wrong, `field` is the path of the
    input at fault (``revenue_streams[0].unit_price``) and `hint` says what to write instead.
    """

    def __init__(
        self, code: str, message: str, field: str | None = None, hint: str | None = None
    ) -> None:
        super().__init__(code, message, field, hint)
        self.code = code
        self.message = message
        self.field = field
        self.hint = hint

    def __str__(self) -> str:
        where = f"{self.field}: " if self.field else ""
        advice = f" {self.hint}" if self.hint else ""
        return f"{where}{self.message}{advice}"


def wire_name(name: str) -> str:
    """The name of a field as clients know it: `mms_share` is `mmsShare`."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


class AmountError(NegotiationError):
    """A money text, a number or a quantity that cannot be read or used."""


class CurrencyError(AmountError):
    """A currency that is unknown, or two currencies that contradict each other."""


class RatioError(NegotiationError):
    """A margin, discount or band that cannot be read or is out of range."""


class StreamError(NegotiationError):
    """A revenue or expense stream that cannot be read."""


class TermError(NegotiationError):
    """A contract term that contradicts itself or another term."""


class ValidationFailed(NegotiationError):
    """Several refusals at once; `errors` holds each of them, in the order found."""

    def __init__(self, errors: Iterable[NegotiationError]) -> None:
        self.errors = tuple(errors)
        count = len(self.errors)
        super().__init__(
            "VALIDATION_FAILED",
            "; ".join(str(error) for error in self.errors)
            or "The input was refused without a reason.",
            self.errors[0].field if count == 1 else None,
        )

    def __reduce__(self) -> tuple[type[ValidationFailed], tuple[tuple[NegotiationError, ...]]]:
        return type(self), (self.errors,)
