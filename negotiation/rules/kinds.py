"""The kinds of rule: what each watches, the parameters it takes, the facts its text may name, and its own text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from negotiation.rules.model import RuleKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """`name` as in Rule; `needed`: a rule of this kind cannot do without."""

    name: str
    about: str
    needed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """`facts`: what each name stands for in a text."""

    label: str
    about: str
    template: str
    facts: Mapping[str, str]
    parameters: tuple[Parameter, ...] = ()

    def takes(self, name: str) -> Parameter | None:
        """The parameter of this name, where the kind has one."""
        return next((each for each in self.parameters if each.name == name), None)


_COMMON: Final = {
    "negotiation": "the negotiation's name",
    "vendor": "the vendor's name",
    "today": "the UTC day",
}
_OFFER: Final = {
    "offer": "the offer's title",
    "party": "who made it: buyer or vendor",
    "round": "the round's number",
    "date": "the last day it is valid, or further notice",
}
_MILESTONE: Final = {
    "milestone": "the milestone's name",
    "role": "whose approval it is",
    "date": "the day it is due",
}


def _facts(own: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType({**_COMMON, **own})


KINDS: Final[Mapping[RuleKind, Kind]] = MappingProxyType(
    {
        RuleKind.ENVELOPE_OUT_OF_BAND: Kind(
            label="Envelope leaves its band",
            about="The vendor's margin today is below the floor or above the ceiling.",
            template="{{negotiation}}: the margin {{margin}} is {{side}} (floor {{floor}}, ceiling {{ceiling}}). "
            "Revenue {{amount}}.",
            facts=_facts(
                {
                    "margin": "the margin today",
                    "side": "below the floor, or above the ceiling",
                    "floor": "the floor margin",
                    "target": "the target margin",
                    "ceiling": "the ceiling margin",
                    "amount": "the vendor's revenue in the envelope's window",
                }
            ),
            parameters=(
                Parameter(
                    name="threshold", about="How far outside the band it must be; none: at all."
                ),
            ),
        ),
        RuleKind.TIER_CHANGE: Kind(
            label="Discount tier changes",
            about="The tier of trailing spend has changed, or is expected to within some days.",
            template="{{negotiation}}: {{change}}. Trailing spend {{amount}}.",
            facts=_facts(
                {
                    "change": "what changes, in words",
                    "tier": "the tier today",
                    "next": "the tier that comes",
                    "date": "the day it is expected",
                    "days": "days until then",
                    "amount": "trailing spend today",
                }
            ),
            parameters=(
                Parameter(
                    name="days", about="Also told so many days ahead; none: only when it changed."
                ),
                Parameter(name="tier", about="Only a change to the tier of this name; none: any."),
            ),
        ),
        RuleKind.COMMITMENT_BEHIND: Kind(
            label="Commitment falls behind",
            about="What is expected to be burned by the interval's end falls short of the commitment.",
            template="{{negotiation}}: {{percent}} of the commitment {{committed}} is expected to be missed by {{date}} "
            "(shortfall {{amount}}).",
            facts=_facts(
                {
                    "amount": "the expected shortfall",
                    "percent": "the shortfall as a share of the commitment",
                    "committed": "what was committed",
                    "burned": "what is burned so far",
                    "expected": "what is expected to be burned by the end",
                    "commitment": "the term's id",
                    "date": "the interval's end",
                    "days": "days until then",
                }
            ),
            parameters=(
                Parameter(
                    name="threshold",
                    about="The share of the commitment that must be expected to be missed; none: any.",
                ),
            ),
        ),
        RuleKind.OFFER_RECEIVED: Kind(
            label="Offer received",
            about="The vendor has put an offer on the table.",
            template="{{negotiation}}: {{vendor}} offers {{offer}} (round {{round}}, valid until {{date}}).",
            facts=_facts(_OFFER),
        ),
        RuleKind.OFFER_EXPIRING: Kind(
            label="Offer expires",
            about="An open offer is valid for no more than some days.",
            template="{{negotiation}}: {{offer}} of the {{party}} expires on {{date}} (days left: {{days}}).",
            facts=_facts({**_OFFER, "days": "days it is still valid"}),
            parameters=(
                Parameter(
                    name="days", about="Told so many days before; 0: on the last day.", needed=True
                ),
            ),
        ),
        RuleKind.MILESTONE_LATE: Kind(
            label="Milestone late",
            about="A pending milestone is past its day, or due within some days.",
            template="{{negotiation}}: {{milestone}} is {{state}} ({{date}}, {{role}}).",
            facts=_facts(
                {
                    **_MILESTONE,
                    "state": "due or late, and by how much",
                    "days": "days until it is due, or since it was",
                }
            ),
            parameters=(
                Parameter(
                    name="days",
                    about="Also told so many days before it is due; none: only when late.",
                ),
            ),
        ),
        RuleKind.APPROVAL_NEEDED: Kind(
            label="Approval needed",
            about="An offer was accepted, and an approval is still pending.",
            template="{{negotiation}}: {{milestone}} waits for approval ({{role}}, due {{date}}).",
            facts=_facts(_MILESTONE),
        ),
    }
)
