"""A briefing of the negotiation as Markdown: what we pay, what each offer would really cost, what to watch. Two pages.

Headings, paragraphs, tables and lists only, so that whatever renders it needs no more than that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from negotiation.assessed import Assessment
from negotiation.envelope import Envelope
from negotiation.money import format_money, round_money
from negotiation.picture import Picture
from negotiation.records import Offer, Provenance

MOST_FINDINGS = 5


def briefing(
    picture: Picture,
    envelope: Envelope,
    assessed: Mapping[Offer, Assessment],
    provenance: Provenance,
) -> str:
    """The whole document, ending in a newline."""
    sections = (
        _head(picture, provenance),
        _envelope(picture, envelope),
        _ladder(picture),
        _offers(picture, assessed),
        _findings(picture, assessed),
        _invoices(picture),
        _dates(picture),
    )
    return "\n".join(line for section in sections for line in section).rstrip() + "\n"


def _head(picture: Picture, provenance: Provenance) -> Iterator[str]:
    negotiation = picture.negotiation
    yield f"# {negotiation.name}"
    yield ""
    yield (
        f"{negotiation.buyer} with {negotiation.vendor}, {negotiation.status.value.lower().replace('_', ' ')}. "
        f"As of {picture.today}, usage from {picture.usage_from} to {picture.usage_to}, in {negotiation.currency}."
    )
    if provenance is not Provenance.LIVE:
        yield ""
        word = "demonstration data" if provenance is Provenance.FIXTURE else "a cached copy"
        yield f"**This is {word}, not live figures.**"
    yield ""


def _envelope(picture: Picture, made: Envelope) -> Iterator[str]:
    money = _money(picture)
    yield "## What we pay, and what it leaves them"
    yield ""
    yield from _table(
        ("", "Margin", "We pay", "Off list"),
        (
            ("Today", _percent(made.current_margin), money(made.revenue), ""),
            (
                "At their floor",
                _percent(made.floor_margin.value),
                money(made.floor_revenue),
                _percent(_value(made.discount_at_floor_margin)),
            ),
            (
                "At their target",
                _percent(made.target_margin.value),
                money(made.target_revenue),
                _percent(_value(made.discount_at_target_margin)),
            ),
            (
                "At their ceiling",
                _percent(made.ceiling_margin.value),
                money(made.ceiling_revenue),
                _percent(_value(made.discount_at_ceiling_margin)),
            ),
        ),
    )
    yield ""
    yield (
        f"At list we would pay {money(made.list_revenue)}. Serving us costs {picture.negotiation.vendor} about "
        f"{money(made.expense)}: our estimate, not their figure."
    )
    for warning in made.warnings:
        yield f"- {warning.message}"
    yield ""


def _ladder(picture: Picture) -> Iterator[str]:
    trailing, money = picture.trailing, _money(picture)
    yield "## Where we stand on the ladder"
    yield ""
    tier = (
        f"tier {trailing.tier.name} ({_percent(trailing.tier.discount)})"
        if trailing.tier
        else "no tier"
    )
    yield f"{money(trailing.amount)} in the 90 days to {trailing.last}: {tier}."
    if trailing.next is not None:
        yield (
            f"{money(trailing.next.distance)} more would give tier {trailing.next.tier.name} "
            f"({_percent(trailing.next.tier.discount)})."
        )
    if trailing.missing:
        yield f"{len(trailing.missing)} days have no usage yet, the first is {trailing.missing[0]}."
    yield ""


def _offers(picture: Picture, assessed: Mapping[Offer, Assessment]) -> Iterator[str]:
    money = _money(picture)
    yield "## What the offers would really cost"
    yield ""
    if not assessed:
        yield "No offer has been made yet."
        yield ""
        return
    yield from _table(
        (
            "Round",
            "Offer",
            "Headline",
            "Effective",
            "Cash",
            "P10 to P90",
            "P(shortfall)",
            "Verdict",
        ),
        (
            (
                str(offer.round),
                f"{offer.title} ({offer.party.value.lower()}, {offer.status.value.lower()})",
                _percent(made.headline_discount),
                _percent(made.effective_discount),
                money(made.cash),
                f"{money(made.cost_p10)} to {money(made.cost_p90)}",
                _percent(made.shortfall_probability),
                made.verdict.value.lower(),
            )
            for offer, made in assessed.items()
        ),
    )
    yield ""
    for offer, made in assessed.items():
        for reason in made.reasons[:2]:
            yield f"- **{offer.title}**: {reason.message}"
    yield ""


def _findings(picture: Picture, assessed: Mapping[Offer, Assessment]) -> Iterator[str]:
    money = _money(picture)
    found = [
        (offer, finding)
        for offer, made in assessed.items()
        for finding in made.findings
        if finding.amount
    ]
    if not found:
        return
    found.sort(key=lambda pair: pair[1].amount or Decimal(0), reverse=True)
    yield "## Traps in the terms, the dearest first"
    yield ""
    for offer, finding in found[:MOST_FINDINGS]:
        clause = f", clause {finding.clause}" if finding.clause else ""
        yield f"- **{money(finding.amount)}** in {offer.title}{clause}: {finding.message}"
    yield ""


def _invoices(picture: Picture) -> Iterator[str]:
    found = picture.rerating.all()
    if not found:
        return
    money = _money(picture)
    yield "## What was billed wrongly"
    yield ""
    yield f"{len(found)} findings on our invoices, {money(picture.rerating.claim())} to claim."
    yield ""
    for each in sorted(found, key=lambda f: f.delta or Decimal(0), reverse=True)[:MOST_FINDINGS]:
        yield f"- {each.invoice}: {each.message}"
    yield ""


def _dates(picture: Picture) -> Iterator[str]:
    yield "## Dates and approvals"
    yield ""
    if picture.dates is not None:
        dates = picture.dates
        yield f"- The contract runs from {dates.start} to {dates.end}; the last safe day to give notice is {dates.last_notice_day}."
    for milestone in picture.milestones:
        late = ", late" if picture.is_late(milestone) else ""
        state = milestone.status.value.lower()
        yield f"- {milestone.name}: {state}, due {milestone.due_on}{late} ({milestone.owner_role})."
    yield ""


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', '/') for cell in row)} |"


def _money(picture: Picture) -> Callable[[Decimal | None], str]:
    currency = picture.negotiation.currency

    def text(amount: Decimal | None) -> str:
        return "" if amount is None else format_money(round_money(amount, currency), currency)

    return text


def _value(rate: object) -> Decimal | None:
    return getattr(rate, "value", None)


def _percent(ratio: Decimal | None) -> str:
    return "" if ratio is None else f"{ratio * 100:.1f} %"
