"""What anybody can send to the carrier's addresses: any bytes, any headers, any form."""

import base64
import hashlib
import hmac
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import FastAPI
from hypothesis import strategies as st

from tests.api.world import AUTH_TOKEN, CALLER_ID, ENDPOINT, PUBLIC_URL, SID, World

#: Every address at which the carrier is answered; `{token}` is an attempt's.
OF_TEXTS = "/twilio/texts/{token}"
ROUTES = (
    "/twilio/voice/{token}",
    "/twilio/gather/{token}",
    "/twilio/gather/{token}/1",
    "/twilio/status/{token}",
    "/twilio/amd/{token}",
    "/twilio/recording/{token}",
    "/twilio/inbound/voice",
    "/twilio/inbound/menu",
    "/twilio/inbound/sms",
    OF_TEXTS,
)
Pairs = list[tuple[str, str]]
Headers = list[tuple[bytes, bytes]]

_NAMES = (
    "CallSid", "MessageSid", "AccountSid", "From", "To", "CallStatus", "AnsweredBy", "Digits",
    "SpeechResult", "Confidence", "RecordingSid", "RecordingUrl", "RecordingStatus",
    "RecordingDuration", "RecordingStartTime", "SequenceNumber", "CallDuration", "Timestamp",
    "SipResponseCode", "Body", "OptOutType", "StirVerstat", "ErrorCode",
    "MessageStatus",
)  # fmt: skip
_VALUES = (
    SID, ENDPOINT, CALLER_ID, "completed", "in-progress", "answered", "no-answer", "human",
    "machine_end_beep", "absent", "STOP", "1", "-1", "1e400", "NaN", "9" * 5000, "\0", "a\0b",
    "\ufffd", "\U0001f4a9", "<Hangup/>", "]]>&amp;", "' OR 1=1 --", "=cmd|'/c calc'!A1", "{{name}}",
    "%s%n", "../../etc/passwd", "Thu, 99 Nov 2026 12:00:00 +0000",
    "Mon, 01 Jan 0001 00:00:00 +2359", "Fri, 31 Dec 9999 23:59:59 -2359",
    "http://169.254.169.254/", "x" * 3000, "delivered",
)  # fmt: skip

_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
names = st.sampled_from(_NAMES) | _text
values = st.sampled_from(_VALUES) | _text
#: Names come again on purpose: a form may say a thing twice, and differently.
pairs = st.lists(st.tuples(names, values), max_size=30)
bodies = st.one_of(
    st.binary(max_size=400),
    pairs.map(lambda said: urlencode(said).encode()),
    st.sampled_from(
        [
            b"", b"&" * 500, b"=" * 500, b"CallSid", b"%", b"%ZZ=%ZZ", b"%ff%fe=%c0%af", b"a=1;b=2",
            b"&".join(b"a%d=1" % number for number in range(300)), b"CallSid=" + b"x" * 60_000,
            b"x" * 70_000, b'{"CallSid": "x"}', b"\xff\xfeC\0a\0", b"--b\r\n\r\n", b"\0" * 300,
        ]
    ),
)  # fmt: skip
_kinds = st.sampled_from(
    [
        b"application/x-www-form-urlencoded", b"application/x-www-form-urlencoded; charset=utf-16",
        b"application/json", b"multipart/form-data; boundary=b", b"multipart/form-data",
        b"text/xml", b"", b"\xff\xfe", b"application/x-www-form-urlencoded; charset=nonsense",
    ]
)  # fmt: skip
_forged = st.one_of(
    st.binary(max_size=64),
    st.sampled_from([b"", b"\xe9", b"A" * 5000, base64.b64encode(bytes(20)), b"null", b"=" * 28]),
)
#: Neither is the signature of anything, nor are they all that a proxy would let through.
forged_headers: st.SearchStrategy[Headers] = st.builds(
    lambda kind, signatures, more: [
        (b"content-type", kind),
        *((b"x-twilio-signature", one) for one in signatures),
        *more,
    ],
    _kinds,
    st.lists(_forged, max_size=3),
    st.lists(
        st.sampled_from(
            [
                (b"transfer-encoding", b"chunked"), (b"content-encoding", b"gzip"),
                (b"content-length", b"999999999999"), (b"content-length", b"-1"),
                (b"x-forwarded-proto", b"http"), (b"host", b"elsewhere.example"),
                (b"x-http-method-override", b"DELETE"), (b"expect", b"100-continue"),
                (b"authorization", b"Bearer " + b"x" * 300), (b"cookie", b"a" * 4000),
            ]
        ),
        max_size=4,
    ),
)  # fmt: skip
queries = st.sampled_from(
    [b"", b"held=9", b"held=-1", b"held=" + b"9" * 400, b"node=%00", b"turns=1&turns=2",
     b"node=" + b"x" * 4000, b"%", b"&&&=", b"replays=1e9", b"bodySHA256=" + b"0" * 64]
)  # fmt: skip


@dataclass
class Answer:
    status: int = 0
    headers: Headers = field(default_factory=list)
    body: bytes = b""


async def ask(app: FastAPI, path: str, query: bytes, headers: Headers, body: bytes) -> Answer:
    """A POST as a server hands it on, whatever it says: no client of HTTP would send it so."""
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST",
        "scheme": "http", "path": path, "raw_path": quote(path).encode(), "query_string": query,
        "root_path": "", "headers": headers, "client": ("203.0.113.9", 1), "server": ("api", 80),
    }  # fmt: skip
    pieces = [body[at : at + 16_384] for at in range(0, len(body), 16_384)] or [b""]
    said, answer = _pieces(pieces), Answer()

    async def receive() -> Any:
        return next(said)

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            answer.status, answer.headers = message["status"], message["headers"]
        else:
            answer.body += message.get("body", b"")

    await app(scope, receive, send)
    return answer


def _pieces(pieces: list[bytes]) -> Iterator[dict[str, Any]]:
    for number, piece in enumerate(pieces, start=1):
        yield {"type": "http.request", "body": piece, "more_body": number < len(pieces)}
    while True:
        yield {"type": "http.disconnect"}


def signed(path: str, query: bytes, said: Iterable[tuple[str, str]]) -> Headers:
    """The headers of the carrier; of a name that comes twice it signs each value once, in order."""
    by_name: dict[str, set[str]] = {}
    for name, value in said:
        by_name.setdefault(name, set()).add(value)
    address = PUBLIC_URL + path + (f"?{query.decode()}" if query else "")
    text = address + "".join(n + v for n in sorted(by_name) for v in sorted(by_name[n]))
    digest = hmac.new(AUTH_TOKEN.encode(), text.encode(), hashlib.sha1).digest()
    return [
        (b"content-type", b"application/x-www-form-urlencoded"),
        (b"x-twilio-signature", base64.b64encode(digest)),
    ]


@contextmanager
def unchanged(world: World) -> Iterator[None]:
    """Nothing is committed to the database, and no workflow is told anything."""
    told = len(world.gateway.news), len(world.gateway.replanned)
    with sqlite3.connect(world.db.url.database or "") as watcher:
        before = watcher.execute("PRAGMA data_version").fetchone()
        yield
        assert watcher.execute("PRAGMA data_version").fetchone() == before
    assert (len(world.gateway.news), len(world.gateway.replanned)) == told
