"""An offer assessed: exact cost, risk, break-even, findings and verdict in one, remembered while nothing changes.

The one entry for whoever shows offers. Everything here may take some hundredths of a second: not for an event loop.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, Final, TypeVar, cast

from negotiation.assessed import Assessment
from negotiation.bargaining import BargainingPoints, Gains, bargaining_points
from negotiation.breakeven import break_even_spend
from negotiation.catalogue import the_term
from negotiation.decimals import exact_arithmetic
from negotiation.decision import (
    NO_USAGE,
    Facts,
    Position,
    Stance,
    decide_on,
    stance_of,
)
from negotiation.diff import OfferDiff, offer_diff
from negotiation.evaluation import Evaluation, evaluate
from negotiation.forecast import Forecast
from negotiation.lint import TermFinding, lint
from negotiation.meso import CounterOffer, meso
from negotiation.money import round_money
from negotiation.montecarlo import DEFAULT_PATHS, DEFAULT_SEED, Risk, simulate
from negotiation.months import add_months, month_start
from negotiation.offers import current_round, terms_hash
from negotiation.outlook import DEFAULT_MONTHS
from negotiation.picture import Picture
from negotiation.records import Offer, OfferStatus, Party
from negotiation.riskmodel import RiskModel
from negotiation.scenario import Scenario
from negotiation.terms import RenewalTerm, Term
from negotiation.zopa import Opener, Zopa, openers, vendor_cost, zopa

MOST_KNOWN: Final = 256

T = TypeVar("T")


class Analyst:
    """Assesses offers and remembers: by terms, forecast, scenario and what the verdict depends on. One per process."""

    def __init__(self, stance: Stance | None = None) -> None:
        self.stance = stance if stance is not None else Stance()
        self._known: OrderedDict[Hashable, Any] = OrderedDict()

    def assess(
        self,
        picture: Picture,
        offers: Iterable[Offer],
        offer: Offer,
        scenario: Scenario | None = None,
        *,
        paths: int = DEFAULT_PATHS,
        seed: int = DEFAULT_SEED,
        risk: Risk | None = None,
    ) -> Assessment:
        """The offer on the usage of this picture. `offers`: those of the negotiation, for our own position. `risk`: the
        offer's own, where it has been simulated already.

        Raises ValidationFailed for a scenario that makes no sense.
        """
        what_if = scenario if scenario is not None else Scenario()
        forecast = self.forecast(picture, offer.terms, what_if)
        evaluation = self.evaluation(picture, offer.terms, forecast, what_if)
        risk = self.risk(evaluation, paths, seed) if risk is None else risk
        position = self.position(picture, offers, forecast, what_if, paths, seed)
        contract = self.evaluation(picture, picture.negotiation.terms, forecast, what_if)
        findings = self.findings(evaluation, picture.today)
        verdict, reasons = decide_on(
            Facts(
                cost=risk.certainty_equivalent,
                round_number=offer.round,
                shortfall_probability=risk.shortfall_probability,
                effective_discount=evaluation.effective_discount,
                current_discount=contract.effective_discount,
                findings=findings,
                known=bool(forecast.lines),
            ),
            position,
        )
        return Assessment(
            evaluation=evaluation,
            risk=risk,
            break_even_spend=self._once(
                ("break-even", _key(evaluation)), lambda: break_even_spend(self.model(evaluation))
            ),
            findings=findings,
            position=position,
            verdict=verdict,
            reasons=reasons,
        )

    def lint(self, picture: Picture, offer: Offer) -> tuple[TermFinding, ...]:
        """Findings on the offer's terms, priced on the forecast without a scenario."""
        forecast = self.forecast(picture, offer.terms)
        return self.findings(self.evaluation(picture, offer.terms, forecast), picture.today)

    def forecast(
        self, picture: Picture, terms: Sequence[Term], scenario: Scenario | None = None
    ) -> Forecast:
        """What we expect to use over the term: from its start (at the earliest next month's) for its months."""
        what_if = scenario if scenario is not None else Scenario()
        outlook = picture.outlook
        what_if.check(outlook.trends, picture.catalogue.skus)
        renewal = the_term(terms, RenewalTerm)
        start = add_months(month_start(picture.today), 1)
        if renewal is not None and renewal.start > picture.today:
            start = renewal.start
        months = renewal.term_months if renewal is not None else DEFAULT_MONTHS
        months = what_if.months if what_if.months is not None else months
        return self._once(
            ("forecast", id(outlook), start, months, what_if.key),
            lambda: (outlook, what_if.forecast(outlook, start, months)),
        )[1]

    def evaluation(
        self,
        picture: Picture,
        terms: Sequence[Term],
        forecast: Forecast,
        scenario: Scenario | None = None,
    ) -> Evaluation:
        """The exact cost of terms on a forecast."""
        what_if = scenario if scenario is not None else Scenario()
        currency = picture.negotiation.currency
        key = (
            "evaluation",
            terms_hash(terms),
            forecast.hash,
            currency,
            what_if.annual_rate,
            what_if.list_increase,
        )

        def computed() -> Evaluation:
            made = evaluate(
                terms,
                forecast,
                currency=currency,
                annual_rate=what_if.annual_rate,
                list_increase=what_if.list_increase,
            )
            _ = made.npv, made.effective_discount  # here, not where it is shown
            return made

        return self._once(key, computed)

    def model(self, evaluation: Evaluation) -> RiskModel:
        """The evaluated offer as arrays, for simulations."""
        return self._once(("model", _key(evaluation)), lambda: RiskModel(evaluation))

    def risk(self, evaluation: Evaluation, paths: int, seed: int) -> Risk:
        """The risk of an evaluated offer."""
        return self._once(
            ("risk", _key(evaluation), paths, seed),
            lambda: simulate(self.model(evaluation), paths=paths, seed=seed),
        )

    def findings(self, evaluation: Evaluation, today: date) -> tuple[TermFinding, ...]:
        """The lint of an evaluated offer."""
        return self._once(("lint", _key(evaluation), today), lambda: lint(evaluation, today))

    def position(
        self,
        picture: Picture,
        offers: Iterable[Offer],
        forecast: Forecast,
        scenario: Scenario,
        paths: int = DEFAULT_PATHS,
        seed: int = DEFAULT_SEED,
    ) -> Position:
        """Our limits on this forecast. Without a deal the contract in force goes on; we pay at most that, and at most what
        our own envelope allows; our best is our cheapest offer."""

        def cost(terms: Sequence[Term]) -> Decimal:
            evaluation = self.evaluation(picture, terms, forecast, scenario)
            return self.risk(evaluation, paths, seed).certainty_equivalent

        mine = [each for each in offers if each.negotiation_id == picture.negotiation.id]
        stance = self.stance_in(picture)
        if stance.batna_a_month is None:
            batna = cost(picture.negotiation.terms)
        else:
            batna = self._over(stance.batna_a_month, forecast, picture)
        ours = [
            cost(each.terms)
            for each in mine
            if each.party is Party.BUYER and each.status is not OfferStatus.DRAFT
        ]
        payable = stance.payable_a_month
        if payable is not None:
            payable = self._over(payable, forecast, picture)
        rounds = max(stance.planned_rounds, current_round(mine))
        return Position(
            currency=picture.negotiation.currency,
            batna=batna,
            reservation=batna if payable is None else min(batna, payable),
            best=min(ours, default=batna),
            stance=replace(stance, planned_rounds=rounds),
        )

    def stance_in(self, picture: Picture) -> Stance:
        """How we mean to negotiate: as saved for this negotiation, else as this analyst was told."""
        return self.stance if picture.position is None else stance_of(picture.position)

    def _over(self, a_month: Decimal, forecast: Forecast, picture: Picture) -> Decimal:
        with exact_arithmetic():
            return round_money(a_month * forecast.months, picture.negotiation.currency)

    def _vendor_margin(self, picture: Picture) -> Decimal:
        own = self.stance_in(picture).vendor_margin
        return picture.negotiation.floor_margin if own is None else own

    def zopa(
        self,
        picture: Picture,
        offers: Iterable[Offer],
        offer: Offer,
        scenario: Scenario | None = None,
    ) -> Zopa:
        """The room for a deal on the offer's forecast: from the vendor's floor margin on our estimate of its cost to our
        reservation. The buyer's secret."""
        what_if = scenario if scenario is not None else Scenario()
        forecast = self.forecast(picture, offer.terms, what_if)
        position = self.position(picture, offers, forecast, what_if)
        stance = self.stance_in(picture)
        room = zopa(
            vendor_cost(picture.specs, forecast, low=stance.vendor_low, high=stance.vendor_high),
            self._vendor_margin(picture),
            position.reservation,
            picture.negotiation.currency,
        )
        return room if forecast.lines else replace(room, notices=(NO_USAGE, *room.notices))

    def openers(
        self,
        picture: Picture,
        offers: Iterable[Offer],
        offer: Offer,
        scenario: Scenario | None = None,
    ) -> tuple[Opener, ...]:
        """The smallest change of each term that would bring the offer within our target of its round."""
        found = self.assess(picture, offers, offer, scenario)
        evaluation = found.evaluation
        with exact_arithmetic():
            too_much = found.risk.certainty_equivalent - found.position.target(offer.round)
            limit = evaluation.cash - too_much
        return self._once(("openers", _key(evaluation), limit), lambda: openers(evaluation, limit))

    def diff(
        self, picture: Picture, before: Offer, after: Offer, scenario: Scenario | None = None
    ) -> OfferDiff:
        """What changes from one offer to the other, both on the forecast of the first."""
        what_if = scenario if scenario is not None else Scenario()
        forecast = self.forecast(picture, before.terms, what_if)
        one = self.evaluation(picture, before.terms, forecast, what_if)
        other = self.evaluation(picture, after.terms, forecast, what_if)
        return self._once(("diff", _key(one), _key(other)), lambda: offer_diff(one, other))

    def counters(
        self,
        picture: Picture,
        offers: Iterable[Offer],
        scenario: Scenario | None = None,
        *,
        count: int = 3,
        around: Offer | None = None,
    ) -> tuple[CounterOffer, ...]:
        """Equivalent counter-offers for the next round, around `around` (else our newest offer, else the contract in force),
        at what we would settle for then."""
        what_if = scenario if scenario is not None else Scenario()
        mine = sorted(
            (each for each in offers if each.negotiation_id == picture.negotiation.id),
            key=lambda each: (each.round, each.created_at, each.id),
        )
        ours = [each for each in mine if each.party is Party.BUYER]
        newest = ours[-1].terms if ours else picture.negotiation.terms
        base = newest if around is None else around.terms
        forecast = self.forecast(picture, base, what_if)
        evaluation = self.evaluation(picture, base, forecast, what_if)
        position = self.position(picture, mine, forecast, what_if)
        cost = self.risk(evaluation, DEFAULT_PATHS, DEFAULT_SEED).certainty_equivalent
        target = position.target(current_round(mine) + 1)
        with exact_arithmetic():
            share = target / cost if cost > 0 else Decimal(1)
        limit = self.stance_in(picture).shortfall_limit
        return self._once(
            ("meso", _key(evaluation), share, count, limit),
            lambda: meso(
                base,
                forecast,
                currency=picture.negotiation.currency,
                annual_rate=what_if.annual_rate,
                share=share,
                count=count,
                shortfall_limit=limit,
            ),
        )

    def fair_points(
        self, picture: Picture, offers: Iterable[Offer], scenario: Scenario | None = None
    ) -> tuple[tuple[Offer, ...], BargainingPoints | None]:
        """The offers of both parties, and which of them are the fair points, on the forecast of the first: our gain is
        what it saves us over no deal, the vendor's what it earns over its floor margin on our estimate of its cost."""
        mine = tuple(each for each in offers if each.negotiation_id == picture.negotiation.id)
        if not mine:
            return (), None
        what_if = scenario if scenario is not None else Scenario()
        forecast = self.forecast(picture, mine[0].terms, what_if)
        position = self.position(picture, mine, forecast, what_if)
        cost = vendor_cost(picture.specs, forecast).mid
        gains = []
        for each in mine:
            evaluation = self.evaluation(picture, each.terms, forecast, what_if)
            risk = self.risk(evaluation, DEFAULT_PATHS, DEFAULT_SEED)
            with exact_arithmetic():
                gains.append(
                    Gains(
                        ours=position.reservation - risk.certainty_equivalent,
                        theirs=risk.mean - cost / (1 - self._vendor_margin(picture)),
                    )
                )
        return mine, bargaining_points(gains)

    def _once(self, key: Hashable, compute: Callable[[], T]) -> T:
        if key in self._known:
            self._known.move_to_end(key)
            return cast("T", self._known[key])
        found = compute()
        self._known[key] = found
        while len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)
        return found


def _key(evaluation: Evaluation) -> Hashable:
    """Equal for equal evaluations."""
    return (
        terms_hash(evaluation.deal.terms),
        evaluation.forecast.hash,
        evaluation.currency,
        evaluation.annual_rate,
        evaluation.pricing.list_increase,
    )
