"""Promises: made under the call's lock, and settled in the transaction of the decision that does.

The open one stands in the call's `retry_spec` as well, which every decision reads anyway: a call
without a promise pays nothing for those that have one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, text
from sqlalchemy import select as sql_select
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy import promises as policy
from policy.model.call import CallStatus, Decision, DecisionKind
from policy.promises import Due, PromisedTime, PromiseSource, PromiseState
from storage.calls.startable import set_columns, start_columns
from storage.database.core import amend, rows_of
from storage.database.pagination import BadCursor, decode, encode
from storage.events.event_log import EventType, append
from storage.tables import Attempt, Call, JsonObject, Promise
from storage.tables.specs import PROMISE, promise_spec

__all__ = ["BadCursor", "Figures", "Wish"]

_EVENT_OF_STATE = {
    PromiseState.KEPT: EventType.CALLBACK_KEPT,
    PromiseState.MISSED: EventType.CALLBACK_MISSED,
}
_ANEW = "promised_anew"
#: Of one call, which may be promised anew as often as somebody likes.
MOST_OF_CALL = 100
#: As the partial index says it.
_IS_OPEN = text("state = 'open'")


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for, and when that can be: `due` as a decision made now would have it."""

    time: PromisedTime
    due: Due
    source: PromiseSource
    #: The last attempt of the call so far.
    after: int = 0
    #: The call in which it was asked for, where that has ended.
    made_in: str | None = None


def is_open(call: Call) -> bool:
    """Whether the call has a promise to keep, by what is known of it already."""
    return PROMISE in call.retry_spec


async def make(session: AsyncSession, call: Call, wish: Wish, now: datetime) -> Promise:
    """Makes a promise of a call that has not ended, for a caller that holds it.

    It takes the place of an open one, and of the call's earliest time.
    """
    former = await _open_of(session, call)
    if former is not None:
        _settle(former, PromiseState.WITHDRAWN, _ANEW, now)
    row = row_of(call, wish, now, call.priority if former is None else former.former_priority)
    session.add(row)
    values: JsonObject = {
        "retry_spec": {**call.retry_spec, PROMISE: promise_spec(wish.time.at, wish.after)},
        "priority": max(call.priority, policy.PRIORITY),
        "not_before": None,
        "returned": None,
        # What was reported of the conversation so far is not what the call comes to.
        "reported_outcome": None,
    }
    await amend(session, call, values)
    if call.status is CallStatus.CREATED:
        set_columns(call, start_of(call, wish.time.at, now))
    await append(session, call, EventType.CALLBACK_PROMISED, now, told_of(row))
    await session.flush()
    return row


def start_of(call: Call, at: datetime, now: datetime) -> JsonObject:
    """The columns of a call without a workflow that is promised for then.

    One of a campaign, which may have ended, has nobody to start it in time: its workflow waits.
    """
    return start_columns(None if call.campaign_id else at, call.timezone, now)


def row_of(call: Call, wish: Wish, now: datetime, former_priority: int) -> Promise:
    return Promise(
        account_id=call.account_id,
        call_id=call.call_id,
        made_in_call_id=wish.made_in,
        attempt_number=wish.after,
        promised_at=wish.time.at,
        assumed_zone=wish.time.assumed_zone,
        due_at=wish.due.at,
        reason=wish.due.reason,
        source=wish.source,
        former_priority=former_priority,
        created_time=now,
    )


async def noted(
    session: AsyncSession, call: Call, decision: Decision, now: datetime
) -> Mapping[str, Any]:
    """What a decision, and the attempt that was settled before it, make of the call's open promise.

    For a caller that holds the call. Gives the columns of the call that change with it.
    """
    row = await _open_of(session, call)
    if row is None:
        return _without(call, call.priority)
    attempt = await _attempt_of(session, row)
    if attempt is not None and attempt.result is not None:
        found = policy.judged(row.due_at, attempt.dialed_at, attempt.result, row.reason)
        row.dialed_at = attempt.dialed_at
    elif decision.kind is DecisionKind.END:
        found = policy.ended(decision)
    else:
        return _put_off(row, decision)
    state, reason = found
    _settle(row, state, reason if state is not PromiseState.KEPT else row.reason, now)
    if state in _EVENT_OF_STATE:
        await append(session, call, _EVENT_OF_STATE[state], now, told_of(row))
    return _without(call, row.former_priority)


def _put_off(row: Promise, decision: Decision) -> Mapping[str, Any]:
    found = policy.due(row.promised_at, Due(row.due_at, row.reason), decision)
    row.due_at, row.reason = found.at, found.reason
    if decision.kind is not DecisionKind.DIAL and found.reason is None:
        # What keeps it from being dialed, should it become too late for that.
        row.reason = None if decision.reason == "promised" else str(decision.reason)
    return {}


def _settle(row: Promise, state: PromiseState, reason: str | None, now: datetime) -> None:
    row.state, row.reason, row.settled_at = state, reason, now


def _without(call: Call, priority: int) -> Mapping[str, Any]:
    kept = {name: value for name, value in call.retry_spec.items() if name != PROMISE}
    return {"retry_spec": kept, "priority": priority}


def told_of(row: Promise) -> JsonObject:
    """What an event says of it."""
    data: JsonObject = {
        "promiseId": row.promise_id,
        "promisedAt": row.promised_at.isoformat(),
        "dueAt": row.due_at.isoformat(),
        "reason": row.reason,
    }
    if row.made_in_call_id is not None:
        data["madeInCallId"] = row.made_in_call_id
    if row.dialed_at is not None:
        data["dialedAt"] = row.dialed_at.isoformat()
    return data


async def _open_of(session: AsyncSession, call: Call) -> Promise | None:
    if not is_open(call):
        return None
    statement = select(Promise).where(
        col(Promise.call_id) == call.call_id, col(Promise.state) == PromiseState.OPEN
    )
    return (await session.exec(statement)).one_or_none()


async def _attempt_of(session: AsyncSession, row: Promise) -> Attempt | None:
    """The attempt that the promise was about, once it is settled."""
    statement = (
        select(Attempt)
        .where(
            col(Attempt.call_id) == row.call_id,
            col(Attempt.number) > row.attempt_number,
            col(Attempt.settled_at).is_not(None),
        )
        .order_by(col(Attempt.number))
    )
    settled = (await session.exec(statement)).all()
    after = row.attempt_number
    return next((one for one in settled if policy.keeps(after, one.number, one.result)), None)


async def of_call(session: AsyncSession, account_id: str, call_id: str) -> list[Promise]:
    """The newest promises that were made in a call or are kept by it, newest first."""
    statement = (
        select(Promise)
        .where(
            col(Promise.account_id) == account_id,
            (col(Promise.call_id) == call_id) | (col(Promise.made_in_call_id) == call_id),
        )
        .order_by(col(Promise.created_time).desc())
        .limit(MOST_OF_CALL)
    )
    return list((await session.exec(statement)).all())


async def page(
    session: AsyncSession, account_id: str, *, is_open: bool, take: int, cursor: str | None
) -> tuple[list[Promise], str | None]:
    """Open ones by when they fall due, or all of them, the newest first. Raises `BadCursor`."""
    key = col(Promise.due_at) if is_open else col(Promise.created_time)
    statement = select(Promise).where(col(Promise.account_id) == account_id)
    if is_open:
        statement = statement.where(_IS_OPEN)
    if cursor is not None:
        at, promise_id = decode(cursor, datetime, str)
        last, tie = key == at, col(Promise.promise_id)
        after = (key > at) | (last & (tie > promise_id))
        before = (key < at) | (last & (tie < promise_id))
        statement = statement.where(after if is_open else before)
    order = (key, col(Promise.promise_id))
    keys = [one.asc() if is_open else one.desc() for one in order]
    rows = (await session.exec(statement.order_by(*keys).limit(take + 1))).all()
    if len(rows) <= take:
        return list(rows), None
    last_row = rows[take - 1]
    last_key = last_row.due_at if is_open else last_row.created_time
    return list(rows[:take]), encode(last_key, last_row.promise_id)


@dataclass(frozen=True, slots=True)
class Figures:
    """How many promises were settled in a time, and how; `open`: of those there are now."""

    kept: int = 0
    missed: int = 0
    withdrawn: int = 0
    open: int = 0

    @property
    def kept_share(self) -> float | None:
        """Of those that were kept or missed; None: there were none."""
        judged = self.kept + self.missed
        return self.kept / judged if judged else None


async def figures(
    session: AsyncSession, account_id: str, since: datetime, until: datetime | None = None
) -> Figures:
    """Of an account, by when they were settled."""
    conditions = [col(Promise.account_id) == account_id, col(Promise.settled_at) >= since]
    if until is not None:
        conditions.append(col(Promise.settled_at) < until)
    settled = (
        sql_select(col(Promise.state), func.count()).where(*conditions).group_by(Promise.state)
    )
    open_now = sql_select(func.count()).where(col(Promise.account_id) == account_id, _IS_OPEN)
    counted = {str(state): number for state, number in await rows_of(session, settled)}
    ((number,),) = await rows_of(session, open_now.select_from(Promise))
    return Figures(**counted, open=number)
