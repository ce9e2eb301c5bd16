"""What every carrier promises of its recordings: in memory and on Twilio's protocol alike."""

import io
import wave
from collections.abc import AsyncIterator

import pytest

from telephony.errors import NoRecording, NoSuchPart
from telephony.port import Audio, Recordings
from telephony.twilio.recordings import TwilioRecordings
from tests.telephony.worlds import CONFIG, MemoryWorld, SimulatorWorld, World, simulator_world

TO = "+15550001234"
NOTHING = "RE" + "0" * 32


@pytest.fixture(params=["memory", "twilio"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    if request.param == "memory":
        yield MemoryWorld()
        return
    async with simulator_world() as simulated:
        yield simulated


@pytest.fixture
async def recordings(world: World) -> AsyncIterator[Recordings]:
    if isinstance(world, MemoryWorld):
        yield world.memory
        return
    assert isinstance(world, SimulatorWorld)
    twilio = TwilioRecordings(CONFIG.account_sid, CONFIG.auth_token, api_url=world.api_url)
    yield twilio
    await twilio.close()


async def recorded(world: World) -> tuple[str, str]:
    """The sids of a leg and of its recording."""
    await world.script(TO, "human")
    leg = await world.dial(TO, recording_url=True)
    told = (await world.next("recording")).event
    assert told.recording_sid is not None
    return leg.sid, told.recording_sid


async def heard(audio: Audio) -> bytes:
    try:
        return b"".join([chunk async for chunk in audio.chunks])
    finally:
        await audio.close()


async def test_a_recording_is_a_sound_with_its_type_and_its_length(
    world: World, recordings: Recordings
) -> None:
    _, sid = await recorded(world)
    audio = await recordings.open(sid)
    sound = await heard(audio)
    assert (audio.status, audio.headers["content-type"]) == (200, "audio/x-wav")
    assert audio.headers["content-length"] == str(len(sound))
    with wave.open(io.BytesIO(sound)) as file:
        assert file.getnframes() / file.getframerate() >= 4


@pytest.mark.parametrize(
    ("part", "first", "last"),
    [("bytes=0-99", 0, 99), ("bytes=100-", 100, None), ("bytes=-50", -50, None)],
)
async def test_a_part_is_a_part_of_the_whole(
    world: World, recordings: Recordings, part: str, first: int, last: int | None
) -> None:
    _, sid = await recorded(world)
    whole = await heard(await recordings.open(sid))
    audio = await recordings.open(sid, part)
    sound = await heard(audio)
    assert audio.status == 206
    assert sound == whole[first : None if last is None else last + 1]
    assert audio.headers["content-range"].endswith(f"/{len(whole)}")
    assert audio.headers["content-length"] == str(len(sound))


async def test_a_part_beyond_the_end_is_no_part(world: World, recordings: Recordings) -> None:
    _, sid = await recorded(world)
    with pytest.raises(NoSuchPart):
        await recordings.open(sid, "bytes=99999999-")


async def test_a_recording_that_is_not_there_is_none(world: World, recordings: Recordings) -> None:
    with pytest.raises(NoRecording):
        await recordings.open(NOTHING)


async def test_what_was_recorded_of_a_leg_can_be_deleted_and_deleted_again(
    world: World, recordings: Recordings
) -> None:
    leg, sid = await recorded(world)
    await world.carrier.delete_recordings(leg)
    with pytest.raises(NoRecording):
        await recordings.open(sid)
    await world.carrier.delete_recordings(leg)


async def test_of_a_leg_that_nobody_knows_there_is_nothing_to_delete(world: World) -> None:
    await world.carrier.delete_recordings("CA" + "f" * 32)


async def test_one_leg_s_deletion_leaves_the_others(world: World, recordings: Recordings) -> None:
    leg, _ = await recorded(world)
    _, other = await recorded(world)
    await world.carrier.delete_recordings(leg)
    assert await heard(await recordings.open(other))
