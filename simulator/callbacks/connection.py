"""The client's end of one HTTP/1.1 connection."""

import asyncio
import re
from dataclasses import dataclass
from typing import cast

import httptools

_CHARSET = re.compile(rb"charset=\"?([\w.:-]+)", re.IGNORECASE)


class NoAnswer(Exception):
    """The request may have arrived, yet no whole answer came back in time."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What a server answered; the names of the headers are in lower case."""

    status: int
    headers: dict[bytes, bytes]
    body: bytes

    @property
    def text(self) -> str:
        """The body in the charset its type names, else in UTF-8."""
        named = _CHARSET.search(self.headers.get(b"content-type", b""))
        try:
            return self.body.decode(named[1].decode() if named else "utf-8", "replace")
        except LookupError:
            return self.body.decode("utf-8", "replace")


class Connection(asyncio.Protocol):
    """Carries one exchange at a time; asyncio and the parser call the methods below `close`."""

    def __init__(self) -> None:
        self.idle_since = 0.0
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[HttpAnswer] | None = None
        self._keep = True
        self._forget()

    def _forget(self) -> None:
        self._status = 0
        self._headers: dict[bytes, bytes] = {}
        self._body = b""

    @property
    def reusable(self) -> bool:
        """Whether another exchange may follow the one that is over."""
        return self._keep and self._waiter is not None and not self._waiter.cancelled()

    async def exchange(self, request: bytes) -> HttpAnswer:
        """Send a whole request and wait for the whole answer; NoAnswer if it breaks off."""
        if self._transport is None:
            raise NoAnswer("The connection was closed")
        self._forget()
        self._waiter = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._waiter

    def close(self) -> None:
        """Close at once, whatever is under way."""
        self._keep = False
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's are transports in all but their type.
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._transport, self._keep = None, False
        if error is None and self._lasts_until_closed:
            self._settle()
        else:
            self._fail(f"The connection broke: {error}")

    def data_received(self, data: bytes) -> None:
        if self._waiter is None or self._waiter.done():
            # Nobody asked, and what comes after could not be told from the next answer.
            self.close()
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(f"Not HTTP: {error}")

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.lower()] = value

    def on_headers_complete(self) -> None:
        self._status = self._parser.get_status_code()
        self._keep = self._parser.should_keep_alive()

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        if self._status < 200:
            self._forget()
        else:
            self._settle()

    @property
    def _lasts_until_closed(self) -> bool:
        framed = self._headers.keys() & {b"content-length", b"transfer-encoding"}
        return self._status > 0 and not framed

    def _settle(self) -> None:
        if self._waiter is None or self._waiter.done():
            self.close()
        else:
            self._waiter.set_result(HttpAnswer(self._status, self._headers, self._body))

    def _fail(self, why: str) -> None:
        self.close()
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(NoAnswer(why))
