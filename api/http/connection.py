"""A connection to a stranger: what it may send before a request is whole, in bytes and in time.

Sizes of bodies are `api.http.body_limits`; this is what comes before an application is asked.
"""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

#: Of the request line with all headers, and of what frames a body, which is no body.
MAX_HEAD = 64 * 1024
#: How many bytes of framing may stand beside one byte of a body: a chunk of one byte has five.
_FRAME = 9
TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-length: 0\r\nconnection: close\r\n\r\n"
)


class LargeHead(Exception):
    """Stops the parser."""


class BoundedConnection(HttpToolsProtocol):
    """Closes a connection that sends too slowly, or more than `MAX_HEAD` around a body.

    A head is to come within `head_seconds`; a body after `body_seconds` at `body_rate` bytes a
    second. The time in which we ourselves stop reading does not count.
    """

    head_seconds = 10.0
    body_seconds = 30.0
    body_rate = 2048.0

    _timer: asyncio.TimerHandle | None = None
    _in_body = False
    _around = 0
    _since = 0.0
    _arrived = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget_time()
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
            raise LargeHead
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

    def send_400_response(self, msg: str) -> None:
        if not self.transport.is_closing():
            super().send_400_response(msg)

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
