"""The model against a second evaluator, written apart from it, on random offers."""

import random
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from negotiation.evaluation import evaluate
from negotiation.forecast import Forecast, ForecastLine, Spend, periods
from negotiation.months import add_months, month_start
from negotiation.records import Sku
from negotiation.terms import (
    CommitmentTerm,
    CreditTerm,
    FulfilmentInterval,
    LadderApplication,
    LadderBasis,
    LadderBoundary,
    LadderDowngrade,
    LadderEffective,
    LadderTerm,
    LadderTier,
    PaymentTerm,
    PriceProtectionTerm,
    PricingModel,
    RampStep,
    RampTerm,
    RateTerm,
    RateTier,
    RenewalTerm,
    ShortfallOutcome,
    ShortfallTerm,
    Stacking,
    Term,
)
from negotiation.validity import terms_faults
from tests.oracle import Oracle, cents

FAMILIES = ("sms", "voice", "verify")
BATCHES, BATCH = 25, 21


class Dice:
    """Random terms and forecasts, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def money(self, most: int) -> Decimal:
        return Decimal(self.random.randrange(most * 100)) / 100

    def ratio(self) -> Decimal:
        return Decimal(self.random.randrange(0, 95)) / 100

    def maybe(self, chance: float) -> bool:
        return self.random.random() < chance

    def skus(self) -> list[Sku]:
        found = [
            Sku(
                key=f"{family}-{number}",
                name=family,
                family=family,
                unit="unit",
                list_rate=Decimal(self.random.randrange(1, 40_000)) / 10_000,
            )
            for family in FAMILIES
            for number in range(self.random.randrange(1, 4))
        ]
        fee = Sku(
            key="fee",
            name="fee",
            family="fees",
            unit="unit",
            list_rate=Decimal("0.0035"),
            pass_through=True,
        )
        return [*found, fee]

    def forecast(self, skus: list[Sku]) -> Forecast:
        start = date(2026, self.random.randrange(1, 13), self.random.choice((1, 1, 1, 15, 28)))
        spans = periods(start, self.random.randrange(2, 16))
        lines = tuple(
            ForecastLine(
                sku,
                tuple(Decimal(self.random.randrange(0, 90_000)) / 3 for _ in spans)
                if self.maybe(0.3)
                else tuple(Decimal(self.random.randrange(0, 60_000)) for _ in spans),
            )
            for sku in skus
        )
        first = month_start(start)
        prior = {
            family: {
                add_months(first, -back): Spend(
                    self.money(90_000), self.money(60_000), self.money(60_000)
                )
                for back in range(0 if start.day > 1 else 1, 5)
            }
            for family in FAMILIES[: self.random.randrange(0, 4)]
        }
        return Forecast(periods=spans, lines=lines, prior=prior)

    def ladder(self, name: str, families: tuple[str, ...] = ()) -> LadderTerm:
        at, tiers = 0, []
        for number in range(self.random.randrange(1, 5)):
            at += self.random.randrange(0 if number == 0 else 1, 80_000)
            tiers.append(LadderTier(f"T{number}", Decimal(at), self.ratio()))
        pick = self.random.choice
        return LadderTerm(
            id=name,
            tiers=tuple(tiers),
            boundary=pick(list(LadderBoundary)),
            application=pick(list(LadderApplication)),
            basis=pick(list(LadderBasis)),
            window_days=pick((90, 90, 90, 30, 60, 365)),
            effective=pick((*[LadderEffective.NEXT_INVOICE] * 4, *LadderEffective)),
            downgrade=pick(list(LadderDowngrade)),
            grace_months=self.random.randrange(0, 4),
            stacking=pick(list(Stacking)),
            families=families,
        )

    def rate(self, number: int, skus: list[Sku]) -> RateTerm:
        scope = self.random.choice(("sku", "sku", "family", "all"))
        sku = self.random.choice(skus).key if scope == "sku" else None
        family = self.random.choice(FAMILIES) if scope == "family" else None
        name, kind = f"rate{number}", self.random.choice(list(PricingModel))
        price = Decimal(self.random.randrange(0, 30_000)) / 10_000
        if kind is PricingModel.FLAT:
            if self.maybe(0.5):
                return RateTerm(id=name, sku=sku, family=family, discount=self.ratio())
            return RateTerm(id=name, sku=sku, family=family, unit_price=price, locked=True)
        if kind is PricingModel.PACKAGE:
            size = Decimal(self.random.randrange(1, 5_000))
            return RateTerm(
                id=name,
                sku=sku,
                family=family,
                model=kind,
                unit_price=price * 100,
                package_size=size,
            )
        tiers, top = [], 0
        for _ in range(self.random.randrange(0, 3)):
            top += self.random.randrange(1, 20_000)
            tiers.append(RateTier(Decimal(top), Decimal(self.random.randrange(0, 3_000)) / 1_000))
        tiers.append(RateTier(None, Decimal(self.random.randrange(0, 3_000)) / 1_000))
        return RateTerm(id=name, sku=sku, family=family, model=kind, tiers=tuple(tiers))

    def credit(self, number: int, forecast: Forecast) -> CreditTerm:
        horizon = (forecast.end - forecast.start).days
        granted = forecast.start + timedelta(days=self.random.randrange(horizon))
        expires = granted + timedelta(days=self.random.randrange(horizon))
        dates = {
            "granted_on": granted if self.maybe(0.5) else None,
            "expires_on": expires if self.maybe(0.5) else None,
        }
        if self.maybe(0.5):
            return CreditTerm(id=f"credit{number}", amount=self.money(80_000), **dates)
        return CreditTerm(
            id=f"credit{number}",
            invoice_share=self.ratio(),
            invoice_count=self.random.randrange(1, 5),
            **dates,
        )

    def commitment(self, number: int) -> CommitmentTerm:
        interval = self.random.choice(list(FulfilmentInterval))
        families = (self.random.choice(FAMILIES),) if self.maybe(0.3) else ()
        most = {"MONTHLY": 120_000, "QUARTERLY": 350_000}.get(interval, 1_200_000)
        return CommitmentTerm(
            id=f"commitment{number}", amount=self.money(most), interval=interval, families=families
        )

    def shortfall(self) -> ShortfallTerm:
        outcome = self.random.choice(list(ShortfallOutcome))
        percent = self.ratio() if outcome is ShortfallOutcome.PAY_PCT else None
        return ShortfallTerm(id="shortfall", outcome=outcome, percent=percent)

    def terms(self, skus: list[Sku], forecast: Forecast) -> list[Term]:
        found: list[Term] = []
        if self.maybe(0.8):
            found.append(self.ladder("ladder"))
        if self.maybe(0.25):
            found.append(self.ladder("own", (self.random.choice(FAMILIES),)))
        if self.maybe(0.1):
            found.append(self.ladder("two", FAMILIES[:2]))
        found.extend(self.rate(number, skus) for number in range(self.random.randrange(0, 4)))
        found.extend(self.credit(number, forecast) for number in range(self.random.randrange(0, 3)))
        found.extend(self.commitment(number) for number in range(self.random.randrange(0, 3)))
        if self.maybe(0.7):
            found.append(self.shortfall())
        if self.maybe(0.3):
            found.append(PaymentTerm(id="payment", net_days=self.random.randrange(0, 120)))
        if self.maybe(0.3):
            found.append(PriceProtectionTerm(id="protection", max_increase=self.ratio() / 10))
        if self.maybe(0.2):
            steps = (RampStep(1, self.money(100_000)), RampStep(4, self.money(400_000)))
            found.append(RampTerm(id="ramp", steps=steps))
        if self.maybe(0.3):
            months = self.random.randrange(1, 13)
            found.append(
                RenewalTerm(id="renewal", start=forecast.start, term_months=months, notice_days=0)
            )
        self.random.shuffle(found)
        return found


@pytest.mark.parametrize("batch", range(BATCHES))
def test_both_evaluators_agree_to_the_cent_on_random_offers(batch: int) -> None:
    for seed in range(batch * BATCH, (batch + 1) * BATCH):
        dice = Dice(seed)
        skus = dice.skus()
        forecast = dice.forecast(skus)
        terms = dice.terms(skus, forecast)
        increase = Decimal(dice.random.choice((0, 0, 3, 10))) / 100
        assert not [
            fault
            for fault in terms_faults(terms, {sku.key: sku for sku in skus})
            if fault.code not in ("TERMS_EMPTY", "DATE_OUTSIDE_TERM", "MONTH_OUTSIDE_TERM")
        ]

        found = evaluate(terms, forecast, annual_rate=Decimal("0.1"), list_increase=increase)
        expected = Oracle(terms, forecast, Fraction(increase)).run(0.1)

        for month, other in zip(found.monthly, expected.months, strict=True):
            seen = (
                month.list_amount,
                month.net,
                month.pass_through,
                month.credits,
                month.shortfall,
            )
            wanted = (other.rack, other.net, other.fees, other.credits, other.shortfall)
            assert [Fraction(each) for each in seen] == list(wanted), (seed, month.month, terms)
        assert Fraction(found.cash) == sum(month.cash for month in expected.months)
        assert Fraction(found.unused_credit) == expected.unused
        assert abs(float(found.npv) - expected.npv) <= 0.0051 + 1e-9 * abs(expected.npv)


def test_there_are_at_least_500_of_them() -> None:
    assert BATCHES * BATCH >= 500


def test_the_oracle_itself_rounds_halves_to_the_even_cent() -> None:
    assert cents(Fraction("2.665")) == Fraction("2.66")
    assert cents(Fraction("2.675")) == Fraction("2.68")
