"""The watch goes on with all else while Temporal is away."""

from typing import cast

from sqlmodel import update
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities.clock import utcnow
from activities.dials.carrier_watch import CarrierWatch
from contracts.workflow_signals import WorkflowSignals
from policy.model.call import AttemptState
from storage.attempts import attempts, recording_removals
from storage.tables import Attempt
from tests.activities.conftest import Desk


class Away:
    """Temporal."""

    def get_async_activity_handle(self, **_named: object) -> None:
        raise RPCError("away", RPCStatusCode.UNAVAILABLE, b"")


async def test_an_end_that_cannot_be_told_keeps_nothing_else_from_being_done(desk: Desk):
    await desk.plan()
    await desk.dial.take_up(desk.ref)
    now = utcnow()
    async with desk.db.write() as session:
        ended_at = now - attempts.ENDED_CHECK * 2
        ended = {"state": AttemptState.ENDED, "settled_at": None, "ended_at": ended_at}
        await session.exec(update(Attempt).values(**ended))
        await recording_removals.schedule_leg(session, "CA" + "1" * 32, now)
    signals = WorkflowSignals(cast(Client, Away()))
    await CarrierWatch(desk.db, desk.carrier, signals, interval=1).round()
    async with desk.db.read() as session:
        assert await recording_removals.due(session, utcnow(), 10) == []
