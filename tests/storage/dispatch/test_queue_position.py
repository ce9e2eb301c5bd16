"""Places in line are those of the dispatcher, seen before it acts."""

from datetime import timedelta

import pytest
from sqlmodel import select

from policy.dispatch.queue_position import QueuePosition
from policy.model.call import CampaignStatus
from storage.database.engine import Database
from storage.dispatch import leases, queue_position
from storage.tables import Account, Agent, Call
from tests.storage import make
from tests.storage.make import later


async def _queued(db: Database, by: Agent, count: int, **changes) -> list[str]:
    found = []
    for place in range(count):
        call = await make.call(db, by, **changes)
        await make.decide(db, call.call_id, make.queue(), later(place / 1000))
        found.append(call.call_id)
    return found


async def _line(db: Database, account: Account, at: float = 1) -> dict[str, QueuePosition]:
    async with db.read() as session:
        everybody = (await session.exec(select(Call.call_id))).all()
        return await queue_position.in_line(session, account, later(at), everybody)


async def test_the_line_is_what_the_dispatcher_does_next(db: Database):
    account = await make.account(db, max_concurrent=4)
    for priority in (2, 5, 9, 10):
        await _queued(db, await make.agent(db, account), 4, priority=priority)
    line = await _line(db, account)
    assert sorted(place.position for place in line.values()) == list(range(1, 17))
    async with db.write() as session:
        ttl = timedelta(seconds=15)
        grants = await leases.grant(session, account.account_id, later(1), ttl=ttl, take=4)
    first = sorted(line, key=lambda call_id: line[call_id].position)[:4]
    assert {grant.call_id for grant in grants} == set(first)
    assert all(line[call_id].expected_start == later(1) for call_id in first)


async def test_the_expected_start_follows_the_pace_of_the_last_minute(db: Database):
    account = await make.account(db, max_concurrent=2)
    waiting = await _queued(db, await make.agent(db, account), 5)
    async with db.write() as session:
        ttl = timedelta(minutes=15)
        await leases.grant(session, account.account_id, later(0), ttl=ttl, take=2)
    line = await _line(db, account, 30)
    assert [line[call_id] for call_id in waiting[2:]] == [
        QueuePosition(1, later(60)),
        QueuePosition(2, later(90)),
        QueuePosition(3, later(120)),
    ]


async def test_the_expected_start_reckons_with_the_pace(db: Database):
    account = await make.account(db, calls_per_minute=3)
    waiting = await _queued(db, await make.agent(db, account), 6)
    async with db.write() as session:
        ttl = timedelta(minutes=15)
        await leases.grant(session, account.account_id, later(0), ttl=ttl, take=2)
    line = await _line(db, account, 30)
    assert [line[call_id] for call_id in waiting[2:]] == [
        QueuePosition(1, later(30)),
        QueuePosition(2, later(60)),
        QueuePosition(3, later(60)),
        QueuePosition(4, later(90)),
    ]


@pytest.mark.parametrize("of", ["agent", "campaign"])
async def test_a_pace_delays_only_its_own(db: Database, of: str):
    account = await make.account(db)
    paced = {"calls_per_minute": 1}
    agent = await make.agent(db, account, **(paced if of == "agent" else {}))
    running = {"status": CampaignStatus.RUNNING, **(paced if of == "campaign" else {})}
    campaign = await make.campaign(db, agent, **running)
    slow = await _queued(db, agent, 2, campaign_id=campaign.campaign_id)
    fast = await _queued(db, await make.agent(db, account), 2)
    line = await _line(db, account)
    assert [line[call_id].expected_start for call_id in slow] == [later(1), later(61)]
    assert [line[call_id].expected_start for call_id in fast] == [later(1)] * 2


async def _whys(db: Database, account: Account, at: float = 1) -> dict[str, str]:
    async with db.read() as session:
        everybody = (await session.exec(select(Call))).all()
        found = await queue_position.waits(session, account, later(at), everybody)
    return {call_id: wait.verdict.detail for call_id, wait in found.items()}


async def test_whoever_waits_is_told_whose_limit_it_is_now(db: Database):
    account = await make.account(db, max_concurrent=3)
    reception = await make.agent(db, account, name="Reception", max_concurrent=1)
    other = await make.agent(db, account)
    first, second = await _queued(db, reception, 2)
    (third,) = await _queued(db, other, 1)
    said = await _whys(db, account)
    assert said[first] == said[third] == "Waiting for a free slot: one is free for it"
    ahead = "Waiting for a free slot: those before it in line have the one slot that is free"
    assert said[second] == ahead
    async with db.write() as session:
        ttl = timedelta(minutes=15)
        await leases.grant(session, account.account_id, later(1), ttl=ttl, take=2)
    full = "Waiting for a free slot: agent Reception has 1 of 1 calls at once"
    assert (await _whys(db, account))[second] == full


async def test_whoever_waits_behind_a_pause_or_without_money_is_told_so(db: Database):
    account = await make.account(db)
    agent = await make.agent(db, account)
    paused = await make.campaign(db, agent, status=CampaignStatus.PAUSED)
    poor = await make.campaign(db, agent, status=CampaignStatus.RUNNING, spend_limit=0)
    (held,) = await _queued(db, agent, 1, campaign_id=paused.campaign_id)
    (broke,) = await _queued(db, agent, 1, campaign_id=poor.campaign_id)
    assert await _whys(db, account) == {
        held: "Its campaign is paused or canceled",
        broke: "The spend limit of the account or of the campaign is reached",
    }


async def test_a_campaigns_cap_delays_only_its_own(db: Database):
    account = await make.account(db)
    agent = await make.agent(db, account)
    running = {"status": CampaignStatus.RUNNING, "max_concurrent": 1}
    campaign = await make.campaign(db, agent, **running)
    capped = await _queued(db, agent, 2, campaign_id=campaign.campaign_id)
    free = await _queued(db, agent, 2)
    line = await _line(db, account)
    assert [line[call_id].expected_start for call_id in free] == [later(1)] * 2
    assert [line[call_id].expected_start for call_id in capped] == [later(1), None]


async def test_only_those_that_are_shown_get_places(db: Database):
    account = await make.account(db)
    first, second, third = await _queued(db, await make.agent(db, account), 3)
    async with db.read() as session:
        assert (await queue_position.in_line(session, account, later(1), [second])).keys() == {
            second
        }
        both = await queue_position.in_line(session, account, later(1), [third, "nobody's"])
        assert {call_id: place.position for call_id, place in both.items()} == {third: 3}
        assert await queue_position.in_line(session, account, later(1), ["nobody's"]) == {}
        assert (await queue_position.in_line(session, account, later(1), [first]))[
            first
        ].position == 1


async def test_calls_of_a_paused_campaign_have_no_place(db: Database):
    account = await make.account(db)
    agent = await make.agent(db, account)
    campaign = await make.campaign(db, agent, status=CampaignStatus.PAUSED)
    await _queued(db, agent, 2, campaign_id=campaign.campaign_id)
    assert await _line(db, account) == {}
    (free,) = await _queued(db, agent, 1)
    assert (await _line(db, account)).keys() == {free}


async def test_while_dialing_is_paused_nothing_is_expected_and_the_cause_is_told(db: Database):
    account = await make.account(db, paused_since=later(0), pause_cause="the key is wrong")
    agent = await make.agent(db, account)
    (waiting,) = await _queued(db, agent, 1)
    campaign = await make.campaign(db, agent, status=CampaignStatus.PAUSED)
    (held,) = await _queued(db, agent, 1, campaign_id=campaign.campaign_id)
    assert await _line(db, account) == {waiting: QueuePosition(1, None)}
    said = await _whys(db, account)
    assert "the key is wrong; dialing is paused" in said[waiting]
    assert said[held] == "Its campaign is paused or canceled"


async def test_nothing_starts_without_money_but_the_line_stands(db: Database):
    account = await make.account(db, spend_limit=0)
    (waiting,) = await _queued(db, await make.agent(db, account), 1)
    assert await _line(db, account) == {waiting: QueuePosition(1, None)}


async def test_the_line_ends_where_it_would_be_a_guess(
    db: Database, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(queue_position, "_ROWS", 4)
    monkeypatch.setattr(queue_position, "_FEWEST_OF_A_CLASS", 2)
    account = await make.account(db)
    long = await _queued(db, await make.agent(db, account), 9)
    short = await _queued(db, await make.agent(db, account), 1)
    line = await _line(db, account)
    assert set(line) <= {*long[:3], *short}
    assert len(line) >= 3
