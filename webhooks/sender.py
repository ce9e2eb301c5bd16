"""Requests to strangers: bounded in time, followed nowhere, and sent to public addresses only."""

import asyncio
import resource
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp

from policy.webhooks.retry_schedule import ReceiverAnswer
from webhooks.dns_resolver import DnsResolver
from webhooks.public_addresses import is_public

TIMEOUT_SECONDS = 15.0
#: So much of an answer is read and kept.
EXCERPT = 500
#: A connection that nobody uses is kept for the next event of a burst, and no longer: it holds a
#: file of this process.
KEEP_SECONDS = 3.0
_MOST_CONNECTIONS = 5000
#: No number of seconds and no date is longer.
_LONGEST_RETRY_AFTER = 64


class ForbiddenAddress(OSError):
    """The receiver's address is not a public one."""


class Unanswered(Exception):
    """Nothing came of a request that can be used. Says why, in our own words."""


@dataclass(frozen=True, slots=True)
class RequestResult:
    """One request: when, how long it took, and what came of it."""

    at: datetime
    milliseconds: int
    answer: ReceiverAnswer
    #: The beginning of the answer's body.
    body: str = ""


class Sender:
    """Keeps connections open. `private`: also to addresses of this machine and its networks.

    No request waits for another one's connection: its time runs, and a receiver that hangs would
    make those of others fail. Instead whoever sends keeps to its `share` of `connections`.
    """

    def __init__(self, *, private: bool = False, connections: int | None = None) -> None:
        self._private = private
        self._connections = _half_of_the_files() if connections is None else connections
        self._sharing = 0
        self._names: DnsResolver | None = None
        self._session: aiohttp.ClientSession | None = None

    @contextmanager
    def sharing(self) -> Iterator[None]:
        """For as long as somebody sends requests to one receiver."""
        self._sharing += 1
        try:
            yield
        finally:
            self._sharing -= 1

    @property
    def share(self) -> int:
        """How many requests each of those may have under way: all the same, and at least one."""
        return max(1, self._connections // max(1, self._sharing))

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None
        if self._names is not None:
            await self._names.close()
            self._names = None

    async def post(
        self,
        url: str,
        headers: Mapping[str, str],
        body: str,
        *,
        seconds: float = TIMEOUT_SECONDS,
        most: int = EXCERPT,
    ) -> RequestResult:
        """Never raises: what went wrong is the answer, of which `most` bytes are read."""
        at, began = datetime.now(UTC), time.perf_counter()
        try:
            answer, excerpt = await self._post(url, headers, body, seconds, most)
        except Exception as error:  # whatever a stranger's server can cause
            answer, excerpt = ReceiverAnswer(error=_words(error, seconds)), ""
        return RequestResult(at, round((time.perf_counter() - began) * 1000), answer, excerpt)

    async def ask(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: str | None = None,
        *,
        most: int,
    ) -> tuple[int, bytes]:
        """Status and whole body of an answer, of so many bytes at most; raises Unanswered."""
        try:
            self._require_allowed(url)
            sent = None if body is None else body.encode()
            async with self._opened().request(
                method, url, data=sent, headers=headers, allow_redirects=False
            ) as response:
                text = b""
                async for part in response.content.iter_chunked(64 * 1024):
                    text += part
                    if len(text) > most:
                        raise Unanswered(f"the answer is longer than {most} bytes")
                return response.status, text
        except Unanswered:
            raise
        except Exception as error:  # whatever a stranger's server can cause
            why = _words(error, TIMEOUT_SECONDS)
        # Out here, so that it drags along nothing of what was sent.
        raise Unanswered(why)

    def _require_allowed(self, url: str) -> None:
        if not self._private and not url.startswith("https://"):
            raise ForbiddenAddress

    async def _post(
        self, url: str, headers: Mapping[str, str], body: str, seconds: float, most: int
    ) -> tuple[ReceiverAnswer, str]:
        self._require_allowed(url)
        async with self._opened().post(
            url,
            data=body.encode(),
            headers=headers,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=seconds),
        ) as response:
            excerpt = await _beginning(response.content, most)
            answer = ReceiverAnswer(
                status=response.status,
                retry_after=_retry_after(response.headers.get("Retry-After")),
            )
            return answer, excerpt.decode("utf-8", "replace")

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._names = DnsResolver()
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=0,
                    keepalive_timeout=KEEP_SECONDS,
                    resolver=self._names,
                    socket_factory=self._socket,
                    use_dns_cache=False,
                ),
                timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
            )
        return self._session

    def _socket(self, info: tuple[Any, ...]) -> socket.socket:
        """Made for the very address that is connected to: no name can change in between."""
        family, kind, protocol, _, address = info
        if not self._private and not is_public(address[0]):
            raise ForbiddenAddress
        return socket.socket(family=family, type=kind, proto=protocol)


async def _beginning(content: aiohttp.StreamReader, most: int) -> bytes:
    """Up to `most` bytes, in however many pieces they come."""
    found = b""
    while len(found) < most and (piece := await content.read(most - len(found))):
        found += piece
    return found


def _half_of_the_files() -> int:
    """The other half is for the database, Temporal, and connections that are kept."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = files == resource.RLIM_INFINITY
    return _MOST_CONNECTIONS if unlimited else min(files // 2, _MOST_CONNECTIONS)


def _retry_after(text: str | None) -> timedelta | None:
    """Seconds or a date; what is neither is nothing, and never makes an answer a failure."""
    if text is None or len(text) > _LONGEST_RETRY_AFTER:
        return None
    try:
        if text.isdecimal():
            return timedelta(seconds=min(int(text), 10**9))
        return max(timedelta(), parsedate_to_datetime(text) - datetime.now(UTC))
    except (ValueError, TypeError, ArithmeticError, LookupError):
        return None


#: The first that fits.
_WORDS: tuple[tuple[type[BaseException], str], ...] = (
    (ForbiddenAddress, "the address is not a public one"),
    (asyncio.TimeoutError, "no answer within {seconds:g} s"),
    (aiohttp.ClientConnectorDNSError, "the name cannot be resolved"),
    (aiohttp.ClientConnectorCertificateError, "the certificate is not valid"),
    (aiohttp.ClientSSLError, "TLS failed"),
    (ssl.SSLError, "TLS failed"),
    (ConnectionRefusedError, "the connection was refused"),
    (aiohttp.ClientConnectorError, "the connection failed"),
    (aiohttp.ServerDisconnectedError, "the connection was closed without an answer"),
    (aiohttp.ClientError, "the answer cannot be read"),
)


def _words(error: BaseException, seconds: float) -> str:
    """What happened, in our own words: the error's may hold addresses."""
    causes = (error, getattr(error, "os_error", None), error.__cause__)
    for kind, words in _WORDS:
        if any(isinstance(cause, kind) for cause in causes):
            return words.format(seconds=seconds)
    return "the request failed"
