"""Calls: accepted once, then changed only by decisions and by what the carrier tells."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, literal_column, text
from sqlalchemy import insert as sql_insert
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.call import CANCELABLE_STATUSES, FINAL_STATUSES, CallStatus, Decision, Outcome
from storage import transitions
from storage.events import EventType, append, next_event
from storage.locks import lock_call, lock_key, note_held
from storage.tables import Call, Event, JsonObject

#: A second call to the same endpoint by the same agent within this is taken for a mistake.
DUPLICATE_WITHIN = timedelta(seconds=60)
#: SQLite uses a partial index only where the query says the index's own condition literally.
_CREATED: ColumnElement[str] = literal_column("'Created'")
_COLUMNS: dict[type, frozenset[str]] = {
    Call: frozenset(Call.model_fields),
    Event: frozenset(Event.model_fields) - {"event_id"},
}
_OPEN_STATUSES = [status for status in CallStatus if status not in FINAL_STATUSES]


async def insert(session: AsyncSession, call: Call, now: datetime) -> None:
    """Accepts a call."""
    call.created_time = now
    note_held(session, call.call_id)
    created = next_event(call, EventType.CREATED, now)
    session.add(call)
    # The event refers to the call, and nothing else tells SQLAlchemy which to write first.
    await session.flush()
    session.add(created)
    await session.flush()


async def insert_many(session: AsyncSession, calls: Sequence[Call], now: datetime) -> None:
    """Accepts calls in bulk. The objects stay out of the session: load what is needed again."""
    for call in calls:
        call.created_time = now
    created = [next_event(call, EventType.CREATED, now) for call in calls]
    if calls:
        await session.exec(sql_insert(Call), params=[_columns(call) for call in calls])
        await session.exec(sql_insert(Event), params=[_columns(event) for event in created])


def _columns(row: Call | Event) -> dict[str, Any]:
    return {name: value for name, value in row.__dict__.items() if name in _COLUMNS[type(row)]}


async def get(session: AsyncSession, account_id: str, call_id: str) -> Call | None:
    """The call, unless it is another account's."""
    statement = select(Call).where(col(Call.call_id) == call_id, col(Call.account_id) == account_id)
    return (await session.exec(statement)).one_or_none()


async def load(session: AsyncSession, call_id: str) -> Call | None:
    """The call of any account: for workers, never for people."""
    return await session.get(Call, call_id)


async def lock(session: AsyncSession, call_id: str) -> Call | None:
    """The call as it is now, held until the transaction ends."""
    return await lock_call(session, call_id)


async def find_duplicate(
    session: AsyncSession, agent_id: str, endpoint: str, now: datetime
) -> str | None:
    """A call of this agent to this endpoint that is open or was made a moment ago.

    Holds the pair, so that of two requests at once the second finds the first one's call.
    """
    await lock_key(session, f"duplicate:{agent_id}:{endpoint}")
    statement = (
        select(Call.call_id)
        .where(
            col(Call.endpoint) == endpoint,
            col(Call.agent_id) == agent_id,
            or_(
                col(Call.created_time) > now - DUPLICATE_WITHIN,
                col(Call.status).in_(_OPEN_STATUSES),
            ),
        )
        .order_by(col(Call.created_time).desc())
        .limit(1)
    )
    return (await session.exec(statement)).first()


async def apply_decision(
    session: AsyncSession, call: Call, decision: Decision, now: datetime
) -> None:
    """The one place where a decision becomes columns. A call that has ended stays as it is."""
    call = await _held(session, call)
    if not call.status.is_final:
        await transitions.apply(session, call, decision, now)


async def _held(session: AsyncSession, call: Call) -> Call:
    """The call as it is now; what was passed may be of another session."""
    return await lock_call(session, call.call_id) or call


async def request_cancel(session: AsyncSession, call_id: str) -> bool:
    """Notes the wish, unless something has reached the carrier already: then False."""
    call = await lock_call(session, call_id)
    if call is None or call.status not in CANCELABLE_STATUSES:
        return False
    call.cancel_requested = True
    return True


async def is_withdrawn(session: AsyncSession, call_id: str) -> bool:
    """Whether the call must not be dialed any more, whatever was decided before."""
    call = await lock_call(session, call_id)
    return call is None or call.cancel_requested or call.status.is_final


async def set_not_before(
    session: AsyncSession, call: Call, not_before: datetime | None, now: datetime
) -> None:
    """Reschedules the call; the next decision heeds it."""
    call = await _held(session, call)
    if call.not_before == not_before:
        return
    call.not_before = not_before
    data = {"notBefore": not_before.isoformat() if not_before else None}
    await append(session, call, EventType.RESCHEDULED, now, data)


async def report(
    session: AsyncSession,
    call: Call,
    *,
    outcome: Outcome | None,
    summary: str | None,
    transcript: object,
    structured: JsonObject | None,
    now: datetime,
) -> None:
    """What the pathway or the AI agent says of the conversation; what it leaves out stays."""
    call = await _held(session, call)
    if outcome is not None and not call.status.is_final:
        call.reported_outcome = outcome
    said = {"summary": summary, "transcript": transcript, "structured": structured}
    news = {name: value for name, value in said.items() if value is not None}
    if news:
        call.result = {**(call.result or {}), **news, "reportedAt": now.isoformat()}


async def unstarted(session: AsyncSession, older_than: datetime, limit: int) -> list[Call]:
    """Calls nothing has been decided about, oldest first: their workflow may never have begun."""
    statement = (
        select(Call)
        .where(col(Call.status) == _CREATED, col(Call.created_time) < older_than)
        .order_by(col(Call.created_time))
        .limit(limit)
    )
    return list((await session.exec(statement)).all())


async def open_among(session: AsyncSession, call_ids: Sequence[str]) -> list[Call]:
    """Those of the calls that have not ended."""
    if not call_ids:
        return []
    statement = select(Call).where(
        col(Call.call_id).in_(call_ids), col(Call.status).in_(_OPEN_STATUSES)
    )
    return list((await session.exec(statement)).all())


async def waiting_of_agent(
    session: AsyncSession, agent_id: str, after: str, limit: int
) -> list[str]:
    """Ids of the agent's calls that wait, in the order of their ids, from `after` on."""
    statement = (
        select(Call.call_id)
        .where(
            col(Call.agent_id) == agent_id,
            col(Call.status) == CallStatus.QUEUED,
            col(Call.call_id) > after,
        )
        .order_by(col(Call.call_id))
        .limit(limit)
    )
    return list((await session.exec(statement)).all())


async def canceled_unheard(session: AsyncSession, limit: int) -> list[str]:
    """Ids of open calls whose cancel was noted while nobody could tell their workflow."""
    statement = (
        select(Call.call_id)
        # As the partial index says it: on SQLite a boolean column would become `= 1`.
        .where(text("cancel_requested"), col(Call.status).in_(CANCELABLE_STATUSES))
        .limit(limit)
    )
    return list((await session.exec(statement)).all())
