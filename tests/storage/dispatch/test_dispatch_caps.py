"""Caps, pauses and money of campaigns beside those of account and agent; fair shares."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import inspect
from sqlmodel import col, delete, select

from policy.dispatch.dwrr import weight
from policy.dispatch.slots import Slot
from policy.model.call import CampaignStatus, Outcome
from storage.attempts import costs
from storage.call_lists import call_counts
from storage.call_lists.filters import CallFilter
from storage.database.engine import Database
from storage.dispatch import leases, queue
from storage.tables import Account, Agent, Call, CallTally, Campaign, Event, Spending
from tests.storage import make
from tests.storage.make import later

TTL = timedelta(seconds=15)
LIFETIME = timedelta(minutes=30)


async def _campaign(db: Database, by: Agent, **changes) -> Campaign:
    return await make.campaign(db, by, **{"status": CampaignStatus.RUNNING, **changes})


async def _set(db: Database, row: Campaign | Account | Agent, **changes) -> None:
    async with db.write() as session:
        stored = await session.get(type(row), *inspect(row).identity)
        assert stored is not None
        for name, value in changes.items():
            setattr(stored, name, value)
        session.add(stored)


async def _queued(db: Database, by: Agent, count: int, at: float = 0, **changes) -> list[Call]:
    found = []
    for place in range(count):
        call = await make.call(db, by, **changes)
        found.append(await make.decide(db, call.call_id, make.queue(), later(at + place / 1000)))
    return found


async def _take(db: Database, call: Call, at: float = 0, number: int = 1) -> Slot:
    async with db.write() as session:
        verdict = await leases.take(session, call, number, later(at), lifetime=LIFETIME)
    return verdict.slot


async def _grant(db: Database, account: Account, at: float = 0, take: int = 50) -> list[str]:
    async with db.write() as session:
        grants = await leases.grant(session, account.account_id, later(at), ttl=TTL, take=take)
    return [grant.call_id for grant in grants]


async def _waiting(db: Database) -> list[str]:
    async with db.read() as session:
        return await leases.accounts_waiting(session)


@pytest.fixture
async def account(db: Database) -> Account:
    return await make.account(db, max_concurrent=10, calls_per_minute=100)


@pytest.fixture
async def agent(db: Database, account: Account) -> Agent:
    return await make.agent(db, account)


async def test_a_campaigns_cap_holds_for_takers_and_for_the_dispatcher(
    db: Database, account: Account, agent: Agent
):
    campaign = await _campaign(db, agent, max_concurrent=2)
    of: dict[str, Any] = {"campaign_id": campaign.campaign_id}
    fresh = [await make.call(db, agent, **of) for _ in range(3)]
    taken = [await _take(db, call) for call in fresh]
    assert taken == [Slot.TAKEN, Slot.TAKEN, Slot.FULL]
    await _queued(db, agent, 3, **of)
    assert await _grant(db, account) == []
    async with db.write() as session:
        await leases.release(session, fresh[0].call_id, later(1))
    assert len(await _grant(db, account, 1)) == 1


async def test_a_campaigns_pace_counts_the_last_minute(
    db: Database, account: Account, agent: Agent
):
    campaign = await _campaign(db, agent, calls_per_minute=2)
    await _queued(db, agent, 5, campaign_id=campaign.campaign_id)
    granted = await _grant(db, account)
    assert len(granted) == 2
    async with db.write() as session:
        for call_id in granted:
            await leases.release(session, call_id, later(1))
    assert await _grant(db, account, 59) == []
    assert len(await _grant(db, account, 61)) == 2


async def test_a_campaigns_new_cap_holds_at_once(db: Database, account: Account, agent: Agent):
    campaign = await _campaign(db, agent, max_concurrent=1)
    await _queued(db, agent, 5, campaign_id=campaign.campaign_id)
    assert len(await _grant(db, account)) == 1
    await _set(db, campaign, max_concurrent=3)
    assert len(await _grant(db, account, 1)) == 2


@pytest.mark.parametrize("status", [CampaignStatus.PAUSED, CampaignStatus.CANCELED])
async def test_nothing_of_a_held_campaign_gets_a_slot(
    db: Database, account: Account, agent: Agent, status: CampaignStatus
):
    campaign = await _campaign(db, agent)
    of: dict[str, Any] = {"campaign_id": campaign.campaign_id}
    (granted, *_) = waiting = await _queued(db, agent, 2, **of)
    assert await _grant(db, account, take=1) == [granted.call_id]
    await _set(db, campaign, status=status)
    assert await _take(db, granted) is Slot.HELD
    assert await _take(db, waiting[1]) is Slot.HELD
    assert await _grant(db, account) == []
    assert await _waiting(db) == []
    await _set(db, campaign, status=CampaignStatus.RUNNING)
    assert await _waiting(db) == [account.account_id]
    # The slot that was not taken up is free again.
    assert len(await _grant(db, account, 1)) == 2


async def test_a_paused_campaign_holds_up_nobody_else(db: Database):
    account = await make.account(db, max_concurrent=1)
    agent = await make.agent(db, account)
    campaign = await _campaign(db, agent, status=CampaignStatus.PAUSED)
    await _queued(db, agent, 3, campaign_id=campaign.campaign_id)
    assert await _take(db, await make.call(db, agent)) is Slot.TAKEN


async def test_calls_at_their_own_cap_hold_up_nobody_else(db: Database):
    account = await make.account(db, max_concurrent=2)
    full, free = await make.agent(db, account, max_concurrent=1), await make.agent(db, account)
    assert await _take(db, await make.call(db, full)) is Slot.TAKEN
    await _queued(db, full, 3)
    assert await _take(db, await make.call(db, free)) is Slot.TAKEN


async def test_a_class_that_was_paused_keeps_what_it_is_owed(
    db: Database, account: Account, agent: Agent
):
    campaign = await _campaign(db, agent)
    await _queued(db, agent, 4, campaign_id=campaign.campaign_id, priority=9)
    await _queued(db, agent, 4, priority=1)
    await _grant(db, account, take=1)
    before = await _deficits(db, account)
    await _set(db, campaign, status=CampaignStatus.PAUSED)
    await _grant(db, account, 1, take=1)
    after = await _deficits(db, account)
    key = f"{agent.agent_id}/{campaign.campaign_id}|9"
    assert before[key] == after[key] != 0


async def _deficits(db: Database, account: Account) -> dict[str, int]:
    async with db.read() as session:
        return await queue.deficits(session, account.account_id)


async def test_a_waiting_call_is_told_apart_from_those_that_wait_with_it(db: Database):
    account = await make.account(db, max_concurrent=2)
    agent = await make.agent(db, account)
    first, second, third = await _queued(db, agent, 3)
    assert await _take(db, first) is Slot.FULL
    assert sorted(await _grant(db, account)) == sorted([first.call_id, second.call_id])
    assert await _take(db, first) is Slot.TAKEN
    assert await _take(db, third) is Slot.FULL


async def test_a_call_without_a_slot_is_told_whose_limit_it_is_and_names_nobody(db: Database):
    account = await make.account(db, max_concurrent=2)
    agent = await make.agent(db, account, name="Reception", max_concurrent=1)
    first, second, third = [await make.call(db, agent) for _ in range(3)]
    (waiting,) = await _queued(db, await make.agent(db, account), 1)
    assert await _take(db, first) is Slot.TAKEN
    assert await _told(db, second) == "Waiting for a free slot: its agent has 1 of 1 calls at once"
    await _set(db, agent, max_concurrent=None)
    ahead = "Waiting for a free slot: those before it in line have the one slot that is free"
    assert await _told(db, third) == ahead
    assert await _take(db, waiting) is Slot.TAKEN
    full = "Waiting for a free slot: the account has 2 of 2 calls at once"
    assert await _told(db, third) == full


async def _told(db: Database, call: Call) -> str:
    async with db.write() as session:
        return (await leases.take(session, call, 1, later(0), lifetime=LIFETIME)).detail


@pytest.mark.parametrize("of", ["account", "campaign"])
async def test_a_spend_limit_lets_no_new_dial_begin_until_it_is_raised(
    db: Database, account: Account, agent: Agent, of: str
):
    campaign = await _campaign(db, agent)
    row = account if of == "account" else campaign
    waiting, other = await _queued(db, agent, 2, campaign_id=campaign.campaign_id)
    await _set(db, row, spend_limit=1000)
    await _spend(db, account, campaign, 1000)
    assert await _take(db, waiting) is Slot.BROKE
    assert await _grant(db, account) == []
    assert (await make.call_seen(db, other.call_id)).outcome is None
    await _set(db, row, spend_limit=30_000)
    assert len(await _grant(db, account, 1)) == 2


async def test_dials_under_way_are_reckoned_into_the_limit(
    db: Database, account: Account, agent: Agent
):
    await _set(db, account, spend_limit=28_000)
    fresh = [await make.call(db, agent) for _ in range(3)]
    taken = [await _take(db, call) for call in fresh]
    assert taken == [Slot.TAKEN, Slot.TAKEN, Slot.BROKE]
    async with db.write() as session:
        await leases.release(session, fresh[0].call_id, later(1))
    assert await _take(db, fresh[2], 1) is Slot.TAKEN


async def test_a_campaign_without_money_holds_up_no_other(
    db: Database, account: Account, agent: Agent
):
    campaign = await _campaign(db, agent, spend_limit=0)
    await _queued(db, agent, 2, campaign_id=campaign.campaign_id)
    (free,) = await _queued(db, agent, 1, at=5)
    assert await _grant(db, account, 6) == [free.call_id]


async def _spend(db: Database, account: Account, campaign: Campaign, amount: int) -> None:
    async with db.write() as session:
        for campaign_id in ("", campaign.campaign_id):
            owner = {"account_id": account.account_id, "campaign_id": campaign_id}
            session.add(Spending(**owner, spent=amount))
    async with db.read() as session:
        assert await costs.of_account(session, account.account_id) == amount


@pytest.mark.parametrize("priorities", [(0, 9), (5, 5, 5), (2, 7, 9, 9), (1, 3, 5, 7)])
async def test_granted_shares_are_within_one_turn_of_the_weights(
    db: Database, priorities: tuple[int, ...]
):
    account = await make.account(db, max_concurrent=1000, calls_per_minute=10_000)
    by = {}
    for priority in priorities:
        agent = await make.agent(db, account)
        by[agent.agent_id] = priority
        await _queued(db, agent, 40, priority=priority)
    counts: Counter[str] = Counter()
    total = sum(map(weight, priorities))
    for turn, take in enumerate((1, 3, 2, 5, 7, 12), 1):
        for call_id in await _grant(db, account, turn, take=take):
            counts[(await make.call_seen(db, call_id)).agent_id] += 1
        for agent_id, priority in by.items():
            share = sum(counts.values()) * weight(priority) / total
            assert abs(counts[agent_id] - share) < 1


async def test_priority_10_is_granted_first_whatever_is_owed(
    db: Database, account: Account, agent: Agent
):
    await _queued(db, agent, 5, priority=9)
    await _grant(db, account, take=2)
    (urgent,) = await _queued(db, agent, 1, at=60, priority=10)
    assert await _grant(db, account, 61, take=1) == [urgent.call_id]


async def test_nobody_starves_beside_ever_new_calls_of_priority_9(db: Database):
    account = await make.account(db, max_concurrent=10_000, calls_per_minute=10_000)
    patient_one, busy = await make.agent(db, account), await make.agent(db, account)
    (patient,) = await _queued(db, patient_one, 1, priority=3)
    for turn in range(20):
        await _queued(db, busy, 1, at=turn, priority=9)
        if patient.call_id in await _grant(db, account, turn, take=1):
            return
    pytest.fail("the patient call never had its turn")


# -- the tally that all this stands on


async def _count(db: Database, by: Agent, **said) -> int:
    async with db.read() as session:
        return await call_counts.count(session, by.account_id, CallFilter(**said))


async def test_the_tally_follows_every_step_of_a_call(db: Database, agent: Agent):
    first, _ = [await make.call(db, agent) for _ in range(2)]
    assert await _count(db, agent) == 2
    await make.decide(db, first.call_id, make.queue())
    async with db.read() as session:
        (found,) = await call_counts.queue_classes(session, agent.account_id)
    assert (found.agent_id, found.campaign_id, found.priority) == (agent.agent_id, None, 5)
    await make.decide(db, first.call_id, make.end(Outcome.BUSY))
    assert await _count(db, agent, outcome=Outcome.BUSY, agent_id=agent.agent_id) == 1
    async with db.read() as session:
        assert await call_counts.queue_classes(session, agent.account_id) == []
    assert await _count(db, agent) == 2


async def test_folding_the_tally_changes_no_sum(db: Database, agent: Agent):
    for expected in (3, 6):
        for call in await _queued(db, agent, 3):
            await make.decide(db, call.call_id, make.end(Outcome.CANCELED))
        async with db.write() as session:
            await call_counts.fold(session)
            rows = (await session.exec(select(CallTally))).all()
        assert [(row.status, row.slot, row.n) for row in rows] == [("Canceled", 0, expected)]
        assert await _count(db, agent) == expected


async def test_a_call_that_is_deleted_is_counted_no_more(db: Database, agent: Agent):
    call = await make.call(db, agent)
    async with db.write() as session:
        await session.exec(delete(Event).where(col(Event.call_id) == call.call_id))
        await session.exec(delete(Call).where(col(Call.call_id) == call.call_id))
    assert await _count(db, agent) == 0
