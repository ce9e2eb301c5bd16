"""Calls: accepted once, then changed only by decisions and by what the carrier tells."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.location.number_forms import all_forms, person_key
from policy.model.call import (
    CANCELABLE_STATUSES,
    CallStatus,
    Decision,
    Outcome,
    agrees,
)
from storage import call_numbers
from storage.calls import promises, reminder_sequences, transitions
from storage.calls.acceptance import (
    DUPLICATE_WITHIN,
    OPEN_STATUSES,
    hold_pairs,
    open_or_recent,
)
from storage.calls.startable import set_columns, start_columns
from storage.database.bulk import insert_all
from storage.database.core import amend
from storage.database.locks import lock_call
from storage.database.pagination import batches
from storage.events import event_log
from storage.events.event_log import EventType, append, row_of
from storage.number_hash import ERASED
from storage.tables import Call, CallNumber, JsonObject

_CALL_COLUMNS = frozenset(Call.model_fields)
#: What every call has when it is accepted.
_NEW: JsonObject = {
    "status": CallStatus.CREATED,
    "cancel_requested": False,
    "attempt_count": 0,
    "event_sequence": 1,
    "kept": True,
}
_CALLS = Call.metadata.tables["call"]


async def insert_many(session: AsyncSession, calls: Sequence[Call], now: datetime) -> None:
    """Accepts calls in bulk. The objects stay out of the session: load what is needed again."""
    for call in calls:
        call.created_time, call.event_sequence = now, 1
    await _insert(session, [_columns(call) for call in calls])


async def insert_rows(session: AsyncSession, rows: Sequence[JsonObject], now: datetime) -> None:
    """The same for calls that are columns by name, all the same ones, and never were objects.

    Each row is completed in place by what every new call has.
    """
    for row in rows:
        row.update(_NEW, created_time=now)
    await _insert(session, rows)


async def _insert(session: AsyncSession, rows: Sequence[JsonObject]) -> None:
    await insert_all(session, _CALLS, rows)
    await call_numbers.insert_of(session, rows)
    created = [
        {**row_of(row, EventType.CREATED, row["created_time"]), "sequence": 1} for row in rows
    ]
    await event_log.insert_rows(session, created)


def _columns(call: Call) -> JsonObject:
    return {name: value for name, value in call.__dict__.items() if name in _CALL_COLUMNS}


async def get(session: AsyncSession, account_id: str, call_id: str) -> Call | None:
    """The call, unless it is another account's."""
    statement = select(Call).where(col(Call.call_id) == call_id, col(Call.account_id) == account_id)
    return (await session.exec(statement)).one_or_none()


async def load(session: AsyncSession, call_id: str) -> Call | None:
    """The call of any account: for workers, never for people."""
    return await session.get(Call, call_id)


async def among(session: AsyncSession, call_ids: Collection[str]) -> list[Call]:
    """Those of the calls that are there, of any account."""
    statement = select(Call).where(col(Call.call_id).in_(call_ids))
    return list((await session.exec(statement)).all())


async def lock(session: AsyncSession, call_id: str) -> Call | None:
    """The call as it is now, held until the transaction ends."""
    return await lock_call(session, call_id)


async def find_duplicates(
    session: AsyncSession, agent_id: str, endpoints: Sequence[str], now: datetime
) -> dict[str, str]:
    """Calls of an agent that are open or were just made, by those endpoints that they are to."""
    await hold_pairs(session, agent_id)
    found: dict[str, str] = {}
    for some in batches(endpoints):
        known = (await session.exec(_repeated(agent_id, some, now - DUPLICATE_WITHIN))).all()
        of_person = {person_key(endpoint): call_id for endpoint, call_id in known}
        for endpoint in some if of_person else ():
            if person_key(endpoint) in of_person:
                found[endpoint] = of_person[person_key(endpoint)]
    return found


def _repeated(agent_id: str, endpoints: Sequence[str], recent: datetime) -> Any:
    """Each number, and a call of the agent's that may reach it."""
    own = select(Call.endpoint, Call.call_id).where(
        col(Call.endpoint).in_(all_forms(endpoints)), *open_or_recent(agent_id, recent)
    )
    listed = (
        select(CallNumber.person_key, Call.call_id)
        .join(Call, col(Call.call_id) == col(CallNumber.call_id))
        .where(
            col(CallNumber.person_key).in_([person_key(one) for one in endpoints]),
            *open_or_recent(agent_id, recent),
        )
    )
    return own.union_all(listed)


async def apply_decision(
    session: AsyncSession,
    call: Call,
    decision: Decision,
    now: datetime,
    carried: Mapping[str, Any] = transitions.NOTHING,
) -> None:
    """The one place where a decision becomes columns. A call that has ended stays as it is.

    `carried`: columns that the held call has new values of already; they are written in any case.
    """
    call = await _held(session, call)
    if call.status.is_final:
        await amend(session, call, carried)
        return
    if promises.is_open(call):
        carried = {**carried, **await promises.noted(session, call, decision, now)}
    await transitions.apply(session, call, decision, now, carried)
    await reminder_sequences.stop_rest(session, call, now)


async def _held(session: AsyncSession, call: Call) -> Call:
    """The call as it is now; what was passed may be of another session."""
    return await lock_call(session, call.call_id) or call


async def request_cancel(session: AsyncSession, call_id: str) -> bool:
    """Notes the wish, unless something has reached the carrier already: then False."""
    call = await lock_call(session, call_id)
    if call is None or call.status not in CANCELABLE_STATUSES:
        return False
    call.cancel_requested = True
    _stand(call, None, call.created_time)
    return True


def _stand(call: Call, not_before: datetime | None, now: datetime) -> None:
    """A call without a decision may have no workflow; it says itself when it is to have one."""
    if call.status is CallStatus.CREATED:
        set_columns(call, start_columns(not_before, call.timezone, now))


async def set_not_before(
    session: AsyncSession, call: Call, not_before: datetime | None, now: datetime
) -> None:
    """Reschedules the call; the next decision heeds it."""
    call = await _held(session, call)
    await set_times(session, call, not_before, call.call_deadline, now)


async def set_times(
    session: AsyncSession,
    call: Call,
    not_before: datetime | None,
    deadline: datetime | None,
    now: datetime,
) -> None:
    """The same with another deadline, for a caller that holds the call."""
    before = (call.not_before, call.call_deadline)
    if before == (not_before, deadline) and call.returned is None:
        return
    call.not_before, call.call_deadline = not_before, deadline
    call.returned = None
    _stand(call, not_before, now)
    data = {"notBefore": not_before.isoformat() if not_before else None}
    await append(session, call, EventType.RESCHEDULED, now, data)


async def change(
    session: AsyncSession, call: Call, values: Mapping[str, Any], now: datetime
) -> None:
    """Gives new values to columns of a call that waits, for a caller that holds it."""
    deadline = call.call_deadline
    for name, value in values.items():
        setattr(call, name, value)
    if call.call_deadline != deadline:
        data = {"notBefore": call.not_before.isoformat() if call.not_before else None}
        await append(session, call, EventType.RESCHEDULED, now, data)
    await session.flush()


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
    """What the pathway or the AI agent says of the conversation; what it leaves out stays.

    A plain `completed` takes back no outcome that says more, and after the call's end what is there
    already stands. Of somebody who was erased meanwhile the outcome alone is kept. An outcome that
    is said again is no news.
    """
    call = await _held(session, call)
    known = call.outcome if call.status.is_final else call.reported_outcome
    if outcome is not None and not agrees(known, outcome):
        if not call.status.is_final:
            call.reported_outcome = outcome
        await append(session, call, EventType.OUTCOME_REPORTED, now, {"reported": outcome.value})
    said = {"summary": summary, "transcript": transcript, "structured": structured}
    news = {name: value for name, value in said.items() if value is not None}
    if news and _may_be_kept(call):
        before = call.result or {}
        if call.status.is_final and agrees(known, outcome):
            news = {name: value for name, value in news.items() if name not in before}
        if news:
            call.result = {**before, **news, "reportedAt": now.isoformat()}


def _may_be_kept(call: Call) -> bool:
    """Not what was said to somebody who was erased, or in a call whose retention is over."""
    return call.kept and not call.endpoint.startswith(ERASED)


async def open_among(session: AsyncSession, call_ids: Sequence[str]) -> list[Call]:
    """Those of the calls that have not ended."""
    if not call_ids:
        return []
    statement = select(Call).where(
        col(Call.call_id).in_(call_ids), col(Call.status).in_(OPEN_STATUSES)
    )
    return list((await session.exec(statement)).all())


@dataclass(frozen=True, slots=True)
class AffectedCalls:
    """Which waiting calls a change might touch; nothing said: all of the account."""

    agent_id: str | None = None
    campaign_id: str | None = None
    endpoint: str | None = None
    #: Further numbers of the same person.
    other_endpoints: tuple[str, ...] = ()


async def affected(
    session: AsyncSession, account_id: str, which: AffectedCalls, after: str, limit: int
) -> list[Call]:
    """Such calls that are not being dialed, in the order of their ids, from `after` on."""
    equal = (
        (col(Call.agent_id), which.agent_id),
        (col(Call.campaign_id), which.campaign_id),
    )
    of_person = []
    if which.endpoint is not None:
        numbers = [which.endpoint, *which.other_endpoints]
        reached = call_numbers.reaching(account_id, numbers)
        of_person.append(col(Call.call_id).in_(reached))
    statement = (
        select(Call)
        .where(
            col(Call.account_id) == account_id,
            col(Call.status).in_([CallStatus.CREATED, CallStatus.QUEUED]),
            col(Call.call_id) > after,
            *(column == value for column, value in equal if value is not None),
            *of_person,
        )
        .order_by(col(Call.call_id))
        .limit(limit)
    )
    return list((await session.exec(statement)).all())


async def open_to(session: AsyncSession, account_id: str, endpoint: str) -> list[str]:
    """Ids of the calls to an endpoint that have not ended."""
    statement = (
        select(Call.call_id)
        .where(
            col(Call.call_id).in_(call_numbers.reaching(account_id, [endpoint])),
            col(Call.status).in_(OPEN_STATUSES),
        )
        .order_by(col(Call.call_id))
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
