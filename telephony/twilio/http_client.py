"""The HTTP layer under the Twilio SDK: one request is one request, to one known host."""

import json
import logging
from typing import Any
from urllib.parse import urlsplit

import httpx2
from twilio.http import AsyncHttpClient
from twilio.http.response import Response

from telephony.twilio.errors import HttpFailure, UnexpectedHost

TWILIO_API = "https://api.twilio.com"
TIMEOUTS = httpx2.Timeout(35, connect=5, pool=5)
# Shorter than any server's own, so that a create hardly ever meets a connection just closed.
KEEPALIVE_SECONDS = 2.0
#: These log URLs, which hold phone numbers, at INFO.
NUMBER_LOGGERS = ("twilio.http_client", "twilio.async_http_client", "httpx2", "httpcore2")


class OneShotHttpClient(AsyncHttpClient):
    """Sends each request exactly once: no retry, no redirect, no host but the voice API's.

    `api_url` stands in for https://api.twilio.com after the SDK has chosen region and edge.
    Answers other than 2xx come out as HttpFailure, with their numbers left behind.
    """

    def __init__(self, api_url: str | None, timeouts: httpx2.Timeout = TIMEOUTS) -> None:
        super().__init__(quiet_loggers(), True)
        self._base = base_of(api_url)
        self._http = httpx2.AsyncClient(
            timeout=timeouts,
            limits=httpx2.Limits(max_connections=None, keepalive_expiry=KEEPALIVE_SECONDS),
            follow_redirects=False,
            # A proxy of the environment leads to the real Twilio, not to a local stand-in.
            trust_env=not api_url,
        )

    async def request(  # type: ignore[override]  # as the SDK's own async base does
        self,
        method: str,
        uri: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """Send one request as the SDK built it; `timeout` and `allow_redirects` do not count."""
        arguments: dict[str, Any] = {"params": params, "data": data, "headers": headers}
        answer = await self._http.request(method, self._target(uri), auth=auth, **arguments)
        if not answer.is_success:
            raise HttpFailure(answer.status_code, _error_code(answer.text))
        return Response(answer.status_code, answer.text, answer.headers)

    async def close(self) -> None:
        """Give back the connections."""
        await self._http.aclose()

    def _target(self, uri: str) -> str:
        asked = urlsplit(uri)
        if f"{asked.scheme}://{asked.netloc}" != TWILIO_API:
            raise UnexpectedHost
        return self._base + uri.removeprefix(TWILIO_API)


def base_of(api_url: str | None) -> str:
    """Where requests go, without a slash at its end; raises ValueError for what is no address."""
    if not api_url:
        return TWILIO_API
    parts = urlsplit(api_url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
        raise ValueError("the carrier's API URL must be http(s)://host[:port]")
    return api_url.rstrip("/")


def _error_code(body: str) -> int | None:
    """Twilio's own code, if the body is one of its errors."""
    try:
        code = json.loads(body)["code"]
    except (ValueError, TypeError, KeyError):
        return None
    return code if isinstance(code, int) and not isinstance(code, bool) else None


def quiet_loggers() -> logging.Logger:
    """Keep the libraries below from logging what they ask for."""
    for name in NUMBER_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)
    return logging.getLogger(NUMBER_LOGGERS[0])
