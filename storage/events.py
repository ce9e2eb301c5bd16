"""The outbox: one row a transition, in the transaction of what it tells of."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.locks import lock_call
from storage.tables import Call, Event


class EventType(StrEnum):
    CREATED = "call.created"
    QUEUED = "call.queued"
    DIALING = "call.dialing"
    RINGING = "call.ringing"
    ANSWERED = "call.answered"
    VOICEMAIL = "call.voicemail"
    RETRY_SCHEDULED = "call.retry_scheduled"
    ATTEMPT_ENDED = "call.attempt_ended"
    UNKNOWN = "call.unknown"
    COMPLETED = "call.completed"
    FAILED = "call.failed"
    CANCELED = "call.canceled"
    DEADLINE_MISSED = "call.deadline_missed"
    SUPPRESSED = "call.suppressed"
    RESCHEDULED = "call.rescheduled"
    CALLED_BACK = "call.called_back"


_INSERT = insert(Event.metadata.tables["event"]).inline()


async def append(
    session: AsyncSession,
    call: Call,
    type_: str,
    at: datetime,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Numbers the event under the call's lock. `data` never holds a number, name or context."""
    call = await lock_call(session, call.call_id) or call
    call.event_sequence += 1
    await record(session, call, type_, at, data)


async def record(
    session: AsyncSession,
    call: Call,
    type_: str,
    at: datetime,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Writes the event that the call's sequence counts last; for a call that has just been made."""
    # Past the ORM: nobody looks at the row again in this transaction.
    connection = await session.connection()
    await connection.execute(
        _INSERT,
        {
            "account_id": call.account_id,
            "call_id": call.call_id,
            "sequence": call.event_sequence,
            "type": str(type_),
            "at": at,
            "data": dict(data or {}),
        },
    )


async def of_call(session: AsyncSession, call_id: str) -> list[Event]:
    """In the order in which they happened."""
    statement = select(Event).where(col(Event.call_id) == call_id).order_by(col(Event.sequence))
    return list((await session.exec(statement)).all())
