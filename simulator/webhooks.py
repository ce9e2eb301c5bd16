"""Signed HTTP requests to the customer's application, as Twilio sends them."""

import asyncio
import base64
import functools
import hashlib
import hmac
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl, urldefrag, urlencode

import httpx2

Fields = list[tuple[str, str]]
Failure = Literal["ct", "rt"]

DEFAULT_TIMEOUT_MS = 15_000
DEFAULT_CONNECT_MS = 5_000
# The client's pool looks at every open connection at every request; unbounded, a slow receiver
# makes each request dearer than the last.
MOST_AT_ONCE = 100
MAX_RETRIES = 5


def sign(auth_token: str, url: str, fields: Iterable[tuple[str, str]]) -> str:
    """X-Twilio-Signature: base64 of HMAC-SHA1 over the URL and the sorted names and values."""
    payload = url + "".join(name + value for name, value in sorted(set(fields)))
    digest = hmac.new(auth_token.encode(), payload.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


@dataclass(frozen=True)
class Overrides:
    """Connection overrides from a URL's fragment: `#rc=3&rp=ct,rt,5xx&ct=…&rt=…&tt=…`."""

    retries: int = 1
    policy: frozenset[str] = frozenset({"ct"})
    connect_ms: int = DEFAULT_CONNECT_MS
    read_ms: int = DEFAULT_TIMEOUT_MS
    total_ms: int = DEFAULT_TIMEOUT_MS

    def retried(self, reply: "Reply") -> bool:
        """Whether the retry policy covers what came back."""
        kinds = {reply.failure or f"{(reply.status or 0) // 100}xx"}
        wrong = reply.failure is not None or (reply.status or 0) >= 400
        return wrong and bool(self.policy & (kinds | {"all"}))


@dataclass(frozen=True)
class Reply:
    """What came back. status is None when nothing did, and then failure says why:
    `ct` no connection, `rt` no answer in time or a broken one."""

    status: int | None
    body: str = ""
    content_type: str = ""
    failure: Failure | None = None
    attempts: int = 1

    @property
    def ok(self) -> bool:
        """Whether the application answered with a 2xx."""
        return self.status is not None and 200 <= self.status < 300


def parse_overrides(url: str) -> tuple[str, Overrides]:
    """The URL without its fragment, and the overrides the fragment holds."""
    bare, fragment = urldefrag(url)
    given = dict(parse_qsl(fragment))
    default = Overrides()
    return bare, Overrides(
        retries=min(_whole(given.get("rc"), default.retries), MAX_RETRIES),
        policy=frozenset(given["rp"].split(",")) if "rp" in given else default.policy,
        connect_ms=_whole(given.get("ct"), default.connect_ms),
        read_ms=_whole(given.get("rt"), default.read_ms),
        total_ms=_whole(given.get("tt"), default.total_ms),
    )


def _whole(text: str | None, default: int) -> int:
    return int(text) if text and text.isdigit() else default


@functools.cache
def _tls() -> ssl.SSLContext:
    # Reading the CA bundle takes tens of milliseconds; once a process is enough.
    return httpx2.create_ssl_context()


class Webhooks:
    """Sends signed requests over one shared client. Timeouts are real time."""

    def __init__(self, auth_token: str) -> None:
        self._auth_token = auth_token
        self._client: httpx2.AsyncClient | None = None
        self._slots = asyncio.Semaphore(MOST_AT_ONCE)

    def open(self) -> None:
        """Make the client; needs a running event loop."""
        # Servers drop idle connections after about 5 s; expiring sooner avoids the race.
        limits = httpx2.Limits(
            max_connections=None, max_keepalive_connections=16, keepalive_expiry=2.0
        )
        self._client = httpx2.AsyncClient(limits=limits, trust_env=False, verify=_tls())

    async def close(self) -> None:
        """Close all connections."""
        if self._client is not None:
            await self._client.aclose()

    async def send(self, url: str, method: str, fields: Fields, token: str) -> Reply:
        """Send the fields (form body, or query for GET), retrying as the fragment says.

        token: the I-Twilio-Idempotency-Token, the same on every retry.
        """
        bare, overrides = parse_overrides(url)
        reply = Reply(None, failure="ct")
        for attempt in range(1, overrides.retries + 2):
            reply = await self._send_once(bare, method, fields, token, overrides, attempt)
            if not overrides.retried(reply):
                break
        return reply

    async def _send_once(
        self, url: str, method: str, fields: Fields, token: str, limits: Overrides, attempt: int
    ) -> Reply:
        try:
            async with self._slots:
                answer = await self._request(url, method, fields, token, limits)
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.UnsupportedProtocol):
            return Reply(None, failure="ct", attempts=attempt)
        except (httpx2.HTTPError, httpx2.InvalidURL):
            return Reply(None, failure="rt", attempts=attempt)
        return Reply(
            answer.status_code,
            answer.text,
            answer.headers.get("content-type", ""),
            attempts=attempt,
        )

    async def _request(
        self, url: str, method: str, fields: Fields, token: str, limits: Overrides
    ) -> httpx2.Response:
        assert self._client is not None, "the simulator is not started"
        get = method.upper() == "GET"
        if get:
            url += ("&" if "?" in url else "?") + urlencode(fields)
        headers = {
            "X-Twilio-Signature": sign(self._auth_token, url, [] if get else fields),
            "I-Twilio-Idempotency-Token": token,
            "User-Agent": "TwilioProxy/1.1",
            "Accept": "*/*",
        }
        if not get:
            headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
        timeout = httpx2.Timeout(
            min(limits.read_ms, limits.total_ms) / 1000, connect=limits.connect_ms / 1000
        )
        body = None if get else urlencode(fields).encode()
        return await self._client.request(
            method.upper(), url, content=body, headers=headers, timeout=timeout
        )
