"""A small HTTP/1.1 client over kept connections: no redirects, no cookies, no proxies.

Webhooks are most of what the simulator does, and the simulator is the carrier of the benchmarks. A
webhook costs it 246 µs of processor time; through aiohttp's client 325 µs, a third more, and
through httpx2's 1400 µs (whole process, 1500 calls of 7 webhooks on loopback, five pairs). aiohttp
would moreover ask again by itself where a kept connection breaks under a GET, which the simulator
must not: what is sent twice is for its faults to decide.
"""

import asyncio
import base64
import functools
import re
import ssl
import time
from collections import defaultdict, deque
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import quote, unquote, urlsplit

import httpx2

from simulator.callbacks.connection import Connection, HttpAnswer, NoAnswer

# Servers drop idle connections after about 5 s; letting go sooner avoids the race.
LONGEST_IDLE = 2.0
PORTS = {"http": 80, "https": 443}
# What may stand in a request line as it is.
PLAIN = "!#$%&'()*+,/:;=?@[]~"

_METHOD = re.compile("[A-Z]+")


class NoConnection(Exception):
    """The server could not be reached: nothing was sent."""


class Origin(NamedTuple):
    """A server."""

    scheme: str
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Target:
    """Where a URL leads: a server, what to ask it for, and the headers that follow from it."""

    origin: Origin
    path: str
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Limits:
    """Real seconds: to connect, and from then on to the end of the answer."""

    connect: float
    answer: float


class HttpClient:
    """Asks servers, over a connection left from an earlier answer if there is one."""

    def __init__(self) -> None:
        # The longest idle is on the left.
        self._idle: defaultdict[Origin, deque[Connection]] = defaultdict(deque)

    async def request(
        self, method: str, url: str, headers: dict[str, str], body: bytes | None, limits: Limits
    ) -> HttpAnswer:
        """Ask once; raises NoConnection or NoAnswer."""
        target = parse_target(url)
        request = _written(method, target, headers, body)
        connection = self._take(target.origin) or await _connect(target.origin, limits.connect)
        try:
            async with asyncio.timeout(limits.answer):
                return await connection.exchange(request)
        except TimeoutError as error:
            raise NoAnswer("No answer in time") from error
        finally:
            self._give_back(target.origin, connection)

    def close(self) -> None:
        """Close the idle connections."""
        for idle in self._idle.values():
            for connection in idle:
                connection.close()
        self._idle.clear()

    def _take(self, origin: Origin) -> Connection | None:
        idle = self._idle[origin]
        while idle:
            connection = idle.pop()
            if connection.reusable and not _expired(connection):
                return connection
            connection.close()
        return None

    def _give_back(self, origin: Origin, connection: Connection) -> None:
        idle = self._idle[origin]
        while idle and _expired(idle[0]):
            idle.popleft().close()
        if connection.reusable:
            connection.idle_since = time.monotonic()
            idle.append(connection)
        else:
            connection.close()


# The events of a call go to one URL.
@functools.lru_cache(maxsize=1024)
def parse_target(url: str) -> Target:
    """Take a URL apart; one that leads nowhere fails as asking there would."""
    try:
        parts = urlsplit(url)
        host, port = _ascii(parts.hostname or ""), parts.port
    except ValueError as error:
        raise NoAnswer(f"Invalid URL: {url}") from error
    if parts.scheme not in PORTS or not host:
        raise NoConnection(f"Not an absolute http(s) URL: {url}")
    origin = Origin(parts.scheme, host, port or PORTS[parts.scheme])
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(origin, quote(path, safe=PLAIN), _target_headers(origin, parts.netloc))


def _ascii(host: str) -> str:
    return host if host.isascii() else host.encode("idna").decode()


def _target_headers(origin: Origin, netloc: str) -> dict[str, str]:
    host = f"[{origin.host}]" if ":" in origin.host else origin.host
    usual = origin.port == PORTS[origin.scheme]
    headers = {"Host": host if usual else f"{host}:{origin.port}"}
    login, _, _ = netloc.rpartition("@")
    if login:
        pair = unquote(login if ":" in login else f"{login}:")
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    return headers


def _written(method: str, target: Target, headers: dict[str, str], body: bytes | None) -> bytes:
    """A request as it goes over the wire."""
    if not _METHOD.fullmatch(method):
        raise NoAnswer(f"Invalid method: {method}")
    length = {} if body is None else {"Content-Length": str(len(body))}
    fields = {**target.headers, **headers, **length}
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"{method} {target.path} HTTP/1.1\r\n{lines}\r\n".encode() + (body or b"")


async def _connect(origin: Origin, seconds: float) -> Connection:
    loop = asyncio.get_running_loop()
    tls = _tls() if origin.scheme == "https" else None
    try:
        async with asyncio.timeout(seconds):
            _, connection = await loop.create_connection(
                Connection, origin.host, origin.port, ssl=tls
            )
    # A host name may be too long to be looked up.
    except (OSError, UnicodeError) as error:
        raise NoConnection(f"No connection to {origin.host}:{origin.port}") from error
    return connection


@functools.cache
def _tls() -> ssl.SSLContext:
    # Reading the CA bundle takes tens of milliseconds; once a process is enough.
    return httpx2.create_ssl_context()


def _expired(connection: Connection) -> bool:
    return time.monotonic() - connection.idle_since > LONGEST_IDLE
