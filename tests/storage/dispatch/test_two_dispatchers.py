"""Two processes' dispatchers and takers on one database: never more than the caps allow."""

import asyncio
import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import col, select

from policy.dispatch.slots import Slot
from policy.model.call import CampaignStatus
from storage.database.engine import Database
from storage.dispatch import leases
from storage.tables import Account, Agent, Call, Campaign, Lease
from tests.storage import make

CAP, AGENT_CAP, CAMPAIGN_CAP = 7, 5, 3
#: How often each of them looks: enough for slots to expire or be given back many times.
TURNS = 40
TTL = timedelta(milliseconds=60)
LIFETIME = timedelta(milliseconds=120)


class Process:
    """What one worker does to leases, over and over, at random; some holders just vanish."""

    def __init__(self, db: Database, account: Account, seed: int, asleep: list[str]) -> None:
        self.db = db
        self._account = account
        self._chance = random.Random(seed)
        #: Calls that wait for something else than a slot, of both processes.
        self._asleep = asleep
        self.granted = self.taken = 0

    async def dispatch(self) -> None:
        for _ in range(TURNS):
            await self._wake()
            now = datetime.now(UTC)
            async with self.db.write() as session:
                found = await leases.grant(session, self._account.account_id, now, ttl=TTL, take=4)
                await _no_more_than_the_caps(session, self._account.account_id, now)
            self.granted += len(found)
            for grant in found:
                if self._chance.random() < 0.5:
                    await self._fall_asleep(grant.call_id)
            await asyncio.sleep(0)

    async def take(self, calls: list[Call]) -> None:
        for _ in range(TURNS):
            call = self._chance.choice(calls)
            now = datetime.now(UTC)
            async with self.db.write() as session:
                verdict = await leases.take(session, call, 1, now, lifetime=LIFETIME)
                await _no_more_than_the_caps(session, self._account.account_id, now)
            if verdict.slot is Slot.TAKEN:
                self.taken += 1
                if self._chance.random() < 0.7:
                    await self._release(call.call_id)
            await asyncio.sleep(0)

    async def _wake(self) -> None:
        if self._asleep and self._chance.random() < 0.5:
            await make.decide(self.db, self._asleep.pop(), make.queue(), datetime.now(UTC))

    async def _fall_asleep(self, call_id: str) -> None:
        now = datetime.now(UTC)
        await make.decide(self.db, call_id, make.wait(now + timedelta(hours=1)), now)
        await self._release(call_id)
        self._asleep.append(call_id)

    async def _release(self, call_id: str) -> None:
        async with self.db.write() as session:
            await leases.release(session, call_id, datetime.now(UTC))


async def _no_more_than_the_caps(session, account_id: str, now: datetime) -> None:
    statement = select(Lease.agent_id, Lease.campaign_id).where(
        col(Lease.account_id) == account_id,
        col(Lease.released_at).is_(None),
        col(Lease.expires_at) > now,
    )
    live = (await session.exec(statement)).all()
    assert len(live) <= CAP
    assert max(Counter(agent for agent, _ in live).values(), default=0) <= AGENT_CAP
    assert sum(campaign is not None for _, campaign in live) <= CAMPAIGN_CAP


async def _rows(db: Database) -> tuple[Account, Agent, Campaign]:
    account = await make.account(db, max_concurrent=CAP, calls_per_minute=100_000)
    agent = await make.agent(db, account, max_concurrent=AGENT_CAP)
    running = {"status": CampaignStatus.RUNNING, "max_concurrent": CAMPAIGN_CAP}
    return account, agent, await make.campaign(db, agent, **running)


async def _fresh(db: Database, agents: list[Agent], count: int) -> list[Call]:
    return [await make.call(db, agent) for agent in agents for _ in range(count)]


async def _queue(db: Database, waiting: list[Call]) -> None:
    for call in waiting:
        await make.decide(db, call.call_id, make.queue(), datetime.now(UTC))


@pytest.fixture
async def other(db: Database):
    """The same database, as another process sees it."""
    second = Database(db.url.render_as_string(hide_password=False))
    yield second
    await second.close()


async def test_two_dispatchers_and_takers_never_exceed_a_cap_and_leak_nothing(
    db: Database, other: Database
):
    account, agent, campaign = await _rows(db)
    second = await make.agent(db, account, max_concurrent=AGENT_CAP)
    waiting = [
        await make.call(db, by, campaign_id=campaign_id)
        for by, campaign_id in ((agent, campaign.campaign_id), (agent, None), (second, None))
        for _ in range(3)
    ]
    await _queue(db, waiting)
    asleep: list[str] = []
    one, two = Process(db, account, 1, asleep), Process(other, account, 2, asleep)
    fresh = await _fresh(db, [agent, second], 12)
    await asyncio.gather(one.dispatch(), two.dispatch(), one.take(fresh[:12]), two.take(fresh[12:]))
    assert one.granted + two.granted > CAP
    assert one.taken + two.taken > CAP
    # Whoever vanished with a slot has lost it by now: all of them can be had again.
    await asyncio.sleep(LIFETIME.total_seconds())
    await _queue(db, waiting)
    async with db.write() as session:
        now = datetime.now(UTC)
        found = await leases.grant(session, account.account_id, now, ttl=TTL, take=50)
    assert len(found) == CAP
