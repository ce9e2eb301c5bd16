"""Marks of agents' caller IDs, and the waiting calls that move to another number with them.

A mark stands in the agent, which every decision reads anyway: it costs a call no statement.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.caller_ids.pool import Mark, are_all_barred, moved
from policy.caller_ids.standings import CallerIdCheck, is_barred
from policy.model.call import CallStatus
from policy.rules.book import RuleBook
from storage.caller_ids.standings import standings
from storage.database.locks import lock_account
from storage.events.event_log import EventType, append_of
from storage.tables import Agent, Call, JsonObject

#: Calls that are looked at in one transaction.
PAGE = 500
_WAITING = (CallStatus.CREATED, CallStatus.QUEUED)


async def refresh_barred(
    session: AsyncSession, account_id: str, check: CallerIdCheck, now: datetime
) -> list[Agent]:
    """Marks what the carrier would refuse, and unmarks the rest; the agents that changed."""
    await lock_account(session, account_id)
    pools = await _agents(session, account_id)
    numbers = {number for agent in pools for number in agent.caller_ids}
    found = await standings(session, account_id, numbers)
    barred = {one.number for one in found.values() if is_barred(one.standing, check)}
    changed = [agent for agent in pools if _mark_barred(agent, barred)]
    for agent in changed:
        session.add(agent)
        await _tell(session, agent, now)
    return changed


def kept(agent: Agent) -> JsonObject | None:
    """The marks of those that are still in the pool."""
    marks = agent.caller_id_marks or {}
    return {one: mark for one, mark in marks.items() if one in agent.caller_ids} or None


def _mark_barred(agent: Agent, barred: set[str]) -> bool:
    """True if that changes anything."""
    marks = {one: mark for one, mark in (kept(agent) or {}).items() if mark != Mark.BARRED}
    marks |= {one: Mark.BARRED.value for one in agent.caller_ids if one in barred}
    if (marks or None) == agent.caller_id_marks:
        return False
    agent.caller_id_marks = marks or None
    return True


async def _tell(session: AsyncSession, agent: Agent, now: datetime) -> None:
    marks = agent.caller_id_marks or {}
    barred = sum(mark == Mark.BARRED for mark in marks.values())
    kind = EventType.CALLER_ID_BARRED if barred else EventType.CALLER_ID_CLEARED
    data = {"agentId": agent.agent_id, "barred": barred, "callerIds": len(agent.caller_ids)}
    await append_of(session, agent.account_id, agent.agent_id, kind, now, data)


async def move_waiting(
    session: AsyncSession, agent: Agent, book: RuleBook, after: str
) -> str | None:
    """Moves a page of the agent's waiting calls to numbers that are shown; the next page's begin.

    Only those whose own number is marked, and only while they wait: what is dialed stays. A number
    of a range that some rule of the `book` prescribes makes room for another one of it only.
    """
    marks = agent.caller_id_marks or {}
    if not marks:
        return None
    statement = (
        select(Call.call_id, Call.caller_id, Call.endpoint)
        .where(
            col(Call.account_id) == agent.account_id,
            col(Call.agent_id) == agent.agent_id,
            col(Call.status).in_(_WAITING),
            col(Call.caller_id).in_(list(marks)),
            col(Call.call_id) > after,
        )
        .order_by(col(Call.call_id))
        .limit(PAGE)
    )
    rows = (await session.exec(statement)).all()
    groups: dict[tuple[str, str], list[str]] = {}
    for call_id, caller_id, endpoint in rows:
        pool = book.suiting_alike(caller_id, agent.caller_ids) or (caller_id,)
        other = moved(pool, marks, endpoint, caller_id)
        if other != caller_id:
            groups.setdefault((caller_id, other), []).append(call_id)
    for (caller_id, other), ids in groups.items():
        await _move(session, ids, caller_id, other)
    return rows[-1][0] if len(rows) == PAGE else None


async def _move(session: AsyncSession, ids: Sequence[str], from_: str, to: str) -> None:
    unmoved = (
        col(Call.call_id).in_(ids),
        col(Call.caller_id) == from_,
        col(Call.status).in_(_WAITING),
    )
    await session.exec(update(Call).where(*unmoved).values(caller_id=to))


async def with_barred(session: AsyncSession) -> list[str]:
    """The agents some of whose numbers are barred, but not all: calls can move."""
    statement = (
        select(Agent)
        .where(col(Agent.caller_id_marks).is_not(None), col(Agent.deleted_time).is_(None))
        .order_by(col(Agent.agent_id))
    )
    found = (await session.exec(statement)).all()
    return [one.agent_id for one in found if _can_move(one)]


def _can_move(agent: Agent) -> bool:
    marks = agent.caller_id_marks or {}
    return Mark.BARRED in marks.values() and not are_all_barred(agent.caller_ids, marks)


async def accounts_with_agents(session: AsyncSession) -> Sequence[str]:
    """Whose caller IDs may be the installation's."""
    statement = select(Agent.account_id).where(col(Agent.deleted_time).is_(None)).distinct()
    return (await session.exec(statement)).all()


async def _agents(session: AsyncSession, account_id: str) -> Sequence[Agent]:
    statement = (
        select(Agent)
        .where(col(Agent.account_id) == account_id, col(Agent.deleted_time).is_(None))
        .order_by(col(Agent.agent_id))
        .execution_options(populate_existing=True)
    )
    return (await session.exec(statement)).all()
