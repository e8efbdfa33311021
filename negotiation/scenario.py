"""A what-if: volumes times a factor, per family too; another horizon; another discount rate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from negotiation.errors import TermError, ValidationFailed
from negotiation.evaluation import DEFAULT_ANNUAL_RATE
from negotiation.forecast import ONE, Forecast
from negotiation.outlook import MAX_MONTHS

MAX_FACTOR: Final = Decimal(1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """None: as the forecast and the offer have it. `list_increase`: what list prices rise by each contract year."""

    volume_factor: Decimal | None = None
    family_factors: Mapping[str, Decimal] = field(default_factory=dict)
    months: int | None = None
    annual_discount_rate: Decimal | None = None
    list_increase: Decimal = Decimal(0)

    @property
    def annual_rate(self) -> Decimal:
        rate = self.annual_discount_rate
        return DEFAULT_ANNUAL_RATE if rate is None else rate

    @property
    def key(self) -> tuple[object, ...]:
        """Equal for equal scenarios."""
        return (
            self.volume_factor,
            tuple(sorted(self.family_factors.items())),
            self.months,
            self.annual_rate,
            self.list_increase,
        )

    def check(self, families: Iterable[str]) -> None:
        """Raises ValidationFailed with every fault: a factor below 0, a family nobody knows, a horizon of no months."""
        faults = []
        known = set(families)
        factors = {"volumeFactor": self.volume_factor} if self.volume_factor is not None else {}
        factors |= {f"familyFactors.{name}": factor for name, factor in self.family_factors.items()}
        for path, factor in factors.items():
            if not 0 <= factor <= MAX_FACTOR:
                faults.append(
                    TermError("FACTOR", f"A factor of {factor}.", path, f"Give 0 to {MAX_FACTOR}.")
                )
        faults.extend(
            TermError(
                "UNKNOWN_FAMILY",
                f"{name!r} is no family of the forecast.",
                f"familyFactors.{name}",
                f"Families are {', '.join(sorted(known)[:20])}." if known else None,
            )
            for name in self.family_factors
            if name not in known
        )
        if self.months is not None and not 1 <= self.months <= MAX_MONTHS:
            faults.append(
                TermError(
                    "MONTHS",
                    f"A horizon of {self.months} months.",
                    "months",
                    f"Give 1 to {MAX_MONTHS} months.",
                )
            )
        if not 0 <= self.annual_rate < 1:
            faults.append(
                TermError(
                    "ANNUAL_RATE",
                    f"A rate of {self.annual_rate} a year.",
                    "annualDiscountRate",
                    "Give at least 0 and below 1 (0.1 or 10%).",
                )
            )
        if faults:
            raise ValidationFailed(faults)

    def applied(self, forecast: Forecast) -> Forecast:
        """The forecast with the factors of this scenario."""
        if self.volume_factor is None and not self.family_factors:
            return forecast
        factor = ONE if self.volume_factor is None else self.volume_factor
        return forecast.scaled(factor, self.family_factors)
