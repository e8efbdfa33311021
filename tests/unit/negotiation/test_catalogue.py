"""Which rate a SKU has under the terms in force."""

from decimal import Decimal

import pytest

from negotiation.catalogue import Catalogue
from negotiation.terms import PricingModel, RateTier, Stacking, Term
from tests.builders import a_ladder, a_rate, a_sku, catalogue_of

SMS = a_sku("sms-us", list_rate=Decimal("0.0083"))
VOICE = a_sku("voice-us", family="voice", list_rate=Decimal("0.014"))
FEE = a_sku("fee-us", family="carrier-fees", list_rate=Decimal("0.0035"), pass_through=True)
SKUS = catalogue_of(SMS, VOICE, FEE)


def rates(*terms: Term, discount: str | None = None) -> list[str]:
    catalogue = Catalogue(SKUS, terms)
    at = None if discount is None else Decimal(discount)
    return [f"{catalogue.rate(key, at).normalize():f}" for key in ("sms-us", "voice-us", "fee-us")]


def test_without_terms_everything_costs_list() -> None:
    assert rates() == ["0.0083", "0.014", "0.0035"]


def test_the_ladder_discounts_everything_but_pass_through() -> None:
    assert rates(a_ladder()) == ["0.005644", "0.00952", "0.0035"]
    assert rates(a_ladder(), discount="0.45") == ["0.004565", "0.0077", "0.0035"]


def test_45_percent_off_with_carrier_fees_is_31_65_percent_off_what_is_paid() -> None:
    catalogue = Catalogue(SKUS, (a_ladder(),))
    paid = catalogue.rate("sms-us", Decimal("0.45")) + catalogue.rate("fee-us", Decimal("0.45"))
    rack = SMS.list_rate + FEE.list_rate

    assert (1 - paid / rack).quantize(Decimal("0.0001")) == Decimal("0.3165")


def test_a_ladder_for_some_families_leaves_the_others_at_list() -> None:
    assert rates(a_ladder(families=("voice",)), discount="0.5") == ["0.0083", "0.007", "0.0035"]


def test_the_narrowest_rate_term_wins() -> None:
    everything = a_rate(id="r1", discount=Decimal("0.10"))
    family = a_rate(id="r2", family="sms", discount=Decimal("0.20"))
    sku = a_rate(id="r3", sku="sms-us", unit_price=Decimal("0.005"))

    assert rates(everything, family, sku) == ["0.005", "0.0126", "0.0035"]
    assert rates(everything, family) == ["0.00664", "0.0126", "0.0035"]


def test_pass_through_takes_only_a_price_that_names_it() -> None:
    assert rates(a_rate(family="carrier-fees", discount=Decimal("0.5")))[2] == "0.0035"
    assert rates(a_rate(sku="fee-us", unit_price=Decimal("0.003")))[2] == "0.003"


@pytest.mark.parametrize(
    ("stacking", "locked", "at_32", "at_45"),
    [
        (Stacking.BETTER_OF, "0.005", "0.005", "0.004565"),
        (Stacking.LOCKED_WINS, "0.005", "0.005", "0.005"),
        (Stacking.LADDER_WINS, "0.005", "0.005644", "0.004565"),
        (Stacking.COMPOUND, "0.005", "0.0034", "0.00275"),
        (Stacking.BETTER_OF, "0", "0", "0"),
    ],
)
def test_a_locked_rate_meets_the_ladder_as_the_contract_says(
    stacking: Stacking, locked: str, at_32: str, at_45: str
) -> None:
    terms = (
        a_ladder(stacking=stacking),
        a_rate(sku="sms-us", unit_price=Decimal(locked), locked=True),
    )

    assert rates(*terms, discount="0.32")[0] == at_32
    assert rates(*terms, discount="0.45")[0] == at_45
    assert Catalogue(SKUS, terms).is_locked("sms-us")


def test_the_records_own_contract_rate_counts_where_no_term_does() -> None:
    skus = catalogue_of(a_sku("sms-us", contract_rate=Decimal(0), locked=True))

    assert Catalogue(skus).rate("sms-us") == 0
    assert Catalogue(skus).is_locked("sms-us")


def test_a_quantity_is_priced_through_its_tiers() -> None:
    tiers = (RateTier(Decimal(1000), Decimal("0.008")), RateTier(None, Decimal("0.006")))
    term = a_rate(sku="sms-us", model=PricingModel.GRADUATED, tiers=tiers)
    catalogue = Catalogue(SKUS, (term,))

    assert catalogue.net_amount("sms-us", Decimal(2000), Decimal(0)) == Decimal(14)
    assert catalogue.list_amount("sms-us", Decimal(2000)) == Decimal("16.6")


def test_an_unknown_sku_is_an_error_not_a_free_lunch() -> None:
    with pytest.raises(KeyError):
        Catalogue(SKUS).rate("nope")
