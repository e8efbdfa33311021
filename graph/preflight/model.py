"""Check that the model computes on this machine what it must: the worked examples of the envelope, its trace, the ladder."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from graph.preflight.findings import Check, Finding, World, block, ok
from negotiation.compatible import calculate_negotiation_envelope
from negotiation.ladder import tier_at
from negotiation.money import round_money
from negotiation.terms import LadderTerm, LadderTier

REVENUE = [
    {"name": "sms", "price": "0.0075", "volume": 100_000, "list_price": "0.0100"},
    {"name": "voice", "price": "0.012", "volume": 20_000, "list_price": "0.015"},
]
EXPENSE = [
    {"name": "sms", "cost": "0.002", "volume": 100_000},
    {"name": "voice", "cost": "0.0035", "volume": 20_000},
]
EXPECTED = {
    "revenue": "990",
    "expense": "270",
    "list_revenue": "1300",
    "floor_revenue": "771.43",
    "target_revenue": "900.00",
    "ceiling_revenue": "1080.00",
    "floor_discount": "0.4066",
    "target_discount": "0.3077",
    "ceiling_discount": "0.1692",
}
LADDER = LadderTerm(
    id="self-test",
    tiers=(
        LadderTier("A", Decimal(0), Decimal("0.32")),
        LadderTier("B", Decimal(250_000), Decimal("0.37")),
        LadderTier("C", Decimal(1_000_000), Decimal("0.45")),
    ),
)


async def self_test(world: World) -> Finding:
    del world
    faults = [*_envelope_faults(), *_ladder_faults(), *_rounding_faults()]
    if not faults:
        return ok("The worked examples come out exactly.")
    return block(
        " ".join(faults),
        "Every figure on every screen would be in doubt.",
        "Install again from the lock file; if it stays, do not deploy.",
    )


def _envelope_faults() -> list[str]:
    found: dict[str, Any] = calculate_negotiation_envelope(
        REVENUE,
        EXPENSE,
        target_margin="70%",
        floor_margin="65%",
        ceiling_margin="75%",
        numeric_type=Decimal,
    )
    return [
        f"{name} is {found[name]}, not {wanted}."
        for name, wanted in EXPECTED.items()
        if round(Decimal(found[name]), 4) != Decimal(wanted)
    ]


def _ladder_faults() -> list[str]:
    expected = {"250000.00": "A", "250000.01": "B", "1000000.01": "C"}
    found = {spend: tier_at(LADDER, Decimal(spend)) for spend in expected}
    return [
        f"A spend of {spend} is tier {tier.name if tier else None}, not {expected[spend]}."
        for spend, tier in found.items()
        if tier is None or tier.name != expected[spend]
    ]


def _rounding_faults() -> list[str]:
    expected = {("2.665", "USD"): "2.66", ("2.675", "USD"): "2.68", ("0.5", "JPY"): "0"}
    return [
        f"{amount} {currency} rounds to {round_money(Decimal(amount), currency)}, not {wanted}."
        for (amount, currency), wanted in expected.items()
        if round_money(Decimal(amount), currency) != Decimal(wanted)
    ]


CHECKS = (Check("P09", "Computation error", self_test),)
