"""Sequences: calls that remind of one appointment, and what the end of one does to the others."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select as sql_select
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.calls.ends import not_needed
from policy.model.call import CallStatus, Decision
from policy.model.reasons import Reason
from policy.reminders import STOPPING, Sibling
from storage.attempts import attempts
from storage.calls import transitions
from storage.database.bulk import insert_all
from storage.database.core import rows_of
from storage.database.locks import lock_call
from storage.database.pagination import batches
from storage.dispatch import leases
from storage.tables import Call, CallSequence, JsonObject
from storage.tables.specs import duration

_TABLE = CallSequence.metadata.tables["call_sequence"]
#: Nothing of such a call is on its way to the carrier.
_WAITING = (CallStatus.CREATED, CallStatus.QUEUED)
#: The reasons of those that a sibling's end has ended, or that wait for it.
_TO_TELL = (Reason.SEQUENCE_DONE.value, Reason.SEQUENCE_UNDER_WAY.value)
_UNDER_WAY = (CallStatus.PENDING, CallStatus.IN_PROGRESS)


async def insert_rows(session: AsyncSession, rows: Sequence[JsonObject]) -> None:
    """Sequences by their columns, before the calls that name them."""
    await insert_all(session, _TABLE, rows)


async def get(session: AsyncSession, account_id: str, sequence_id: str) -> CallSequence | None:
    """The sequence, unless it is another account's."""
    statement = select(CallSequence).where(
        col(CallSequence.sequence_id) == sequence_id, col(CallSequence.account_id) == account_id
    )
    return (await session.exec(statement)).one_or_none()


async def calls_of(session: AsyncSession, sequence_id: str) -> list[Call]:
    """The calls of a sequence, the first reminder first."""
    statement = select(Call).where(col(Call.sequence_id) == sequence_id)
    found = (await session.exec(statement)).all()
    return sorted(found, key=lambda call: duration(call.remind_before or "PT0S"), reverse=True)


async def siblings(session: AsyncSession, calls: Iterable[Call]) -> dict[str, tuple[Sibling, ...]]:
    """What policy may know of the other calls of each call's sequence; most calls have none."""
    named = {call.call_id: call.sequence_id for call in calls if call.sequence_id is not None}
    found: defaultdict[str, list[tuple[str, Sibling]]] = defaultdict(list)
    for some in batches(sorted(set(named.values()))):
        statement = (
            sql_select(
                col(Call.sequence_id), col(Call.call_id), col(Call.outcome), col(Call.status)
            )
            .where(col(Call.sequence_id).in_(some))
            .order_by(col(Call.not_before), col(Call.call_id))
        )
        for sequence_id, call_id, outcome, status in await rows_of(session, statement):
            found[sequence_id].append((call_id, Sibling(outcome, status in _UNDER_WAY)))
    return {
        call_id: tuple(one for other, one in found[sequence_id] if other != call_id)
        for call_id, sequence_id in named.items()
    }


async def waiting(session: AsyncSession, sequence_id: str) -> list[Call]:
    """The calls of a sequence that wait, as they are now and held, the first reminder first."""
    held = []
    for call in await calls_of(session, sequence_id):
        if call.status in _WAITING:
            now_held = await lock_call(session, call.call_id)
            if now_held is not None and now_held.status in _WAITING:
                held.append(now_held)
    return held


async def hold_waiting(session: AsyncSession, call: Call) -> None:
    """Holds the calls that the end of this one may end, before the account is held: calls first.

    Otherwise PostgreSQL would find two reminders waiting for each other.
    """
    if call.sequence_id is not None:
        await waiting(session, call.sequence_id)


async def end(
    session: AsyncSession, calls: Iterable[Call], decision: Decision, now: datetime
) -> list[str]:
    """Ends calls that wait and are held; their workflows find out when they are told, or wake."""
    ended = []
    for call in calls:
        await leases.release(session, call.call_id, now)
        await attempts.withdraw(session, call, now)
        await transitions.apply(session, call, decision, now)
        ended.append(call.call_id)
    return ended


async def stop_rest(session: AsyncSession, call: Call, now: datetime) -> None:
    """After a reminder that has reached the person: ends, in the same transaction, what waits.

    One that is being dialed at this moment finds out at its gate.
    """
    if call.sequence_id is None or call.outcome not in STOPPING:
        return
    rest = await waiting(session, call.sequence_id)
    await end(session, rest, not_needed(call.outcome), now)


async def to_tell(session: AsyncSession, call: Call) -> tuple[str, ...]:
    """Ids of the calls whose workflows are to be told that this one has ended."""
    if call.sequence_id is None or call.reason == Reason.SEQUENCE_DONE:
        return ()
    statement = select(Call.call_id).where(
        col(Call.sequence_id) == call.sequence_id,
        col(Call.call_id) != call.call_id,
        col(Call.reason).in_(_TO_TELL),
    )
    return tuple((await session.exec(statement)).all())
