"""Pools that heal themselves, by the sums of analytics, on both databases."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlmodel import col, select

from policy.caller_ids import rests
from policy.caller_ids.rests import RestState
from policy.location.caller_ids import choose
from policy.model.call import AttemptResult, AttemptState, CallStatus, Outcome
from policy.rules import STANDARD
from storage.analytics import rollup
from storage.analytics.call_contributions import recount
from storage.caller_ids import marks, watches
from storage.database.engine import Database
from storage.tables import Agent, Attempt, Call, Event, NumberWatchRow
from tests.storage import make
from tests.storage.make import NOW

NUMBERS = ["+12025550100", "+12025550101", "+12025550102"]


async def dialed(db: Database, by: Agent, number: str, answered: int, missed: int, at: datetime):
    """Calls that were made from a number and are over, and their sums."""
    results = [AttemptResult.ANSWERED] * answered + [AttemptResult.NO_ANSWER] * missed
    made = [make.unsaved_call(by, caller_id=number) for _ in results]
    async with db.write() as session:
        for call in made:
            call.status, call.outcome = CallStatus.COMPLETED, Outcome.COMPLETED
            call.created_time = call.completed_time = at
            session.add(call)
        await session.flush()
        for call, result in zip(made, results, strict=True):
            session.add(_dial(call, result, at))
        await session.flush()
        ids = {call.call_id for call in made}
        await recount(session, by.account_id, 1, ids)


def _dial(call: Call, result: AttemptResult, at: datetime) -> Attempt:
    return Attempt(
        call_id=call.call_id,
        account_id=call.account_id,
        number=1,
        token=call.call_id,
        state=AttemptState.ENDED,
        result=result,
        to_endpoint=call.endpoint,
        from_endpoint=call.caller_id,
        dialed_at=at,
        settled_at=at,
    )


async def look(db: Database, by: Agent, at: datetime) -> Agent:
    async with db.write() as session:
        await watches.look(session, by.account_id, by.agent_id, at)
    async with db.read() as session:
        return await session.get_one(Agent, by.agent_id)


async def test_a_number_that_people_let_ring_is_rested_and_comes_back_on_probation(db: Database):
    owner = await make.account(db)
    by = await make.agent(db, owner, caller_ids=NUMBERS, heals_caller_ids=True)
    async with db.write() as session:
        await rollup.count(session, owner.account_id)
    for number in NUMBERS:
        await dialed(db, by, number, 35, 65, NOW - timedelta(days=1))
    assert (await look(db, by, NOW)).caller_id_marks is None
    for number in NUMBERS[1:]:
        await dialed(db, by, number, 17, 33, NOW)
    await dialed(db, by, NUMBERS[0], 1, 49, NOW)
    agent = await look(db, by, NOW)
    assert agent.caller_id_marks == {NUMBERS[0]: "rested"}
    assert await look(db, by, NOW) == agent
    person = next(f"+1202555{n:04}" for n in range(999) if _theirs(f"+1202555{n:04}"))
    waits = await make.call(db, by, endpoint=person, caller_id=NUMBERS[0])
    async with db.write() as session:
        agent = await session.get_one(Agent, by.agent_id)
        assert await marks.move_waiting(session, agent, STANDARD, "") is None
    async with db.read() as session:
        assert (await session.get_one(Call, waits.call_id)).caller_id in NUMBERS[1:]
        [row] = [one for one in await watches.of_agents(session, [by.agent_id]) if one.rests]
        told = (await session.exec(select(Event).where(Event.subject_id == row.watch_id))).all()
    assert (row.number, row.state) == (NUMBERS[0], RestState.RESTED)
    assert row.until == NOW + rests.FIRST_REST
    assert [event.type for event in told] == ["caller_id.rested"]
    assert NUMBERS[0] not in str(told[0].data)
    agent = await look(db, by, NOW + rests.FIRST_REST)
    assert agent.caller_id_marks == {NUMBERS[0]: "probation"}


def _theirs(person: str) -> bool:
    return choose(NUMBERS, person) == NUMBERS[0]


async def test_what_the_carrier_would_refuse_stays_barred_and_who_does_not_heal_is_not_looked_at(
    db: Database,
):
    owner = await make.account(db)
    first = await make.agent(
        db,
        owner,
        caller_ids=NUMBERS,
        heals_caller_ids=True,
        caller_id_marks={NUMBERS[0]: "barred", NUMBERS[1]: "rested"},
    )
    await make.agent(db, owner, caller_ids=NUMBERS)
    async with db.read() as session:
        assert await watches.healing(session) == [(owner.account_id, first.agent_id)]
    assert (await look(db, first, NOW)).caller_id_marks == {NUMBERS[0]: "barred"}
    async with db.write() as session:
        agent = await session.get_one(Agent, first.agent_id)
        await watches.let_go(session, agent)
        assert await watches.of_agents(session, [first.agent_id]) == []


async def test_what_was_barred_a_moment_ago_stays_so_when_another_number_is_brought_back(
    db: Database,
):
    marked = {NUMBERS[0]: "rested"}
    pool: dict[str, Any] = {"caller_ids": NUMBERS, "heals_caller_ids": True}
    by = await make.agent(db, await make.account(db), caller_id_marks=marked, **pool)
    async with db.write() as session:
        agent = await session.get_one(Agent, by.agent_id)
        row = NumberWatchRow(agent_id=by.agent_id, number=NUMBERS[0], since_quarter=0)
        row.state = RestState.RESTED
        session.add(row)
        barred = update(Agent).where(col(Agent.agent_id) == by.agent_id)
        barred = barred.values(caller_id_marks={**marked, NUMBERS[1]: "barred"})
        await session.exec(barred.execution_options(synchronize_session=False))
        await watches.bring_back(session, agent, NUMBERS[0], NOW)
        assert agent.caller_id_marks == {NUMBERS[0]: "probation", NUMBERS[1]: "barred"}


async def test_a_pool_that_was_let_go_meanwhile_is_not_watched_again(db: Database):
    by = await make.agent(db, await make.account(db), caller_ids=NUMBERS)
    await look(db, by, NOW)
    async with db.read() as session:
        assert await watches.of_agents(session, [by.agent_id]) == []
