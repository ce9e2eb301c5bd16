"""What every carrier promises, tested on the one in memory and on Twilio's protocol alike."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from telephony.errors import Ambiguous, NotLive, Rejected, RejectedClass
from telephony.port import LegStatus
from telephony.twiml.documents import say_and_hang_up
from tests.telephony.worlds import FROM, TOKEN, MemoryWorld, World, simulator_world

TO, OTHER = "+15550001234", "+15550004321"
NOBODY = "CA" + "f" * 32


@pytest.fixture(params=["memory", "twilio"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    if request.param == "memory":
        yield MemoryWorld()
        return
    async with simulator_world() as simulated:
        yield simulated


def long_ago() -> datetime:
    return datetime.now(UTC) - timedelta(minutes=1)


async def test_a_dial_gives_a_leg_that_can_be_fetched(world: World) -> None:
    await world.script(TO, "human stays")
    leg = await world.dial(TO)
    assert leg.sid.startswith("CA")
    assert not leg.status.is_terminal
    fetched = await world.carrier.fetch(leg.sid)
    assert (fetched.sid, fetched.to, fetched.from_) == (leg.sid, TO, FROM)
    assert await world.legs_to(TO) == 1


async def test_a_conversation_is_told_step_by_step(world: World) -> None:
    await world.script(TO, "human")
    leg = await world.dial(TO)
    end = await world.until(LegStatus.COMPLETED)
    steps = [told.event for told in world.told]
    assert [event.status for event in steps] == [
        LegStatus.RINGING,
        LegStatus.IN_PROGRESS,
        LegStatus.COMPLETED,
    ]
    numbered = [event for event in steps if event.sequence is not None]
    assert [event.sequence for event in numbered] == list(range(len(numbered)))
    assert {event.sid for event in steps} == {leg.sid}
    assert {told.token for told in world.told} == {TOKEN}
    assert all(event.at and event.at.tzinfo for event in numbered)
    assert end.duration is not None
    assert end.duration >= 4
    assert (await world.carrier.fetch(leg.sid)).status is LegStatus.COMPLETED


@pytest.mark.parametrize("word", ["busy", "no-answer", "failed", "canceled"])
async def test_a_leg_nobody_answers_ends_in_its_own_way(world: World, word: str) -> None:
    await world.script(TO, word)
    leg = await world.dial(TO, ring_timeout=5)
    end = await world.until(LegStatus(word))
    assert end.sip_code is not None
    assert not end.duration
    assert LegStatus.IN_PROGRESS not in {told.event.status for told in world.told}
    assert (await world.carrier.fetch(leg.sid)).status is LegStatus(word)


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("invalid", RejectedClass.NUMBER),
        ("forbidden", RejectedClass.CONFIGURATION),
        ("429", RejectedClass.THROTTLED),
        ("wrong credentials", RejectedClass.ACCOUNT),
    ],
)
async def test_a_rejected_dial_leaves_no_leg(
    world: World, word: str, reason: RejectedClass
) -> None:
    await world.script(TO, word)
    with pytest.raises(Rejected) as caught:
        await world.dial(TO)
    assert caught.value.reason is reason
    assert caught.value.code is not None
    assert TO[1:] not in str(caught.value)
    assert await world.legs_to(TO) == 0


async def test_one_script_entry_serves_one_dial(world: World) -> None:
    await world.script(TO, "busy", "human")
    await world.dial(TO)
    await world.until(LegStatus.BUSY)
    await world.dial(TO)
    await world.until(LegStatus.COMPLETED)
    assert await world.legs_to(TO) == 2


async def test_hanging_up_ends_a_ringing_leg(world: World) -> None:
    await world.script(TO, "rings")
    leg = await world.dial(TO)
    await world.until(LegStatus.RINGING)
    await world.carrier.hang_up(leg.sid)
    await world.until(LegStatus.CANCELED)
    assert (await world.carrier.fetch(leg.sid)).status is LegStatus.CANCELED


async def test_canceling_ends_a_ringing_leg_and_no_answered_one(world: World) -> None:
    await world.script(TO, "rings")
    leg = await world.dial(TO)
    await world.until(LegStatus.RINGING)
    await world.carrier.cancel(leg.sid)
    await world.until(LegStatus.CANCELED)
    await world.script(TO, "human stays")
    answered = await world.dial(TO)
    await world.until(LegStatus.IN_PROGRESS)
    with pytest.raises(NotLive):
        await world.carrier.cancel(answered.sid)
    assert (await world.carrier.fetch(answered.sid)).status is LegStatus.IN_PROGRESS


async def test_hanging_up_ends_a_live_leg(world: World) -> None:
    await world.script(TO, "human stays")
    leg = await world.dial(TO)
    await world.until(LegStatus.IN_PROGRESS)
    await world.carrier.hang_up(leg.sid)
    await world.until(LegStatus.COMPLETED)


async def test_a_leg_that_is_over_takes_no_command(world: World) -> None:
    await world.script(TO, "busy")
    leg = await world.dial(TO)
    await world.until(LegStatus.BUSY)
    with pytest.raises(NotLive):
        await world.carrier.hang_up(leg.sid)
    with pytest.raises(NotLive):
        await world.carrier.play(leg.sid, say_and_hang_up("Hello"))


async def test_a_leg_that_rings_hears_nothing(world: World) -> None:
    await world.script(TO, "rings")
    leg = await world.dial(TO)
    await world.until(LegStatus.RINGING)
    with pytest.raises(NotLive):
        await world.carrier.play(leg.sid, say_and_hang_up("Hello"))


async def test_an_unknown_leg_is_not_live(world: World) -> None:
    for command in (
        world.carrier.fetch(NOBODY),
        world.carrier.hang_up(NOBODY),
        world.carrier.play(NOBODY, say_and_hang_up("Hello")),
    ):
        with pytest.raises(NotLive):
            await command


async def test_a_machine_waits_for_its_message_and_the_leg_ends_after_it(world: World) -> None:
    await world.script(TO, "machine")
    leg = await world.dial(TO, amd_url=True)
    verdict = (await world.next("amd")).event
    assert (verdict.sid, verdict.answered_by) == (leg.sid, "machine_end_beep")
    assert verdict.is_machine
    assert (await world.carrier.fetch(leg.sid)).status is LegStatus.IN_PROGRESS
    await world.carrier.play(leg.sid, say_and_hang_up("Please call us back"))
    await world.until(LegStatus.COMPLETED)
    assert (await world.carrier.fetch(leg.sid)).answered_by == "machine_end_beep"


async def test_a_human_gets_a_verdict_too(world: World) -> None:
    await world.script(TO, "human")
    await world.dial(TO, amd_url=True)
    verdict = (await world.next("amd")).event
    assert (verdict.answered_by, verdict.is_machine) == ("human", False)


async def test_without_an_amd_url_there_is_no_verdict(world: World) -> None:
    await world.script(TO, "human")
    await world.dial(TO)
    await world.until(LegStatus.COMPLETED)
    assert {told.kind for told in world.told} == {"status"}


async def test_a_recording_is_told_after_the_call(world: World) -> None:
    await world.script(TO, "human")
    leg = await world.dial(TO, recording_url=True)
    recording = (await world.next("recording")).event
    assert recording.sid == leg.sid
    assert (recording.recording_sid or "").startswith("RE")
    assert recording.recording_url
    assert (recording.recording_status, recording.status) == ("completed", None)


async def test_a_leg_whose_create_answer_was_lost_can_be_found(world: World) -> None:
    await world.script(TO, "lost answer")
    since = long_ago()
    with pytest.raises(Ambiguous):
        await world.dial(TO)
    bound = await world.until(LegStatus.IN_PROGRESS)
    found = await world.carrier.find(to=TO, from_=FROM, since=since)
    assert [leg.sid for leg in found] == [bound.sid]
    assert found[0].direction == "outbound-api"
    assert await world.legs_to(TO) == 1


async def test_a_create_that_was_lost_on_the_way_leaves_nothing_to_find(world: World) -> None:
    await world.script(TO, "lost request")
    with pytest.raises(Ambiguous):
        await world.dial(TO)
    assert list(await world.carrier.find(to=TO, from_=FROM, since=long_ago())) == []


async def test_find_keeps_to_the_pair_of_numbers_and_to_its_time(world: World) -> None:
    first = await world.dial(TO)
    await world.dial(OTHER)
    second = await world.dial(TO)
    found = await world.carrier.find(to=TO, from_=FROM, since=long_ago())
    assert {leg.sid for leg in found} == {first.sid, second.sid}
    later = datetime.now(UTC) + timedelta(minutes=1)
    assert list(await world.carrier.find(to=TO, from_=FROM, since=later)) == []
    assert list(await world.carrier.find(to=TO, from_="+15550000000", since=long_ago())) == []


async def test_all_legs_from_a_caller_id_are_listed_oldest_first(world: World) -> None:
    first = await world.dial(TO)
    second = await world.dial(OTHER)
    made = await world.carrier.made(from_=FROM, since=long_ago())
    assert [leg.sid for leg in made] == [first.sid, second.sid]
    assert [leg.to for leg in made] == [TO, OTHER]
    later = datetime.now(UTC) + timedelta(minutes=1)
    assert list(await world.carrier.made(from_=FROM, since=later)) == []
    assert list(await world.carrier.made(from_="+15550000000", since=long_ago())) == []
