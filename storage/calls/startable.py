"""Which calls are to have their workflow started, and which stay rows until they are nearly due.

A sleeping workflow costs Temporal far more than a row costs the database. So a call of a bulk
request that is not to be made for a while has `next_attempt_at` and no workflow, and one that may
be made waits for its slot as a row: its workflow begins with the slot, and decides once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    bindparam,
    false,
    literal_column,
    or_,
    select,
    true,
    union_all,
    update,
)
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.dispatch.slots import Slot, SlotVerdict
from policy.model.call import CallStatus, WaitingFor
from policy.model.reasons import Reason
from policy.time.wall_time import spoken
from storage.database.core import changed
from storage.tables import Call, JsonObject
from storage.tables.types import UtcDateTime

#: The API starts a single call itself, a moment after it is committed. Under load its first
#: decision may take a second or two, and to start it again meanwhile would cost Temporal as much.
GRACE = timedelta(seconds=3)
#: A call has its workflow this long before it may be made: time to start some tens of thousands.
LEAD = timedelta(minutes=5)
HIGHEST_PRIORITY = 10

#: SQLite uses a partial index only where the query says the index's own condition literally.
_IS_CREATED: ColumnElement[bool] = literal_column("status = 'Created'")
_WAITS_FOR_SLOT: ColumnElement[bool] = literal_column("waiting_for = 'slot'")
_WAITS_FOR_NO_SLOT: ColumnElement[bool] = literal_column(
    "(waiting_for IS NULL OR waiting_for <> 'slot')"
)
#: Of a call that is to have its workflow as soon as may be.
AT_ONCE: JsonObject = {
    "next_attempt_at": None,
    "waiting_for": None,
    "reason": None,
    "detail": None,
    "queued_at": None,
    "workflow_by": None,
}
_TURN = SlotVerdict(Slot.FULL)


@dataclass(frozen=True, slots=True)
class Startable:
    """What it takes to start a call's workflow. `is_due`: nobody has looked at it yet.

    `waits`: it is not to be made before a time to come.
    """

    call_id: str
    agent_id: str
    campaign_id: str | None
    call_deadline: datetime | None
    priority: int
    is_due: bool = False
    waits: bool = False


def startable_of(row: JsonObject) -> Startable:
    """Of a call that was just made, from its columns: it is no campaign's."""
    return Startable(
        row["call_id"],
        row["agent_id"],
        None,
        row["call_deadline"],
        row["priority"],
        waits=row["not_before"] is not None,
    )


_COLUMNS = (
    col(Call.call_id),
    col(Call.agent_id),
    col(Call.campaign_id),
    col(Call.call_deadline),
    col(Call.priority),
)


def start_columns(not_before: datetime | None, zone: str, now: datetime) -> JsonObject:
    """The columns of a call without a workflow: whether it is to have one now or stays a row."""
    if not_before is None or not_before <= now + LEAD:
        return {**AT_ONCE, "workflow_by": now}
    return {
        **AT_ONCE,
        "next_attempt_at": not_before,
        "waiting_for": WaitingFor.WINDOW,
        "reason": Reason.NOT_BEFORE.value,
        "detail": f"Not to start until {spoken(not_before, zone)}",
    }


def in_queue(until: datetime | None, now: datetime) -> JsonObject:
    """The columns of a call that may be dialed and waits for a slot as a row, `until` then."""
    return {
        **AT_ONCE,
        "waiting_for": WaitingFor.SLOT,
        "reason": str(_TURN.reason),
        "detail": _TURN.detail,
        "queued_at": now,
        "workflow_by": until,
    }


def set_columns(call: Call, columns: JsonObject) -> None:
    """Of a call without a decision, in or out of a session."""
    for name, value in columns.items():
        setattr(call, name, value)


async def enqueue(
    session: AsyncSession, untils: Mapping[str, datetime | None], now: datetime
) -> None:
    """Puts these calls into the queue as rows, unless somebody has decided about them."""
    # By their ids, as whoever takes several does: two of them never wait for each other.
    for call_id, until in sorted(untils.items()):
        await changed(session, _ENQUEUE, {**in_queue(until, now), "call": call_id})


_ENQUEUE = (
    update(Call)
    .where(
        col(Call.call_id) == bindparam("call"),
        col(Call.status) == CallStatus.CREATED,
        col(Call.waiting_for).is_(None),
        col(Call.next_attempt_at).is_(None),
        col(Call.cancel_requested).is_(False),
    )
    .values({name: bindparam(name) for name in AT_ONCE})
)


async def startable(session: AsyncSession, now: datetime, limit: int) -> list[Startable]:
    """Calls of no campaign about which nothing is decided: by priority, then those due first."""
    connection = await session.connection()
    said = {"created": now - GRACE, "due": now + LEAD, "most": limit}
    found = [Startable(*row) for row in (await connection.execute(_STARTABLE, said)).all()]
    return sorted(found, key=lambda call: -call.priority)[:limit]


def _waiting(*, is_due: bool = False) -> Any:
    kind = (true() if is_due else false()).label("is_due")
    return select(*_COLUMNS, kind).where(_IS_CREATED, col(Call.campaign_id).is_(None))


def _due_at_once() -> Any:
    """A run of the index for each priority, so that a long backlog is never sorted."""
    most = bindparam("most", type_=Integer)
    runs = [
        _waiting(is_due=True)
        .where(
            _WAITS_FOR_NO_SLOT,
            col(Call.next_attempt_at).is_(None),
            col(Call.priority) == priority,
            or_(
                # Nobody else starts it.
                col(Call.workflow_by).is_not(None),
                col(Call.created_time) <= bindparam("created", type_=UtcDateTime()),
            ),
        )
        .order_by(col(Call.created_time))
        .limit(most)
        .subquery()
        for priority in range(HIGHEST_PRIORITY, -1, -1)
    ]
    return union_all(*(select(*run.c) for run in runs)).limit(most)


def _nearly_due() -> Any:
    return (
        _waiting()
        .where(_WAITS_FOR_NO_SLOT, col(Call.next_attempt_at) <= _DUE)
        .order_by(col(Call.next_attempt_at))
        .limit(bindparam("most", type_=Integer))
    )


def _nearly_too_late() -> Any:
    """A workflow ends in time what may not be dialed any more."""
    return (
        _waiting()
        .where(_WAITS_FOR_SLOT, col(Call.workflow_by) <= _DUE)
        .order_by(col(Call.workflow_by))
        .limit(bindparam("most", type_=Integer))
    )


def _startable() -> Any:
    kinds = (_nearly_due(), _nearly_too_late(), _due_at_once())
    runs = [kind.subquery() for kind in kinds]
    return union_all(*(select(*run.c) for run in runs))


_DUE = bindparam("due", type_=UtcDateTime())
#: Made once: the starter asks several times a second, and making them takes longer than asking.
_STARTABLE = _startable()


async def left(session: AsyncSession, created_before: datetime, limit: int) -> list[Startable]:
    """The sweep's: calls of any kind that should have been decided about long ago, oldest first."""
    kinds = (
        _left(created_before, limit).where(
            _WAITS_FOR_NO_SLOT,
            or_(col(Call.next_attempt_at).is_(None), col(Call.next_attempt_at) < created_before),
        ),
        _left(created_before, limit).where(_WAITS_FOR_SLOT, col(Call.workflow_by) < created_before),
    )
    runs = [kind.subquery() for kind in kinds]
    found = union_all(*(select(*run.c) for run in runs)).subquery()
    statement = select(found).order_by(found.c.created_time).limit(limit)
    rows = (await (await session.connection()).execute(statement)).all()
    return [Startable(*row[: len(_COLUMNS)]) for row in rows]


def _left(created_before: datetime, limit: int) -> Any:
    """Each of an index of its own: for both in one condition SQLite would read all calls."""
    return (
        select(*_COLUMNS, col(Call.created_time))
        .where(_IS_CREATED, col(Call.created_time) < created_before)
        .order_by(col(Call.created_time))
        .limit(limit)
    )


async def undecided(session: AsyncSession, call_ids: Sequence[str]) -> set[str]:
    """Those of the calls about which nothing has been decided yet."""
    if not call_ids:
        return set()
    statement = select(col(Call.call_id)).where(col(Call.call_id).in_(call_ids), _IS_CREATED)
    return set((await (await session.connection()).execute(statement)).scalars())
