"""What TwilioCarrier says to Twilio, to which host, and how it reads the answers."""

import aiohttp
import pytest

from telephony.errors import (
    Ambiguous,
    CarrierError,
    NotLive,
    Rejected,
    RejectedClass,
    Unreachable,
)
from telephony.port import DialRequest, LegStatus
from telephony.twilio.client import TwilioCarrier
from telephony.twilio.errors import UnexpectedHost
from telephony.twilio.http_client import OneShotHttpClient
from tests.telephony.dials import ACCOUNT, CREATED, FROM, NOW, REQUEST, SID, TO, carrier_of
from tests.telephony.fake_http import answer, fake_server, refusal


async def test_a_dial_says_all_that_twilio_must_know() -> None:
    request = DialRequest(
        to=TO,
        from_=FROM,
        voice_url="https://us.test/twilio/voice/tok",
        status_url="https://us.test/twilio/status/tok",
        ring_timeout=25,
        max_duration=900,
        amd_url="https://us.test/twilio/amd/tok",
        recording_url="https://us.test/twilio/recording/tok",
        fallback_url="https://carrier.test/sorry",
        keys="5*",
    )
    async with fake_server(CREATED) as server:
        carrier = carrier_of(server)
        leg = await carrier.dial(request)
        await carrier.close()
    line, form, headers = server.requests[0]
    assert (leg.sid, leg.status, leg.to, leg.created_at) == (SID, LegStatus.QUEUED, TO, None)
    assert line == f"POST /2010-04-01/Accounts/{ACCOUNT}/Calls.json HTTP/1.1"
    assert headers["authorization"].startswith("Basic ")
    assert form == {
        "To": [TO],
        "From": [FROM],
        "Url": ["https://us.test/twilio/voice/tok#rc=3&rp=ct,rt,5xx"],
        "FallbackUrl": ["https://carrier.test/sorry"],
        "Timeout": ["25"],
        "TimeLimit": ["900"],
        "StatusCallback": ["https://us.test/twilio/status/tok#rc=3&rp=ct,rt,5xx"],
        "StatusCallbackEvent": ["ringing", "completed"],
        "MachineDetection": ["DetectMessageEnd"],
        "AsyncAmd": ["true"],
        "AsyncAmdStatusCallback": ["https://us.test/twilio/amd/tok#rc=3&rp=ct,rt,5xx"],
        "Record": ["true"],
        "SendDigits": ["ww5*"],
        "RecordingStatusCallback": ["https://us.test/twilio/recording/tok#rc=3&rp=ct,rt,5xx"],
    }


async def test_the_environment_of_the_process_does_not_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("ACCOUNT_SID", "AUTH_TOKEN", "REGION", "EDGE"):
        monkeypatch.setenv(f"TWILIO_{name}", "elsewhere")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    async with fake_server(CREATED) as server:
        carrier = carrier_of(server)
        await carrier.dial(REQUEST)
        await carrier.close()
    assert ACCOUNT in server.requests[0][0]


@pytest.mark.parametrize(
    "uri",
    [
        "https://lookups.twilio.com/v2/PhoneNumbers/1",
        "https://api.ie1.twilio.com/2010-04-01/Accounts",
        "http://api.twilio.com/2010-04-01/Accounts",
        "https://api.twilio.com.evil.test/2010-04-01/Accounts",
        "https://user@api.twilio.com/2010-04-01/Accounts",
    ],
)
@pytest.mark.parametrize("api_url", [None, "http://127.0.0.1:8010"])
async def test_no_other_host_is_ever_asked(uri: str, api_url: str | None) -> None:
    http = OneShotHttpClient(api_url)
    with pytest.raises(UnexpectedHost):
        await http.request("GET", uri)
    await http.close()


@pytest.mark.parametrize("api_url", ["localhost:8010", "ftp://carrier", "http://", "//carrier"])
def test_a_useless_api_url_is_refused_at_once(api_url: str) -> None:
    with pytest.raises(ValueError, match="API URL"):
        TwilioCarrier(ACCOUNT, "secret", api_url=api_url)


async def test_without_a_stand_in_twilio_itself_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    async def record(self: object, request: aiohttp.ClientRequest, **_: object) -> None:
        asked.append(str(request.url))
        raise TimeoutError

    monkeypatch.setattr(aiohttp.TCPConnector, "connect", record)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    carrier = TwilioCarrier(ACCOUNT, "secret")
    with pytest.raises(Unreachable):
        await carrier.dial(REQUEST)
    await carrier.close()
    assert asked == [f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Calls.json"]


@pytest.mark.parametrize(("status", "code"), [(400, 21220), (404, 20404)])
async def test_a_command_for_a_leg_that_is_over_is_a_normal_race(
    status: int, code: int | None
) -> None:
    async with fake_server(refusal(status, code)) as server:
        carrier = carrier_of(server)
        for command in (carrier.fetch(SID), carrier.play(SID, "<Response/>"), carrier.hang_up(SID)):
            with pytest.raises(NotLive):
                await command
        await carrier.close()


@pytest.mark.parametrize(
    "reply", [answer(404, "<html>"), answer(403, "<html>"), refusal(401, 20003)]
)
async def test_a_refusal_that_is_not_about_the_leg_does_not_end_it(reply: bytes) -> None:
    async with fake_server(reply) as server:
        carrier = carrier_of(server)
        for command in (carrier.fetch(SID), carrier.play(SID, "<Response/>"), carrier.hang_up(SID)):
            with pytest.raises(Rejected) as caught:
                await command
            assert caught.value.reason is RejectedClass.ACCOUNT
        await carrier.close()


async def test_hanging_up_a_leg_that_still_waits_cancels_it() -> None:
    waiting = answer(200, {"sid": SID, "status": "queued"})
    async with fake_server(waiting) as server:
        carrier = carrier_of(server)
        await carrier.hang_up(SID)
        await carrier.close()
    assert [form["Status"] for _, form, _ in server.requests] == [["completed"], ["canceled"]]


def listed(sid: str, **fields: str | None) -> dict[str, str | None]:
    call: dict[str, str | None] = {"sid": sid, "status": "completed", "to": TO, "from": FROM}
    return call | {"direction": "outbound-api", "duration": "7", "price": "-0.014"} | fields


async def test_find_reads_every_page_and_keeps_what_is_ours_and_new() -> None:
    fresh = listed("CA1", date_created=None, duration=None, status="queued")
    late = listed("CA2", date_created="Sun, 22 Nov 2026 12:00:09 +0000")
    skewed = listed("CA3", date_created="Sun, 22 Nov 2026 11:59:58 +0000")
    old = listed("CA4", date_created="Sun, 22 Nov 2026 11:58:00 +0000")
    inbound = listed("CA5", date_created=late["date_created"], direction="inbound")
    path = f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json?Page=1"
    first = answer(200, {"calls": [fresh, late, inbound], "next_page_uri": path, "page": 0})
    second = answer(200, {"calls": [skewed, old], "next_page_uri": None, "page": 1})
    async with fake_server(first, second) as server:
        carrier = carrier_of(server)
        legs = await carrier.find(to=TO, from_=FROM, since=NOW)
        await carrier.close()
    assert [leg.sid for leg in legs] == ["CA3", "CA2", "CA1"]
    assert (legs[0].duration, legs[0].price, legs[2].status) == (7, "-0.014", LegStatus.QUEUED)
    assert "To=%2B15550001234&From=%2B15550009876" in server.requests[0][0]
    assert "StartTime" not in server.requests[0][0]
    assert server.requests[1][0].startswith(f"GET {path} ")


async def test_find_stops_at_a_list_that_never_ends() -> None:
    path = f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json?Page=1"
    page = answer(200, {"calls": [], "next_page_uri": path, "page": 0})
    async with fake_server(page) as server:
        carrier = carrier_of(server)
        assert await carrier.find(to=TO, from_=FROM, since=NOW) == []
        await carrier.close()
    assert len(server.requests) == 10


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (refusal(401, 20003), Rejected),
        (refusal(404, 20404), Rejected),
        (refusal(500, 20500), Ambiguous),
        (answer(200, "<html>"), Ambiguous),
        (answer(200, {"calls": [{"sid": SID, "status": "new"}], "page": 0}), Ambiguous),
    ],
)
async def test_a_list_that_fails_is_never_an_empty_list(
    reply: bytes, expected: type[CarrierError]
) -> None:
    async with fake_server(reply) as server:
        carrier = carrier_of(server)
        with pytest.raises(expected):
            await carrier.find(to=TO, from_=FROM, since=NOW)
        await carrier.close()
