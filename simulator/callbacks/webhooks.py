"""Signed HTTP requests to the customer's application, as Twilio sends them."""

import asyncio
import base64
import functools
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Literal
from urllib.parse import parse_qsl, quote_plus

from simulator.callbacks.connection import HttpAnswer, NoAnswer
from simulator.callbacks.http_client import HttpClient, Limits, NoConnection

Fields = list[tuple[str, str]]
Failure = Literal["ct", "rt"]

DEFAULT_TIMEOUT_MS = 15_000
DEFAULT_CONNECT_MS = 5_000
# A burst of calls to a slow receiver must not open a connection for every webhook.
MOST_AT_ONCE = 100
MAX_RETRIES = 5


def sign(auth_token: str, url: str, fields: Iterable[tuple[str, str]]) -> str:
    """X-Twilio-Signature: base64 of HMAC-SHA1 over the URL and the sorted names and values."""
    payload = url + "".join(chain.from_iterable(sorted(set(fields))))
    digest = hmac.digest(auth_token.encode(), payload.encode(), "sha1")
    return base64.b64encode(digest).decode()


@dataclass(frozen=True)
class Overrides:
    """Connection overrides from a URL's fragment: `#rc=3&rp=ct,rt,5xx&ct=…&rt=…&tt=…`."""

    retries: int = 1
    policy: frozenset[str] = frozenset({"ct"})
    connect_ms: int = DEFAULT_CONNECT_MS
    read_ms: int = DEFAULT_TIMEOUT_MS
    total_ms: int = DEFAULT_TIMEOUT_MS

    @property
    def limits(self) -> Limits:
        """What the client may take for one request."""
        return Limits(self.connect_ms / 1000, min(self.read_ms, self.total_ms) / 1000)

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
    failure: Failure | None = None
    attempts: int = 1

    @property
    def ok(self) -> bool:
        """Whether the application answered with a 2xx."""
        return self.status is not None and 200 <= self.status < 300


def parse_overrides(url: str) -> tuple[str, Overrides]:
    """The URL without its fragment, and the overrides the fragment holds."""
    bare, _, fragment = url.partition("#")
    return bare, _overrides(fragment)


# An application puts the same fragment behind all its URLs.
@functools.lru_cache
def _overrides(fragment: str) -> Overrides:
    given = dict(parse_qsl(fragment))
    default = Overrides()
    return Overrides(
        retries=min(_whole(given.get("rc"), default.retries), MAX_RETRIES),
        policy=frozenset(given["rp"].split(",")) if "rp" in given else default.policy,
        connect_ms=_whole(given.get("ct"), default.connect_ms),
        read_ms=_whole(given.get("rt"), default.read_ms),
        total_ms=_whole(given.get("tt"), default.total_ms),
    )


def _whole(text: str | None, default: int) -> int:
    return int(text) if text and text.isdigit() else default


def _form(fields: Fields) -> str:
    return "&".join(map(_quoted, fields))


# Most fields recur throughout a call, and many throughout all calls.
@functools.lru_cache(maxsize=4096)
def _quoted(field: tuple[str, str]) -> str:
    return f"{quote_plus(field[0])}={quote_plus(field[1])}"


class Webhooks:
    """Sends signed requests over one shared client. Timeouts are real time."""

    def __init__(self, auth_token: str) -> None:
        self._auth_token = auth_token
        self._client = HttpClient()
        self._slots = asyncio.Semaphore(MOST_AT_ONCE)

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

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
        self, url: str, method: str, fields: Fields, token: str, given: Overrides, attempt: int
    ) -> Reply:
        try:
            async with self._slots:
                answer = await self._request(url, method.upper(), fields, token, given.limits)
        except NoConnection:
            return Reply(None, failure="ct", attempts=attempt)
        except NoAnswer:
            return Reply(None, failure="rt", attempts=attempt)
        return Reply(answer.status, answer.text, attempts=attempt)

    async def _request(
        self, url: str, method: str, fields: Fields, token: str, limits: Limits
    ) -> HttpAnswer:
        form = _form(fields)
        get = method == "GET"
        if get:
            url += ("&" if "?" in url else "?") + form
        headers = {
            "X-Twilio-Signature": sign(self._auth_token, url, [] if get else fields),
            "I-Twilio-Idempotency-Token": token,
            "User-Agent": "TwilioProxy/1.1",
            "Accept": "*/*",
        }
        if not get:
            headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
        body = None if get else form.encode()
        return await self._client.request(method, url, headers, body, limits)
