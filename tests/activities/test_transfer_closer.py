"""Transfers of which nothing more is heard are closed by what the carrier says, and once."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from activities.clock import utcnow
from activities.dials.transfer_closer import TransferCloser
from policy.transfers.targets import MissReason, TransferState
from storage.attempts import attempts
from storage.attempts.attempts import CarrierUpdate
from storage.database.engine import Database
from storage.tables import Attempt, Transfer
from telephony.errors import CarrierError, NotLive, Unreachable
from telephony.memory.carrier import MemoryCarrier
from telephony.port import Leg, LegStatus
from tests.databases import empty_database
from tests.storage import make


@pytest_asyncio.fixture(loop_scope="session", params=["sqlite", "postgresql"])
async def db(request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    async with empty_database(request, "transfers") as database:
        yield database


class Carrier(MemoryCarrier):
    """Knows one leg."""

    def __init__(self, leg: Leg | None, error: CarrierError | None = None) -> None:
        super().__init__()
        self.known = leg
        self.error = error or NotLive("unknown")

    async def fetch(self, sid: str) -> Leg:
        if self.known is None:
            raise self.error
        return self.known


def _leg(status: LegStatus, duration: int | None = None) -> Leg:
    return Leg(sid="CA" + "2" * 32, status=status, to="", from_="", duration=duration)


async def _left(db: Database, state: TransferState, *, seconds: float) -> tuple[Attempt, Transfer]:
    """A transfer in this state whose callee's leg ended so long ago."""
    now = utcnow()
    attempt = await make.sent(db, await make.call_of_somebody(db))
    is_connected = state is TransferState.CONNECTED
    row = make.transfer(
        attempt,
        state=state,
        leg_sid=None if state is TransferState.ASKED else "CA" + "2" * 32,
        asked_at=now - timedelta(minutes=5),
        waiting_since=now - timedelta(minutes=5),
        connected_at=now - timedelta(minutes=4) if is_connected else None,
    )
    async with db.write() as session:
        held = await attempts.reload(session, attempt)
        ended = CarrierUpdate("completed", duration=60, at=now - timedelta(seconds=seconds))
        await attempts.apply_carrier_event(session, held, ended, now)
        session.add(row)
    return attempt, row


async def _seen(db: Database, row: Transfer) -> Transfer:
    async with db.read() as session:
        found = await session.get(Transfer, row.transfer_id)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("state", "leg", "after", "reason"),
    [
        (TransferState.CONNECTED, _leg(LegStatus.COMPLETED, 61), TransferState.COMPLETED, None),
        (TransferState.CONNECTED, None, TransferState.COMPLETED, None),
        (TransferState.DIALING, _leg(LegStatus.BUSY), TransferState.MISSED, MissReason.BUSY),
        (TransferState.DIALING, None, TransferState.MISSED, MissReason.UNKNOWN),
        (TransferState.ASKED, None, TransferState.MISSED, MissReason.NOT_TAKEN_UP),
    ],
)
async def test_what_is_left_open_is_closed_by_what_the_carrier_says(
    db: Database,
    state: TransferState,
    leg: Leg | None,
    after: TransferState,
    reason: MissReason | None,
):
    attempt, row = await _left(db, state, seconds=60)
    closer = TransferCloser(db, Carrier(leg))
    await closer.turn()
    await closer.turn()
    found = await _seen(db, row)
    assert (found.state, found.reason) == (after, reason)
    # Two minutes of the target's leg, charged once.
    cost = (await make.seen(db, attempt)).transfer_cost
    assert cost == (28_000 if leg is not None and leg.duration else None)


@pytest.mark.parametrize(
    "carrier",
    [Carrier(None, Unreachable("away")), Carrier(_leg(LegStatus.IN_PROGRESS))],
    ids=["away", "lasts"],
)
async def test_a_carrier_that_cannot_tell_yet_is_asked_again_for_an_hour(
    db: Database, carrier: Carrier
):
    attempt, row = await _left(db, TransferState.CONNECTED, seconds=60)
    await TransferCloser(db, carrier).turn()
    assert (await _seen(db, row)).state is TransferState.CONNECTED
    await TransferCloser(db, Carrier(_leg(LegStatus.COMPLETED, 61))).turn()
    assert (await _seen(db, row)).state is TransferState.COMPLETED
    assert (await make.seen(db, attempt)).transfer_cost == 28_000
    _, old = await _left(db, TransferState.DIALING, seconds=3700)
    await TransferCloser(db, carrier).turn()
    assert (await _seen(db, old)).reason is MissReason.UNKNOWN


async def test_what_may_still_be_told_is_waited_for(db: Database):
    _, row = await _left(db, TransferState.DIALING, seconds=5)
    await TransferCloser(db, Carrier(_leg(LegStatus.BUSY))).turn()
    assert (await _seen(db, row)).state is TransferState.DIALING
