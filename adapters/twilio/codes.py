"""Twilio's codes, at sending and on delivery: what is so, what to do, and whether the same message may go again.

docs/twilio-errors.md shows this table; a test compares the two. Twilio adds codes: one that is not here is final.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Kind(StrEnum):
    """FINAL: this message will not go. LATER: the same message may go soon. HOLD: no message goes until the account or
    the settings are mended, or the account's limit is over; the queue waits.
    """

    FINAL = "FINAL"
    LATER = "LATER"
    HOLD = "HOLD"


@dataclass(frozen=True, slots=True)
class Entry:
    """`told`: what is so, `act`: what to do, both for a person. `wait`, of LATER: what is in the message's way ends by itself,
    and is looked for again after so many seconds, however often that takes.
    """

    kind: Kind
    told: str
    act: str
    wait: float | None = None

    def __str__(self) -> str:
        return f"{self.told} {self.act}"


_CHECK_NUMBER = "Check the number, country code included, and send again."
_CHECK_SENDER = (
    "Set TWILIO_FROM or TWILIO_MESSAGING_SERVICE_SID to a sender of this account that can send SMS."
)
_ASK_TWILIO = "Look at the account in the Twilio console, or ask Twilio support."
_ASK_IF_REPEATED = "Retry once; if it repeats, ask Twilio support with the message's SID."
_TRIED_AGAIN = "While it is queued it is tried again; once it has failed, retry it later."
_UNREGISTERED_ABROAD = "The country takes registered senders only, and this one is not registered."
_REGISTER_ABROAD = "Register the sender for that country in the Twilio console; then retry."
_SUSPECTED = "Twilio suspects fraud at this number, and blocks it for some time."
_NO_SERVICE = "Twilio does not know the Messaging Service."
_SET_SERVICE = (
    "Set TWILIO_MESSAGING_SERVICE_SID to one of this account and restart; the queue waits."
)

NOT_FOUND = "20404"
RATE_LIMITED = "20429"
UNKNOWN_FLOW = "UNKNOWN_STUDIO_FLOW"
NO_FLOW = "NO_STUDIO_FLOW"
FLOW_FAILED = "STUDIO_FLOW_FAILED"

TABLE: Mapping[str, Entry] = MappingProxyType(
    {
        # the account and the settings
        "20003": Entry(
            Kind.HOLD,
            "Twilio refuses the credentials.",
            "Set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN to a live pair and restart; the queue waits.",
        ),
        "10001": Entry(Kind.HOLD, "The Twilio account is not active.", _ASK_TWILIO),
        "20005": Entry(Kind.HOLD, "The Twilio account is not active.", _ASK_TWILIO),
        "20403": Entry(
            Kind.HOLD,
            "The Twilio account may not use the API; it may be suspended or closed.",
            _ASK_TWILIO,
        ),
        NOT_FOUND: Entry(
            Kind.HOLD,
            "Twilio does not know the account.",
            "Set TWILIO_ACCOUNT_SID to the account's own and restart; the queue waits.",
        ),
        "21701": Entry(Kind.HOLD, _NO_SERVICE, _SET_SERVICE),
        "21704": Entry(
            Kind.HOLD,
            "The Messaging Service has no sender.",
            "Add a sender to it in the Twilio console; the queue waits.",
        ),
        "21705": Entry(Kind.HOLD, _NO_SERVICE, _SET_SERVICE),
        "30002": Entry(Kind.HOLD, "The Twilio account is suspended.", _ASK_TWILIO),
        "30037": Entry(Kind.HOLD, "Sending is disabled for the Twilio account.", _ASK_TWILIO),
        "63038": Entry(
            Kind.HOLD,
            "The account's limit of messages in 24 hours is reached.",
            "Wait until the 24 hours are over, or ask Twilio support for more; retry what has failed.",
        ),
        "21611": Entry(
            Kind.HOLD,
            "The sender's queue at Twilio is full: it holds what the sender can send in ten hours.",
            "Nothing to do: the queue waits until there is room; a Messaging Service with more senders is faster.",
        ),
        "90010": Entry(Kind.HOLD, "The Twilio account is not active.", _ASK_TWILIO),
        # too much at once
        RATE_LIMITED: Entry(
            Kind.LATER,
            "Twilio asks for a slower pace.",
            "Nothing to do: it is sent when Twilio allows.",
        ),
        "30001": Entry(
            Kind.LATER,
            "The sender's queue at Twilio overflowed.",
            "Retry later; spread large batches, or add senders to the Messaging Service.",
        ),
        "21702": Entry(
            Kind.LATER,
            "The Messaging Service takes no messages right now.",
            _TRIED_AGAIN,
        ),
        "20409": Entry(
            Kind.LATER,
            "The recipient is in another run of this Studio flow.",
            "Nothing to do: it is tried again every five minutes; a run that hangs can be ended in Studio's log.",
            wait=300.0,
        ),
        # the recipient
        "21211": Entry(Kind.FINAL, "The recipient's number is not valid.", _CHECK_NUMBER),
        "21219": Entry(
            Kind.FINAL,
            "The number is not verified, and this is a trial account.",
            "Verify the number in the Twilio console, or upgrade the account.",
        ),
        "21265": Entry(Kind.FINAL, "A short code cannot receive messages.", "Use a mobile number."),
        "21266": Entry(
            Kind.FINAL, "Recipient and sender are the same number.", "Use another recipient."
        ),
        "21268": Entry(
            Kind.FINAL,
            "The number is a premium-rate or information service; Twilio does not text those.",
            "Use a mobile number.",
        ),
        "21408": Entry(
            Kind.FINAL,
            "Sending to this country is not enabled for the Twilio account.",
            "Enable it in the Twilio console under Messaging, Geo permissions; then retry.",
        ),
        "21608": Entry(
            Kind.FINAL,
            "The number is not verified, and a trial account, or one without an approved compliance profile, may text"
            " verified numbers only.",
            "Verify the number in the Twilio console, or upgrade the account and have its profile approved; then retry.",
        ),
        "572002": Entry(
            Kind.FINAL,
            "A trial account may text this recipient only from the number that Twilio assigned to it.",
            "Set TWILIO_FROM to that number, which the Twilio console shows, or upgrade the account; then retry.",
        ),
        "572005": Entry(
            Kind.FINAL,
            "The number was added to the trial account, but its verification is not complete.",
            "Enter the code that Twilio sent to it in the Twilio console; then retry.",
        ),
        "21610": Entry(
            Kind.FINAL,
            "The recipient has opted out (replied STOP).",
            "Do not send again unless they reply START to the sender.",
        ),
        "21612": Entry(
            Kind.FINAL,
            "Twilio cannot reach this recipient from this sender.",
            "Check the number, or set TWILIO_FROM or TWILIO_MESSAGING_SERVICE_SID to a sender that its country and carrier"
            " accept.",
        ),
        "21614": Entry(
            Kind.FINAL,
            "The number cannot receive SMS; it may be a landline.",
            "Use a mobile number.",
        ),
        "21635": Entry(
            Kind.FINAL, "The number is a landline and cannot receive SMS.", "Use a mobile number."
        ),
        # the sender and the text
        "21212": Entry(Kind.FINAL, "The sender is not a valid number or name.", _CHECK_SENDER),
        "21267": Entry(
            Kind.FINAL,
            "A trial account cannot send under a name.",
            "Set TWILIO_FROM to a number, or upgrade the account; then retry.",
        ),
        "21603": Entry(Kind.FINAL, "No sender is set.", _CHECK_SENDER),
        "21606": Entry(Kind.FINAL, "The sender cannot text this recipient.", _CHECK_SENDER),
        "21659": Entry(
            Kind.FINAL,
            "The sender is not a number of Twilio's, or a short code of another country.",
            _CHECK_SENDER,
        ),
        "21660": Entry(Kind.FINAL, "The sender belongs to another account.", _CHECK_SENDER),
        "21661": Entry(Kind.FINAL, "The sender cannot send SMS.", _CHECK_SENDER),
        "21703": Entry(
            Kind.FINAL,
            "None of the Messaging Service's senders can text this recipient.",
            "Add one that can, for instance of the recipient's country, in the Twilio console; then retry.",
        ),
        UNKNOWN_FLOW: Entry(
            Kind.FINAL,
            "Twilio does not know the Studio flow.",
            "Set TWILIO_STUDIO_FLOW_SID to a published flow of this account; then retry.",
        ),
        NO_FLOW: Entry(
            Kind.FINAL,
            "No Studio flow is set.",
            "Set TWILIO_STUDIO_FLOW_SID and restart; or send it as SMS.",
        ),
        FLOW_FAILED: Entry(
            Kind.FINAL,
            "The Studio flow ended with a message that failed.",
            "Look at the run in Studio's log; then retry.",
        ),
        "21602": Entry(Kind.FINAL, "The message has no text.", "Write one and send again."),
        "21619": Entry(Kind.FINAL, "The message has no text.", "Write one and send again."),
        "21617": Entry(
            Kind.FINAL, "The text is longer than 1,600 characters.", "Shorten it and send again."
        ),
        "30044": Entry(
            Kind.FINAL,
            "The text is too long for a trial account.",
            "Shorten it, or upgrade the account; then send again.",
        ),
        # on delivery
        "30003": Entry(
            Kind.FINAL,
            "The phone could not be reached: switched off, or without signal.",
            "Retry later.",
        ),
        "30004": Entry(
            Kind.FINAL,
            "The message was blocked by the recipient or the carrier.",
            "Ask the recipient whether they block this sender.",
        ),
        "30005": Entry(Kind.FINAL, "The number is unknown or no longer in service.", _CHECK_NUMBER),
        "30006": Entry(
            Kind.FINAL,
            "A landline, or a carrier that cannot be reached.",
            "Use a mobile number.",
        ),
        "30007": Entry(
            Kind.FINAL,
            "Twilio or the carrier filtered the message, as spam or against a rule.",
            "Say who sends it, avoid shortened links, and register the sender for this use.",
        ),
        "30008": Entry(Kind.FINAL, "The carrier gave no reason.", _ASK_IF_REPEATED),
        "30022": Entry(
            Kind.FINAL,
            "The sender's rate for US carriers was passed.",
            "Retry later, and more slowly; register a campaign with a higher rate.",
        ),
        "30023": Entry(
            Kind.FINAL,
            "T-Mobile's daily limit for the registered brand is reached.",
            "Retry tomorrow (US Pacific time).",
        ),
        "30024": Entry(
            Kind.FINAL,
            "The carrier does not know the sender, perhaps not yet.",
            "Retry when its registration has reached the carrier; if it repeats, ask Twilio support.",
        ),
        "30032": Entry(
            Kind.FINAL,
            "The toll-free sender is not verified.",
            "Verify it in the Twilio console; then retry.",
        ),
        "30033": Entry(
            Kind.FINAL,
            "The sender's campaign for US carriers is suspended.",
            "Ask Twilio support why, and how to mend it; then retry.",
        ),
        "30034": Entry(
            Kind.FINAL,
            "The sender is not registered for US carriers (A2P 10DLC).",
            "Register brand and campaign in the Twilio console, and add the sender to the campaign; then retry.",
        ),
        "30035": Entry(
            Kind.FINAL,
            "The sender's registration for US carriers is under way.",
            "Retry when the Twilio console shows the number as registered.",
        ),
        "30036": Entry(
            Kind.FINAL,
            "The message expired while it waited at Twilio.",
            "Retry if it still matters; give it more time, or the sender a higher rate.",
        ),
        "30040": Entry(Kind.FINAL, _UNREGISTERED_ABROAD, _REGISTER_ABROAD),
        "30041": Entry(Kind.FINAL, _UNREGISTERED_ABROAD, _REGISTER_ABROAD),
        "30410": Entry(
            Kind.FINAL,
            "The carrier did not answer Twilio in time, so that the message may have come all the same.",
            "Ask the recipient, or retry later: it may come twice.",
        ),
        "30450": Entry(Kind.FINAL, _SUSPECTED, "Retry in some hours."),
        "30453": Entry(Kind.FINAL, _SUSPECTED, "Retry in some hours."),
        "30500": Entry(Kind.FINAL, "Twilio failed at this message.", _ASK_IF_REPEATED),
        # other channels
        "63001": Entry(
            Kind.FINAL,
            "The channel refuses the sender's credentials.",
            "Connect the sender to the channel again in the Twilio console; then retry.",
        ),
        "63003": Entry(Kind.FINAL, "The channel does not know the recipient.", _CHECK_NUMBER),
        "63005": Entry(
            Kind.FINAL,
            "The channel does not accept this content.",
            "Check that the recipient uses the channel, or change the text; then send again.",
        ),
        "63007": Entry(
            Kind.FINAL,
            "The sender is not set up for this channel.",
            "Set TWILIO_FROM to a sender of this account that the channel has approved.",
        ),
        "63008": Entry(
            Kind.FINAL,
            "The channel is not set up as it must be at Twilio.",
            "Check the channel and its sender in the Twilio console; then retry.",
        ),
        "63010": Entry(
            Kind.LATER,
            "Twilio has trouble with the channel.",
            _TRIED_AGAIN,
        ),
        "63012": Entry(
            Kind.LATER,
            "The channel's provider has trouble.",
            _TRIED_AGAIN,
        ),
        "63013": Entry(
            Kind.FINAL,
            "The content breaks a rule of the channel's provider.",
            "Change the text and send again.",
        ),
        "63014": Entry(
            Kind.FINAL,
            "The recipient has blocked this sender on the channel.",
            "Use SMS, or ask the recipient.",
        ),
        "63015": Entry(
            Kind.FINAL,
            "The channel's sandbox reaches only those who joined it.",
            "Have the recipient join, or use a sender of your own.",
        ),
        "63016": Entry(
            Kind.FINAL,
            "Outside the 24-hour window this channel takes approved templates only.",
            "Use SMS, or an approved template.",
        ),
        "63018": Entry(
            Kind.LATER,
            "The channel's rate limit is reached.",
            "While it is queued it is tried again; once it has failed, retry it a day later.",
        ),
        "63021": Entry(
            Kind.FINAL,
            "The channel's provider refuses the content.",
            "Change the text and send again.",
        ),
        "63023": Entry(Kind.FINAL, "The channel failed and gave no reason.", _ASK_IF_REPEATED),
        "63024": Entry(Kind.FINAL, "The channel refuses this recipient.", _CHECK_NUMBER),
    }
)
