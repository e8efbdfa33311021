"""The usage categories of a Twilio Usage Records export: which family each belongs to, and which contain others.

An export lists totals beside their parts ("sms" holds "sms-inbound", which holds "sms-inbound-longcode"). Adding both
would count twice. Only categories that are known to be totals are named as such; no name is guessed from its prefix.
Source: Twilio's reference of usage categories. A category that is missing here is its own part, in family "other".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final

OTHER: Final = "other"
CARRIER_FEES: Final = "carrier-fees"
TOTAL: Final = "totalprice"

# One total or family head per paragraph: "family unit", then its categories; an indented one is a part of the less
# indented one above it.
_OUTLINE: Final = """
other usd
 totalprice

sms segment
 sms
  sms-inbound
   sms-inbound-longcode
   sms-inbound-shortcode
   sms-inbound-tollfree
  sms-outbound
   sms-outbound-longcode
   sms-outbound-shortcode
   sms-outbound-tollfree
   sms-outbound-content-inspection
 sms-messages-features
  sms-messages-features-message-redaction
  sms-messages-features-senderid
  sms-messages-features-engagement-suite

carrier-fees segment
 sms-messages-carrierfees
 mms-messages-carrierfees
 a2p-registration-fees
  a2p-10dlc-registrationfees-brandregistration
  a2p-10dlc-registrationfees-bv
  a2p-10dlc-registrationfees-campaigncharges
  a2p-10dlc-registrationfees-campaignregistration
  a2p-10dlc-registrationfees-campaignvetting
  a2p-10dlc-registrationfees-monthly
  a2p-10dlc-registrationfees-onetime

mms message
 mms
  mms-inbound
   mms-inbound-longcode
   mms-inbound-shortcode
   mms-inbound-tollfree
  mms-outbound
   mms-outbound-longcode
   mms-outbound-shortcode
   mms-outbound-tollfree
 mediastorage

channels message
 channels
  channels-messaging-inbound
  channels-messaging-outbound
  channels-whatsapp
   channels-whatsapp-conversation-authentication
   channels-whatsapp-conversation-free
   channels-whatsapp-conversation-marketing
   channels-whatsapp-conversation-service
   channels-whatsapp-conversation-utility
   channels-whatsapp-inbound
   channels-whatsapp-outbound
   channels-whatsapp-template-marketing
   channels-whatsapp-template-utility
 rcs-messages
  rcs-messages-inbound
  rcs-messages-outbound

voice minute
 calls
  calls-inbound
   calls-inbound-local
   calls-inbound-mobile
   calls-inbound-tollfree
  calls-outbound
  calls-client
  calls-sip
   calls-sip-inbound
   calls-sip-outbound
  calls-globalconference
 calls-pay-verb-transactions
 calls-media-stream-minutes
 calls-text-to-speech
 answering-machine-detection
 amazon-polly

recordings minute
 recordings
 recordingstorage
 transcriptions
 calls-recordings
 speech-recognition
 voice-intelligence
  voice-intelligence-transcription
  voice-intelligence-operators

trunking minute
 trunking-origination
  trunking-origination-local
  trunking-origination-mobile
  trunking-origination-tollfree
 trunking-termination
 trunking-cps
 trunking-recordings
 trunking-secure

verify verification
 authy-authentications
 authy-calls-outbound
 authy-monthly-fees
 authy-phone-intelligence
 authy-phone-verifications
 authy-sms-outbound
 authy-email-authentications
 authy-outbound-email
 authy-verify-email-verifications
 verify-push
 verify-totp
 verify-sna
 verify-voice-sms
 verify-whatsapp-conversations-business-initiated
 verify-phone-verifications
 verify-silent-network-authentication

lookup request
 lookups
 carrier-lookups
 calleridlookups
 addresses-validation
 lookups-api
 lookups-caller-name
 lookups-line-type-intelligence
 lookups-sim-swap
 lookups-identity-match
 phone-number-lookups

numbers number
 phonenumbers
  phonenumbers-local
  phonenumbers-mobile
  phonenumbers-tollfree
  phonenumbers-emergency
  phonenumbers-cps
  phonenumbers-setups
  phonenumbers-porting
 shortcodes
  shortcodes-customerowned
  shortcodes-mps
  shortcodes-random
  shortcodes-random-setups
  shortcodes-setup-fees
  shortcodes-vanity
 verified-calling
 branded-calling

contact-center hour
 flex-usage
 agent-conference
 flex-active-user-hours
 flex-named-users
 taskrouter-tasks
 proxy-active-sessions
 conversations-active-users
 conversations-api-requests
 conversations-conversation-events

video minute
 group-rooms-participant-minutes
 small-group-rooms-participant-minutes
 peer-to-peer-rooms-participant-minutes
 basic-peer-to-peer-rooms-participant-minutes
 video-recordings
 audience-minutes
  audience-minutes-audio
 turnmegabytes
"""


@dataclass(frozen=True, slots=True)
class Category:
    """One usage category; `parent` is the total that contains it."""

    name: str
    family: str
    unit: str
    parent: str | None


@cache
def categories() -> Mapping[str, Category]:
    """Every known category by name."""
    return MappingProxyType({each.name: each for each in _read()})


def ancestors(name: str) -> Iterator[str]:
    """The totals that contain a category, the nearest first. Everything is part of `totalprice`."""
    known = categories()
    at = known[name].parent if name in known else None
    while at is not None:
        yield at
        at = known[at].parent
    if name != TOTAL:
        yield TOTAL


def _read() -> Iterator[Category]:
    for paragraph in _OUTLINE.strip().split("\n\n"):
        head, *lines = paragraph.split("\n")
        family, unit = head.split()
        above: list[str] = []
        for line in lines:
            name = line.strip()
            depth = len(line) - len(name)
            del above[depth - 1 :]
            yield Category(name, family, unit, above[-1] if above else None)
            above.append(name)
