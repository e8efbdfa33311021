"""`POST /webhooks/twilio/status`: Twilio's reports on messages. The signature is the credential; nothing else lets in.

What a report changes is the receiver's business (`StatusReports`). Without one (no PUBLIC_URL or no credentials) the
path answers 404 and the gateway asks Twilio instead.
"""

from __future__ import annotations

from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response

from resolvers.errors import BadUserInput, LimitExceeded, NotFound
from resolvers.ports import StatusReports

TWILIO_STATUS = "/webhooks/twilio/status"
FORM = "application/x-www-form-urlencoded"
LARGEST = 64 * 1024
"""Bytes. Twilio's reports are below 2 kB."""


def webhooks_router(reports: StatusReports | None) -> APIRouter:
    router = APIRouter()

    @router.post(
        TWILIO_STATUS,
        status_code=204,
        include_in_schema=False,  # for Twilio, not for callers of the API
    )
    async def twilio_status(request: Request) -> Response:
        if reports is None:
            raise NotFound(
                "Status reports are not received here. The operator sets PUBLIC_URL, and Twilio's credentials."
            )
        form = _form(request.headers.get("content-type", ""), await request.body())
        query = request.scope["query_string"].decode("latin-1")
        address = f"{TWILIO_STATUS}?{query}" if query else TWILIO_STATUS
        await reports.receive(address, form, request.headers.get("x-twilio-signature"))
        return Response(status_code=204)

    return router


def _form(content_type: str, body: bytes) -> dict[str, str]:
    if content_type.partition(";")[0].strip().lower() != FORM:
        raise BadUserInput(f"A report is a form. Send it as {FORM}.")
    if len(body) > LARGEST:
        raise LimitExceeded("The report is too large.", limit="reportBytes", value=LARGEST)
    try:
        fields = parse_qsl(
            body.decode(), keep_blank_values=True, errors="strict", max_num_fields=200
        )
    except ValueError as error:
        raise BadUserInput(f"The form cannot be read ({error}).") from None
    return dict(fields)
