"""A what-if: other volumes (as factors, as units, from the business's drivers), growth and spread; another horizon; another
discount rate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Final

from negotiation.decimals import exact_arithmetic
from negotiation.drivers import Drivers, drivers_faults, missing_skus, with_drivers
from negotiation.errors import TermError, ValidationFailed, wire_name
from negotiation.evaluation import DEFAULT_ANNUAL_RATE
from negotiation.forecast import ONE, ZERO, Forecast
from negotiation.outlook import MAX_MONTHS, Outlook
from negotiation.records import Sku

MAX_FACTOR: Final = Decimal(1000)
MIN_GROWTH: Final = Decimal("-0.9")
MAX_GROWTH: Final = Decimal(5)
MAX_CV: Final = Decimal(5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """None: as the forecast and the offer have it. `list_increase`: what list prices rise by each contract year.

    `growth` a year in place of every family's own; `volumes`: units of a family in an average month of the horizon; `cv`: how
    far the plan may miss. `drivers` replace the volumes of the channels they speak of. Factors come on top.
    """

    volume_factor: Decimal | None = None
    family_factors: Mapping[str, Decimal] = field(default_factory=dict)
    months: int | None = None
    annual_discount_rate: Decimal | None = None
    list_increase: Decimal = Decimal(0)
    growth: Decimal | None = None
    volumes: Mapping[str, Decimal] = field(default_factory=dict)
    cv: Decimal | None = None
    drivers: Drivers | None = None

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
            self.growth,
            tuple(sorted(self.volumes.items())),
            self.cv,
            None if self.drivers is None else self.drivers.key,
        )

    def check(self, families: Iterable[str], skus: Mapping[str, Sku]) -> None:
        """Raises ValidationFailed with every fault: a factor below 0, a family nobody knows, a horizon of no months."""
        faults = list(_senseless(self))
        if faults:
            raise ValidationFailed(faults)
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
                f"{path}.{name}",
                f"Families are {', '.join(sorted(known)[:20])}." if known else None,
            )
            for path, names in (("familyFactors", self.family_factors), ("volumes", self.volumes))
            for name in names
            if name not in known
        )
        faults.extend(_numbers(self))
        if self.drivers is not None:
            faults.extend(
                TermError(
                    each.code, each.message, f"drivers.{wire_name(each.field or '')}", each.hint
                )
                for each in (drivers_faults(self.drivers) or missing_skus(self.drivers, skus))
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

    def forecast(self, outlook: Outlook, start: date, months: int) -> Forecast:
        """What the outlook makes of this scenario."""
        if self.growth is not None:
            trends = {
                family: replace(trend, growth=self.growth)
                for family, trend in outlook.trends.items()
            }
            outlook = replace(outlook, trends=trends)
        made = outlook.forecast(start, months)
        if self.drivers is not None:
            made = with_drivers(made, self.drivers, outlook.figures.catalogue.skus)
        if self.volumes:
            made = made.scaled(ONE, _shares(made, self.volumes))
        if self.volume_factor is not None or self.family_factors:
            factor = ONE if self.volume_factor is None else self.volume_factor
            made = made.scaled(factor, self.family_factors)
        if self.cv is not None:
            made = replace(made, cv=dict.fromkeys(made.families, self.cv))
        return made


def _shares(forecast: Forecast, volumes: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """By family: what its lines are multiplied with so that an average month has the wanted units."""
    found = {}
    with exact_arithmetic():
        for family, wanted in volumes.items():
            lines = [line for line in forecast.lines if line.sku.family == family]
            planned = sum((sum(line.quantities, ZERO) for line in lines), ZERO)
            found[family] = wanted * forecast.months / planned if planned else ONE
    return found


def _senseless(scenario: Scenario) -> Iterator[TermError]:
    """Numbers that nothing can be reckoned with: NaN and infinities."""
    numbers = {
        "volumeFactor": scenario.volume_factor,
        "annualDiscountRate": scenario.annual_discount_rate,
        "listIncrease": scenario.list_increase,
        "growth": scenario.growth,
        "cv": scenario.cv,
    }
    numbers |= {f"familyFactors.{family}": each for family, each in scenario.family_factors.items()}
    numbers |= {f"volumes.{family}": each for family, each in scenario.volumes.items()}
    for path, number in numbers.items():
        if number is not None and not number.is_finite():
            yield TermError("NUMBER", f"{number} cannot be reckoned with.", path, "Give a number.")


def _numbers(scenario: Scenario) -> Iterator[TermError]:
    if not MIN_GROWTH <= scenario.list_increase <= MAX_GROWTH:
        yield TermError(
            "LIST_INCREASE",
            f"List prices that rise by {scenario.list_increase} a year.",
            "listIncrease",
            f"Give {MIN_GROWTH} to {MAX_GROWTH} (0.05 is 5 % a year).",
        )
    for family, units in scenario.volumes.items():
        if units < 0:
            yield TermError("VOLUME", f"{units} units.", f"volumes.{family}", "Give 0 or more.")
    if scenario.growth is not None and not MIN_GROWTH <= scenario.growth <= MAX_GROWTH:
        yield TermError(
            "GROWTH",
            f"A growth of {scenario.growth} a year.",
            "growth",
            f"Give {MIN_GROWTH} to {MAX_GROWTH} (0.2 is 20 % a year).",
        )
    if scenario.cv is not None and not 0 <= scenario.cv <= MAX_CV:
        yield TermError("CV", f"A spread of {scenario.cv}.", "cv", f"Give 0 to {MAX_CV}.")
