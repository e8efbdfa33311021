"""The name under which existing callers import the model (its spelling is theirs); all of it is in `negotiation`."""

from negotiation.compatible import (
    NegotiationEnvelope,
    calculate_negotiation_envelope,
    determine_margin_envelope,
)

__all__ = ["NegotiationEnvelope", "calculate_negotiation_envelope", "determine_margin_envelope"]
