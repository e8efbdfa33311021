"""The terms of an offer: what a vendor promises, as immutable values.

Terms say *what was written*; `rates`, `ladder` and `evaluation` say what it costs. Amounts are `Decimal` in the
negotiation's currency, ratios are `Decimal` fractions (0.35 is 35 %), dates are UTC days. An empty `families` means
every family but pass-through charges. `clause` is the reference in the vendor's paper, `text` its words.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class PricingModel(StrEnum):
    FLAT = "FLAT"
    GRADUATED = "GRADUATED"
    VOLUME = "VOLUME"
    PACKAGE = "PACKAGE"


class LadderBasis(StrEnum):
    LIST = "LIST"
    NET = "NET"
    BILLED = "BILLED"


class LadderApplication(StrEnum):
    CLIFF = "CLIFF"
    MARGINAL = "MARGINAL"


class LadderBoundary(StrEnum):
    EXCLUSIVE = "EXCLUSIVE"
    INCLUSIVE = "INCLUSIVE"


class LadderEffective(StrEnum):
    NEXT_INVOICE = "NEXT_INVOICE"
    NEXT_DAY = "NEXT_DAY"
    IMMEDIATE = "IMMEDIATE"


class LadderDowngrade(StrEnum):
    FOLLOWS = "FOLLOWS"
    RATCHET = "RATCHET"
    GRACE = "GRACE"


class Stacking(StrEnum):
    BETTER_OF = "BETTER_OF"
    LOCKED_WINS = "LOCKED_WINS"
    LADDER_WINS = "LADDER_WINS"
    COMPOUND = "COMPOUND"


class FulfilmentInterval(StrEnum):
    MONTHLY = "MONTHLY"
    QUARTERLY = "QUARTERLY"
    ANNUAL = "ANNUAL"
    TERM = "TERM"


class ShortfallOutcome(StrEnum):
    PAY_100 = "PAY_100"
    PAY_PCT = "PAY_PCT"
    CARRY_FORWARD = "CARRY_FORWARD"
    RATE_CLAWBACK = "RATE_CLAWBACK"
    NONE = "NONE"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Term:
    """What every term has: an id (unique within its offer), its clause and the clause's words."""

    id: str
    clause: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class RateTier:
    """`up_to` is inclusive; None in the last, open tier."""

    up_to: Decimal | None
    unit_price: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class RateTerm(_Term):
    """A price for one SKU (`sku`), one family (`family`) or, with neither, everything.

    Exactly one of `unit_price`, `discount` (off list) and `tiers` is set.
    """

    sku: str | None = None
    family: str | None = None
    model: PricingModel = PricingModel.FLAT
    unit_price: Decimal | None = None
    discount: Decimal | None = None
    tiers: tuple[RateTier, ...] = ()
    package_size: Decimal | None = None
    locked: bool = False


@dataclass(frozen=True, slots=True)
class LadderTier:
    """From `threshold` of trailing spend on (how "on" is meant: `LadderTerm.boundary`), `discount` off list."""

    name: str
    threshold: Decimal
    discount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class LadderTerm(_Term):
    """A portfolio discount by the spend of the trailing window."""

    tiers: tuple[LadderTier, ...]
    boundary: LadderBoundary = LadderBoundary.EXCLUSIVE
    application: LadderApplication = LadderApplication.CLIFF
    basis: LadderBasis = LadderBasis.LIST
    window_days: int = 90
    effective: LadderEffective = LadderEffective.NEXT_INVOICE
    downgrade: LadderDowngrade = LadderDowngrade.FOLLOWS
    grace_months: int = 0
    stacking: Stacking = Stacking.BETTER_OF
    families: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentTerm(_Term):
    """Spend of `amount` promised in every `interval`."""

    amount: Decimal
    interval: FulfilmentInterval = FulfilmentInterval.ANNUAL
    families: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditTerm(_Term):
    """Money back on usage: a fixed `amount`, or `invoice_share` of the first `invoice_count` invoices."""

    amount: Decimal | None = None
    invoice_share: Decimal | None = None
    invoice_count: int | None = None
    granted_on: date | None = None
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class RampStep:
    """From contract month `from_month` (1-based) on, the commitment of an interval is `commitment`."""

    from_month: int
    commitment: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class RampTerm(_Term):
    """Commitment that grows with the volumes."""

    steps: tuple[RampStep, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentTerm(_Term):
    """Invoices are due `net_days` after issue."""

    net_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortfallTerm(_Term):
    """What a missed commitment costs; `percent` belongs to PAY_PCT."""

    outcome: ShortfallOutcome
    percent: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewalTerm(_Term):
    """The contract's span [start, start + term_months) and how it ends."""

    start: date
    term_months: int
    notice_days: int = 60
    auto_renew: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceProtectionTerm(_Term):
    """List rates rise by at most `max_increase` per contract year."""

    max_increase: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class QualitativeTerm(_Term):
    """Scored, not priced: support level, exit help, audit rights. `weight` in [0, 1)."""

    topic: str
    weight: Decimal | None = None


Term = (
    CommitmentTerm
    | CreditTerm
    | LadderTerm
    | PaymentTerm
    | PriceProtectionTerm
    | QualitativeTerm
    | RampTerm
    | RateTerm
    | RenewalTerm
    | ShortfallTerm
)
