"""The HTTP client under twilio's own: timeouts, failures told apart by whether the request may have arrived, no logs.

Twilio's stock client logs addresses with full phone numbers and drops the Retry-After header; this one does neither.
"""

from __future__ import annotations

import base64
import logging
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlencode, urlsplit, urlunsplit

import aiohttp
from twilio.http import AsyncHttpClient
from twilio.http.response import Response

from adapters.twilio import faults


class TwilioHttp(AsyncHttpClient):  # type: ignore[misc]  # untyped base
    """`base_url` takes the place of every Twilio host: a proxy, or a stand-in in tests."""

    def __init__(self, *, timeout: float, base_url: str | None = None) -> None:
        super().__init__(logging.getLogger(__name__), is_async=True, timeout=timeout)
        self._seconds = timeout
        self._base = urlsplit(base_url.rstrip("/")) if base_url else None
        self._session: aiohttp.ClientSession | None = None
        self.said_at: datetime | None = None
        """What time it was at Twilio when it last answered; None: it has not said."""

    async def request(
        self,
        method: str,
        uri: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ARG002, ASYNC109 - one timeout for all, in the session
        allow_redirects: bool = False,
    ) -> Response:
        """One exchange. Raises TwilioFault for an answer of 400 or more and for none."""
        sending = method.upper() == "POST"
        all_headers = dict(headers or {})
        if auth is not None:
            token = base64.b64encode(f"{auth[0]}:{auth[1]}".encode()).decode()
            all_headers["Authorization"] = f"Basic {token}"
        try:
            async with self._open_session().request(
                method,
                self._address(uri),
                params={k: str(v) for k, v in params.items()} if params else None,
                data=urlencode(data, doseq=True).encode() if data else None,
                headers=all_headers,
                allow_redirects=allow_redirects,
            ) as answer:
                text = await answer.text()
                status, retry_after = answer.status, answer.headers.get("Retry-After")
                self.said_at = _instant(answer.headers.get("Date"))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise faults.not_reached(_why(error)) from error
        except TimeoutError as error:
            raise faults.no_answer(
                "TIMEOUT", f"within {self._seconds:g} s", sending=sending
            ) from error
        except aiohttp.ClientError as error:
            raise faults.no_answer("CUT", "the connection was cut", sending=sending) from error
        if status >= 400:
            raise faults.of_answer(status, text, retry_after, sending=sending)
        return Response(status, text, dict(answer.headers))

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _open_session(self) -> aiohttp.ClientSession:
        """Made inside the running loop, on first use."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(
                    total=self._seconds, sock_connect=min(5.0, self._seconds / 2)
                )
            )
        return self._session

    def _address(self, uri: str) -> str:
        if self._base is None:
            return uri
        parts = urlsplit(uri)
        return urlunsplit(
            (self._base.scheme, self._base.netloc, self._base.path + parts.path, parts.query, "")
        )


def _why(error: Exception) -> str:
    return "no connection in time" if isinstance(error, TimeoutError) else "connection refused"


def _instant(date: str | None) -> datetime | None:
    """The time of a Date header, if it is one."""
    try:
        found = None if date is None else parsedate_to_datetime(date)
    except ValueError:
        return None
    return None if found is None or found.tzinfo is None else found
