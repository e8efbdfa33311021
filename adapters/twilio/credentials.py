"""What is needed to send through Twilio, and which setting is missing when it is not all there."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class TwilioCredentials:
    """The settings as they are. `sender`: E.164 number; `messaging_service_sid` wins over it. `base_url` takes the place
    of Twilio's hosts (a proxy, a stand-in). `public_url`: where Twilio reaches this gateway with its status callbacks.
    """

    account_sid: str | None = None
    auth_token: str | None = field(default=None, repr=False)
    sender: str | None = None
    messaging_service_sid: str | None = None
    studio_flow_sid: str | None = None
    base_url: str | None = None
    public_url: str | None = None

    @property
    def complete(self) -> bool:
        return not self.faults()

    @property
    def absent(self) -> bool:
        """Nothing at all is set: nobody meant to send."""
        return not any((self.account_sid, self.auth_token, self.sender, self.messaging_service_sid))

    def faults(self) -> tuple[str, ...]:
        """What is missing or cannot be right, one sentence part each, naming the settings; empty when all is there."""
        found = []
        if not self.account_sid:
            found.append("TWILIO_ACCOUNT_SID is missing")
        elif not self.account_sid.startswith("AC"):
            found.append("TWILIO_ACCOUNT_SID does not start with AC")
        if not self.auth_token:
            found.append("TWILIO_AUTH_TOKEN is missing")
        if not self.sender and not self.messaging_service_sid:
            found.append("TWILIO_FROM (or TWILIO_MESSAGING_SERVICE_SID) is missing")
        if self.messaging_service_sid and not self.messaging_service_sid.startswith("MG"):
            found.append("TWILIO_MESSAGING_SERVICE_SID does not start with MG")
        if self.studio_flow_sid and not self.studio_flow_sid.startswith("FW"):
            found.append("TWILIO_STUDIO_FLOW_SID does not start with FW")
        return tuple(found)
