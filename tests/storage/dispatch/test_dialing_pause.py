"""While the carrier refuses an account, one call at a time tries; its answer ends the pause."""

import asyncio
from collections.abc import Sequence

from sqlmodel import col, select

from policy.dispatch.slots import Slot
from policy.model.call import WaitingFor
from storage.database.engine import Database
from storage.dispatch import dialing_pause, leases, queue_position
from storage.tables import Account, Call, Event
from tests.storage import make
from tests.storage.dispatch.test_leases import LIFETIME, TTL
from tests.storage.make import later

CAUSE = "the carrier answered HTTP 401, code 20003: the credentials are wrong"


async def _account(db: Database, **changes) -> tuple[Account, list[Call]]:
    account = await make.account(db, **changes)
    agent = await make.agent(db, account)
    return account, [await make.call(db, agent) for _ in range(4)]


async def _queue(db: Database, calls: Sequence[Call]) -> None:
    for place, call in enumerate(calls):
        await make.decide(db, call.call_id, make.queue(), later(place / 1000))


async def _refuse(db: Database, call: Call, at: float) -> None:
    async with db.write() as session:
        await dialing_pause.refused(session, call, CAUSE, later(at), status=401, code=20003)


async def _give_back(db: Database, call: Call, at: float) -> None:
    async with db.write() as session:
        await leases.release(session, call.call_id, later(at))


async def _granted(db: Database, account: Account, at: float) -> list[str]:
    async with db.write() as session:
        found = await leases.grant(session, account.account_id, later(at), ttl=TTL, take=50)
    return [one.call_id for one in found]


async def _take(db: Database, call: Call, at: float) -> Slot:
    async with db.write() as session:
        verdict = await leases.take(session, call, 1, later(at), lifetime=LIFETIME)
    return verdict.slot


async def _taken(db: Database, call: Call, at: float) -> None:
    async with db.write() as session:
        await dialing_pause.taken(session, call, later(at))


async def _seen(db: Database, account: Account) -> Account:
    async with db.read() as session:
        row = await session.get(Account, account.account_id)
    assert row is not None
    return row


async def _events(db: Database, account: Account) -> list[tuple[str, dict[str, object]]]:
    statement = select(Event).where(
        col(Event.account_id) == account.account_id, col(Event.subject_id) == account.account_id
    )
    async with db.read() as session:
        return [(one.type, one.data) for one in (await session.exec(statement)).all()]


async def test_a_burst_of_refusals_is_one_pause_and_one_event(db: Database):
    account, calls = await _account(db)
    await asyncio.gather(*(_refuse(db, call, 0) for call in calls))
    row = await _seen(db, account)
    assert (row.paused_since, row.probe_at, row.vain_probes) == (later(0), later(30), 0)
    said = {"cause": CAUSE, "httpStatus": 401, "code": 20003}
    assert await _events(db, account) == [("account.dialing_paused", said)]


async def test_nobody_has_a_slot_until_one_probe_is_due(db: Database):
    account, (first, *others) = await _account(db)
    await _refuse(db, first, 0)
    await _queue(db, others)
    assert await _granted(db, account, 29) == []
    assert await _take(db, first, 29) is Slot.PAUSED
    assert await _granted(db, account, 30) == [others[0].call_id]
    assert await _granted(db, account, 31) == []
    assert await _take(db, others[1], 31) is Slot.PAUSED
    assert await _take(db, others[0], 31) is Slot.TAKEN


async def test_many_that_look_for_the_probe_at_once_find_one(db: Database):
    account, calls = await _account(db)
    await _refuse(db, calls[0], 0)
    await _queue(db, calls[2:])
    slots = await asyncio.gather(
        *(_granted(db, account, 40) for _ in range(3)), *(_take(db, call, 40) for call in calls[:2])
    )
    granted = sum(len(one) for one in slots if isinstance(one, list))
    assert granted + slots.count(Slot.TAKEN) == 1


async def test_a_call_that_finds_nobody_waiting_is_the_probe_itself(db: Database):
    account, (first, second, *_) = await _account(db)
    await _refuse(db, first, 0)
    assert await _take(db, second, 30) is Slot.TAKEN
    assert (await _seen(db, account)).probe_call_id == second.call_id


async def test_a_lost_probe_gives_its_place_to_another_when_its_lease_expires(db: Database):
    account, (first, *others) = await _account(db)
    await _refuse(db, first, 0)
    await _queue(db, others)
    assert await _granted(db, account, 30) == [others[0].call_id]
    assert await _granted(db, account, 44) == []
    [second] = await _granted(db, account, 46)
    assert second == others[1].call_id
    assert await _take(db, others[0], 47) is Slot.PAUSED


async def test_probes_in_vain_come_less_and_less_often_and_by_turns(db: Database):
    account, (first, *others) = await _account(db)
    await _refuse(db, first, 0)
    await _queue(db, others[:2])
    now, found = 30.0, []
    for wait in (60, 120, 240, 480, 600, 600):
        [probe] = await _granted(db, account, now)
        found.append(next(one for one in others if one.call_id == probe))
        await _refuse(db, found[-1], now)
        await _give_back(db, found[-1], now)
        assert await _granted(db, account, now + wait - 1) == []
        now += wait
    assert found == [others[0], others[1]] * 3
    assert len(await _events(db, account)) == 1


async def test_a_call_that_waits_alone_tries_again_itself(db: Database):
    account, (first, *_) = await _account(db)
    await _refuse(db, first, 0)
    await _queue(db, [first])
    assert await _granted(db, account, 30) == [first.call_id]


async def test_a_probe_that_told_nothing_is_no_proof_and_the_next_one_waits(db: Database):
    account, (first, second, *_) = await _account(db)
    await _refuse(db, first, 0)
    assert await _take(db, second, 30) is Slot.TAKEN
    async with db.write() as session:
        await dialing_pause.found_out_nothing(session, second, later(31))
    row = await _seen(db, account)
    assert (row.paused_since, row.probe_at, row.vain_probes) == (later(0), later(91), 1)


async def test_what_was_in_flight_when_the_pause_began_proves_nothing(db: Database):
    account, (first, second, *_) = await _account(db)
    assert await _take(db, second, -1) is Slot.TAKEN
    await _refuse(db, first, 0)
    await _taken(db, second, 1)
    await _refuse(db, second, 1)
    row = await _seen(db, account)
    assert (row.paused_since, row.vain_probes, row.probe_at) == (later(0), 0, later(30))


async def test_a_slot_from_before_the_pause_is_given_back(db: Database):
    account, (first, second, *_) = await _account(db)
    await _queue(db, [second])
    assert await _granted(db, account, -1) == [second.call_id]
    await _refuse(db, first, 0)
    assert await _take(db, second, 1) is Slot.PAUSED
    async with db.read() as session:
        assert await leases.live(session, later(1)) == []


async def test_the_probe_that_is_taken_lets_all_others_go_on(db: Database):
    account, (first, *others) = await _account(db)
    await _refuse(db, first, 0)
    await _queue(db, [first, *others])
    [probe] = await _granted(db, account, 30)
    assert probe == others[0].call_id
    await _taken(db, others[0], 32)
    row = await _seen(db, account)
    assert {row.paused_since, row.pause_cause, row.probe_at, row.probe_call_id} == {None}
    assert len(await _granted(db, account, 32)) == 3
    _, resumed = await _events(db, account)
    assert resumed == ("account.dialing_resumed", {"pausedSeconds": 32})


async def test_somebody_may_ask_for_a_probe_at_once(db: Database):
    account, (first, second, *_) = await _account(db)
    await _refuse(db, first, 0)
    await _queue(db, [second])
    async with db.write() as session:
        await dialing_pause.probe_now(session, account.account_id, later(3))
    assert await _granted(db, account, 3) == [second.call_id]
    async with db.write() as session:
        await dialing_pause.probe_now(session, account.account_id, later(4))
    assert await _granted(db, account, 4) == []


async def test_a_pause_is_the_accounts_own(db: Database):
    _, (first, *_) = await _account(db)
    other, (second, *_) = await _account(db)
    await _refuse(db, first, 0)
    await _queue(db, [second])
    assert await _granted(db, other, 1) == [second.call_id]


async def test_while_it_is_paused_nobody_is_told_when_their_turn_comes(db: Database):
    account, (first, *others) = await _account(db)
    await _refuse(db, first, 0)
    await _queue(db, others)
    row = await _seen(db, account)
    async with db.read() as session:
        ids = {call.call_id for call in others}
        line = await queue_position.in_line(session, row, later(1), ids)
    assert sorted(one.position for one in line.values()) == [1, 2, 3]
    assert {one.expected_start for one in line.values()} == {None}
    assert (await make.call_seen(db, others[0].call_id)).waiting_for is WaitingFor.SLOT
