"""Twilio's own Python package works against the simulator."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from tests.simulator.harness import (
    ACCOUNT,
    FROM,
    TOKEN,
    Application,
    Simulator,
    ToSimulator,
    simulating,
)
from tests.wait import until

TO = "+12025550100"
HELLO = "<Response><Say>Hello</Say></Response>"
LONG = '<Response><Pause length="600"/></Response>'


async def test_a_created_call_is_queued_and_runs_to_completion(simulator: Simulator):
    call: Any = await simulator.twilio.calls.create_async(to=TO, from_=FROM, twiml=HELLO)
    assert call.sid.startswith("CA")
    assert len(call.sid) == 34
    assert (call.status, call.direction, call.date_created) == ("queued", "outbound-api", None)
    await simulator.settled()
    done: Any = await simulator.twilio.calls(call.sid).fetch_async()
    assert done.status == "completed"
    assert isinstance(done.start_time, datetime)
    assert isinstance(done.end_time, datetime)
    assert isinstance(done.duration, str)
    assert done.to_formatted == "(202) 555-0100"


async def test_every_value_of_a_call_is_a_string_or_null(simulator: Simulator):
    created = (await simulator.create(TO)).json()
    uris = created.pop("subresource_uris")
    assert all(value is None or isinstance(value, str) for value in created.values())
    assert uris["recordings"].endswith(f"/Calls/{created['sid']}/Recordings.json")
    assert created["uri"] == f"/2010-04-01/Accounts/{ACCOUNT}/Calls/{created['sid']}.json"


async def test_the_price_is_negative_and_comes_late(simulator: Simulator):
    call = await simulator.run(TO)
    await simulator.speed(0.001)
    assert (await simulator.twilio.calls(call["sid"]).fetch_async()).price is None
    await simulator.speed(1_000_000)
    done: Any = await simulator.twilio.calls(call["sid"]).fetch_async()
    assert done.price == "-0.01400"
    assert done.price_unit == "USD"


async def test_a_ringing_call_can_be_canceled(application: Application, simulator: Simulator):
    await simulator.script(TO, "no-answer")
    await simulator.speed(1)
    call: Any = await simulator.twilio.calls.create_async(
        to=TO,
        from_=FROM,
        twiml=HELLO,
        status_callback=f"{application.root}/status",
        status_callback_event=["ringing", "completed"],
    )
    await application.until(lambda: application.at("/status"))
    updated: Any = await simulator.twilio.calls(call.sid).update_async(status="canceled")
    assert updated.status == "canceled"
    assert (await application.terminal(call.sid)).fields["CallStatus"] == "canceled"


async def test_a_call_in_progress_is_hung_up_but_not_canceled(
    application: Application, simulator: Simulator
):
    sid = await _answered(application, simulator)
    with pytest.raises(TwilioRestException) as refused:
        await simulator.twilio.calls(sid).update_async(status="canceled")
    assert (refused.value.status, refused.value.code) == (400, 21220)
    updated: Any = await simulator.twilio.calls(sid).update_async(status="completed")
    assert updated.status == "completed"


async def test_a_live_call_follows_a_new_document_at_once(
    application: Application, simulator: Simulator
):
    sid = await _answered(application, simulator)
    await simulator.twilio.calls(sid).update_async(twiml=HELLO)
    await simulator.settled()
    (call,) = await simulator.ledger(TO)
    assert call["twiml"] == [LONG, HELLO]
    assert call["duration"] < 600


async def test_an_ended_call_takes_no_update(simulator: Simulator):
    call = await simulator.run(TO)
    for change in ({"twiml": HELLO}, {"status": "completed"}, {"status": "canceled"}):
        with pytest.raises(TwilioRestException) as refused:
            await simulator.twilio.calls(call["sid"]).update_async(**change)
        assert (refused.value.status, refused.value.code) == (400, 21220)


async def test_calls_are_listed_newest_first_over_pages(simulator: Simulator):
    sids = [(await simulator.create(TO)).json()["sid"] for _ in range(5)]
    await simulator.create("+12025550101")
    listed: Any = await simulator.twilio.calls.list_async(to=TO, from_=FROM, page_size=2)
    assert [call.sid for call in listed] == sids[::-1]


async def test_the_list_is_filtered_by_status_and_start(simulator: Simulator):
    call = await simulator.run(TO)
    calls, hour = simulator.twilio.calls, timedelta(hours=1)
    now = datetime.now(UTC)
    assert [c.sid for c in await calls.list_async(status="completed")] == [call["sid"]]
    assert await calls.list_async(status="busy") == []
    assert len(await calls.list_async(start_time_after=now - hour)) == 1
    assert await calls.list_async(start_time_after=now + hour) == []
    assert len(await calls.list_async(start_time_before=now + hour)) == 1
    assert await calls.list_async(start_time_before=now - hour) == []


async def test_a_new_call_shows_in_the_list_only_after_the_lag(simulator: Simulator):
    await simulator.faults(listLag=150)
    created = (await simulator.create(TO)).json()
    assert await simulator.twilio.calls.list_async(to=TO) == []
    fetched = await simulator.twilio.calls(created["sid"]).fetch_async()
    assert fetched.sid == created["sid"]
    await until(lambda: simulator.twilio.calls.list_async(to=TO), "the list shows the call")


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"To": ""}, 21201),
        ({"From": ""}, 21213),
        ({"To": "12025550100"}, 21211),
        ({"To": "+1"}, 21211),
        ({"From": "Trunkline"}, 21212),
        ({"Url": "ftp://example.com/"}, 21205),
        ({"Url": "", "Twiml": ""}, 21205),
        ({"StatusCallback": "/status"}, 21609),
        ({"StatusCallbackEvent": "hung-up"}, 21626),
        ({"SendDigits": "hello"}, 21208),
        ({"MachineDetection": "true"}, 21209),
        ({"StatusCallbackMethod": "PUT"}, 21206),
        ({"Timeout": "601"}, 20001),
    ],
)
async def test_a_bad_create_is_refused_with_a_code(
    simulator: Simulator, form: dict[str, str], code: int
):
    refused = await simulator.create(**{"to": TO, **form})
    assert refused.status_code == 400
    assert refused.json() == {
        "code": code,
        "message": refused.json()["message"],
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": 400,
    }
    assert await simulator.ledger() == []


async def test_a_sip_address_can_be_called(simulator: Simulator):
    call = await simulator.run("sip:anna@example.com")
    assert (call["status"], call["to"]) == ("completed", "sip:anna@example.com")


async def test_wrong_credentials_are_refused(simulator: Simulator, application: Application):
    client = Client(ACCOUNT, "wrong", http_client=ToSimulator(simulator.root, simulator.http))
    with pytest.raises(TwilioRestException) as refused:
        await client.calls.create_async(to=TO, from_=FROM, twiml=HELLO)
    assert (refused.value.status, refused.value.code) == (401, 20003)


async def test_an_unknown_call_is_not_found(simulator: Simulator):
    with pytest.raises(TwilioRestException) as refused:
        await simulator.twilio.calls("CA" + "0" * 32).fetch_async()
    assert (refused.value.status, refused.value.code) == (404, 20404)


async def test_calls_beyond_the_pace_wait_in_the_queue(application: Application):
    async with simulating(application, cps=1.0, speed=5.0) as simulator:
        await asyncio.gather(*(simulator.create(TO) for _ in range(3)))
        await simulator.settled()
        listed: Any = await simulator.twilio.calls.list_async(to=TO)
        waits = sorted(int(call.queue_time) for call in listed)
        assert waits[1] > 200
        assert waits[2] > 1000


async def test_a_recording_can_be_listed_heard_and_deleted(simulator: Simulator):
    call = await simulator.run(TO, Record="true")
    recording: Any
    (recording,) = await simulator.twilio.calls(call["sid"]).recordings.list_async()
    sound = await _sound(simulator, recording.sid)
    assert sound.content.startswith(b"RIFF")
    assert await simulator.twilio.recordings(recording.sid).delete_async()
    assert (await _sound(simulator, recording.sid)).status_code == 404


async def _sound(simulator: Simulator, sid: str) -> httpx2.Response:
    return await simulator.http.get(
        f"{simulator.account}/Recordings/{sid}.wav", auth=(ACCOUNT, TOKEN)
    )


async def _answered(application: Application, simulator: Simulator) -> str:
    sid: str = (await simulator.create(TO, Twiml=LONG)).json()["sid"]
    await application.until(
        lambda: [h for h in application.hits if h.fields["CallStatus"] == "in-progress"]
    )
    return sid
