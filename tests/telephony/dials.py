"""One dial and a carrier to make it with, for the tests on fake servers."""

from datetime import UTC, datetime

import aiohttp

from telephony.port import DialRequest
from telephony.twilio.client import TwilioCarrier
from tests.telephony.fake_http import FakeServer, answer

ACCOUNT = "AC" + "0" * 32
TO, FROM = "+15550001234", "+15550009876"
REQUEST = DialRequest(
    to=TO,
    from_=FROM,
    voice_url="https://us.test/twilio/voice/tok",
    status_url="https://us.test/twilio/status/tok",
    ring_timeout=30,
    max_duration=600,
)
SID = "CA" + "a" * 32
CREATED = answer(201, {"sid": SID, "status": "queued", "to": TO, "from": FROM})
SHORT = aiohttp.ClientTimeout(total=None, connect=2, sock_read=0.2)
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def carrier_of(server: FakeServer) -> TwilioCarrier:
    return TwilioCarrier(ACCOUNT, "secret", api_url=server.url, timeouts=SHORT)
