"""Whether Twilio posted it: its signature over our public address and every field, for our account. Nothing else lets in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from resolvers.errors import Forbidden


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """`public_url`: how Twilio reaches the gateway; what a proxy puts into headers is not believed."""

    account_sid: str
    auth_token: str = field(repr=False)
    public_url: str

    def checked_address(
        self, path_and_query: str, form: Mapping[str, str], signature: str | None
    ) -> str:
        """The address that was signed. Raises Forbidden: no signature, a wrong one, changed content, another account."""
        from twilio.request_validator import RequestValidator

        url = f"{self.public_url.rstrip('/')}{path_and_query}"
        signed = signature is not None and bool(
            RequestValidator(self.auth_token).validate(url, dict(form), signature)
        )
        if not signed or form.get("AccountSid") != self.account_sid:
            raise Forbidden("This is not signed by Twilio for this account.")
        return url
