"""What-ifs over volumes, growth, spread and the business's own drivers, and the limits that a buyer saved."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from negotiation.assessment import Analyst
from negotiation.decision import Stance, stance_of
from negotiation.demo import DemoWorkspace
from negotiation.drivers import Drivers, monthly_volumes
from negotiation.errors import ValidationFailed
from negotiation.forecast import Forecast
from negotiation.picture import Picture, Pictures
from negotiation.scenario import Scenario
from tests.builders import a_position


def units(forecast: Forecast, *, family: str | None = None, sku: str | None = None) -> Decimal:
    return sum(
        (
            sum(line.quantities, Decimal(0))
            for line in forecast.lines
            if (family is None or line.sku.family == family)
            and (sku is None or line.sku.key == sku)
        ),
        Decimal(0),
    )


@pytest.fixture
def plan(demo_picture: Picture) -> Forecast:
    return demo_picture.outlook.forecast(date(2026, 5, 1), 12)


def under(picture: Picture, scenario: Scenario) -> Forecast:
    scenario.check(picture.outlook.trends, picture.catalogue.skus)
    return scenario.forecast(picture.outlook, date(2026, 5, 1), 12)


def test_a_volume_is_that_of_an_average_month(demo_picture: Picture, plan: Forecast) -> None:
    found = under(demo_picture, Scenario(volumes={"sms": Decimal(1_000_000)}))
    assert abs(units(found, family="sms") - 12_000_000) < 1
    assert units(found, family="voice") == units(plan, family="voice")
    assert found.prior == plan.prior


def test_factors_come_on_top_of_a_volume(demo_picture: Picture) -> None:
    scenario = Scenario(volumes={"sms": Decimal(1_000_000)}, volume_factor=Decimal(2))
    assert abs(units(under(demo_picture, scenario), family="sms") - 24_000_000) < 1


def test_growth_takes_the_place_of_every_familys_own(demo_picture: Picture) -> None:
    slow, fast = (under(demo_picture, Scenario(growth=Decimal(g))) for g in ("-0.2", "0.4"))
    for family in ("sms", "voice"):
        assert units(slow, family=family) < units(fast, family=family)


def test_a_spread_of_nothing_makes_the_plan_certain(demo_picture: Picture) -> None:
    assert set(under(demo_picture, Scenario(cv=Decimal(0))).cv.values()) == {Decimal(0)}


def test_drivers_replace_what_they_speak_of_and_nothing_else(
    demo_picture: Picture, plan: Forecast
) -> None:
    drivers = Drivers(leads=Decimal(50_000), verify_attempts_per_lead=Decimal("1.5"))
    found = under(demo_picture, Scenario(drivers=drivers))
    key = drivers.channels["verify"]
    assert units(found, sku=key) == 12 * monthly_volumes(drivers)["verify"] == 900_000
    assert units(found) - units(found, sku=key) == units(plan) - units(plan, sku=key)


@pytest.mark.parametrize(
    ("scenario", "path"),
    [
        (Scenario(volumes={"telex": Decimal(1)}), "volumes.telex"),
        (Scenario(volumes={"sms": Decimal(-1)}), "volumes.sms"),
        (Scenario(growth=Decimal(-1)), "growth"),
        (Scenario(cv=Decimal(-1)), "cv"),
        (Scenario(drivers=Drivers(leads=Decimal(1), mms_share=Decimal(2))), "drivers.mmsShare"),
        (Scenario(drivers=Drivers(leads=Decimal("NaN"))), "drivers.leads"),
        (Scenario(drivers=Drivers(leads=Decimal(1), cv=Decimal("Infinity"))), "drivers.cv"),
        (
            Scenario(
                drivers=Drivers(
                    leads=Decimal("1E+19"),
                    conversations_per_lead=Decimal("1E+19"),
                    messages_per_conversation=Decimal("1E+19"),
                )
            ),
            "drivers.leads",
        ),
        (Scenario(volume_factor=Decimal("NaN")), "volumeFactor"),
        (Scenario(family_factors={"sms": Decimal("Infinity")}), "familyFactors.sms"),
        (Scenario(volumes={"sms": Decimal("NaN")}), "volumes.sms"),
        (Scenario(growth=Decimal("NaN")), "growth"),
        (Scenario(cv=Decimal("sNaN")), "cv"),
        (Scenario(annual_discount_rate=Decimal("NaN")), "annualDiscountRate"),
        (Scenario(list_increase=Decimal("1E+19")), "listIncrease"),
        (Scenario(list_increase=Decimal(-2)), "listIncrease"),
        (
            Scenario(
                drivers=Drivers(
                    leads=Decimal(1),
                    voice_minutes_per_lead=Decimal(1),
                    channels={"voice": "telegrams"},
                )
            ),
            "drivers.channels.voice",
        ),
    ],
)
def test_what_makes_no_sense_is_named(demo_picture: Picture, scenario: Scenario, path: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        under(demo_picture, scenario)
    assert path in [each.field for each in refused.value.errors]


def test_a_position_without_anything_said_is_the_ordinary_stance() -> None:
    assert stance_of(a_position()) == Stance()


def test_what_we_can_pay_and_what_waits_without_a_deal_limit_the_reservation(
    demo: DemoWorkspace, demo_picture: Picture
) -> None:
    def position(**saved: str) -> list[Decimal]:
        said = {name: Decimal(value) for name, value in saved.items()}
        picture = replace(demo_picture, position=a_position(**said))
        analyst = Analyst()
        forecast = analyst.forecast(picture, demo.offers[0].terms)
        found = analyst.position(picture, demo.offers, forecast, Scenario(), 500)
        years = Decimal(forecast.months) / 12
        return [found.batna / years, found.reservation / years]

    assert position(batna_cost="480000") == [480_000, 480_000]
    assert position(batna_cost="480000", downstream_revenue="1200000", own_margin="0.35") == [
        480_000,
        480_000,
    ]
    assert position(
        batna_cost="900000", downstream_revenue="1200000", other_costs="100000", own_margin="0.5"
    ) == [900_000, 500_000]


def test_the_vendors_cost_is_as_uncertain_as_we_say(
    demo: DemoWorkspace, demo_picture: Picture
) -> None:
    analyst, offer = Analyst(), demo.offers[-1]
    plain = analyst.zopa(demo_picture, demo.offers, offer)
    said = a_position(
        vendor_cost_low=Decimal("0.5"), vendor_cost_high=Decimal(2), vendor_margin=Decimal("0.1")
    )
    wide = analyst.zopa(replace(demo_picture, position=said), demo.offers, offer)
    assert wide.vendor_least[0] < plain.vendor_least[0]
    assert wide.vendor_least[2] > plain.vendor_least[2]
    assert wide.vendor_least[1] < plain.vendor_least[1]


def test_a_picture_knows_the_newest_invoices_and_position(demo: DemoWorkspace) -> None:
    pictures, before = Pictures(), demo.snapshot()
    first = pictures.of(before, demo.negotiation, demo.anchor)
    said = a_position(negotiation_id=demo.negotiation.id, batna_note="Stay")
    after = replace(before, invoices={}, positions={said.id: said})
    second = pictures.of(after, demo.negotiation, demo.anchor)
    assert first.invoices
    assert (second.invoices, second.position) == ((), said)
    assert pictures.of(after, demo.negotiation, demo.anchor) is second
