"""The vendor's own usage records to our rows: what counts, what is new, what goes, what cannot be taken."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from negotiation.importing.categories import categories
from negotiation.importing.mapping import (
    contains_itself,
    default_mappings,
    effective_mappings,
    missing_mappings,
    totals,
    totals_above,
)
from negotiation.importing.provider import (
    ProviderDataError,
    UsageRecord,
    UsageSlice,
    usage_slice,
)
from negotiation.imports import UsageMappingRule
from negotiation.records import Snapshot
from tests.builders import a_mapping, a_row, a_sku, a_snapshot

DAY = date(2026, 3, 30)
NEXT = date(2026, 3, 31)
LONGCODE = "sms-outbound-longcode"
EXACT = "12345678901234567890.123456789"


def said(
    category: str = LONGCODE,
    quantity: str | int = 100,
    price: str | None = "0.83",
    day: date = DAY,
    **changes: Any,
) -> UsageRecord:
    defaults: dict[str, Any] = {
        "day": day,
        "category": category,
        "quantity": Decimal(quantity),
        "price": None if price is None else Decimal(price),
        "currency": "USD",
        "unit": "segments",
    }
    return UsageRecord(**(defaults | changes))


def taken(snapshot: Snapshot | None = None, *records: UsageRecord, **changes: Any) -> UsageSlice:
    defaults: dict[str, Any] = {"first": DAY, "last": NEXT, "currency": "USD"}
    return usage_slice(records, snapshot or a_snapshot(), **(defaults | changes))


def figures(found: UsageSlice) -> dict[tuple[date, str], tuple[Decimal, Decimal | None]]:
    return {(row.day, row.sku): (row.quantity, row.billed) for row in found.rows}


# --- what counts


def test_a_category_counts_as_the_sku_of_its_name_to_the_last_digit() -> None:
    found = taken(a_snapshot(skus=[a_sku(LONGCODE)]), said(quantity=EXACT, price="0.00000001"))
    assert figures(found) == {(DAY, LONGCODE): (Decimal(EXACT), Decimal("0.00000001"))}
    assert found.rows[0].source == "twilio"
    assert found.skus == ()


def test_of_totals_and_their_parts_only_the_parts_count() -> None:
    found = taken(
        None,
        said("totalprice", "2.00", "2.00"),
        said("sms", 240, "2.00"),
        said("sms-outbound", 240, "2.00"),
        said("sms-outbound-longcode", 100, "0.83"),
        said("sms-outbound-shortcode", 140, "1.17"),
    )
    assert sum(row.quantity for row in found.rows) == 240
    assert sum(row.billed or 0 for row in found.rows) == 2
    assert [notice.code for notice in found.warnings] == ["TOTALS_LEFT_OUT", "NEW_SKU"]


def test_a_total_whose_parts_say_nothing_counts_itself() -> None:
    found = taken(None, said("calls-outbound", 60), said("totalprice", "0.83"))
    assert figures(found) == {(DAY, "calls-outbound"): (60, Decimal("0.83"))}


def test_a_part_that_somebody_ties_to_its_total_takes_the_totals_place() -> None:
    records = (said("calls-outbound", 60), said("calls-outbound-moon", 60))
    double = taken(None, *records)
    assert sum(row.quantity for row in double.rows) == 120
    tied = a_mapping("calls-outbound-moon", parent="calls-outbound", family="voice")
    once = taken(a_snapshot(usage_mappings=[tied]), *records)
    assert figures(once).keys() == {(DAY, "calls-outbound-moon")}


def test_parts_that_make_more_than_everything_are_told() -> None:
    found = taken(None, said("totalprice", 1, "0.83"), said("moon"), said("moon-dust"))
    [notice] = [each for each in found.warnings if each.code == "TOTAL_DIFFERS_FROM_PARTS"]
    assert "0.83 less than its parts" in notice.message
    assert "parent" in notice.message


def test_several_categories_may_count_as_one_sku() -> None:
    mappings = [a_mapping(each, sku="text") for each in ("sms-inbound", "sms-outbound")]
    snapshot = a_snapshot(skus=[a_sku("text")], usage_mappings=mappings)
    found = taken(snapshot, said("sms-inbound", 1, "0.10"), said("sms-outbound", 2, "0.20"))
    assert figures(found) == {(DAY, "text"): (3, Decimal("0.30"))}


def test_what_somebody_ignores_does_not_count() -> None:
    ignored = a_mapping("lookups", rule=UsageMappingRule.IGNORE)
    assert taken(a_snapshot(usage_mappings=[ignored]), said("lookups")).rows == ()


def test_zero_is_kept_for_skus_of_the_catalogue_and_makes_no_new_one() -> None:
    snapshot = a_snapshot(skus=[a_sku(LONGCODE)])
    found = taken(snapshot, said(quantity=0, price="0"), said("lookups", 0, "0"))
    assert figures(found) == {(DAY, LONGCODE): (0, 0)}
    assert found.skus == ()


def test_a_new_sku_gets_its_mappings_family_and_what_was_billed_per_unit() -> None:
    found = taken(None, said("lookups", 100, "0.50", unit=""), said("lookups", 0, "0", day=NEXT))
    [sku] = found.skus
    assert (sku.key, sku.family, sku.unit) == ("lookups", "lookup", "request")
    assert (sku.list_rate, sku.synthetic) == (Decimal("0.005"), True)
    assert len(found.rows) == 2


# --- what nobody knows


def test_a_category_that_nobody_knows_is_listed_and_counts_at_what_was_billed() -> None:
    found = taken(None, said("moon-calls", 10, "0.50"))
    [mapping] = found.unmapped
    assert (mapping.category, mapping.rule) == ("moon-calls", UsageMappingRule.UNMAPPED)
    assert figures(found) == {(DAY, "moon-calls"): (10, Decimal("0.50"))}
    assert found.skus[0].family == "other"


def test_a_category_that_nobody_knows_or_uses_is_not_listed() -> None:
    found = taken(None, said("moon-calls", 0, "0"))
    assert (found.unmapped, found.rows, found.skus) == ((), (), ())


def test_a_decision_moves_earlier_rows_to_the_sku_that_was_chosen() -> None:
    before = a_row(DAY, "moon-calls", 10, billed=Decimal("0.50"), source="twilio")
    snapshot = a_snapshot(
        skus=[a_sku("calls-outbound"), a_sku("moon-calls")],
        usage=[before],
        usage_mappings=[a_mapping("moon-calls", sku="calls-outbound")],
    )
    found = taken(snapshot, said("moon-calls", 10, "0.50"))
    assert figures(found) == {(DAY, "calls-outbound"): (10, Decimal("0.50"))}
    assert found.gone == ((DAY, "moon-calls"),)


# --- against what is there


def test_what_is_known_is_unchanged_and_only_a_restatement_is_a_revision() -> None:
    rows = [
        a_row(day, LONGCODE, 100, billed=Decimal("0.830"), source="twilio", revision=3)
        for day in (DAY, NEXT)
    ]
    snapshot = a_snapshot(skus=[a_sku(LONGCODE)], usage=rows)
    found = taken(snapshot, said(), said(quantity=101, price="0.84", day=NEXT))
    assert [(row.day, row.revision) for row in found.rows] == [(NEXT, 4)]
    assert (found.unchanged, found.restated, found.gone) == (1, 1, ())


def test_demonstration_data_makes_way_on_the_days_that_were_read() -> None:
    earlier = date(2026, 3, 1)
    rows = [
        a_row(DAY, LONGCODE, 100, billed=Decimal("0.83"), source="demo"),
        a_row(DAY, "calls-outbound-gb", 7, source="demo"),
        a_row(earlier, LONGCODE, 5, source="demo"),
        a_row(DAY, "from-a-file", 9, source="march.csv"),
    ]
    found = taken(a_snapshot(skus=[a_sku(LONGCODE)], usage=rows), said())
    assert [(row.source, row.revision) for row in found.rows] == [("twilio", 2)]
    assert found.gone == ((DAY, "calls-outbound-gb"),)
    assert found.restated == 0


def test_a_row_that_the_vendor_no_longer_reports_goes() -> None:
    snapshot = a_snapshot(skus=[a_sku(LONGCODE)], usage=[a_row(DAY, LONGCODE, source="twilio")])
    assert taken(snapshot).gone == ((DAY, LONGCODE),)


def test_an_account_without_usage_changes_nothing() -> None:
    found = taken(a_snapshot(skus=[a_sku(LONGCODE)]))
    assert (found.rows, found.gone, found.skus, found.warnings) == ((), (), (), ())


# --- what cannot be taken


def test_a_price_in_another_currency_is_refused_with_both() -> None:
    with pytest.raises(ProviderDataError, match=r"in EUR, the negotiation is in USD") as caught:
        taken(None, said(currency="EUR"))
    assert caught.value.code == "CURRENCY_MISMATCH"


def test_what_costs_nothing_may_be_in_any_currency() -> None:
    assert taken(None, said(price="0", currency="EUR")).rows


@pytest.mark.parametrize(
    ("records", "words"),
    [
        ([said(), said()], "twice"),
        ([said(day=date(2026, 4, 1))], "answered with 2026-04-01"),
    ],
)
def test_an_answer_that_makes_no_sense_is_refused(records: list[UsageRecord], words: str) -> None:
    with pytest.raises(ProviderDataError, match=words):
        taken(None, *records)


# --- the mappings


def test_every_known_category_has_a_default_that_counts() -> None:
    made = {each.category: each for each in default_mappings()}
    assert made.keys() == categories().keys()
    assert {each.rule for each in made.values()} == {UsageMappingRule.COUNT}
    assert "sms-outbound" in totals(made.values())
    assert LONGCODE not in totals(made.values())


def test_a_kept_decision_wins_over_the_default_and_a_default_over_not_knowing() -> None:
    decided = a_mapping("lookups", sku="lookup", decided_by="olga")
    unknown = a_mapping("mms", rule=UsageMappingRule.UNMAPPED)
    made = effective_mappings({"lookups": decided, "mms": unknown})
    assert made["lookups"] is decided
    assert made["mms"].rule is UsageMappingRule.COUNT


def test_a_store_is_given_what_it_lacks_once() -> None:
    first = missing_mappings({"lookups": a_mapping("lookups", decided_by="olga")})
    assert len(first) == len(categories()) - 1
    assert missing_mappings({each.category: each for each in first}) == [
        each for each in default_mappings() if each.category == "lookups"
    ]


def test_totals_above_a_category_end_with_everything_and_never_run_in_circles() -> None:
    made = effective_mappings({})
    assert list(totals_above(made, LONGCODE)) == ["sms-outbound", "sms", "totalprice"]
    assert list(totals_above(made, "nobody-knows")) == ["totalprice"]
    circle = made | {"sms": a_mapping("sms", parent="sms-outbound")}
    assert list(totals_above(circle, LONGCODE)) == ["sms-outbound", "sms", "totalprice"]
    assert contains_itself(made, "sms", LONGCODE)
    assert not contains_itself(made, LONGCODE, "mms")
