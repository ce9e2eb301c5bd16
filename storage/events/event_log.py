"""Events are appended in the transaction of the change they tell of, under the lock it holds."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Insert,
    Select,
    bindparam,
    func,
    insert,
    literal_column,
)
from sqlalchemy import select as sql_select
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.database.bulk import insert_all
from storage.database.core import send
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
    CALLBACK_PROMISED = "call.callback_promised"
    CALLBACK_KEPT = "call.callback_kept"
    CALLBACK_MISSED = "call.callback_missed"
    TRANSFER_ASKED = "call.transfer_asked"
    TRANSFERRED = "call.transferred"
    TRANSFER_MISSED = "call.transfer_missed"
    TRANSFER_ENDED = "call.transfer_ended"
    FOLLOW_UP = "call.follow_up"
    OUTCOME_REPORTED = "call.outcome_reported"
    RECORDING_READY = "call.recording_ready"
    CAMPAIGN_CREATED = "campaign.created"
    CAMPAIGN_STARTED = "campaign.started"
    CAMPAIGN_PAUSED = "campaign.paused"
    CAMPAIGN_RESUMED = "campaign.resumed"
    CAMPAIGN_TRIPPED = "campaign.tripped"
    CAMPAIGN_GOAL_REACHED = "campaign.goal_reached"
    CAMPAIGN_COMPLETED = "campaign.completed"
    CAMPAIGN_CANCELED = "campaign.canceled"
    NUMBER_SUPPRESSED = "number.suppressed"
    CONSENT_REVOKED = "consent.revoked"
    DIALING_PAUSED = "account.dialing_paused"
    DIALING_RESUMED = "account.dialing_resumed"
    CALLER_ID_BARRED = "caller_id.barred"
    CALLER_ID_CLEARED = "caller_id.cleared"
    CALLER_ID_RESTED = "caller_id.rested"
    CALLER_ID_PROBATION = "caller_id.on_probation"
    CALLER_ID_RESTORED = "caller_id.restored"
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
    """Numbered under the call's lock, after what is there. `data` holds no number or context."""
    call = await lock_call(session, call.call_id) or call
    row = row_of(call.__dict__, type_, at, data)
    row["counted"] = row["call_id"]
    await send(session, _append(dialect_of(session)), row)


@cache
def _append(dialect: str) -> Insert:
    """An event after the last one of its call.

    Counted by the events themselves: a counter in the call would be one more row to write.
    """
    before = _EVENTS.alias("before")
    of_call = before.c.call_id == bindparam("counted")
    number = sql_select(func.coalesce(func.max(before.c.sequence), 0) + 1).where(of_call)
    counted: dict[str, Any] = {"sequence": number.scalar_subquery()}
    if dialect == "postgresql":
        last = sql_select(before.c.tx).where(of_call).order_by(before.c.sequence.desc()).limit(1)
        counted["tx"] = _in_turn(last)
    return _INSERT.values(counted)


def _in_turn(last: Select[tuple[int | None]]) -> ColumnElement[int]:
    """An event's place is that of its transaction, but never before the event before it.

    A transaction may have got its number before it waited for the call's lock, and the one that
    had the lock a larger one. Nobody can have read past a place that is later than one's own.
    """
    own: ColumnElement[int] = literal_column("pg_current_xact_id()::text::bigint", BigInteger())
    # GREATEST passes over a NULL, which is what there is if nothing came before.
    return func.greatest(own, last.scalar_subquery())


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
    """The columns of a call's event, but for its number."""
    state: JsonObject = {"status": str(call["status"].value)}
    if call.get("outcome") is not None:
        state["outcome"] = call["outcome"].value
    return {
        "account_id": call["account_id"],
        "call_id": call["call_id"],
        "campaign_id": call.get("campaign_id"),
        "agent_id": call["agent_id"],
        "subject_id": None,
        "type": str(type_),
        "at": at,
        "data": {**state, **data},
    }


async def _insert(session: AsyncSession, row: JsonObject) -> None:
    # Past the ORM: nobody looks at the row again in this transaction.
    if dialect_of(session) == "sqlite" or row["campaign_id"] is None or row["sequence"] == 1:
        await send(session, _INSERT, row)
        return
    before = {"counted": row["campaign_id"], "one_before": row["sequence"] - 1}
    await send(session, _insert_in_turn(), {**row, **before})


@cache
def _insert_in_turn() -> Insert:
    """Of a campaign, which counts its own events."""
    before = _EVENTS.alias("before")
    last = sql_select(before.c.tx).where(
        before.c.campaign_id == bindparam("counted"),
        before.c.sequence == bindparam("one_before"),
        before.c.call_id.is_(None),
    )
    return _INSERT.values(tx=_in_turn(last))


async def of_call(session: AsyncSession, call_id: str) -> list[Event]:
    """In the order in which they happened."""
    statement = select(Event).where(col(Event.call_id) == call_id).order_by(col(Event.sequence))
    return list((await session.exec(statement)).all())
