"""Events as they happen: server-sent events, read on after whatever interrupts them."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2

from trunkline_client.models.events import EventPayload
from trunkline_client.problems import Problem, Unreadable
from trunkline_client.retries import BUSY
from trunkline_client.transport import away, model, prepared, problem_of

PATH = "/api/v1/events/stream"
#: The server sends something at least every 15 seconds.
SILENCE = httpx2.Timeout(10.0, read=45.0)
#: Bytes of one message; what is longer is no event.
LONGEST = 1024 * 1024


@dataclass(frozen=True, slots=True)
class StreamedEvent:
    """An event, and its place: give it as `after` to read on behind it."""

    event: EventPayload
    place: str
    #: As it was sent.
    body: bytes


@dataclass
class Reader:
    """Puts bytes and lines together, and keeps the place that was read last."""

    place: str | None = None
    _data: list[str] = field(default_factory=list)
    _id: str = ""
    _rest: bytes = b""

    def read(self, piece: bytes) -> Iterator[StreamedEvent]:
        """The events that end with this piece."""
        # Not `splitlines`: a text may hold what Unicode calls the end of a line.
        *lines, self._rest = (self._rest + piece).split(b"\n")
        for line in lines:
            if found := self.take(_text(line.removesuffix(b"\r"))):
                yield found
        if len(self._rest) + sum(map(len, self._data)) > LONGEST:
            raise Unreadable("A message of the stream does not end.")

    def take(self, line: str) -> StreamedEvent | None:
        """The event that this line ends, if it does."""
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "id":
            self._id = value
        elif not line:
            return self._ended()
        return None

    def begin_anew(self) -> None:
        """What came of a message before the connection broke is told again."""
        self._data.clear()
        self._id, self._rest = self.place or "", b""

    def _ended(self) -> StreamedEvent | None:
        """A message without data only says the place: where a connection began, or still is."""
        body = "\n".join(self._data).encode()
        self._data.clear()
        self.place = self._id or self.place
        return StreamedEvent(model(EventPayload, body), self.place or "", body) if body else None


def _text(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        # Not chained: it holds the line, in which a person's number may stand.
        raise Unreadable("The stream is no text of ours.") from None


def request(filters: dict[str, Any], place: str | None, http: Any) -> httpx2.Request:
    """For a connection that goes on behind a place."""
    found = prepared("GET", PATH, query=filters, headers={"Last-Event-ID": place})
    built: httpx2.Request = found.build(http)
    built.extensions["timeout"] = SILENCE.as_dict()
    return built


class Connections:
    """Whether to connect once more, and when: later after each time that brought nothing."""

    def __init__(self) -> None:
        self._vain = 0
        self._ever = False

    def well(self) -> None:
        """Something was read."""
        self._vain, self._ever = 0, True

    def pause(self, error: Exception | None) -> float:
        """Seconds until the next one; raises what will not pass, and any error of the first."""
        if isinstance(error, Problem) and not (error.status in BUSY or error.status >= 500):
            raise error
        if error is not None and not self._ever:
            raise away(error) if isinstance(error, httpx2.TransportError) else error
        self._vain += 1
        return min(0.5 * 2.0 ** (self._vain - 1), 15.0)


def events(
    http: httpx2.Client, filters: dict[str, Any], after: str | None
) -> Iterator[StreamedEvent]:
    """Without end: a connection that breaks or is ended is made again."""
    reader, connections = Reader(after), Connections()
    while True:
        error: Exception | None = None
        try:
            with _opened(http, request(filters, reader.place, http)) as answer:
                for piece in answer.iter_bytes():
                    connections.well()
                    yield from reader.read(piece)
        except (httpx2.TransportError, Problem) as caught:
            error = caught
        reader.begin_anew()
        time.sleep(connections.pause(error))


@contextmanager
def _opened(http: httpx2.Client, asked: httpx2.Request) -> Iterator[httpx2.Response]:
    answer = http.send(asked, stream=True)
    try:
        if not answer.is_success:
            answer.read()
            raise problem_of(answer)
        yield answer
    finally:
        answer.close()


async def async_events(
    http: httpx2.AsyncClient, filters: dict[str, Any], after: str | None
) -> AsyncIterator[StreamedEvent]:
    """As `events`."""
    reader, connections = Reader(after), Connections()
    while True:
        error: Exception | None = None
        try:
            async with _async_opened(http, request(filters, reader.place, http)) as answer:
                async for piece in answer.aiter_bytes():
                    connections.well()
                    for found in reader.read(piece):
                        yield found
        except (httpx2.TransportError, Problem) as caught:
            error = caught
        reader.begin_anew()
        await asyncio.sleep(connections.pause(error))


@asynccontextmanager
async def _async_opened(
    http: httpx2.AsyncClient, asked: httpx2.Request
) -> AsyncIterator[httpx2.Response]:
    answer = await http.send(asked, stream=True)
    try:
        if not answer.is_success:
            await answer.aread()
            raise problem_of(answer)
        yield answer
    finally:
        await answer.aclose()
