"""The one semaphore: no race exceeds a cap, no crash leaks a slot, nobody is overtaken unfairly."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from policy.dispatch.slots import Slot
from policy.model.call import WaitingFor
from storage.database.engine import Database
from storage.dispatch import leases
from storage.dispatch.leases import Grant
from storage.facts import case_file
from storage.tables import Account, Agent, Call, DispatchDeficit
from tests.storage import make
from tests.storage.make import NOW, later

LIFETIME = timedelta(minutes=30)
TTL = timedelta(seconds=15)


async def _take(db: Database, call: Call, at: float = 0, number: int = 1) -> bool:
    async with db.write() as session:
        verdict = await leases.take(session, call, number, later(at), lifetime=LIFETIME)
    return verdict.slot is Slot.TAKEN


async def _release(db: Database, call: Call, at: float = 0, number: int | None = None) -> None:
    async with db.write() as session:
        await leases.release(session, call.call_id, later(at), number)


async def _grant(db: Database, account: Account, at: float = 0, take: int = 50) -> list[Grant]:
    async with db.write() as session:
        return await leases.grant(session, account.account_id, later(at), ttl=TTL, take=take)


async def _live(db: Database, at: float = 0) -> int:
    async with db.read() as session:
        return len(await leases.live(session, later(at)))


async def _calls(db: Database, agent: Agent, count: int, **changes) -> list[Call]:
    return [await make.call(db, agent, **changes) for _ in range(count)]


async def _queued(db: Database, agent: Agent, count: int, at: float = 0, **changes) -> list[Call]:
    calls = await _calls(db, agent, count, **changes)
    for place, call in enumerate(calls):
        await make.decide(db, call.call_id, make.queue(), later(at + place / 1000))
    return calls


async def test_twenty_takers_at_once_get_exactly_the_five_slots(db: Database):
    agent = await make.agent(db, await make.account(db, max_concurrent=5))
    calls = await _calls(db, agent, 20)
    taken = await asyncio.gather(*(_take(db, call) for call in calls))
    assert sum(taken) == 5
    assert await _live(db) == 5


async def test_two_dispatchers_and_takers_at_once_never_exceed_the_cap(db: Database):
    account = await make.account(db, max_concurrent=5)
    agent = await make.agent(db, account)
    await _queued(db, agent, 12)
    fresh = await _calls(db, agent, 6)
    turns = [_grant(db, account) for _ in range(4)]
    grants, takes = await asyncio.gather(
        asyncio.gather(*turns), asyncio.gather(*(_take(db, call) for call in fresh))
    )
    assert sum(map(len, grants)) + sum(takes) == 5
    assert await _live(db) == 5


async def test_an_agents_cap_holds_beside_the_accounts(db: Database):
    account = await make.account(db, max_concurrent=10)
    capped = await make.agent(db, account, max_concurrent=2)
    other = await make.agent(db, account)
    taken = [await _take(db, call) for call in await _calls(db, capped, 4)]
    assert taken == [True, True, False, False]
    assert await _take(db, (await _calls(db, other, 1))[0])


@pytest.mark.parametrize("of", ["account", "agent"])
async def test_a_pace_counts_the_last_minute_released_or_not(db: Database, of: str):
    pace = {"calls_per_minute": 2}
    account = await make.account(db, **(pace if of == "account" else {}))
    agent = await make.agent(db, account, **(pace if of == "agent" else {}))
    calls = await _calls(db, agent, 3)
    assert [await _take(db, calls[0]), await _take(db, calls[1], at=30)] == [True, True]
    await _release(db, calls[0], at=31)
    assert not await _take(db, calls[2], at=59)
    assert await _take(db, calls[2], at=61)


async def test_taking_twice_takes_one_slot(db: Database):
    agent = await make.agent(db, await make.account(db, max_concurrent=1))
    call = (await _calls(db, agent, 1))[0]
    assert [await _take(db, call) for _ in range(3)] == [True] * 3
    assert await _live(db) == 1


async def test_a_released_slot_is_free_again(db: Database):
    agent = await make.agent(db, await make.account(db, max_concurrent=1))
    first, second = await _calls(db, agent, 2)
    assert await _take(db, first)
    assert not await _take(db, second)
    await _release(db, first, number=2)
    assert not await _take(db, second)
    await _release(db, first, number=1)
    await _release(db, first, number=1)
    assert await _take(db, second)


async def test_the_slot_of_a_lost_workflow_expires(db: Database):
    agent = await make.agent(db, await make.account(db, max_concurrent=1))
    first, second = await _calls(db, agent, 2)
    assert await _take(db, first)
    assert not await _take(db, second, at=1799)
    assert await _take(db, second, at=1800)
    assert await _live(db, 1800) == 1


async def test_nobody_overtakes_a_waiting_call(db: Database):
    account = await make.account(db, max_concurrent=1)
    agent = await make.agent(db, account)
    waiting = (await _queued(db, agent, 1))[0]
    fresh = (await _calls(db, agent, 1))[0]
    assert not await _take(db, fresh)
    assert await _take(db, await make.call_seen(db, waiting.call_id))


async def test_one_for_whom_there_is_room_beside_all_that_wait_need_not_wait(db: Database):
    account = await make.account(db, max_concurrent=3)
    agent = await make.agent(db, account)
    await _queued(db, agent, 2)
    first, second = await _calls(db, agent, 2)
    assert await _take(db, first)
    assert not await _take(db, second)
    assert len(await _grant(db, account)) == 2


async def test_one_who_was_granted_a_slot_holds_nobody_up(db: Database):
    account = await make.account(db)
    agent = await make.agent(db, account)
    await _queued(db, agent, 1)
    assert len(await _grant(db, account)) == 1
    assert await _take(db, (await _calls(db, agent, 1))[0])


async def test_another_accounts_queue_holds_nobody_up(db: Database):
    await _queued(db, await make.agent(db, await make.account(db)), 1)
    assert await _take(db, await make.call_of_somebody(db))


async def test_a_grant_is_taken_up_though_nothing_is_free_any_more(db: Database):
    account = await make.account(db, max_concurrent=1)
    call = (await _queued(db, await make.agent(db, account), 1))[0]
    (grant,) = await _grant(db, account)
    assert (grant.call_id, grant.attempt_number) == (call.call_id, 1)
    assert await _take(db, call, at=14)
    assert await _live(db, 60) == 1
    assert await _grant(db, account, at=1) == []


async def test_a_grant_not_taken_up_goes_to_somebody_else(db: Database):
    account = await make.account(db, max_concurrent=1)
    first, second = await _queued(db, await make.agent(db, account), 2)
    assert [grant.call_id for grant in await _grant(db, account)] == [first.call_id]
    await make.decide(db, first.call_id, make.wait(later(600)))
    async with db.write() as session:
        assert await leases.take_back(session, later(15)) == 1
        assert await leases.take_back(session, later(15)) == 0
    assert [grant.call_id for grant in await _grant(db, account, 15)] == [second.call_id]


async def test_leases_that_count_no_more_are_removed_and_live_ones_never(db: Database):
    account = await make.account(db)
    done, live = await _queued(db, await make.agent(db, account), 2)
    assert await _take(db, done)
    assert await _take(db, live)
    await _release(db, done, at=1)
    async with db.write() as session:
        assert await leases.purge(session, later(3600), 100) == 1
    assert await _live(db, 1) == 1


async def test_a_grant_given_again_is_a_new_one(db: Database):
    account = await make.account(db)
    await _queued(db, await make.agent(db, account), 1)
    (first,) = await _grant(db, account)
    (second,) = await _grant(db, account, at=20)
    assert first.lease_id != second.lease_id
    assert first.attempt_number == second.attempt_number


async def test_a_late_taker_with_a_slow_clock_does_not_revive_a_lease(db: Database):
    account = await make.account(db, max_concurrent=1)
    first, second = await _queued(db, await make.agent(db, account), 2)
    assert len(await _grant(db, account)) == 1
    await make.decide(db, first.call_id, make.wait(later(600)))
    assert [grant.call_id for grant in await _grant(db, account, 15)] == [second.call_id]
    assert not await _take(db, first, at=14)
    assert await _live(db, 15) == 1


async def test_the_next_attempts_slot_bears_its_number(db: Database):
    account = await make.account(db)
    call = await make.call(db, await make.agent(db, account))
    await make.sent(db, call)
    await make.decide(db, call.call_id, make.queue())
    assert [grant.attempt_number for grant in await _grant(db, account)] == [2]


async def test_a_full_agent_keeps_nobody_elses_slot(db: Database):
    account = await make.account(db, max_concurrent=4)
    full = await make.agent(db, account, max_concurrent=1)
    other = await make.agent(db, account)
    await _queued(db, full, 10)
    await _queued(db, other, 10, at=60)
    granted = Counter(await _agents_of(db, await _grant(db, account, at=61)))
    assert granted == {full.agent_id: 1, other.agent_id: 3}


async def _agents_of(db: Database, grants: list[Grant]) -> list[str]:
    return [(await make.call_seen(db, grant.call_id)).agent_id for grant in grants]


async def test_a_long_queue_of_one_agent_does_not_hide_anothers(db: Database):
    account = await make.account(db)
    long, short = await make.agent(db, account), await make.agent(db, account)
    await _queued(db, long, 8)
    await _queued(db, short, 2, at=60)
    granted = Counter(await _agents_of(db, await _grant(db, account, at=61, take=4)))
    assert granted == {long.agent_id: 2, short.agent_id: 2}


async def test_shares_are_kept_over_many_small_turns(db: Database):
    account = await make.account(db)
    low = await make.agent(db, account, name="low")
    high = await make.agent(db, account, name="high")
    await _queued(db, low, 10, priority=1)
    await _queued(db, high, 10, priority=3)
    granted: list[str] = []
    for _ in range(10):
        granted += await _agents_of(db, await _grant(db, account, at=1, take=1))
    assert Counter(granted) == {low.agent_id: 2, high.agent_id: 8}
    async with db.read() as session:
        key = f"{high.agent_id}/|3"
        assert await session.get(DispatchDeficit, (account.account_id, key)) is None


async def test_a_near_deadline_is_seen_behind_a_long_queue(db: Database):
    account = await make.account(db)
    agent = await make.agent(db, account)
    await _queued(db, agent, 6)
    urgent = (await _queued(db, agent, 1, at=1, call_deadline=later(600)))[0]
    granted = [grant.call_id for grant in await _grant(db, account, at=2, take=1)]
    assert granted == [urgent.call_id]


async def test_a_canceled_call_is_granted_nothing(db: Database):
    account = await make.account(db)
    await _queued(db, await make.agent(db, account), 1, cancel_requested=True)
    assert await _grant(db, account) == []


async def test_accounts_are_waiting_while_one_of_their_calls_is(db: Database):
    waiting, idle = await make.account(db), await make.account(db)
    call = (await _queued(db, await make.agent(db, waiting), 1))[0]
    await make.call(db, await make.agent(db, idle))
    async with db.read() as session:
        assert await leases.accounts_waiting(session) == [waiting.account_id]
    await make.decide(db, call.call_id, make.wait(later(60), WaitingFor.RETRY))
    async with db.read() as session:
        assert await leases.accounts_waiting(session) == []


async def test_room_is_what_the_tightest_cap_leaves(db: Database):
    account = await make.account(db, max_concurrent=4)
    agent = await make.agent(db, account, max_concurrent=3)
    free = await make.agent(db, account)
    await _take(db, (await _calls(db, agent, 1))[0])
    async with db.read() as session:
        assert await leases.room(session, account, agent, NOW) == 2
        assert await leases.room(session, account, free, NOW) == 3


async def test_leases_expire_while_they_are_taken_and_granted_without_harm(db: Database):
    account = await make.account(db, max_concurrent=3)
    agent = await make.agent(db, account)
    await _queued(db, agent, 9)
    assert len(await _grant(db, account)) == 3

    async def take_back() -> int:
        async with db.write() as session:
            return await leases.take_back(session, later(20))

    fresh = await _calls(db, agent, 3)
    work = [take_back() for _ in range(3)] + [_take(db, call, at=20) for call in fresh]
    await asyncio.gather(*work, *(_grant(db, account, at=20) for _ in range(3)))
    assert await _live(db, 20) == 3


async def test_forty_seconds_are_granted_before_fourteen_minutes(db: Database):
    account = await make.account(db, max_concurrent=1)
    agent = await make.agent(db, account)
    await _queued(db, agent, 4, call_deadline=later(14 * 60))
    tight = (await _queued(db, agent, 1, at=1, call_deadline=later(40)))[0]
    assert [one.call_id for one in await _grant(db, account, 2, take=1)] == [tight.call_id]


async def test_a_far_deadline_is_granted_before_those_that_waited_longer_without_one(db: Database):
    account = await make.account(db, max_concurrent=3)
    agent = await make.agent(db, account)
    waiting = await _queued(db, agent, 30)
    hours = timedelta(hours=1).total_seconds()
    second = (await _queued(db, agent, 1, at=5, call_deadline=later(9 * hours)))[0]
    first = (await _queued(db, agent, 1, at=6, call_deadline=later(8 * hours)))[0]
    granted = [one.call_id for one in await _grant(db, account, 9)]
    assert granted == [first.call_id, second.call_id, waiting[0].call_id]


async def _lasts(db: Database, call: Call, at: float) -> bool:
    async with db.write() as session:
        file = await case_file.hold(session, call.call_id, attempt_number=1, with_account=True)
        assert file is not None
        return await leases.lasts(session, file.call, 1, later(at), file.lease_until)


async def test_a_slot_that_was_taken_long_ago_is_given_its_lifetime_anew(db: Database):
    call = await make.call_of_somebody(db)
    whole = leases.lifetime_of(call)
    async with db.write() as session:
        await leases.take(session, call, 1, NOW, lifetime=whole)
    assert await _lasts(db, call, at=1)
    async with db.read() as session:
        (kept,) = await leases.live(session, later(1))
    assert kept.expires_at == NOW + whole
    late = leases.MARGIN.total_seconds() - 1
    assert await _lasts(db, call, at=late)
    async with db.read() as session:
        (renewed,) = await leases.live(session, later(late))
    assert renewed.expires_at == later(late) + whole


async def test_a_slot_that_was_given_back_or_has_run_out_does_not_last(db: Database):
    agent = await make.agent(db, await make.account(db))
    given_back, run_out, never = await _calls(db, agent, 3)
    await _take(db, given_back)
    await _release(db, given_back)
    await _take(db, run_out)
    assert not await _lasts(db, given_back, at=1)
    assert not await _lasts(db, run_out, at=LIFETIME.total_seconds())
    assert not await _lasts(db, never, at=1)
