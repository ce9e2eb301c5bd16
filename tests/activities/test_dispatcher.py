"""The dispatcher's turn over several accounts, and what it tells whom."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

import pytest
import pytest_asyncio
from sqlmodel.ext.asyncio.session import AsyncSession

from activities.clock import utcnow
from activities.dispatcher import TOLD_EVERY, Dispatcher
from policy.model.call import CampaignStatus
from storage.calls.startable import in_queue
from storage.database.engine import Database
from storage.dispatch import leases
from storage.tables import Agent
from tests.databases import empty_database
from tests.storage import make

pytestmark = pytest.mark.asyncio(loop_scope="session")


@dataclass
class Temporal:
    """Notes who is told of a slot, and whose workflow begins."""

    granted: list[str] = field(default_factory=list)
    nudged: list[str] = field(default_factory=list)
    begun: list[str] = field(default_factory=list)

    async def slot_granted(self, call_id: str) -> bool:
        self.granted.append(call_id)
        return True

    async def nudge_campaign(self, campaign_id: str) -> bool:
        self.nudged.append(campaign_id)
        return True

    async def start(self, call: Any) -> bool:
        self.begun.append(call.call_id)
        return True


@pytest_asyncio.fixture(loop_scope="session", params=["sqlite", "postgresql"])
async def db(request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    async with empty_database(request, "dispatcher") as database:
        yield database


def dispatcher(db: Database, temporal: Temporal) -> Dispatcher:
    said = cast(Any, temporal)
    return Dispatcher(db, said, cast(Any, None), said, interval=0)


async def an_agent(db: Database) -> Agent:
    return await make.agent(db, await make.account(db))


async def a_row(db: Database, agent: Agent, **changes: Any) -> str:
    """A call that waits for its slot and has no workflow."""
    now = utcnow()
    return (await make.call(db, agent, at=now, **{**in_queue(None, now), **changes})).call_id


async def test_an_account_that_cannot_be_served_does_not_starve_the_others(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    agents = [await an_agent(db) for _ in range(2)]
    made = [await a_row(db, agent) for agent in agents]
    broken = min(agent.account_id for agent in agents)
    grant = leases.grant

    async def failing(session: AsyncSession, account_id: str, *args: Any, **how: Any) -> Any:
        if account_id == broken:
            raise RuntimeError("its rows cannot be read")
        return await grant(session, account_id, *args, **how)

    monkeypatch.setattr(leases, "grant", failing)
    temporal = Temporal()
    assert await dispatcher(db, temporal).turn() == 1
    served = [call for call, by in zip(made, agents, strict=True) if by.account_id != broken]
    assert temporal.begun == served


async def test_a_row_of_no_campaign_begins_and_a_call_with_a_workflow_is_told(
    db: Database,
) -> None:
    agent, temporal = await an_agent(db), Temporal()
    row = await a_row(db, agent)
    waiting = (await make.call(db, agent, at=utcnow())).call_id
    await make.decide(db, waiting, make.queue(), utcnow())
    assert await dispatcher(db, temporal).turn() == 2
    assert (temporal.begun, temporal.granted, temporal.nudged) == ([row], [waiting], [])


async def test_a_campaign_is_told_of_its_slots_once_a_second_and_never_forgotten(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent, temporal = await an_agent(db), Temporal()
    campaign = await make.campaign(db, agent, status=CampaignStatus.RUNNING)
    turns = dispatcher(db, temporal)
    at = utcnow()

    def clock() -> datetime:
        return at

    monkeypatch.setattr("activities.dispatcher.utcnow", clock)
    for told in (1, 1, 1):
        await a_row(db, agent, campaign_id=campaign.campaign_id)
        assert await turns.turn() == 1
        assert len(temporal.nudged) == told
    at += TOLD_EVERY
    assert await turns.turn() == 0
    assert temporal.nudged == [campaign.campaign_id] * 2
    at += 2 * TOLD_EVERY
    await turns.turn()
    assert len(temporal.nudged) == 2
    assert temporal.begun == []
