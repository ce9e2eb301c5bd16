"""What the carrier in memory does beyond the contract: its scripts, its order, its ledger."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from telephony.errors import Ambiguous, NotLive, Rejected, RejectedClass, Unreachable
from telephony.events import CarrierEvent
from telephony.memory.carrier import MemoryCarrier
from telephony.memory.scripts import WORDS, Entry
from telephony.port import DialRequest, LegStatus

TO, FROM = "+15550001234", "+15550009876"
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class Listener:
    """Notes what it is told, as words, in order."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.tokens: set[str] = set()
        self.carrier = MemoryCarrier(
            self.status, self.amd, on_outcome=self.outcome, now=lambda: NOW
        )

    async def status(self, token: str, event: CarrierEvent) -> None:
        assert event.status is not None
        self.tokens.add(token)
        self.heard.append(event.status.value)

    async def amd(self, token: str, event: CarrierEvent) -> None:
        self.heard.append(event.answered_by or "")

    async def outcome(self, token: str, outcome: str) -> None:
        self.heard.append(outcome)


def request(*, amd: bool = True) -> DialRequest:
    return DialRequest(
        to=TO,
        from_=FROM,
        voice_url="https://us.test/twilio/voice/tok",
        status_url="https://us.test/twilio/status/tok",
        ring_timeout=30,
        max_duration=600,
        amd_url="https://us.test/twilio/amd/tok" if amd else None,
    )


@pytest.mark.parametrize(
    ("entry", "heard"),
    [
        ("busy", ["busy"]),
        ("failed", ["failed"]),
        ("no-answer", ["ringing", "no-answer"]),
        ("canceled", ["ringing", "canceled"]),
        ("rings", ["ringing"]),
        ({"answer": {}}, ["ringing", "in-progress", "human", "completed"]),
        (
            {"answer": {"outcome": "confirmed"}},
            ["ringing", "in-progress", "human", "confirmed", "completed"],
        ),
        ({"answer": {"stay": True}}, ["ringing", "in-progress", "human"]),
        ({"answer": {"by": "machine"}}, ["ringing", "in-progress", "machine_end_beep"]),
        ({"answer": {"by": "fax"}}, ["ringing", "in-progress", "fax", "completed"]),
        ({"answer": {"verdict": None}}, ["ringing", "in-progress", "completed"]),
        ({"answer": {}, "silent": True}, []),
    ],
)
async def test_a_dial_tells_the_whole_life_before_it_returns(
    entry: Entry, heard: Sequence[str]
) -> None:
    listener = Listener()
    listener.carrier.script(TO, [entry])
    leg = await listener.carrier.dial(request())
    assert listener.heard == heard
    assert leg.status is LegStatus.QUEUED
    assert listener.tokens <= {"tok"}


async def test_without_detection_a_machine_is_just_a_listener() -> None:
    listener = Listener()
    listener.carrier.script(TO, [{"answer": {"by": "machine"}}])
    await listener.carrier.dial(request(amd=False))
    assert listener.heard == ["ringing", "in-progress", "completed"]


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("invalid", RejectedClass.NUMBER),
        ("throttled", RejectedClass.THROTTLED),
        ("capacity", RejectedClass.CAPACITY),
        ("refused", RejectedClass.CONFIGURATION),
    ],
)
async def test_a_rejection_makes_no_leg(word: str, reason: RejectedClass) -> None:
    carrier = MemoryCarrier()
    carrier.script(TO, [word])
    with pytest.raises(Rejected) as caught:
        await carrier.dial(request())
    assert caught.value.reason is reason
    assert (len(carrier.dials), carrier.legs) == (1, [])


@pytest.mark.parametrize(
    ("word", "error", "legs", "heard"),
    [
        ("unreachable", Unreachable, 0, 0),
        ("ambiguous_lost", Ambiguous, 0, 0),
        ("ambiguous_silent", Ambiguous, 1, 0),
        ("ambiguous_created", Ambiguous, 1, 4),
    ],
)
async def test_the_ledger_knows_what_the_dialer_does_not(
    word: str, error: type[Exception], legs: int, heard: int
) -> None:
    listener = Listener()
    listener.carrier.script(TO, [word])
    with pytest.raises(error):
        await listener.carrier.dial(request())
    assert len(listener.carrier.legs_of("tok")) == legs
    assert len(listener.heard) == heard


async def test_a_leg_that_stays_ends_once() -> None:
    listener = Listener()
    listener.carrier.script(TO, [{"answer": {"stay": True, "talk": 42}}])
    leg = await listener.carrier.dial(request())
    await listener.carrier.end(leg.sid)
    assert listener.heard[-1] == "completed"
    assert (await listener.carrier.fetch(leg.sid)).duration == 42
    with pytest.raises(NotLive):
        await listener.carrier.end(leg.sid)


async def test_a_listener_may_end_the_leg_it_hears_of() -> None:
    listener = Listener()

    async def play(token: str, event: CarrierEvent) -> None:
        await listener.carrier.play(event.sid, "<Response/>")

    listener.carrier.on_amd = play
    await listener.carrier.dial(request())
    assert listener.heard == ["ringing", "in-progress", "completed"]
    assert listener.carrier.legs[0].played == ["<Response/>"]


async def test_a_dialer_that_stops_waiting_changes_nothing_of_the_legs_life() -> None:
    listener, ringing, go_on = Listener(), asyncio.Event(), asyncio.Event()

    async def slowly(token: str, event: CarrierEvent) -> None:
        await listener.status(token, event)
        ringing.set()
        await go_on.wait()

    listener.carrier.on_status = slowly
    dial = asyncio.create_task(listener.carrier.dial(request()))
    await ringing.wait()
    dial.cancel()
    await asyncio.gather(dial, return_exceptions=True)
    go_on.set()
    await listener.carrier.lived()
    assert listener.heard == ["ringing", "in-progress", "human", "completed"]


async def test_a_repeated_script_starts_over() -> None:
    carrier = MemoryCarrier()
    carrier.script(TO, ["busy"])
    await carrier.dial(request())
    carrier.script(TO, ["failed"])
    await carrier.dial(request())
    assert [leg.status for leg in carrier.legs] == [LegStatus.BUSY, LegStatus.FAILED]


@pytest.mark.parametrize("entry", ["engaged", {"answer": {"by": "dog"}}])
def test_a_script_with_a_slip_is_refused_at_once(entry: Entry) -> None:
    with pytest.raises(ValueError, match="one of"):
        MemoryCarrier().script(TO, [entry])


@pytest.mark.parametrize("word", WORDS)
async def test_no_number_stands_in_what_goes_wrong(word: str) -> None:
    carrier = MemoryCarrier()
    carrier.script(TO, [word])
    results = await asyncio.gather(carrier.dial(request()), return_exceptions=True)
    assert TO not in repr(results)
    assert TO not in repr(carrier.legs)
