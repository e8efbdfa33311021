"""The band of margins that a negotiation moves in: floor, target and ceiling, in order and within bounds.

What they mean in money is `negotiation.envelope`'s.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from negotiation.decimals import exact_arithmetic, finite, format_decimal, shown
from negotiation.errors import RatioError
from negotiation.ratio import MarginRate
from negotiation.trace import Notice, TraceStep, given_step, trace_step

MAX_MARGIN: Final = Decimal("0.99")
DEFAULT_BAND: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginBand:
    """Three margins, exact, with 0 <= floor <= target <= ceiling <= 0.99, and how they came to be."""

    floor: MarginRate
    target: MarginRate
    ceiling: MarginRate
    warnings: tuple[Notice, ...] = ()
    trace: tuple[TraceStep, ...] = ()


def margin_band(
    target: MarginRate,
    floor: MarginRate | None = None,
    ceiling: MarginRate | None = None,
    *,
    reserve_band: Decimal = DEFAULT_BAND,
) -> MarginBand:
    """The band around `target`: floor and ceiling as given, else target -/+ `reserve_band` (in [0, 1)).

    Clamped to [0, 0.99]; a floor above the ceiling is swapped with it and the target is moved between
    them, each with a warning.
    """
    asked: dict[str, object] = {"target_margin": target}
    asked |= {} if floor is None else {"floor_margin": floor}
    asked |= {} if ceiling is None else {"ceiling_margin": ceiling}
    for field, margin in asked.items():
        if not isinstance(margin, MarginRate):
            raise RatioError("MARGIN_EXPECTED", f"{shown(margin)} is not a MarginRate.", field)
    if not 0 <= finite(reserve_band, field="reserve_band") < 1:
        raise RatioError(
            "RATIO_OUT_OF_RANGE", f"{shown(reserve_band)} is no band in [0, 1).", "reserve_band"
        )
    with exact_arithmetic():
        return _band(target.value, floor, ceiling, reserve_band)


def _band(
    asked: Decimal, floor: MarginRate | None, ceiling: MarginRate | None, reserve_band: Decimal
) -> MarginBand:
    warnings: list[Notice] = []
    steps = [given_step("target_asked", "Target margin, as asked", asked)]
    if floor is None or ceiling is None:
        steps.append(given_step("reserve_band", "Reserve band", reserve_band))
    sources = ("target_asked", "reserve_band")

    if floor is None:
        low = asked - reserve_band
        steps.append(
            trace_step("floor_asked", "Floor below the target", " - ".join(sources), low, sources)
        )
    else:
        low = floor.value
        steps.append(given_step("floor_asked", "Floor margin, as asked", low))
    if ceiling is None:
        high = asked + reserve_band
        steps.append(
            trace_step(
                "ceiling_asked", "Ceiling above the target", " + ".join(sources), high, sources
            )
        )
    else:
        high = ceiling.value
        steps.append(given_step("ceiling_asked", "Ceiling margin, as asked", high))
        if high > MAX_MARGIN:
            warnings.append(
                Notice(
                    "CEILING_CAPPED",
                    f"The ceiling margin was capped at {MAX_MARGIN}.",
                    "ceiling_margin",
                )
            )

    low, high = max(Decimal(0), low), min(MAX_MARGIN, high)
    low_formula, high_formula = "max(0, floor_asked)", f"min({MAX_MARGIN}, ceiling_asked)"
    asked_ids: tuple[str, ...] = ("floor_asked",)
    capped_ids: tuple[str, ...] = ("ceiling_asked",)
    if low > high:
        warnings.append(
            Notice(
                "BAND_SWAPPED",
                "The floor was above the ceiling; they were swapped.",
                "floor_margin",
            )
        )
        low, high = max(Decimal(0), high), min(MAX_MARGIN, low)
        low_formula, high_formula = f"max(0, {high_formula})", f"min({MAX_MARGIN}, {low_formula})"
        asked_ids, capped_ids = capped_ids, asked_ids
    target = min(max(asked, low), high)
    if target != asked:
        warnings.append(
            Notice(
                "TARGET_CLAMPED",
                f"The target margin {format_decimal(asked)} was moved to {format_decimal(target)}, "
                "between floor and ceiling.",
                "target_margin",
            )
        )
    steps += [
        trace_step("floor_margin", "Floor margin", low_formula, low, asked_ids),
        trace_step("ceiling_margin", "Ceiling margin", high_formula, high, capped_ids),
        trace_step(
            "target_margin",
            "Target margin",
            "min(max(target_asked, floor_margin), ceiling_margin)",
            target,
            ("target_asked", "floor_margin", "ceiling_margin"),
        ),
    ]
    return MarginBand(
        floor=MarginRate(low),
        target=MarginRate(target),
        ceiling=MarginRate(high),
        warnings=tuple(warnings),
        trace=tuple(steps),
    )
