"""A connection to a stranger: what it may send before a request is whole, in bytes and in time,
how long it may leave an answer unread, and how many there are.

Sizes of bodies are `api.http.body_limits`; this is what comes before an application is asked.
"""

import asyncio
import json
import socket

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

#: Of the request line with all headers, and of what frames a body, which is no body.
MAX_HEAD = 64 * 1024
#: How many bytes of framing may stand beside one byte of a body: a chunk of one byte has five.
_FRAME = 9
TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-length: 0\r\nconnection: close\r\n\r\n"
)
_FULL = json.dumps(
    {
        "type": "urn:trunkline:problem:too_many_connections",
        "title": "Service Unavailable",
        "status": 503,
        "detail": "Too many connections are open; nothing was done. Try again shortly.",
        "code": "too_many_connections",
        "errors": [],
    }
).encode()
TOO_MANY = (
    b"HTTP/1.1 503 Service Unavailable\r\n"
    b"content-type: application/problem+json\r\nretry-after: 2\r\n"
    b"content-length: %d\r\nconnection: close\r\n\r\n%s" % (len(_FULL), _FULL)
)
#: Bytes that the system keeps for somebody who reads slowly.
_AHEAD = 64 * 1024
_CARRIERS = b"/twilio/"
#: How often an answer is looked at within the time in which it must be read.
_LOOKS = 6


def _send_little_ahead(transport: asyncio.Transport) -> None:
    """Let the system hold little more than the other side takes, so that we see what it reads."""
    connection = transport.get_extra_info("socket")
    if connection is not None and hasattr(socket, "TCP_NOTSENT_LOWAT"):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _AHEAD)


class Refused(Exception):
    """Stops the parser."""


class BoundedConnection(HttpToolsProtocol):
    """Closes a connection that sends or reads too slowly, or sends more than `MAX_HEAD` around a
    body, and refuses one too many.

    A head is to come within `head_seconds`; a body after `body_seconds` at `body_rate` bytes a
    second, and an answer is to be read so. The time in which we ourselves stop reading does not
    count. Beyond `most` connections new ones are refused, but for `for_carrier` more on which the
    carrier is answered, as far as the address tells.
    """

    head_seconds = 10.0
    body_seconds = 30.0
    body_rate = 2048.0
    read_seconds = 30.0
    read_rate = 2048.0
    most = 800
    for_carrier = 100

    _is_late = False
    _reader: asyncio.TimerHandle | None = None
    _looks = 0
    _unread = 0
    _timer: asyncio.TimerHandle | None = None
    _in_body = False
    _around = 0
    _since = 0.0
    _arrived = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        _send_little_ahead(transport)
        self._is_late = len(self.connections) > self.most
        if len(self.connections) > self.most + self.for_carrier:
            self._turn_away()
            return
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget_time()
        self._forget_reader()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._timer is None:
            self._await_head()
        self._around += len(data)
        super().data_received(data)
        if self._around > MAX_HEAD and self._timer is not None:
            self._refuse()

    def on_headers_complete(self) -> None:
        head = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if head > MAX_HEAD:
            self._refuse()
            raise Refused
        if self._is_late and not self._has_place():
            self._forget_time()
            self._turn_away()
            raise Refused
        self._await_body()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._arrived += len(body)
        self._around = max(0, self._around - (1 + _FRAME) * len(body))
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._forget_time()
        self._around = 0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.get_write_buffer_size():
            self._await_reader()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._await_reader()

    def resume_writing(self) -> None:
        self._forget_reader()
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        if not self.transport.is_closing():
            super().send_400_response(msg)

    def _has_place(self) -> bool:
        self._is_late = len(self.connections) > self.most
        return not self._is_late or self.url.startswith(_CARRIERS)

    def _turn_away(self) -> None:
        self.transport.write(TOO_MANY)
        self.transport.close()

    def _await_reader(self) -> None:
        """Look whether what is left of an answer is read; a stream that is read begins anew."""
        if self._reader is None:
            self._looks, self._unread = 0, self.transport.get_write_buffer_size()
            self._look_later()

    def _look_later(self) -> None:
        self._reader = self.loop.call_later(self.read_seconds / _LOOKS, self._look_at_reader)

    def _look_at_reader(self) -> None:
        self._reader = None
        left = self.transport.get_write_buffer_size()
        if not left:
            return
        self._looks += 1
        if self._looks >= _LOOKS:
            if left > self._unread - self.read_rate * self.read_seconds:
                self.transport.abort()
                return
            self._looks, self._unread = 0, left
        self._look_later()

    def _forget_reader(self) -> None:
        if self._reader is not None:
            self._reader.cancel()
            self._reader = None

    def _await_head(self) -> None:
        self._in_body = False
        self._around = 0
        self._timer = self.loop.call_later(self.head_seconds, self._give_up)

    def _await_body(self) -> None:
        self._forget_time()
        self._around = 0
        self._in_body, self._since, self._arrived = True, self.loop.time(), 0
        self._timer = self.loop.call_later(self.body_seconds, self._look_at_body)

    def _look_at_body(self) -> None:
        """Go on waiting for a body that comes fast enough."""
        if self.flow.read_paused:
            self._since, self._arrived = self.loop.time(), 0
        late = self.loop.time() - self._since - self.body_seconds
        if self._arrived < late * self.body_rate:
            self._give_up()
            return
        self._timer = self.loop.call_later(self.body_seconds / 6, self._look_at_body)

    def _forget_time(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _refuse(self) -> None:
        """Too much: said if nothing else was said on this connection, which ends."""
        self._forget_time()
        if self.transport.is_closing():
            return
        if not self._in_body:
            self.transport.write(TOO_LARGE)
        self._give_up()

    def _give_up(self) -> None:
        self._timer = None
        if not self.transport.is_closing():
            self.transport.close()
