"""What people look at: pages of calls, the queue, counts. Reads only, always of one account."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    SQLColumnExpression,
    Text,
    case,
    cast,
    exists,
    func,
    literal,
    tuple_,
)
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.call import CallStatus, Outcome, WaitingFor
from storage.cursors import BadCursor, decode, encode
from storage.locks import dialect_of
from storage.tables import Call
from storage.types import UtcDateTime

__all__ = ["BadCursor", "CallFilter", "CallPage", "call_page", "queue_page", "status_counts"]

_PLAIN_NAME = re.compile(r"[A-Za-z0-9_ .:-]+")
QUEUE_STATUSES = (CallStatus.CREATED, CallStatus.QUEUED, CallStatus.PENDING)


@dataclass(frozen=True, slots=True)
class CallFilter:
    """Conditions that must all hold; None and empty ones do not count. `ids=[]` finds nothing."""

    agent_id: str | None = None
    statuses: Sequence[CallStatus] = ()
    endpoint: str | None = None
    campaign_id: str | None = None
    outcome: Outcome | None = None
    from_date: datetime | None = None
    to_date: datetime | None = None
    additional_data: Mapping[str, str] = field(default_factory=dict)
    ids: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class CallPage:
    """`total` counts all pages; `next_cursor` is None on the last one."""

    rows: list[Call]
    total: int
    next_cursor: str | None


async def call_page(
    session: AsyncSession,
    account_id: str,
    filter_: CallFilter,
    *,
    skip: int = 0,
    take: int = 50,
    cursor: str | None = None,
) -> CallPage:
    """Newest first. Raises `BadCursor` for a cursor that is not ours."""
    conditions = _conditions(account_id, filter_, dialect_of(session))
    key = tuple_(col(Call.created_time), col(Call.call_id))
    statement = select(Call).where(*conditions)
    if cursor is not None:
        created, call_id = decode(cursor, datetime, str)
        last = tuple_(literal(created, UtcDateTime()), literal(call_id))
        statement = statement.where(key < last)
    statement = statement.order_by(col(Call.created_time).desc(), col(Call.call_id).desc())
    found = (await session.exec(statement.offset(skip).limit(take + 1))).all()
    more = len(found) > take
    following = encode(found[take - 1].created_time, found[take - 1].call_id) if more else None
    return CallPage(list(found[:take]), await _total(session, conditions), following)


async def queue_page(
    session: AsyncSession,
    account_id: str,
    filter_: CallFilter,
    *,
    skip: int = 0,
    take: int = 50,
    cursor: str | None = None,
) -> CallPage:
    """Calls that wait or are being dialed, next to run first.

    Those being dialed, then those that wait for a slot by priority and time, then the others by
    the time of their next attempt.
    """
    conditions = [
        *_conditions(account_id, filter_, dialect_of(session)),
        col(Call.status).in_(QUEUE_STATUSES),
    ]
    key = _queue_key()
    statement = select(Call, *key).where(*conditions)
    if cursor is not None:
        rank, urgency, instant, call_id = decode(cursor, int, int, datetime, str)
        last = tuple_(
            literal(rank), literal(urgency), literal(instant, UtcDateTime()), literal(call_id)
        )
        statement = statement.where(tuple_(*key) > last)
    statement = statement.order_by(*key).offset(skip).limit(take + 1)
    found: Sequence[Any] = (await session.exec(statement)).all()
    following = encode(*found[take - 1][1:]) if len(found) > take else None
    rows = [row[0] for row in found[:take]]
    return CallPage(rows, await _total(session, conditions), following)


def _queue_key() -> list[SQLColumnExpression[Any]]:
    in_queue = col(Call.waiting_for) == WaitingFor.SLOT
    rank = case((col(Call.status) == CallStatus.PENDING, 0), (in_queue, 1), else_=2)
    urgency = case((in_queue, -col(Call.priority)), else_=0)
    instant = func.coalesce(
        col(Call.queued_at), col(Call.next_attempt_at), col(Call.created_time), type_=UtcDateTime()
    )
    return [rank, urgency, instant, col(Call.call_id)]


async def status_counts(
    session: AsyncSession, account_id: str, filter_: CallFilter
) -> dict[str, int]:
    """How many calls are in each status; every status is there."""
    statement = (
        select(Call.status, func.count())
        .where(*_conditions(account_id, filter_, dialect_of(session)))
        .group_by(col(Call.status))
    )
    counted = dict((await session.exec(statement)).all())
    return {status.value: counted.get(status, 0) for status in CallStatus}


async def _total(session: AsyncSession, conditions: Sequence[ColumnElement[bool]]) -> int:
    return (await session.exec(select(func.count()).select_from(Call).where(*conditions))).one()


def _conditions(account_id: str, filter_: CallFilter, dialect: str) -> list[ColumnElement[bool]]:
    equal: list[tuple[SQLColumnExpression[Any], object]] = [
        (col(Call.agent_id), filter_.agent_id),
        (col(Call.endpoint), filter_.endpoint),
        (col(Call.campaign_id), filter_.campaign_id),
        (col(Call.outcome), filter_.outcome),
    ]
    conditions = [column == value for column, value in equal if value is not None]
    if filter_.statuses:
        conditions.append(col(Call.status).in_(list(filter_.statuses)))
    if filter_.from_date is not None:
        conditions.append(col(Call.created_time) >= filter_.from_date)
    if filter_.to_date is not None:
        conditions.append(col(Call.created_time) < filter_.to_date)
    if filter_.ids is not None:
        conditions.append(col(Call.call_id).in_(list(filter_.ids)))
    for name, value in filter_.additional_data.items():
        conditions.append(_holds(dialect, name, value))
    return [col(Call.account_id) == account_id, *conditions]


def _holds(dialect: str, name: str, value: str) -> ColumnElement[bool]:
    """Whether additionalData has this value, as text: 5 and "5", true and "true" are the same."""
    data = col(Call.additional_data)
    if dialect == "postgresql":
        return data.op("->>", return_type=Text())(name) == value
    # SQLite reads a JSON boolean as 1 or 0, but calls its type by its name.
    if _PLAIN_NAME.fullmatch(name):
        path = f'$."{name}"'
        kind, found = func.json_type(data, path), func.json_extract(data, path)
        return _as_text(kind, found) == value
    # A JSON path cannot name every key.
    member = func.json_each(data).table_valued("key", "value", "type")
    text_ = _as_text(member.c.type, member.c.value)
    return exists().select_from(member).where(member.c.key == name, text_ == value)


def _as_text(kind: ColumnElement[Any], value: ColumnElement[Any]) -> ColumnElement[Any]:
    return case((kind.in_(["true", "false"]), kind), else_=cast(value, Text))
