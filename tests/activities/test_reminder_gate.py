"""The last look before a reminder is dialed: is it still needed?"""

import pytest

from activities.clock import utcnow
from activities.dials import dial_gate
from policy.model.call import CallStatus, Outcome
from storage.calls import calls
from storage.facts import case_file
from storage.facts.gather import FactGatherer
from storage.tables import Agent
from storage.tables.columns import new_id
from tests.activities.conftest import Desk
from tests.storage import make


async def other_reminder(desk: Desk, status: CallStatus, outcome: Outcome | None) -> None:
    """Makes the desk's call one of two reminders; this is where the other one stands."""
    sequence_id = new_id()
    async with desk.db.write() as session:
        row = await calls.lock(session, desk.call.call_id)
        assert row is not None
        row.sequence_id, row.remind_before = sequence_id, "PT2H"
        agent = await session.get(Agent, row.agent_id)
        assert agent is not None
        other = make.unsaved_call(agent, sequence_id=sequence_id, remind_before="PT24H")
        await calls.insert_many(session, [other], make.NOW)
        held = await calls.lock(session, other.call_id)
        assert held is not None
        held.status, held.outcome = status, outcome


async def why_not(desk: Desk) -> str | None:
    attempt = await desk.plan()
    async with desk.db.write() as session:
        file = await case_file.hold(session, desk.call.call_id, attempt_number=1)
        assert file is not None
        return await dial_gate.why_not(session, FactGatherer(), file, attempt, utcnow())


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (CallStatus.COMPLETED, Outcome.CONFIRMED),
        (CallStatus.COMPLETED, Outcome.DECLINED),
        (CallStatus.FAILED, Outcome.INVALID),
        (CallStatus.IN_PROGRESS, None),
        (CallStatus.PENDING, None),
    ],
)
async def test_a_reminder_that_is_not_needed_any_more_is_not_sent(
    desk: Desk, status: CallStatus, outcome: Outcome | None
) -> None:
    await other_reminder(desk, status, outcome)
    assert "another reminder" in (await why_not(desk) or "")


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (CallStatus.CREATED, None),
        (CallStatus.QUEUED, None),
        (CallStatus.FAILED, Outcome.NO_ANSWER),
        (CallStatus.CANCELED, Outcome.CANCELED),
        (CallStatus.COMPLETED, Outcome.VOICEMAIL),
    ],
)
async def test_one_that_is_needed_goes_through(
    desk: Desk, status: CallStatus, outcome: Outcome | None
) -> None:
    await other_reminder(desk, status, outcome)
    assert await why_not(desk) is None
