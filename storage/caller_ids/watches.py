"""Numbers of pools as they fare: watched by the sums of analytics, rested, and tried again.

Nothing here is asked by a call: what follows stands in the agent's marks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.caller_ids import rests
from policy.caller_ids.pool import Mark
from policy.caller_ids.rests import NumberWatch, RestState
from policy.statistics import Sample
from policy.time.quarter_hours import OffsetRun, quarter_of
from storage.analytics import analytics
from storage.analytics.analytics import GroupBy, SumsQuery
from storage.database.locks import lock_account
from storage.events.event_log import EventType, append_of
from storage.tables import Agent, NumberWatchRow

#: A new watch begins with what its number was answered so long.
HISTORY = timedelta(days=30)
#: Of the past, no more dials than these stand for how the pool fares now.
MOST_NEAR = 100
_FIELDS = tuple(one.name for one in fields(NumberWatch))
_MARKS = {RestState.RESTED: Mark.RESTED, RestState.PROBATION: Mark.PROBATION}
_EVENTS = {
    RestState.RESTED: EventType.CALLER_ID_RESTED,
    RestState.PROBATION: EventType.CALLER_ID_PROBATION,
    RestState.WATCHED: EventType.CALLER_ID_RESTORED,
}


async def healing(session: AsyncSession) -> Sequence[tuple[str, str]]:
    """Account and id of the agents whose pools are watched."""
    statement = (
        select(Agent.account_id, Agent.agent_id)
        .where(col(Agent.heals_caller_ids).is_(True), col(Agent.deleted_time).is_(None))
        .order_by(col(Agent.agent_id))
    )
    return (await session.exec(statement)).all()


async def of_agents(session: AsyncSession, ids: Sequence[str]) -> Sequence[NumberWatchRow]:
    statement = (
        select(NumberWatchRow)
        .where(col(NumberWatchRow.agent_id).in_(list(ids)))
        .order_by(col(NumberWatchRow.agent_id), col(NumberWatchRow.number))
    )
    return (await session.exec(statement)).all()


async def look(session: AsyncSession, account_id: str, agent_id: str, now: datetime) -> bool:
    """One more look at a pool; True if its marks have changed. Repeated, it finds nothing new."""
    await lock_account(session, account_id)
    agent = await session.get(Agent, agent_id, populate_existing=True)
    # It was found before the lock.
    if agent is None or not agent.heals_caller_ids:
        return False
    rows = {row.number: row for row in await of_agents(session, [agent_id])}
    for number in rows.keys() - set(agent.caller_ids):
        await session.delete(rows.pop(number))
    sums = await _sums(session, agent, rows, now)
    news = {number: _news(row, sums.get(number, Sample(0, 0))) for number, row in rows.items()}
    for number in [one for one in agent.caller_ids if one not in rows]:
        rows[number] = _begun(agent, number, sums.get(number, Sample(0, 0)), now)
    before = {number: watch_of(row) for number, row in rows.items()}
    after = rests.watched(before, news, now)
    for number, row in rows.items():
        _keep(row, after[number])
        session.add(row)
        if after[number].state is not before[number].state:
            await _tell(session, agent, row, now)
    return _mark(session, agent, after)


async def let_go(session: AsyncSession, agent: Agent) -> None:
    """The pool is watched no more: all of its numbers are shown."""
    for row in await of_agents(session, [agent.agent_id]):
        await session.delete(row)
    _mark(session, agent, {})


async def _sums(
    session: AsyncSession, agent: Agent, rows: Mapping[str, NumberWatchRow], now: datetime
) -> Mapping[str, Sample]:
    since = min((row.since_quarter for row in rows.values()), default=quarter_of(now - HISTORY))
    asked = SumsQuery(
        agent.account_id, (OffsetRun(since, quarter_of(now) + 1, 0),), agent_id=agent.agent_id
    )
    found = await analytics.groups(session, asked, GroupBy.CALLER_ID)
    return {
        number: Sample(sums["attempts_answered"], sums["attempts"])
        for number, sums in found.items()
    }


def _news(row: NumberWatchRow, sums: Sample) -> Sample:
    """What has come since the last look. Sums that were counted anew may be smaller: then none."""
    dials = max(0, sums.trials - row.seen_dials)
    answered = min(dials, max(0, sums.hits - row.seen_answered))
    row.seen_dials, row.seen_answered = sums.trials, sums.hits
    return Sample(answered, dials)


def _begun(agent: Agent, number: str, past: Sample, now: datetime) -> NumberWatchRow:
    weight = min(1.0, MOST_NEAR / past.trials) if past.trials else 0.0
    return NumberWatchRow(
        agent_id=agent.agent_id,
        number=number,
        own_answered=past.hits,
        own_dials=past.trials,
        near_answered=past.hits * weight,
        near_dials=past.trials * weight,
        since_quarter=quarter_of(now - HISTORY),
        seen_answered=past.hits,
        seen_dials=past.trials,
    )


def watch_of(row: NumberWatchRow) -> NumberWatch:
    """As policy looks at it."""
    return NumberWatch(**{name: getattr(row, name) for name in _FIELDS})


def _keep(row: NumberWatchRow, one: NumberWatch) -> None:
    for name in _FIELDS:
        setattr(row, name, getattr(one, name))


async def _tell(session: AsyncSession, agent: Agent, row: NumberWatchRow, now: datetime) -> None:
    until = None if row.until is None else row.until.isoformat()
    data = {"agentId": agent.agent_id, "watchId": row.watch_id, "until": until, "rests": row.rests}
    await append_of(session, agent.account_id, row.watch_id, _EVENTS[row.state], now, data)


def _mark(session: AsyncSession, agent: Agent, pool: Mapping[str, NumberWatch]) -> bool:
    """What the carrier would refuse stays marked so, whatever people do."""
    marks = dict(agent.caller_id_marks or {})
    marks = {number: mark for number, mark in marks.items() if mark == Mark.BARRED}
    for number, one in pool.items():
        mark = _MARKS.get(one.state)
        if mark is not None:
            marks.setdefault(number, mark.value)
    if (marks or None) == agent.caller_id_marks:
        return False
    agent.caller_id_marks = marks or None
    session.add(agent)
    return True


async def bring_back(
    session: AsyncSession, agent: Agent, number: str, now: datetime
) -> NumberWatchRow | None:
    """Ends a rest before its time: the number is on probation. None: it is not rested."""
    await lock_account(session, agent.account_id)
    await session.refresh(agent)
    row = await session.get(NumberWatchRow, (agent.agent_id, number), populate_existing=True)
    if row is None or row.state is not RestState.RESTED:
        return None
    _keep(row, replace(watch_of(row), state=RestState.PROBATION, score=0.0, until=None))
    session.add(row)
    await _tell(session, agent, row, now)
    rows = await of_agents(session, [agent.agent_id])
    _mark(session, agent, {one.number: watch_of(one) for one in rows})
    return row
