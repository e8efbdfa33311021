"""`POST /webhooks/twilio/status` and `/inbound`: Twilio's reports on messages, and the texts it received for us.

The signature is the credential; nothing else lets in. What a post changes is the receiver's business (`StatusReports`,
`InboundTexts`). Without one (no PUBLIC_URL or no credentials) a path answers 404; the gateway asks Twilio for reports instead.
"""

from __future__ import annotations

from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response

from resolvers.errors import BadUserInput, LimitExceeded, NotFound
from resolvers.ports import InboundTexts, StatusReports

TWILIO_STATUS = "/webhooks/twilio/status"
TWILIO_INBOUND = "/webhooks/twilio/inbound"
SIGNED = (TWILIO_STATUS, TWILIO_INBOUND)
"""Answered to whoever signs, and to nobody else: the signature of a provider is the credential."""

FORM = "application/x-www-form-urlencoded"
LARGEST = 64 * 1024
"""Bytes. Twilio's posts are below 8 kB."""
NO_REPLY = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
"""TwiML: answer the sender with nothing. Twilio itself answers STOP, START and HELP."""


def webhooks_router(reports: StatusReports | None, texts: InboundTexts | None) -> APIRouter:
    router = APIRouter()

    @router.post(
        TWILIO_STATUS,
        status_code=204,
        include_in_schema=False,  # for Twilio, not for callers of the API
    )
    async def twilio_status(request: Request) -> Response:
        await _received(reports, TWILIO_STATUS, request)
        return Response(status_code=204)

    @router.post(TWILIO_INBOUND, include_in_schema=False)
    async def twilio_inbound(request: Request) -> Response:
        await _received(texts, TWILIO_INBOUND, request)
        return Response(NO_REPLY, media_type="text/xml")

    return router


async def _received(
    receiver: StatusReports | InboundTexts | None, path: str, request: Request
) -> None:
    if receiver is None:
        raise NotFound(
            "Twilio's posts are not received here. The operator sets PUBLIC_URL, and Twilio's credentials."
        )
    form = _form(request.headers.get("content-type", ""), await request.body())
    query = request.scope["query_string"].decode("latin-1")
    address = f"{path}?{query}" if query else path
    await receiver.receive(address, form, request.headers.get("x-twilio-signature"))


def _form(content_type: str, body: bytes) -> dict[str, str]:
    if content_type.partition(";")[0].strip().lower() != FORM:
        raise BadUserInput(f"A post of Twilio's is a form. Send it as {FORM}.")
    if len(body) > LARGEST:
        raise LimitExceeded("The post is too large.", limit="reportBytes", value=LARGEST)
    try:
        fields = parse_qsl(
            body.decode(), keep_blank_values=True, errors="strict", max_num_fields=200
        )
    except ValueError as error:
        raise BadUserInput(f"The form cannot be read ({error}).") from None
    return dict(fields)
