"""Recordings over HTTP: listed, passed on as they come, never public, gone when they are to be."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlmodel import select

from settings import Settings
from storage.privacy import retention
from storage.tables import Attempt, RecordingRemoval
from telephony.errors import Ambiguous, CarrierError, NoRecording, Unreachable
from telephony.memory.recordings import recorded_sound, serve
from telephony.port import Audio
from telephony.twilio.recordings import TwilioRecordings
from tests.api.world import AUTH_TOKEN, ENDPOINT, KEY, PUBLIC_URL, SID, World
from tests.telephony.fake_http import FakeServer, answer, fake_server

RECORDING = "RE" + "a1" * 16
SOUND = recorded_sound(2)
#: What a callback says of the address is never asked.
FORGED = "https://evil.example.com/2010-04-01/Accounts/AC1/Recordings/x"


class Shelf:
    """Recordings that are there, or a carrier that fails as it is told to."""

    def __init__(self) -> None:
        self.sounds = {RECORDING: SOUND}
        self.failure: CarrierError | None = None
        self.asked: list[tuple[str, str | None]] = []
        self.given_back = 0

    async def open(self, sid: str, part: str | None = None) -> Audio:
        self.asked.append((sid, part))
        if self.failure is not None:
            raise self.failure
        return replace(serve(self.sounds.get(sid), part), close=self._give_back)

    async def _give_back(self) -> None:
        self.given_back += 1

    async def close(self) -> None:
        """Nothing to give back."""


@pytest.fixture
def settings() -> Settings:
    return Settings(
        public_url=PUBLIC_URL,
        bootstrap_api_key=SecretStr(KEY),
        twilio_auth_token=SecretStr(AUTH_TOKEN),
        privacy_key=SecretStr("a key"),
    )


@pytest.fixture
def shelf(world: World, application: FastAPI) -> Shelf:
    shelf = Shelf()
    application.state.services = replace(application.state.services, recordings=shelf)
    return shelf


async def recorded(world: World, sid: str = RECORDING) -> str:
    """A call that has ended, with the recording that its carrier told of."""
    attempt = await world.dial(await world.call(recording=True))
    await world.status(attempt.token, "in-progress")
    await world.status(attempt.token, "completed", CallDuration="63")
    await world.settle(attempt)
    await told(world, attempt, sid)
    return attempt.call_id


async def told(world: World, attempt: Attempt, sid: str = RECORDING) -> None:
    said = {"RecordingSid": sid, "RecordingUrl": FORGED, "RecordingStatus": "completed"}
    assert (await world.callback("recording", attempt.token, **said)).status_code == 204


async def get(world: World, call_id: str, path: str = "", **headers: str) -> Any:
    return await world.http.get(f"/api/v1/calls/{call_id}/recordings{path}", headers=headers)


async def removals(world: World) -> list[str]:
    async with world.db.read() as session:
        return [row.carrier_sid for row in (await session.exec(select(RecordingRemoval))).all()]


# -- listed


async def test_a_recording_is_listed_with_our_own_address(world: World, shelf: Shelf):
    call_id = await recorded(world)
    [found] = (await get(world, call_id)).json()["recordings"]
    assert (found["attempt"], found["durationSeconds"]) == (1, 63)
    assert found["url"] == f"/api/v1/calls/{call_id}/recordings/1"
    assert (await world.http.get(found["url"])).content == SOUND


async def test_a_call_that_was_not_recorded_has_none(world: World, shelf: Shelf):
    call_id = await world.call()
    assert (await get(world, call_id)).json() == {"recordings": []}


async def test_the_carrier_s_address_is_told_nowhere(world: World, shelf: Shelf):
    call_id = await recorded(world)
    number = ENDPOINT.replace("+", "%2B")
    for path in (
        f"calls/{call_id}",
        f"calls/{call_id}/recordings",
        f"calls/{call_id}/audit",
        f"privacy/export?endpoint={number}",
        "events",
    ):
        answered = await world.http.get(f"/api/v1/{path}")
        assert answered.status_code == 200, path
        assert "evil.example.com" not in answered.text
        assert RECORDING not in answered.text
    [attempt] = (await world.view(call_id))["attempts"]
    assert attempt["recordingUrl"] == f"/api/v1/calls/{call_id}/recordings/1"


# -- heard


async def test_a_recording_is_heard_with_its_type_and_length_and_kept_by_nobody(
    world: World, shelf: Shelf
):
    heard = await get(world, await recorded(world), "/1")
    assert (heard.status_code, heard.content) == (200, SOUND)
    assert heard.headers["content-type"] == "audio/x-wav"
    assert heard.headers["content-length"] == str(len(SOUND))
    assert heard.headers["cache-control"] == "private, no-store"
    assert shelf.asked == [(RECORDING, None)]
    assert shelf.given_back == 1


async def test_a_part_of_it_is_passed_on_as_a_part(world: World, shelf: Shelf):
    heard = await get(world, await recorded(world), "/1", Range="bytes=10-19")
    assert (heard.status_code, heard.content) == (206, SOUND[10:20])
    assert heard.headers["content-range"] == f"bytes 10-19/{len(SOUND)}"
    assert heard.headers["accept-ranges"] == "bytes"


@pytest.mark.parametrize("strange", ["bytes=0-1,5-6", "lines=1-2", "bytes=-", "x"])
async def test_what_is_no_range_of_bytes_is_left_out(world: World, shelf: Shelf, strange: str):
    assert (await get(world, await recorded(world), "/1", Range=strange)).status_code == 200
    assert shelf.asked == [(RECORDING, None)]


async def test_a_part_beyond_the_end_is_refused(world: World, shelf: Shelf):
    refused = await get(world, await recorded(world), "/1", Range="bytes=99999999-")
    assert (refused.status_code, refused.json()["code"]) == (416, "bad_range")


async def test_nobody_hears_it_without_a_key_or_with_another_account_s(world: World, shelf: Shelf):
    call_id = await recorded(world)
    for headers, status in (({"Authorization": ""}, 401), ({"Authorization": "Bearer no"}, 401)):
        assert (await get(world, call_id, "/1", **headers)).status_code == status
        assert (await get(world, call_id, **headers)).status_code == status
    assert (await get(world, "nobody's", "/1")).status_code == 404
    assert (await get(world, "nobody's")).status_code == 404
    assert shelf.asked == []


@pytest.mark.parametrize("path", ["/2", "/9999"])
async def test_an_attempt_that_is_not_there_has_no_recording(world: World, shelf: Shelf, path: str):
    assert (await get(world, await recorded(world), path)).status_code == 404


@pytest.mark.parametrize("path", ["/0", "/x", "/99999"])
async def test_what_is_no_attempt_is_refused(world: World, shelf: Shelf, path: str):
    assert (await get(world, await recorded(world), path)).status_code == 422


@pytest.mark.parametrize(
    ("failure", "status", "code"),
    [
        (NoRecording("gone", status=404), 404, "not_found"),
        (Unreachable("no connection"), 503, "carrier_away"),
        (Ambiguous("no answer"), 503, "carrier_away"),
        (CarrierError("the carrier answered HTTP 500", status=500), 502, "carrier_failed"),
        (CarrierError("the carrier answered HTTP 401", status=401), 502, "carrier_failed"),
    ],
)
async def test_a_carrier_that_fails_is_a_problem_that_says_how(
    world: World, shelf: Shelf, failure: CarrierError, status: int, code: str
):
    call_id = await recorded(world)
    shelf.failure = failure
    problem = await get(world, call_id, "/1")
    assert (problem.status_code, problem.json()["code"]) == (status, code)
    assert problem.headers["content-type"] == "application/problem+json"
    assert ("Retry-After" in problem.headers) is (status >= 500)


# -- from one host only


@pytest.fixture
async def carrier(world: World, application: FastAPI) -> AsyncIterator[FakeServer]:
    """A carrier behind real HTTP."""
    async with fake_server(answer(200, "RIFF", "Content-Type: audio/x-wav")) as server:
        store = TwilioRecordings("AC" + "0" * 32, AUTH_TOKEN, api_url=server.url)
        services = replace(application.state.services, recordings=store)
        application.state.services = services
        yield server
        await store.close()


async def test_a_forged_callback_makes_us_ask_nobody_but_the_carrier(
    world: World, carrier: FakeServer
):
    heard = await get(world, await recorded(world), "/1")
    assert (heard.status_code, heard.text) == (200, "RIFF")
    [(line, _, _)] = carrier.requests
    assert line.split()[1].endswith(f"/Recordings/{RECORDING}.wav")


async def test_a_forged_sid_makes_us_ask_nobody_at_all(world: World, carrier: FakeServer):
    call_id = await recorded(world, f"../../../..//evil.example.com/{RECORDING}")
    assert (await get(world, call_id, "/1")).status_code == 404
    assert carrier.requests == []


# -- removed


async def erase(world: World) -> None:
    await world.post("/api/v1/privacy/erase", {"endpoint": ENDPOINT}, 200)


async def retain(world: World) -> None:
    world.clock.pass_(days=1)
    async with world.db.write() as session:
        await retention.forget(session, world.clock.now, 10)


@pytest.mark.parametrize("forget", [erase, retain])
async def test_what_was_forgotten_is_gone_here_and_is_to_be_deleted_there(
    world: World, shelf: Shelf, forget: Any
):
    call_id = await recorded(world)
    assert await removals(world) == []
    await forget(world)
    problem = await get(world, call_id, "/1")
    assert (problem.status_code, problem.json()["code"]) == (410, "removed")
    assert (await get(world, call_id)).json() == {"recordings": []}
    assert await removals(world) == [SID]
    assert shelf.asked == []


@pytest.mark.parametrize("forget", [erase, retain])
async def test_a_callback_that_comes_too_late_brings_nothing_back(
    world: World, shelf: Shelf, forget: Any
):
    attempt = await world.dial(await world.call())
    await world.status(attempt.token, "completed", CallDuration="63")
    await world.settle(attempt)
    await forget(world)
    assert await removals(world) == []
    await told(world, attempt)
    assert (await world.ledger(attempt)).recording_sid is None
    assert (await get(world, attempt.call_id, "/1")).status_code == 410
    assert await removals(world) == [SID]


async def test_a_recorded_leg_is_deleted_even_if_its_callback_was_lost(world: World, shelf: Shelf):
    attempt = await world.dial(await world.call(recording=True))
    await world.status(attempt.token, "completed", CallDuration="63")
    await world.settle(attempt)
    await erase(world)
    assert await removals(world) == [SID]


async def test_a_leg_that_was_not_recorded_is_left_alone(world: World, shelf: Shelf):
    attempt = await world.dial(await world.call(recording=False))
    await world.status(attempt.token, "completed", CallDuration="63")
    await world.settle(attempt)
    await erase(world)
    assert await removals(world) == []
