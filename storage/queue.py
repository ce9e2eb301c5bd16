"""The calls that wait for a slot, and what DWRR remembers of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, literal_column, union_all
from sqlalchemy import select as sql_select
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.dispatch import SOON, Waiting
from storage.tables import Attempt, Call, DispatchDeficit, Lease

#: Said literally, or SQLite would not use the partial indexes that say the same.
IN_QUEUE: ColumnElement[bool] = col(Call.waiting_for) == literal_column("'slot'")
_DEADLINES = 200
_CLASSES_AT_ONCE = 50


async def candidates(
    session: AsyncSession, account_id: str, now: datetime, *, per_class: int
) -> dict[str, Call]:
    """Every call that may be among the next `per_class` turns, by its id.

    That is the head of each class, and whatever a near deadline may lift out of its class.
    """
    heads = await _heads(session, account_id, per_class)
    urgent = await _near_deadline(session, account_id, now)
    return {call.call_id: call for call in [*heads, *urgent]}


async def _heads(session: AsyncSession, account_id: str, per_class: int) -> list[Call]:
    heads: list[Call] = []
    classes = await _classes(session, account_id)
    for start in range(0, len(classes), _CLASSES_AT_ONCE):
        # One more than can have its turn, so that no class looks empty that is not.
        ids = union_all(
            *(
                _head(account_id, *one, per_class + 1)
                for one in classes[start : start + _CLASSES_AT_ONCE]
            )
        )
        heads += (await session.exec(select(Call).where(col(Call.call_id).in_(ids)))).all()
    return heads


async def _classes(session: AsyncSession, account_id: str) -> Sequence[tuple[str, str | None, int]]:
    statement = (
        select(Call.agent_id, Call.campaign_id, Call.priority)
        .where(col(Call.account_id) == account_id, IN_QUEUE)
        .group_by(col(Call.agent_id), col(Call.campaign_id), col(Call.priority))
    )
    return (await session.exec(statement)).all()


def _head(
    account_id: str, agent_id: str, campaign_id: str | None, priority: int, limit: int
) -> Select[Any]:
    """The calls of a class that have waited longest: a seek in the queue's index."""
    oldest = (
        select(Call.call_id)
        .where(
            *_waiting(account_id),
            col(Call.agent_id) == agent_id,
            col(Call.campaign_id) == campaign_id,
            col(Call.priority) == priority,
        )
        .order_by(col(Call.queued_at))
        .limit(limit)
        # SQLite orders no part of a union but a whole subquery.
        .subquery()
    )
    return sql_select(oldest.c.call_id)


async def _near_deadline(session: AsyncSession, account_id: str, now: datetime) -> Sequence[Call]:
    statement = (
        select(Call)
        .where(*_waiting(account_id), col(Call.call_deadline) <= now + SOON)
        .order_by(col(Call.call_deadline))
        .limit(_DEADLINES)
    )
    return (await session.exec(statement)).all()


def _waiting(account_id: str) -> list[ColumnElement[bool]]:
    """In the queue without a slot: a call that was granted one has only to wake up."""
    granted = exists().where(
        col(Lease.call_id) == col(Call.call_id), col(Lease.released_at).is_(None)
    )
    return [
        col(Call.account_id) == account_id,
        IN_QUEUE,
        col(Call.cancel_requested).is_(False),
        ~granted,
    ]


async def others_wait(session: AsyncSession, call: Call) -> bool:
    """Whether another call of the account waits, which must not be overtaken."""
    statement = (
        select(Call.call_id)
        .where(*_waiting(call.account_id), col(Call.call_id) != call.call_id)
        .limit(1)
    )
    return (await session.exec(statement)).first() is not None


async def next_numbers(session: AsyncSession, call_ids: Sequence[str]) -> dict[str, int]:
    """The number each call's next attempt will have."""
    if not call_ids:
        return {}
    statement = (
        select(Attempt.call_id, func.max(col(Attempt.number)))
        .where(col(Attempt.call_id).in_(call_ids))
        .group_by(col(Attempt.call_id))
    )
    last = dict((await session.exec(statement)).all())
    return {call_id: last.get(call_id, 0) + 1 for call_id in call_ids}


def as_waiting(call: Call) -> Waiting:
    """The call as `policy.dispatch` sees it."""
    assert call.queued_at is not None
    return Waiting(
        call_id=call.call_id,
        class_key=f"{call.agent_id}/{call.campaign_id or ''}",
        priority=call.priority,
        deadline=call.call_deadline,
        queued_at=call.queued_at,
    )


async def deficits(session: AsyncSession, account_id: str) -> dict[str, int]:
    statement = select(DispatchDeficit.class_key, DispatchDeficit.deficit).where(
        col(DispatchDeficit.account_id) == account_id
    )
    return dict((await session.exec(statement)).all())


async def keep_deficits(
    session: AsyncSession, account_id: str, before: Mapping[str, int], after: Mapping[str, int]
) -> None:
    """Writes what has changed; the caller holds the account's lock."""
    changed = [key for key in {*before, *after} if before.get(key) != after.get(key)]
    if not changed:
        return
    await session.exec(
        delete(DispatchDeficit).where(
            col(DispatchDeficit.account_id) == account_id,
            col(DispatchDeficit.class_key).in_(changed),
        )
    )
    session.add_all(
        DispatchDeficit(account_id=account_id, class_key=key, deficit=after[key])
        for key in changed
        if key in after
    )
    await session.flush()
