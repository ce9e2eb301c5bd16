"""Events are appended in the transaction of the change they tell of, under the lock it holds."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Insert, bindparam, func, insert, literal_column
from sqlalchemy import select as sql_select
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.database.bulk import insert_all
from storage.database.locks import dialect_of, lock_call
from storage.tables import Call, Campaign, Event, JsonObject


class EventType(StrEnum):
    CREATED = "call.created"
    QUEUED = "call.queued"
    DIALING = "call.dialing"
    RINGING = "call.ringing"
    ANSWERED = "call.answered"
    VOICEMAIL = "call.voicemail"
    RETRY_SCHEDULED = "call.retry_scheduled"
    NOT_SERVED = "call.not_served"
    ATTEMPT_ENDED = "call.attempt_ended"
    UNKNOWN = "call.unknown"
    COMPLETED = "call.completed"
    FAILED = "call.failed"
    CANCELED = "call.canceled"
    DEADLINE_MISSED = "call.deadline_missed"
    SUPPRESSED = "call.suppressed"
    RESCHEDULED = "call.rescheduled"
    CALLED_BACK = "call.called_back"
    OUTCOME_REPORTED = "call.outcome_reported"
    RECORDING_READY = "call.recording_ready"
    CAMPAIGN_CREATED = "campaign.created"
    CAMPAIGN_STARTED = "campaign.started"
    CAMPAIGN_PAUSED = "campaign.paused"
    CAMPAIGN_RESUMED = "campaign.resumed"
    CAMPAIGN_TRIPPED = "campaign.tripped"
    CAMPAIGN_COMPLETED = "campaign.completed"
    CAMPAIGN_CANCELED = "campaign.canceled"
    NUMBER_SUPPRESSED = "number.suppressed"
    CONSENT_REVOKED = "consent.revoked"
    DIALING_PAUSED = "account.dialing_paused"
    DIALING_RESUMED = "account.dialing_resumed"
    TEXT_REVIEW_NEEDED = "text.review_needed"
    WEBHOOK_DISABLED = "webhook.disabled"
    WEBHOOK_TEST = "webhook.test"


#: Begins the id of a text in `subject_id`: by itself it is a number, and no other thing's is.
TEXT = "text-"
_EVENTS = Event.metadata.tables["event"]
_INSERT = insert(_EVENTS).inline()
NO_DATA: Mapping[str, Any] = {}


async def append(
    session: AsyncSession,
    call: Call,
    type_: str,
    at: datetime,
    data: Mapping[str, Any] = NO_DATA,
) -> None:
    """Numbers the event under the call's lock. `data` never holds a number, name or context."""
    call = await lock_call(session, call.call_id) or call
    call.event_sequence += 1
    await _append_last(session, call, type_, at, data)


async def _append_last(
    session: AsyncSession,
    call: Call,
    type_: str,
    at: datetime,
    data: Mapping[str, Any] = NO_DATA,
) -> None:
    """The event that the call's sequence counts last already: of a call that was just made."""
    await _insert(session, row_of(call.__dict__, type_, at, data))


async def append_of_campaign(
    session: AsyncSession,
    campaign: Campaign,
    type_: str,
    at: datetime,
    data: Mapping[str, Any] = NO_DATA,
) -> None:
    """For a caller that holds the campaign."""
    campaign.event_sequence += 1
    row = {
        "account_id": campaign.account_id,
        "call_id": None,
        "campaign_id": campaign.campaign_id,
        "agent_id": campaign.agent_id,
        "subject_id": None,
        "sequence": campaign.event_sequence,
        "type": str(type_),
        "at": at,
        "data": {"status": campaign.status.value, **data},
    }
    await _insert(session, row)


async def append_of(
    session: AsyncSession,
    account_id: str,
    subject_id: str,
    type_: str,
    at: datetime,
    data: Mapping[str, Any] = NO_DATA,
) -> None:
    """Of something else, such as a suppression: its only event."""
    await _insert(session, row_about(account_id, subject_id, type_, at, data))


def row_about(
    account_id: str, subject_id: str, type_: str, at: datetime, data: Mapping[str, Any] = NO_DATA
) -> JsonObject:
    """The columns of the only event of something."""
    return {
        "account_id": account_id,
        "call_id": None,
        "campaign_id": None,
        "agent_id": None,
        "subject_id": subject_id,
        "sequence": 1,
        "type": str(type_),
        "at": at,
        "data": dict(data),
    }


async def insert_rows(session: AsyncSession, rows: Sequence[JsonObject]) -> None:
    """Events by the thousand, in their order."""
    await insert_all(session, _EVENTS, rows)


def row_of(
    call: Mapping[str, Any], type_: str, at: datetime, data: Mapping[str, Any] = NO_DATA
) -> JsonObject:
    """The columns of a call's event; `event_sequence` among the call's own counts it already."""
    state: JsonObject = {"status": str(call["status"].value)}
    if call.get("outcome") is not None:
        state["outcome"] = call["outcome"].value
    return {
        "account_id": call["account_id"],
        "call_id": call["call_id"],
        "campaign_id": call.get("campaign_id"),
        "agent_id": call["agent_id"],
        "subject_id": None,
        "sequence": call["event_sequence"],
        "type": str(type_),
        "at": at,
        "data": {**state, **data},
    }


async def _insert(session: AsyncSession, row: JsonObject) -> None:
    # Past the ORM: nobody looks at the row again in this transaction.
    connection = await session.connection()
    counted_by = _counted_by(row) if dialect_of(session) == "postgresql" else None
    if counted_by is None:
        await connection.execute(_INSERT, row)
        return
    before = {"counted": row[counted_by], "one_before": row["sequence"] - 1}
    await connection.execute(_insert_in_turn(counted_by), {**row, **before})


def _counted_by(row: JsonObject) -> str | None:
    """Where the row's sequence counts; None if there is nothing before it."""
    if row["sequence"] == 1:
        return None
    return "call_id" if row["call_id"] is not None else "campaign_id"


@cache
def _insert_in_turn(counted_by: str) -> Insert:
    """An event's place is that of its transaction, but never before the event before it.

    A transaction may have got its number before it waited for the call's lock, and the one that
    had the lock a larger one. Nobody can have read past a place that is later than one's own.
    """
    before = _EVENTS.alias("before")
    last = sql_select(before.c.tx).where(
        before.c[counted_by] == bindparam("counted"),
        before.c.sequence == bindparam("one_before"),
        *([before.c.call_id.is_(None)] if counted_by == "campaign_id" else []),
    )
    own: ColumnElement[int] = literal_column("pg_current_xact_id()::text::bigint", BigInteger())
    # GREATEST passes over a NULL, which is what there is if nothing came before.
    return _INSERT.values(tx=func.greatest(own, last.scalar_subquery()))


async def of_call(session: AsyncSession, call_id: str) -> list[Event]:
    """In the order in which they happened."""
    statement = select(Event).where(col(Event.call_id) == call_id).order_by(col(Event.sequence))
    return list((await session.exec(statement)).all())
