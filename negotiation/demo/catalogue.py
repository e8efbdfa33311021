"""The demo's 147 SKUs in 12 families: keys in the style of Twilio's usage categories, so that an export maps onto them.

A key without a country is the United States'. `P` marks a price that the vendor publishes; every other price is
synthetic. Volumes are units a day at the end of the demo's 24 months.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from negotiation.records import Sku

FAMILIES: Final = {
    "sms": "SMS",
    "mms": "MMS",
    "channels": "WhatsApp and RCS",
    "voice": "Voice",
    "trunking": "Elastic SIP trunking",
    "recordings": "Recording and transcription",
    "verify": "Verify",
    "lookup": "Lookup",
    "numbers": "Phone numbers and short codes",
    "carrier-fees": "Carrier fees (passed through)",
    "contact-center": "Contact centre",
    "video": "Video",
}

# family unit / key, list rate, units a day, flags: P published price, W weekdays only, M charged on the 1st of a
# month, Ln launched n months before the end.
_TABLE: Final = """
sms segment
sms-outbound-longcode                        0.0083   46000  P
sms-outbound-shortcode                       0.0083   21000  P
sms-outbound-tollfree                        0.0083    9000  P
sms-inbound-longcode                         0.0083   11800  P
sms-inbound-shortcode                        0.0083    2600  P
sms-inbound-tollfree                         0.0083    1900  P

mms message
mms-outbound-longcode                        0.0220    1500  P
mms-outbound-shortcode                       0.0220     520  P
mms-outbound-tollfree                        0.0220     240  P
mms-inbound-longcode                         0.0165     410  P
mms-inbound-shortcode                        0.0165      60  P
mms-outbound-longcode-ca                     0.0280     110  -
mms-inbound-longcode-ca                      0.0210      30  -

channels message
channels-whatsapp-outbound                   0.0050    9000  P
channels-whatsapp-inbound                    0.0050    5200  P
channels-whatsapp-template-marketing         0.0250     900  -
channels-whatsapp-template-utility           0.0040    3100  -
channels-whatsapp-conversation-authentication 0.0135   1400  -
channels-messaging-outbound                  0.0055     700  L9
rcs-messages-outbound                        0.0092    1600  L7
rcs-messages-inbound                         0.0062     300  L7

voice minute
calls-inbound-local                          0.0085    9000  P
calls-inbound-mobile                         0.0100     600  -
calls-inbound-tollfree                       0.0220    4300  P
calls-outbound                               0.0140   13500  P
calls-client                                 0.0040    5200  P
calls-sip-inbound                            0.0040    1800  P
calls-sip-outbound                           0.0040    2100  P
calls-globalconference                       0.0018    4200  P
calls-media-stream-minutes                   0.0040    1500  L11
calls-text-to-speech                         0.0032     900  -

trunking minute
trunking-origination-local                   0.0045    6200  W
trunking-origination-mobile                  0.0060     400  W
trunking-origination-tollfree                0.0130    1100  W
trunking-termination                         0.0070    9800  W
trunking-secure                              0.0010    9000  W
trunking-recordings                          0.0025    1900  W

recordings minute
recordings                                   0.0025    6800  P
recordingstorage                             0.0005   52000  P
transcriptions                               0.0500     170  P
voice-intelligence-transcription             0.0240     420  L10
voice-intelligence-operators                 0.0030    1300  L10
speech-recognition                           0.0200     240  -

verify verification
authy-phone-verifications                    0.0500    4600  P
authy-sms-outbound                           0.0083    4900  P
authy-calls-outbound                         0.0140     160  P
authy-authentications                        0.0900      70  -
verify-push                                  0.0450     310  L13
verify-totp                                  0.0450     120  L13
verify-silent-network-authentication         0.0390     140  L5
verify-whatsapp-conversations-business-initiated 0.0210 210  L8

lookup request
lookups                                      0.0050    2600  -
carrier-lookups                              0.0080    3300  P
calleridlookups                              0.0100    1100  P
lookups-sim-swap                             0.0350     230  L12
lookups-identity-match                       0.1000     130  L12
addresses-validation                         0.0300      90  -

numbers number
phonenumbers-local                           1.1500     610  PM
phonenumbers-tollfree                        2.1500      96  PM
phonenumbers-mobile                          1.4500      38  M
phonenumbers-emergency                       0.7500      44  M
shortcodes-random                          500.0000       1  M
shortcodes-vanity                         1000.0000       1  M

carrier-fees segment
sms-messages-carrierfees                     0.0035   38000  -
sms-messages-carrierfees-shortcode           0.0040   20000  -
sms-messages-carrierfees-tollfree            0.0030    8800  -
mms-messages-carrierfees                     0.0100    1900  -
a2p-10dlc-registrationfees-campaigncharges  10.0000      14  M
a2p-10dlc-registrationfees-brandregistration 4.5000       2  M
a2p-10dlc-registrationfees-campaignvetting  15.0000       1  M

contact-center hour
flex-active-user-hours                       1.0000     118  PW
flex-named-users                             5.0000      11  W
taskrouter-tasks                             0.1500     260  W
proxy-active-sessions                        0.1000     190  -
conversations-active-users                   0.0500     430  -
conversations-api-requests                   0.0004   21000  -
agent-conference                             0.0020    2700  W

video minute
group-rooms-participant-minutes              0.0040   12500  P
small-group-rooms-participant-minutes        0.0040    4100  -
peer-to-peer-rooms-participant-minutes       0.0015    3600  -
basic-peer-to-peer-rooms-participant-minutes 0.0010     900  -
video-recordings                             0.0040    2300  -
audience-minutes                             0.0010    5200  W
turnmegabytes                                0.0004   16000  -
"""

# key of the SKU without country / country, list rate, units a day
_ABROAD: Final = """
sms-outbound-longcode
ca 0.0083 3900, gb 0.0463 610, ie 0.0712 60, de 0.0918 190, fr 0.0716 170, es 0.0688 120, it 0.0854 90, nl 0.0949 70
se 0.0569 45, pl 0.0441 80, au 0.0515 210, nz 0.1041 25, in 0.0746 160, sg 0.0435 40, jp 0.0784 45, br 0.0560 230
mx 0.0672 260, za 0.0420 55, ae 0.0920 30, ph 0.1820 20

sms-inbound-longcode
ca 0.0083 1100, gb 0.0075 300, au 0.0075 90

calls-outbound
ca 0.0140 1300, gb 0.0158 620, ie 0.0229 70, de 0.0170 260, fr 0.0163 210, es 0.0184 130, it 0.0231 90, nl 0.0254 70
se 0.0192 40, pl 0.0284 60, au 0.0252 190, nz 0.0310 20, in 0.0497 110, sg 0.0210 35, jp 0.0746 40, br 0.0386 120
mx 0.0228 190, za 0.0472 40

calls-inbound-local
ca 0.0085 620, gb 0.0100 350, au 0.0100 110

trunking-termination
ca 0.0070 820, gb 0.0098 330, de 0.0121 120, fr 0.0115 90, au 0.0189 70, mx 0.0150 80

authy-sms-outbound
gb 0.0463 110, de 0.0918 40, in 0.0746 60, id 0.3410 9, ph 0.1820 8, lk 0.2980 3

phonenumbers-local
ca 1.1500 70, gb 1.1500 55, de 1.1500 20, fr 1.1500 16, au 3.0000 14, mx 6.2500 9, ie 1.7500 6
"""

_COUNTRIES: Final = {
    "ae": "United Arab Emirates",
    "au": "Australia",
    "br": "Brazil",
    "ca": "Canada",
    "de": "Germany",
    "es": "Spain",
    "fr": "France",
    "gb": "United Kingdom",
    "id": "Indonesia",
    "ie": "Ireland",
    "in": "India",
    "it": "Italy",
    "jp": "Japan",
    "lk": "Sri Lanka",
    "mx": "Mexico",
    "nl": "Netherlands",
    "nz": "New Zealand",
    "ph": "Philippines",
    "pl": "Poland",
    "se": "Sweden",
    "sg": "Singapore",
    "za": "South Africa",
}


@dataclass(frozen=True, slots=True)
class DemoSku:
    """A SKU and how much of it the demo uses; `launched`: months before the end of the demo, None from the start on."""

    sku: Sku
    units_a_day: int
    weekdays_only: bool = False
    monthly: bool = False
    launched: int | None = None


def demo_skus() -> tuple[DemoSku, ...]:
    """All 147, in the order of the tables."""
    home = {each.sku.key: each for each in _home()}
    return (*home.values(), *_abroad(home))


def _home() -> Iterator[DemoSku]:
    for paragraph in _TABLE.strip().split("\n\n"):
        head, *lines = paragraph.split("\n")
        family, unit = head.split()
        for line in lines:
            key, rate, units, flags = line.split()
            launched = flags.partition("L")[2]
            yield DemoSku(
                Sku(
                    key=key,
                    name=_name(key),
                    family=family,
                    unit=unit,
                    list_rate=Decimal(rate),
                    pass_through=family == "carrier-fees",
                    synthetic="P" not in flags,
                ),
                int(units),
                weekdays_only="W" in flags,
                monthly="M" in flags,
                launched=int(launched) if launched else None,
            )


def _abroad(home: dict[str, DemoSku]) -> Iterator[DemoSku]:
    for paragraph in _ABROAD.strip().split("\n\n"):
        key, lines = paragraph.split("\n", 1)
        at_home = home[key]
        for entry in lines.replace("\n", ",").split(","):
            country, rate, units = entry.split()
            yield DemoSku(
                Sku(
                    key=f"{key}-{country}",
                    name=f"{at_home.sku.name}, {_COUNTRIES[country]}",
                    family=at_home.sku.family,
                    unit=at_home.sku.unit,
                    list_rate=Decimal(rate),
                    synthetic=True,
                ),
                int(units),
                weekdays_only=at_home.weekdays_only,
                monthly=at_home.monthly,
            )


def _name(key: str) -> str:
    """ "sms-outbound-longcode" as "SMS outbound longcode"."""
    first, *rest = key.split("-")
    head = first.upper() if first in ("sms", "mms", "rcs", "a2p") else first.capitalize()
    return " ".join((head, *rest))
