"""Offers: hash, faults with fields, rounds, and what may become of them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from negotiation.errors import ValidationFailed
from negotiation.offers import (
    OfferDecision,
    RefusedDecision,
    current_round,
    decide,
    expire,
    next_round,
    number_terms,
    offer_hash,
    propose,
    terms_hash,
)
from negotiation.records import Negotiation, NegotiationStatus, Offer, OfferStatus, Party
from negotiation.terms import (
    CommitmentTerm,
    CreditTerm,
    LadderTier,
    PaymentTerm,
    PriceProtectionTerm,
    QualitativeTerm,
    RampStep,
    RampTerm,
    ShortfallOutcome,
    ShortfallTerm,
    Term,
)
from negotiation.validity import terms_faults
from tests.builders import (
    NOW,
    TODAY,
    a_ladder,
    a_negotiation,
    a_rate,
    a_renewal,
    a_sku,
    an_offer,
    catalogue_of,
)

SKUS = catalogue_of(a_sku("sms-us"), a_sku("voice-us", family="voice"))
NEGOTIATION = a_negotiation()


def put(
    *offers: Offer,
    party: Party = Party.VENDOR,
    terms: tuple[Term, ...] = (a_ladder(),),
    title: str = "Our offer",
    negotiation: Negotiation = NEGOTIATION,
    valid_until: date | None = None,
) -> tuple[Negotiation, tuple[Offer, ...]]:
    return propose(
        negotiation,
        offers,
        party=party,
        title=title,
        terms=terms,
        valid_until=valid_until,
        now=NOW,
        skus=SKUS,
    )


def faults_of(*terms: Term) -> list[tuple[str, str | None]]:
    return [(fault.code, fault.field) for fault in terms_faults(terms, SKUS)]


def test_the_first_offer_opens_round_one_and_the_negotiation() -> None:
    preparing = a_negotiation(status=NegotiationStatus.PREPARING, version=4)

    after, (offer,) = put(negotiation=preparing, title="  Our offer ")

    assert (offer.round, offer.party, offer.status) == (1, Party.VENDOR, OfferStatus.PROPOSED)
    assert (offer.title, offer.created_at) == ("Our offer", NOW)
    assert (after.status, after.version) == (NegotiationStatus.OPEN, 5)


def test_the_answer_belongs_to_the_same_round_and_the_next_word_to_a_new_one() -> None:
    vendor = an_offer()
    _, (ours,) = put(vendor, party=Party.BUYER)
    assert ours.round == 1

    _, (again, superseded) = put(vendor, ours, party=Party.VENDOR, terms=(a_ladder(id="new"),))
    assert again.round == 2
    assert superseded == replace(vendor, status=OfferStatus.SUPERSEDED)


def test_a_party_may_replace_its_own_unanswered_offer_within_the_round() -> None:
    vendor = an_offer()

    _, (new, old) = put(vendor, terms=(a_ladder(id="better"),))

    assert (new.round, old.status) == (1, OfferStatus.SUPERSEDED)
    assert new.id != old.id


def test_an_offer_that_was_rejected_ends_its_round() -> None:
    assert next_round([an_offer(status=OfferStatus.REJECTED)], Party.VENDOR) == 2
    assert next_round([an_offer(status=OfferStatus.DRAFT)], Party.VENDOR) == 1
    assert current_round([]) == 0


def test_the_same_offer_again_is_refused_whatever_the_round() -> None:
    _, (vendor,) = put()
    _, (ours,) = put(vendor, party=Party.BUYER, title="Ours")

    with pytest.raises(RefusedDecision) as refused:
        put(vendor, ours)
    assert refused.value.code == "OFFER_UNCHANGED"


def test_a_closed_negotiation_takes_no_offers() -> None:
    for status in (NegotiationStatus.AGREED, NegotiationStatus.SIGNED, NegotiationStatus.CLOSED):
        with pytest.raises(RefusedDecision) as refused:
            put(negotiation=a_negotiation(status=status))
        assert refused.value.code == "NEGOTIATION_CLOSED"


def test_every_fault_is_told_at_once_with_its_field() -> None:
    with pytest.raises(ValidationFailed) as failed:
        put(
            title=" ",
            valid_until=TODAY - timedelta(days=1),
            terms=(
                CommitmentTerm(id="", amount=Decimal(-1)),
                a_rate(family="fax", discount=Decimal(0)),
            ),
        )

    assert [(error.code, error.field) for error in failed.value.errors] == [
        ("TITLE", "title"),
        ("VALID_UNTIL_PAST", "validUntil"),
        ("COMMITMENT_NEGATIVE", "terms.0.amount"),
        ("UNKNOWN_FAMILY", "terms.1.family"),
    ]


def test_terms_get_ids_that_are_unique_in_their_offer() -> None:
    terms = (
        PaymentTerm(id="", net_days=30),
        PaymentTerm(id="a", net_days=30),
        PaymentTerm(id="a", net_days=30),
        PaymentTerm(id="t3", net_days=30),
    )

    assert [term.id for term in number_terms(terms)] == ["t1", "a", "t3", "t4"]


@pytest.mark.parametrize(
    ("term", "code", "field"),
    [
        (a_rate(sku="nope", unit_price=Decimal(1)), "UNKNOWN_SKU", "sku"),
        (a_rate(family="nope", discount=Decimal("0.1")), "UNKNOWN_FAMILY", "family"),
        (a_ladder(families=("sms", "nope")), "UNKNOWN_FAMILY", "families.1"),
        (
            a_ladder(
                tiers=(
                    LadderTier("A", Decimal(5), Decimal(0)),
                    LadderTier("B", Decimal(5), Decimal(0)),
                )
            ),
            "LADDER_OVERLAP",
            "tiers.1.threshold",
        ),
        (
            CommitmentTerm(id="c", amount=Decimal(1), families=("nope",)),
            "UNKNOWN_FAMILY",
            "families.0",
        ),
        (CreditTerm(id="k"), "CREDIT_AMOUNT", "amount"),
        (CreditTerm(id="k", amount=Decimal(1), invoice_count=2), "CREDIT_AMOUNT", "amount"),
        (CreditTerm(id="k", invoice_share=Decimal("0.5")), "CREDIT_AMOUNT", "amount"),
        (CreditTerm(id="k", amount=Decimal(-1)), "CREDIT_NEGATIVE", "amount"),
        (
            CreditTerm(id="k", invoice_share=Decimal(2), invoice_count=1),
            "CREDIT_SHARE",
            "invoiceShare",
        ),
        (
            CreditTerm(id="k", invoice_share=Decimal(1), invoice_count=0),
            "CREDIT_COUNT",
            "invoiceCount",
        ),
        (
            CreditTerm(
                id="k", amount=Decimal(1), granted_on=date(2026, 5, 1), expires_on=date(2026, 4, 1)
            ),
            "CREDIT_DATES",
            "expiresOn",
        ),
        (RampTerm(id="r", steps=()), "RAMP_EMPTY", "steps"),
        (
            RampTerm(id="r", steps=(RampStep(2, Decimal(1)), RampStep(2, Decimal(1)))),
            "RAMP_NOT_ASCENDING",
            "steps.1.fromMonth",
        ),
        (
            RampTerm(id="r", steps=(RampStep(0, Decimal(1)),)),
            "RAMP_NOT_ASCENDING",
            "steps.0.fromMonth",
        ),
        (
            RampTerm(id="r", steps=(RampStep(1, Decimal(-1)),)),
            "COMMITMENT_NEGATIVE",
            "steps.0.commitment",
        ),
        (PaymentTerm(id="p", net_days=-1), "PAYMENT_DAYS", "netDays"),
        (ShortfallTerm(id="s", outcome=ShortfallOutcome.PAY_PCT), "SHORTFALL_PERCENT", "percent"),
        (
            ShortfallTerm(id="s", outcome=ShortfallOutcome.NONE, percent=Decimal("0.5")),
            "SHORTFALL_PERCENT",
            "percent",
        ),
        (
            ShortfallTerm(id="s", outcome=ShortfallOutcome.PAY_PCT, percent=Decimal(2)),
            "SHORTFALL_PERCENT",
            "percent",
        ),
        (a_renewal(term_months=0), "TERM_MONTHS", "termMonths"),
        (a_renewal(start=date(9990, 1, 1), term_months=120), "TERM_START", "start"),
        (a_renewal(start=date(1, 1, 1)), "TERM_START", "start"),
        (a_ladder(window_days=10**9), "LADDER_WINDOW", "windowDays"),
        (CommitmentTerm(id="c", amount=Decimal("NaN")), "NUMBER", "amount"),
        (CommitmentTerm(id="c", amount=Decimal("1E+20")), "NUMBER", "amount"),
        (
            RampTerm(id="r", steps=(RampStep(1, Decimal("-Infinity")),)),
            "NUMBER",
            "steps.0.commitment",
        ),
        (
            a_ladder(tiers=(LadderTier("A", Decimal("Infinity"), Decimal("0.1")),)),
            "NUMBER",
            "tiers.0.threshold",
        ),
        (a_renewal(term_months=1, notice_days=90), "NOTICE_DAYS", "noticeDays"),
        (PriceProtectionTerm(id="p", max_increase=Decimal(1)), "PRICE_PROTECTION", "maxIncrease"),
        (QualitativeTerm(id="q", topic=" "), "TOPIC", "topic"),
        (QualitativeTerm(id="q", topic="exit", weight=Decimal(1)), "WEIGHT", "weight"),
    ],
)
def test_each_fault_has_its_own_code_and_field(term: Term, code: str, field: str) -> None:
    assert (code, f"terms.0.{field}") in faults_of(term)


def test_dates_and_months_outside_the_term_are_faults() -> None:
    renewal = a_renewal(start=date(2026, 1, 1), term_months=12)
    early = CreditTerm(id="k", amount=Decimal(1), granted_on=date(2025, 12, 31))
    late = CreditTerm(id="l", amount=Decimal(1), expires_on=date(2027, 1, 2))
    ramp = RampTerm(id="r", steps=(RampStep(13, Decimal(1)),))

    assert faults_of(early, late, ramp, renewal) == [
        ("DATE_OUTSIDE_TERM", "terms.0.grantedOn"),
        ("DATE_OUTSIDE_TERM", "terms.1.expiresOn"),
        ("MONTH_OUTSIDE_TERM", "terms.2.steps.0.fromMonth"),
    ]
    assert faults_of(early, late) == []


def test_of_two_terms_the_one_that_counts_bounds_the_dates() -> None:
    counts = a_renewal(id="a", start=date(2027, 1, 1), term_months=12)
    other = a_renewal(id="b", start=date(2026, 1, 1), term_months=12)
    granted = CreditTerm(id="k", amount=Decimal(1), granted_on=date(2027, 2, 1))

    assert faults_of(other, counts, granted) == []


def test_no_terms_and_too_many_are_faults() -> None:
    assert faults_of() == [("TERMS_EMPTY", "terms")]
    many = [QualitativeTerm(id=str(n), topic="x") for n in range(501)]
    assert [code for code, _ in faults_of(*many)] == ["TERMS_TOO_MANY"]
    ladders = [a_ladder(id=str(n)) for n in range(25)]
    assert faults_of(*ladders[:24]) == []
    assert faults_of(*ladders) == [("TERMS_TOO_MANY", "terms")]
    commitments = [CommitmentTerm(id=str(n), amount=Decimal(1)) for n in range(25)]
    assert faults_of(*commitments) == [("TERMS_TOO_MANY", "terms")]


def test_contradictions_are_no_faults() -> None:
    assert faults_of(a_ladder(), a_ladder(id="other", window_days=30)) == []


def a_hash(**changes: object) -> str:
    content: dict[str, object] = {
        "negotiation_id": "n",
        "round_number": 1,
        "party": Party.BUYER,
        "title": "T",
        "terms": (PaymentTerm(id="p", net_days=30),),
        "valid_until": None,
    }
    return offer_hash(**(content | changes))  # type: ignore[arg-type]


def test_the_hash_is_that_of_the_content() -> None:
    assert a_hash() == a_hash()
    for changes in (
        {"negotiation_id": "m"},
        {"round_number": 2},
        {"party": Party.VENDOR},
        {"title": "U"},
        {"terms": (PaymentTerm(id="p", net_days=31),)},
        {"valid_until": TODAY},
    ):
        assert a_hash(**changes) != a_hash()


def test_equal_numbers_have_equal_hashes_however_they_are_written() -> None:
    one = (CommitmentTerm(id="c", amount=Decimal(1200000)),)
    other = (CommitmentTerm(id="c", amount=Decimal("1.2E+6")),)

    assert terms_hash(one) == terms_hash(other)


@pytest.mark.parametrize(
    ("decision", "status"),
    [
        (OfferDecision.REJECT, OfferStatus.REJECTED),
        (OfferDecision.WITHDRAW, OfferStatus.WITHDRAWN),
    ],
)
def test_a_decision_changes_the_offer_and_the_version(
    decision: OfferDecision, status: OfferStatus
) -> None:
    offer, other = an_offer(), an_offer(id="offer-2", party=Party.BUYER)

    after, written = decide(NEGOTIATION, [offer, other], offer, decision, TODAY)

    assert written == (replace(offer, status=status),)
    assert (after.status, after.version) == (NegotiationStatus.OPEN, 2)


def test_an_accepted_offer_ends_the_negotiation_and_supersedes_the_others() -> None:
    offer, other = an_offer(), an_offer(id="offer-2", party=Party.BUYER)
    done = an_offer(id="offer-0", status=OfferStatus.REJECTED)
    elsewhere = an_offer(id="offer-9", negotiation_id="neg-2")

    after, written = decide(
        NEGOTIATION, [done, offer, other, elsewhere], offer, OfferDecision.ACCEPT, TODAY
    )

    assert written == (
        replace(offer, status=OfferStatus.ACCEPTED),
        replace(other, status=OfferStatus.SUPERSEDED),
    )
    assert after.status is NegotiationStatus.AGREED


@pytest.mark.parametrize(
    ("offer", "decision", "code"),
    [
        (an_offer(status=OfferStatus.REJECTED), OfferDecision.ACCEPT, "OFFER_NOT_OPEN"),
        (an_offer(status=OfferStatus.SUPERSEDED), OfferDecision.REJECT, "OFFER_NOT_OPEN"),
        (an_offer(status=OfferStatus.DRAFT), OfferDecision.REJECT, "OFFER_NOT_OPEN"),
        (an_offer(status=OfferStatus.ACCEPTED), OfferDecision.WITHDRAW, "OFFER_NOT_OPEN"),
        (an_offer(valid_until=TODAY - timedelta(days=1)), OfferDecision.ACCEPT, "OFFER_EXPIRED"),
    ],
)
def test_what_is_not_open_cannot_be_decided(
    offer: Offer, decision: OfferDecision, code: str
) -> None:
    with pytest.raises(RefusedDecision) as refused:
        decide(NEGOTIATION, [offer], offer, decision, TODAY)

    assert refused.value.code == code
    assert refused.value.hint


def test_nothing_is_decided_once_the_negotiation_is_agreed() -> None:
    agreed = a_negotiation(status=NegotiationStatus.AGREED)

    with pytest.raises(RefusedDecision) as refused:
        decide(agreed, [an_offer()], an_offer(), OfferDecision.REJECT, TODAY)
    assert refused.value.code == "NEGOTIATION_CLOSED"


def test_an_open_offer_expires_after_its_last_day() -> None:
    today, yesterday = (
        an_offer(valid_until=TODAY),
        an_offer(id="o", valid_until=TODAY - timedelta(days=1)),
    )

    assert expire([today, yesterday], TODAY) == (replace(yesterday, status=OfferStatus.EXPIRED),)


def test_a_proposal_is_dated_by_the_clock_it_is_given() -> None:
    later = datetime(2027, 1, 1, tzinfo=UTC)
    _, (offer,) = propose(
        NEGOTIATION,
        [],
        party=Party.BUYER,
        title="T",
        terms=(a_ladder(),),
        valid_until=later.date(),
        now=later,
        skus=SKUS,
        offer_id="mine",
    )

    assert (offer.id, offer.created_at) == ("mine", later)
