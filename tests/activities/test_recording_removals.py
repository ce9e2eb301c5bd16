"""The watch has recordings deleted at the carrier, and tries again while the carrier is away."""

from datetime import timedelta

import pytest
from sqlmodel import select

from activities.clock import utcnow
from activities.dials import carrier_watch
from activities.dials.carrier_watch import CarrierWatch
from storage.attempts import recording_removals
from storage.tables import RecordingRemoval
from telephony.errors import Ambiguous, CarrierError, Rejected, RejectedClass, Unreachable
from telephony.memory.carrier import MemoryCarrier
from telephony.port import DialRequest
from tests.activities.conftest import Desk

REQUEST = DialRequest(
    to="+14155550101",
    from_="+14155550199",
    voice_url="https://us.test/twilio/voice/t",
    status_url="https://us.test/twilio/status/t",
    ring_timeout=30,
    max_duration=60,
    recording_url="https://us.test/twilio/recording/t",
)


class Moody(MemoryCarrier):
    """Fails to delete as it is told to."""

    failure: CarrierError | None = None

    async def delete_recordings(self, sid: str) -> None:
        if self.failure is not None:
            raise self.failure
        await super().delete_recordings(sid)


@pytest.fixture
def carrier() -> Moody:
    return Moody()


@pytest.fixture
def watch(desk: Desk, carrier: Moody) -> CarrierWatch:
    return CarrierWatch(desk.db, carrier, None, interval=1)  # type: ignore[arg-type]


async def forgotten(desk: Desk, carrier: Moody) -> str:
    """The leg of a recorded call that is to be forgotten."""
    leg = await carrier.dial(REQUEST)
    assert len(carrier.recordings) == 1
    async with desk.db.write() as session:
        await recording_removals.schedule_leg(session, leg.sid, utcnow())
    return leg.sid


async def left(desk: Desk) -> list[RecordingRemoval]:
    async with desk.db.read() as session:
        return list((await session.exec(select(RecordingRemoval))).all())


async def test_what_is_to_be_deleted_is_deleted_once(
    desk: Desk, carrier: Moody, watch: CarrierWatch
) -> None:
    await forgotten(desk, carrier)
    await watch.remove_recordings()
    assert carrier.recordings == {}
    assert await left(desk) == []


@pytest.mark.parametrize(
    "failure",
    [
        Unreachable("no connection"),
        Ambiguous("the carrier answered HTTP 500", status=500),
        Rejected("refused", reason=RejectedClass.CONFIGURATION, status=401),
    ],
)
async def test_a_carrier_that_fails_is_asked_again_later(
    desk: Desk,
    carrier: Moody,
    watch: CarrierWatch,
    failure: CarrierError,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await forgotten(desk, carrier)
    carrier.failure = failure
    await watch.remove_recordings()
    [row] = await left(desk)
    assert (row.tries, row.due_at > utcnow()) == (1, True)
    carrier.failure = None
    await watch.remove_recordings()
    assert len(await left(desk)) == 1
    monkeypatch.setattr(carrier_watch, "utcnow", lambda: utcnow() + timedelta(minutes=2))
    await watch.remove_recordings()
    assert (carrier.recordings, await left(desk)) == ({}, [])
