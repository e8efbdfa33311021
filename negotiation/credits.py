"""The credits of an offer as its invoices use them up. The rules are told in `billing`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from negotiation.decimals import exact_arithmetic
from negotiation.forecast import Period
from negotiation.ladder import ZERO
from negotiation.money import round_money
from negotiation.streams import total
from negotiation.terms import CreditTerm


def usable(term: CreditTerm, period: Period, start: date) -> bool:
    """Whether the invoice of `period` may use the credit; without a grant day it is there from `start`."""
    granted = term.granted_on if term.granted_on is not None else start
    return granted <= period.last and (term.expires_on is None or period.last <= term.expires_on)


class CreditBook:
    """The credits of an offer as the invoices use them up."""

    def __init__(self, terms: Sequence[CreditTerm], start: date, currency: str) -> None:
        self._terms = terms
        self._start = start
        self._currency = currency
        self._left = {term.id: term.amount for term in terms if term.amount is not None}
        self._invoices: dict[str, int] = {}

    def use(self, period: Period, usage: Decimal) -> Decimal:
        """What is taken off this invoice's `usage`, never more than it; of an invoice that pays back, nothing."""
        usage = open_amount = max(ZERO, usage)
        with exact_arithmetic():
            for term in self._terms:
                if usable(term, period, self._start):
                    open_amount -= self._take(term, usage, open_amount)
            return usage - open_amount

    def unused(self) -> Decimal:
        """What is left of the amounts that were granted."""
        return total(self._left.values())

    def _take(self, term: CreditTerm, usage: Decimal, open_amount: Decimal) -> Decimal:
        if term.id in self._left:
            taken = min(self._left[term.id], open_amount)
            self._left[term.id] -= taken
            return taken
        count = self._invoices.get(term.id, 0)
        if term.invoice_share is None or term.invoice_count is None or count >= term.invoice_count:
            return ZERO
        self._invoices[term.id] = count + 1
        return min(round_money(usage * term.invoice_share, self._currency), open_amount)
