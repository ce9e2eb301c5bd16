"""Transfers: each asked for once at its place, moved on by what the carrier tells, ended once.

Every writer holds the call and the attempt. Whatever comes twice or late changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.pathways.answers import ONWARD
from policy.transfers.abandonment import PROMPT, is_abandoned
from policy.transfers.targets import (
    MissReason,
    TransferSource,
    TransferState,
    is_open,
    miss_of,
)
from storage.attempts import costs
from storage.database.locks import lock_account
from storage.events.event_log import EventType, append
from storage.tables import Attempt, Call, JsonObject, Transfer, TransferTarget
from storage.tables.transfers import IS_OPEN
from storage.transfers.bars import bar
from storage.transfers.targets import hours_of

#: In a call's `result`: what became of its last transfer.
RESULT = "transfer"


@dataclass(frozen=True, slots=True)
class Ended:
    """What the carrier says of a target's leg that has ended; `duration` in seconds, if known."""

    status: str
    was_bridged: bool | None = None
    duration: int | None = None
    leg_sid: str | None = None


async def get(session: AsyncSession, attempt: Attempt, transfer_id: str) -> Transfer | None:
    """The transfer, unless it is another leg's."""
    row = await session.get(Transfer, transfer_id)
    return row if row is not None and row.attempt_id == attempt.attempt_id else None


async def at(session: AsyncSession, attempt: Attempt, place: str) -> Transfer | None:
    """What was asked for at this place of the leg."""
    statement = select(Transfer).where(
        col(Transfer.attempt_id) == attempt.attempt_id, col(Transfer.place) == place
    )
    return (await session.exec(statement)).one_or_none()


async def of_attempt(session: AsyncSession, attempt: Attempt) -> list[Transfer]:
    """All of one leg, in their order."""
    statement = (
        select(Transfer)
        .where(col(Transfer.attempt_id) == attempt.attempt_id)
        .order_by(col(Transfer.asked_at), col(Transfer.place))
    )
    return list((await session.exec(statement)).all())


async def time_of_others(session: AsyncSession, attempt: Attempt) -> timedelta:
    """For how long in all the callee of a leg has waited for targets and talked with them."""
    spans = (
        one.ended_at - one.waiting_since
        for one in await of_attempt(session, attempt)
        if one.ended_at is not None and one.waiting_since is not None
    )
    return sum(spans, timedelta())


async def of_call(session: AsyncSession, account_id: str, call_id: str) -> list[Transfer]:
    """All of one call, in their order."""
    statement = (
        select(Transfer)
        .where(col(Transfer.call_id) == call_id, col(Transfer.account_id) == account_id)
        .order_by(col(Transfer.asked_at), col(Transfer.place))
    )
    return list((await session.exec(statement)).all())


async def newest(session: AsyncSession, account_id: str, take: int) -> list[Transfer]:
    """Of an account, the newest first."""
    statement = (
        select(Transfer)
        .where(col(Transfer.account_id) == account_id)
        .order_by(col(Transfer.asked_at).desc())
        .limit(take)
    )
    return list((await session.exec(statement)).all())


@dataclass(frozen=True, slots=True)
class Wish:
    """Where a transfer is asked for, to whom and by whom; `whisper`: what an AI wants said."""

    place: str
    node: str
    target_name: str
    source: TransferSource
    whisper: str | None = None


async def ask(
    session: AsyncSession,
    call: Call,
    attempt: Attempt,
    wish: Wish,
    target: TransferTarget | None,
    now: datetime,
) -> Transfer:
    """Enters a transfer. Without an open target it is missed at once, and nobody is dialed."""
    row = Transfer(
        account_id=call.account_id,
        call_id=call.call_id,
        campaign_id=call.campaign_id,
        attempt_id=attempt.attempt_id,
        attempt_number=attempt.number,
        place=wish.place,
        node=wish.node,
        target_name=wish.target_name,
        target_id=target.target_id if target else None,
        source=wish.source,
        was_asked=wish.source is TransferSource.AGENT or _has_answered(attempt),
        jurisdiction=attempt.jurisdiction,
        whisper=wish.whisper,
        asked_at=now,
    )
    session.add(row)
    await session.flush()
    data = {**_told_of(row), "source": row.source.value}
    await append(session, call, EventType.TRANSFER_ASKED, now, data)
    reason = await absence(session, call, target, now)
    if reason is not None:
        await miss(session, call, attempt, row, reason, now)
    return row


async def absence(
    session: AsyncSession, call: Call, target: TransferTarget | None, now: datetime
) -> MissReason | None:
    """Why nobody is to be dialed now; None: somebody is there, and nothing keeps us from it."""
    if target is None:
        return MissReason.NO_SUCH_TARGET
    if not is_open(hours_of(target), now):
        return MissReason.CLOSED
    return await bar(session, call)


def _has_answered(attempt: Attempt) -> bool:
    """Whether a person has answered a question. A key pressed into what is said is no answer."""
    asked = (answer.partition(":")[2] for answer in attempt.heard or ())
    return attempt.person_at is not None and any(not node.startswith(ONWARD) for node in asked)


def begin(row: Transfer, now: datetime, *, is_warm: bool = False, waits: bool = True) -> None:
    """The target is about to be dialed; the callee `waits` from now on, or still has company."""
    row.state, row.is_warm = TransferState.DIALING, is_warm or row.is_warm
    if waits:
        row.waiting_since = row.waiting_since or now


async def connect(session: AsyncSession, call: Call, row: Transfer, now: datetime) -> None:
    """Whoever answers for the target has taken the call."""
    if row.state is not TransferState.DIALING:
        return
    if row.campaign_id is not None:
        # It may be what the campaign's goal counts, which is true under the account's lock.
        await lock_account(session, row.account_id)
    row.state, row.connected_at = TransferState.CONNECTED, now
    row.abandoned = _abandoned(row, now)
    row.was_prompt = now - (row.waiting_since or row.asked_at) <= PROMPT
    data = {**_told_of(row), "waitedSeconds": _waited(row, now)}
    await append(session, call, EventType.TRANSFERRED, now, data)
    _note_result(call, row)
    await session.flush()


async def end(
    session: AsyncSession, call: Call, attempt: Attempt, row: Transfer, ended: Ended, now: datetime
) -> None:
    """A target's leg is over, or the callee's own is. The first to tell of it is believed."""
    row.leg_sid = row.leg_sid or ended.leg_sid
    if not row.state.is_over:
        reason = miss_of(
            ended.status,
            was_connected=row.connected_at is not None,
            was_bridged=ended.was_bridged,
        )
        if reason is not None:
            await miss(session, call, attempt, row, reason, now)
        else:
            await _complete(session, call, row, ended.duration, now)
    await price(session, call, attempt, row, ended.duration)


async def _complete(
    session: AsyncSession, call: Call, row: Transfer, duration: int | None, now: datetime
) -> None:
    if row.connected_at is None:
        # The callback that told of it was lost; the carrier says that they talked.
        begin(row, now)
        await connect(session, call, row, now - timedelta(seconds=duration or 0))
    row.state, row.ended_at = TransferState.COMPLETED, now
    data = {**_told_of(row), "durationSeconds": duration}
    await append(session, call, EventType.TRANSFER_ENDED, now, data)
    _note_result(call, row)
    await session.flush()


async def miss(
    session: AsyncSession,
    call: Call,
    attempt: Attempt,
    row: Transfer,
    reason: MissReason,
    now: datetime,
) -> None:
    """Nobody was reached."""
    row.state, row.reason, row.ended_at = TransferState.MISSED, reason, now
    row.abandoned = _abandoned(row, now)
    await append(
        session, call, EventType.TRANSFER_MISSED, now, {**_told_of(row), "reason": reason.value}
    )
    _note_result(call, row)
    await session.flush()


def _abandoned(row: Transfer, now: datetime) -> bool | None:
    if row.was_asked:
        return None
    return is_abandoned(
        was_asked=False,
        waiting_since=row.waiting_since or row.asked_at,
        connected_at=row.connected_at,
        ended_at=now,
        reason=row.reason,
    )


def _waited(row: Transfer, now: datetime) -> float:
    return round((now - (row.waiting_since or row.asked_at)).total_seconds(), 1)


def _told_of(row: Transfer) -> JsonObject:
    """What an event says of it."""
    return {
        "transferId": row.transfer_id,
        "attempt": row.attempt_number,
        "target": row.target_name,
    }


def _note_result(call: Call, row: Transfer) -> None:
    """What the call came to besides its outcome: it is read with the call, at no cost."""
    if not call.kept:
        return
    said: Mapping[str, Any] = {
        "target": row.target_name,
        "state": "missed" if row.state is TransferState.MISSED else "reached",
        "reason": row.reason.value if row.reason else None,
    }
    call.result = {**(call.result or {}), RESULT: said}


async def price(
    session: AsyncSession, call: Call, attempt: Attempt, row: Transfer, duration: int | None
) -> None:
    """What the target's leg costs, once its length is known."""
    if row.cost is not None or not duration:
        return
    # Before its money, as all who hold both: a script may go on with a wish not to be called.
    await lock_account(session, row.account_id)
    row.duration_seconds = duration
    row.cost = await costs.add_transfer(session, call, attempt, duration)
    await session.flush()


async def left_open(session: AsyncSession, before: datetime, limit: int) -> list[Transfer]:
    """Those whose callee's leg ended before then, and of which nothing more was heard."""
    statement = (
        select(Transfer)
        .join(Attempt, col(Attempt.attempt_id) == col(Transfer.attempt_id))
        .where(
            IS_OPEN,
            col(Attempt.ended_at) < before,
        )
        .order_by(col(Transfer.asked_at))
        .limit(limit)
    )
    return list((await session.exec(statement)).all())
