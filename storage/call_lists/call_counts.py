"""How many calls there are of each kind, without looking at them.

Triggers of the database keep `call_tally` in the transaction of every change, whoever makes it
(`storage/migrations/tally.py`). So statistics, totals of lists and the classes of the queue cost
the same for a hundred calls and for millions.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Text, bindparam, delete, func, literal_column, tuple_
from sqlalchemy import select as sql_select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.model.call import (
    FINAL_STATUSES,
    HELD_CAMPAIGNS,
    WAITING_STATUSES,
    CallStatus,
    Outcome,
    WaitingFor,
)
from storage.call_lists.filters import CallFilter
from storage.database.core import rows_of
from storage.database.locks import dialect_of, lock_key
from storage.tables import Call, CallTally, Campaign

#: Said literally, so that the partial index is used.
IN_QUEUE: ColumnElement[bool] = col(CallTally.waiting_for) == literal_column("'slot'")
_N = func.sum(col(CallTally.n))
_NAMES = (
    *("account_id", "agent_id", "campaign_id", "priority"),
    *("status", "waiting_for", "outcome"),
)
_KEY: tuple[Any, ...] = tuple(getattr(CallTally, name) for name in _NAMES)
_CLASS = (col(CallTally.agent_id), col(CallTally.campaign_id), col(CallTally.priority))
#: Agent, campaign ("" for none), priority and number of the classes of the queue of `:account`.
QUEUE_CLASSES = (
    sql_select(*_CLASS, _N.label("number"))
    .where(col(CallTally.account_id) == bindparam("account", type_=Text()), IN_QUEUE)
    .group_by(*_CLASS)
    .having(_N > 0)
)
#: Its campaign gets no slot.
IS_HELD = (
    select(Campaign.campaign_id)
    .where(
        col(Campaign.campaign_id) == col(CallTally.campaign_id),
        col(Campaign.status).in_(HELD_CAMPAIGNS),
    )
    .exists()
)
_ACCOUNTS_IN_QUEUE = (
    sql_select(col(CallTally.account_id))
    .where(IN_QUEUE, ~IS_HELD)
    .group_by(col(CallTally.account_id))
    .having(_N > 0)
    .order_by(col(CallTally.account_id))
)


@dataclass(frozen=True, slots=True)
class QueueClass:
    """Calls that wait for a slot, of one agent, campaign and given priority."""

    agent_id: str
    campaign_id: str | None
    priority: int
    count: int


async def count(session: AsyncSession, account_id: str, filter_: CallFilter) -> int:
    """How many calls a filter that `is_tallied` finds."""
    statement = select(func.coalesce(_N, 0)).where(*_conditions(account_id, filter_))
    return int((await session.exec(statement)).one())


@dataclass(frozen=True, slots=True)
class AgentCalls:
    """How many of an agent's calls wait, and how many are being dialed or talk."""

    waiting: int = 0
    live: int = 0


async def of_agents(
    session: AsyncSession, account_id: str, agent_ids: Sequence[str]
) -> dict[str, AgentCalls]:
    """Of these agents; those without an open call are left out."""
    statement = (
        sql_select(col(CallTally.agent_id), col(CallTally.status), _N)
        .where(
            col(CallTally.account_id) == account_id,
            col(CallTally.agent_id).in_(agent_ids),
            col(CallTally.status).not_in([status.value for status in FINAL_STATUSES]),
        )
        .group_by(col(CallTally.agent_id), col(CallTally.status))
    )
    found: dict[str, AgentCalls] = {}
    for agent_id, status, number in await rows_of(session, statement):
        before, count_ = found.get(agent_id, AgentCalls()), int(number)
        waits = CallStatus(status) in WAITING_STATUSES
        found[agent_id] = AgentCalls(
            before.waiting + count_ * waits, before.live + count_ * (not waits)
        )
    return {agent_id: one for agent_id, one in found.items() if one.waiting or one.live}


async def by_status(
    session: AsyncSession, account_id: str, filter_: CallFilter
) -> dict[CallStatus, int]:
    statement = (
        sql_select(col(CallTally.status), _N)
        .where(*_conditions(account_id, filter_))
        .group_by(col(CallTally.status))
    )
    found = await rows_of(session, statement)
    return {CallStatus(status): int(number) for status, number in found}


@dataclass(frozen=True, slots=True)
class CallCounts:
    """How many calls of an account have each status, wait for what, and ended how."""

    statuses: Mapping[CallStatus, int]
    waiting: Mapping[WaitingFor, int]
    outcomes: Mapping[Outcome, int]


async def kinds(session: AsyncSession, account_id: str) -> CallCounts:
    """All of it at once; outcomes and things to wait for that no call has are left out."""
    kind = (col(CallTally.status), col(CallTally.waiting_for), col(CallTally.outcome))
    of_account = col(CallTally.account_id) == account_id
    statement = sql_select(*kind, _N).where(of_account).group_by(*kind).having(_N > 0)
    statuses: Counter[CallStatus] = Counter(dict.fromkeys(CallStatus, 0))
    waiting: Counter[WaitingFor] = Counter()
    outcomes: Counter[Outcome] = Counter()
    for status, waiting_for, outcome, number in await rows_of(session, statement):
        statuses[CallStatus(status)] += int(number)
        if waiting_for:
            waiting[WaitingFor(waiting_for)] += int(number)
        if outcome:
            outcomes[Outcome(outcome)] += int(number)
    return CallCounts(statuses, waiting, outcomes)


def _conditions(account_id: str, filter_: CallFilter) -> list[ColumnElement[bool]]:
    equal: list[tuple[Any, str | None]] = [
        (col(CallTally.agent_id), filter_.agent_id),
        (col(CallTally.campaign_id), filter_.campaign_id),
        (col(CallTally.outcome), filter_.outcome),
    ]
    found = [column == str(value) for column, value in equal if value is not None]
    if filter_.statuses:
        found.append(col(CallTally.status).in_([status.value for status in filter_.statuses]))
    return [col(CallTally.account_id) == account_id, *found]


async def queue_classes(session: AsyncSession, account_id: str) -> list[QueueClass]:
    """The classes of the account's queue, those that are granted a slot at the moment included."""
    in_order = QUEUE_CLASSES.order_by(*_CLASS)
    found = await rows_of(session, in_order, {"account": account_id})
    return [
        QueueClass(agent, campaign or None, priority, int(number))
        for agent, campaign, priority, number in found
    ]


async def accounts_in_queue(session: AsyncSession) -> list[str]:
    """Accounts of which a call waits for a slot that no paused campaign holds back."""
    return [account_id for (account_id,) in await rows_of(session, _ACCOUNTS_IN_QUEUE)]


async def queue_kinds(session: AsyncSession, account_id: str) -> set[tuple[str, str, int]]:
    """Status, what is waited for and priority, of which the account has calls now."""
    kind = (col(CallTally.status), col(CallTally.waiting_for), col(CallTally.priority))
    of_account = col(CallTally.account_id) == account_id
    statement = sql_select(*kind).where(of_account).group_by(*kind).having(_N > 0)
    return {(row[0], row[1], row[2]) for row in await rows_of(session, statement)}


async def fold(session: AsyncSession) -> None:
    """Adds up each kind in one row and forgets kinds of which there are none. Waits for nobody."""
    if dialect_of(session) == "postgresql":
        await lock_key(session, "call_tally")
        await _merge(session, await _taken(session))
    # On PostgreSQL the rows of slot 0 are written here only.
    await session.exec(delete(CallTally).where(col(CallTally.slot) == 0, col(CallTally.n) == 0))


async def _taken(session: AsyncSession) -> Sequence[Any]:
    """Takes away the rows that no open transaction has written, and gives what they said."""
    free = (
        sql_select(*_KEY, col(CallTally.slot))
        .where(col(CallTally.slot) != 0)
        .with_for_update(skip_locked=True)
    )
    rows = [tuple(row) for row in await rows_of(session, free)]
    if not rows:
        return []
    statement = (
        delete(CallTally)
        .where(tuple_(*_KEY, col(CallTally.slot)).in_(rows))
        .returning(*_KEY, col(CallTally.n))
    )
    return (await session.exec(statement)).all()


async def _merge(session: AsyncSession, rows: Sequence[Any]) -> None:
    sums: dict[tuple[Any, ...], int] = {}
    for *key, number in rows:
        sums[tuple(key)] = sums.get(tuple(key), 0) + number
    values = [
        {**dict(zip(_NAMES, key, strict=True)), "slot": 0, "n": number}
        for key, number in sums.items()
    ]
    if values:
        statement = postgresql_insert(CallTally)
        added = col(CallTally.n) + statement.excluded.n
        upsert = statement.on_conflict_do_update(
            index_elements=[*_NAMES, "slot"], set_={"n": added}
        )
        await session.exec(upsert, params=values)


#: Beyond it calls are counted only where the tally knows their number.
COUNTED_UP_TO = 10_000


async def total(
    session: AsyncSession,
    account_id: str,
    filter_: CallFilter,
    conditions: Sequence[ColumnElement[bool]],
    among: Sequence[CallStatus] = (),
) -> int:
    """Exact where only agent, campaign, status or outcome are asked for; else at most 10,000."""
    if not filter_.is_tallied:
        return await count_up_to(session, conditions, COUNTED_UP_TO)
    statuses = filter_.statuses or among
    if among:
        statuses = [status for status in statuses if status in among]
        if not statuses:
            return 0
    return await count(session, account_id, replace(filter_, statuses=statuses))


async def count_up_to(
    session: AsyncSession, conditions: Sequence[ColumnElement[bool]], limit: int
) -> int:
    """The number of calls, or `limit` if there are more."""
    some = select(col(Call.call_id)).where(*conditions).limit(limit).subquery()
    return (await session.exec(select(func.count()).select_from(some))).one()
