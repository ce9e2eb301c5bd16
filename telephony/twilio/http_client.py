"""The HTTP layer under the Twilio SDK: one request is one request, to one known host."""

import json
import logging
from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

import aiohttp
from twilio.http import AsyncHttpClient
from twilio.http.response import Response
from yarl import URL

from telephony.twilio.errors import HttpFailure, UnexpectedHost
from telephony.twilio.hosts import TWILIO_API, TWILIO_TRUST_HUB

#: Seconds until a connection stands, and between two pieces of an answer.
TIMEOUTS = aiohttp.ClientTimeout(total=None, connect=5, sock_read=35)
# Shorter than any server's own, so that a create hardly ever meets a connection just closed.
KEEPALIVE_SECONDS = 2.0
#: These log URLs, which hold phone numbers, at INFO.
NUMBER_LOGGERS = (
    "twilio.http_client",
    "twilio.async_http_client",
    "aiohttp",
)
_FORM = "application/x-www-form-urlencoded"


class OneShotHttpClient(AsyncHttpClient):
    """Sends each request exactly once: no retry, no redirect, no host but Twilio's two.

    `api_url`, or else `regional_url`, stands in for `host`, which the SDK asks; `api_url` for the
    Trust Hub, too.
    Answers other than 2xx come out as HttpFailure, with their numbers left behind.
    """

    def __init__(
        self,
        api_url: str | None,
        timeouts: aiohttp.ClientTimeout = TIMEOUTS,
        regional_url: str = TWILIO_API,
        host: str = TWILIO_API,
    ) -> None:
        super().__init__(quiet_loggers(), True)
        self._bases = {
            TWILIO_TRUST_HUB: base_of(api_url, TWILIO_TRUST_HUB),
            host: base_of(api_url, regional_url),
        }
        self._timeouts = timeouts
        self._is_real = not api_url
        self._session: aiohttp.ClientSession | None = None

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
        asking = self._opened().request(
            method,
            self._target(uri, params),
            data=_form(data),
            headers={**(headers or {}), **({"Content-Type": _FORM} if data else {})},
            auth=aiohttp.BasicAuth(*auth) if auth else None,
            allow_redirects=False,
        )
        async with asking as answer:
            text = (await answer.read()).decode("utf-8", "replace")
        if not 200 <= answer.status < 300:
            raise HttpFailure(answer.status, _error_code(text))
        return Response(answer.status, text, answer.headers)

    async def close(self) -> None:
        """Give back the connections."""
        if self._session is not None:
            await self._session.close()

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = session_of(self._timeouts, self._is_real)
        return self._session

    def _target(self, uri: str, params: Mapping[str, object] | None) -> URL:
        asked = urlsplit(uri)
        host = f"{asked.scheme}://{asked.netloc}"
        base = self._bases.get(host)
        if base is None:
            raise UnexpectedHost
        query = f"?{urlencode(params, doseq=True)}" if params else ""
        return URL(base + uri.removeprefix(host) + query, encoded=True)


def session_of(
    timeouts: aiohttp.ClientTimeout, is_real: bool, *, most: int = 0
) -> aiohttp.ClientSession:
    """What asks, with `most` connections at once (0: as many as it takes). Needs a running loop.

    A proxy of the environment leads to the real Twilio, not to a local stand-in.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=most, keepalive_timeout=KEEPALIVE_SECONDS),
        timeout=timeouts,
        cookie_jar=aiohttp.DummyCookieJar(),
        middlewares=(_once,),
        trust_env=is_real,
    )


class Interrupted(aiohttp.ClientError):
    """The connection ended before the answer did."""


async def _once(
    request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """The library would repeat a GET of its own accord, if it knew."""
    try:
        return await send(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        kind = type(error).__name__
    raise Interrupted(kind)


def _form(data: Mapping[str, object] | None) -> bytes | None:
    return urlencode(data, doseq=True).encode() if data else None


def base_of(api_url: str | None, regional_url: str = TWILIO_API) -> str:
    """Where requests go, without a slash at its end; raises ValueError for what is no address.

    `regional_url`: where Twilio is, if there is no stand-in for it.
    """
    if not api_url:
        return regional_url
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
