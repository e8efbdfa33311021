"""Risk: thousands of possible volumes through the same ladder, commitment and credits, month by month.

Estimates in floating point, labelled as such; every exact figure is `evaluation`'s. A path's volume of a family is the
forecast times a lognormal level (one factor in common, one of its own) times a monthly noise in common. Draws come from
a counter-based generator keyed by seed and name, so that every offer meets the same futures (common random numbers) and
every machine the same numbers. Tiered rates are held at their average price on the forecast.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Final

import numpy as np

from negotiation.decimals import exact_arithmetic
from negotiation.errors import TermError
from negotiation.forecast import Forecast
from negotiation.money import round_money
from negotiation.ratio import round_ratio
from negotiation.riskladder import Floats
from negotiation.riskmodel import Futures, Outcomes, RiskModel

DEFAULT_PATHS: Final = 10_000
DEFAULT_SEED: Final = 1
CHUNK: Final = 2_500  # paths whose arrays fit into a processor's cache
FAN_PATHS: Final = (
    10_000  # further paths only sharpen the totals: months of a million would not fit into memory
)
MAX_PATHS: Final = 1_000_000
DEFAULT_LAMBDA: Final = Decimal("0.25")
TAIL: Final = 0.05
_WORDS_A_STEP: Final = 4  # of Philox


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthFan:
    """What may have been paid by the end of `month` since the first day: cash in money of the minor unit."""

    month: date
    p10: Decimal
    p50: Decimal
    p90: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """What the cash of the horizon may come to: estimates, money rounded to the minor unit.

    `cvar95`: the mean of the dearest 5 %. `shortfall_probability`: of missing a commitment; `expected_shortfall`: what
    that costs on average. `certainty_equivalent`: mean + lambda (CVaR95 - mean). `standard_error`: of the mean. `fan`: the
    way there, month by month, on the first `FAN_PATHS` paths.
    """

    paths: int
    seed: int
    mean: Decimal
    p10: Decimal
    p50: Decimal
    p90: Decimal
    cvar95: Decimal
    shortfall_probability: Decimal
    expected_shortfall: Decimal
    certainty_equivalent: Decimal
    risk_aversion: Decimal
    standard_error: Decimal
    shortfall_standard_error: Decimal
    fan: tuple[MonthFan, ...]


def futures(forecast: Forecast, paths: int, seed: int, first: int = 0) -> Futures:
    """Paths `first` to `first + paths`: the same path has the same future whatever is asked for with it."""
    families = forecast.families
    common = float(forecast.common)
    shared = normals(seed, "common", first, paths)
    levels = np.empty((paths, len(families)))
    for column, family in enumerate(families):
        own = normals(seed, f"family|{family}", first, paths)
        sigma = _sigma(forecast.cv.get(family, Decimal(0)))
        drawn = np.sqrt(common) * shared + np.sqrt(1 - common) * own
        levels[:, column] = np.exp(sigma * drawn - sigma * sigma / 2)
    noise = np.ones((paths, len(forecast.periods)))
    sigma = _sigma(forecast.noise)
    if sigma:
        for column, period in enumerate(forecast.periods):
            drawn = normals(seed, f"month|{period.month}", first, paths)
            noise[:, column] = np.exp(sigma * drawn - sigma * sigma / 2)
    return Futures(levels, noise)


def normals(seed: int, name: str, first: int, count: int) -> Floats:
    """Standard normal draws number `first` to `first + count` of the stream `name`."""
    key = int.from_bytes(sha256(f"{seed}|{name}".encode()).digest()[:16])
    source = np.random.Philox(key=key)
    steps, rest = divmod(2 * first, _WORDS_A_STEP)
    source.advance(steps)
    words = np.asarray(source.random_raw(2 * count + rest))[rest:]
    uniform = ((words >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53
    drawn = np.sqrt(-2 * np.log(uniform[0::2])) * np.cos(2 * np.pi * uniform[1::2])
    return np.asarray(drawn)


def simulate(
    model: RiskModel,
    *,
    paths: int = DEFAULT_PATHS,
    seed: int = DEFAULT_SEED,
    risk_aversion: Decimal = DEFAULT_LAMBDA,
) -> Risk:
    """Risk of an evaluated offer. TermError for fewer than 1 or more than `MAX_PATHS` paths."""
    *_, (_, risk) = simulation(
        model, paths=paths, seed=seed, risk_aversion=risk_aversion, every=paths
    )
    return risk


def simulation(
    model: RiskModel,
    *,
    paths: int = DEFAULT_PATHS,
    seed: int = DEFAULT_SEED,
    risk_aversion: Decimal = DEFAULT_LAMBDA,
    every: int = CHUNK,
) -> Iterator[tuple[int, Risk]]:
    """The same in pieces: after about `every` paths how many are done and the risk on them. Stop asking to cancel.

    The last piece is what `simulate` returns, however many pieces there are.
    """
    if not 1 <= paths <= MAX_PATHS:
        raise TermError("PATHS", f"{paths} paths.", "paths", f"Ask for 1 to {MAX_PATHS:,}.")
    evaluation = model.evaluation
    parts: list[Outcomes] = []
    reported = 0
    for first in range(0, paths, CHUNK):
        done = min(first + CHUNK, paths)
        outcomes = model.run(futures(evaluation.forecast, done - first, seed, first))
        parts.append(
            outcomes if first < FAN_PATHS else replace(outcomes, paid=outcomes.paid[:, :0])
        )
        if done == paths or done - reported >= every:
            reported = done
            yield (
                done,
                summarise(
                    _together(parts),
                    months=[period.month for period in model.periods],
                    currency=evaluation.currency,
                    seed=seed,
                    risk_aversion=risk_aversion,
                ),
            )


def summarise(
    outcomes: Outcomes,
    *,
    months: Sequence[date],
    currency: str,
    seed: int,
    risk_aversion: Decimal = DEFAULT_LAMBDA,
) -> Risk:
    """The figures of all these paths together. `months`: those of the rows of `outcomes.paid`."""
    cash, paths = outcomes.cash, len(outcomes.cash)
    ordered = np.sort(cash)
    tail = ordered[-max(1, int(np.ceil(paths * TAIL))) :]
    mean, cvar = float(cash.mean()), float(tail.mean())
    root = np.sqrt(paths)

    def money(value: float) -> Decimal:
        return round_money(Decimal(repr(float(value))), currency)

    p10, p50, p90 = np.percentile(ordered, (10, 50, 90))
    shown, worst = money(mean), money(cvar)
    with exact_arithmetic():
        certain = round_money(shown + risk_aversion * (worst - shown), currency)
    return Risk(
        paths=paths,
        seed=seed,
        mean=shown,
        p10=money(p10),
        p50=money(p50),
        p90=money(p90),
        cvar95=worst,
        shortfall_probability=round_ratio(Decimal(repr(float(outcomes.short.mean())))),
        expected_shortfall=money(outcomes.charge.mean()),
        certainty_equivalent=certain,
        risk_aversion=risk_aversion,
        standard_error=money(cash.std() / root),
        shortfall_standard_error=money(outcomes.charge.std() / root),
        fan=tuple(
            MonthFan(month=month, p10=money(low), p50=money(middle), p90=money(high))
            for month, low, middle, high in zip(
                months, *np.percentile(outcomes.paid, (10, 50, 90), axis=1), strict=True
            )
        ),
    )


def _together(parts: Sequence[Outcomes]) -> Outcomes:
    return Outcomes(
        cash=np.concatenate([part.cash for part in parts]),
        present=np.concatenate([part.present for part in parts]),
        charge=np.concatenate([part.charge for part in parts]),
        short=np.concatenate([part.short for part in parts]),
        paid=np.concatenate([part.paid for part in parts], axis=1),
    )


def _sigma(cv: Decimal) -> float:
    """Of the normal whose exponential has mean 1 and this coefficient of variation."""
    return float(np.sqrt(np.log1p(float(cv) ** 2)))
