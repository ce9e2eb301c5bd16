"""The calls that wait for a slot, and what DWRR remembers of them."""

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Text,
    bindparam,
    cast,
    column,
    exists,
    func,
    literal_column,
    or_,
    true,
)
from sqlalchemy import select as sql_select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import aliased
from sqlmodel import col, delete
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.dispatch.dwrr import SOON, WaitingCall
from policy.dispatch.queue_position import group_of
from policy.model.call import CallStatus
from storage.call_lists.call_counts import QueueClass
from storage.database.bulk import insert_all
from storage.database.core import rows_of, send
from storage.database.locks import dialect_of
from storage.tables import Attempt, Call, DispatchDeficit, JsonObject, Lease
from storage.tables.types import UtcDateTime

#: So many calls near their deadline are looked up, the earliest first.
MOST_NEAR = 200
_LAST_NUMBERS = (
    sql_select(col(Attempt.call_id), func.max(col(Attempt.number)))
    .where(col(Attempt.call_id).in_(bindparam("calls", expanding=True)))
    .group_by(col(Attempt.call_id))
)
_FORGIVEN = delete(DispatchDeficit).where(
    col(DispatchDeficit.account_id) == bindparam("account"),
    col(DispatchDeficit.class_key).in_(bindparam("classes", expanding=True)),
)
_OWED = sql_select(col(DispatchDeficit.class_key), col(DispatchDeficit.deficit)).where(
    col(DispatchDeficit.account_id) == bindparam("account")
)
_DEFICITS = DispatchDeficit.metadata.tables["dispatch_deficit"]


class Candidate(NamedTuple):
    """What granting a call a slot takes to know of it."""

    call_id: str
    agent_id: str
    campaign_id: str | None
    priority: int
    call_deadline: datetime | None
    queued_at: datetime
    status: CallStatus = CallStatus.QUEUED

    @property
    def is_row(self) -> bool:
        """It has no workflow yet: that begins with the slot."""
        return self.status is CallStatus.CREATED

    @property
    def class_key(self) -> str:
        return class_key(self.agent_id, self.campaign_id)

    def as_waiting(self) -> WaitingCall:
        """The call as `policy.dispatch.dwrr` sees it."""
        return WaitingCall(
            self.call_id, self.class_key, self.priority, self.call_deadline, self.queued_at
        )


def class_key(agent_id: str, campaign_id: str | None) -> str:
    return f"{agent_id}/{campaign_id or ''}"


async def candidates(
    session: AsyncSession,
    account_id: str,
    classes: Sequence[QueueClass],
    now: datetime,
    *,
    per_class: int,
) -> dict[str, Candidate]:
    """Every call of the classes that may be among the next `per_class` turns, by its id.

    That is the head of each class, with deadlines and without, and whatever a near deadline may
    lift out of its class. The cost grows with the number of classes and of turns, not with that of
    waiting calls.
    """
    if not classes:
        return {}
    found: list[Candidate] = []
    # Apart, because an index finds neither NULL by equality nor both at once.
    for in_campaign in (True, False):
        some = [one for one in classes if (one.campaign_id is not None) == in_campaign]
        for dated in (True, False) if some else ():
            heads = _heads(dialect_of(session), account_id, some, per_class, now if dated else None)
            rows = await rows_of(session, *heads)
            found += (Candidate._make(row) for row in rows if row.call_id is not None)
    found += await _near_deadline(session, account_id, classes, now)
    return {one.call_id: one for one in found}


def ran_dry(
    waiting: Mapping[str, Candidate], chosen: Sequence[Candidate], per_class: int, now: datetime
) -> bool:
    """Whether a class had all the turns that were looked up of it, and may have had more."""
    found = Counter(group_of(one.as_waiting(), now) for one in waiting.values())
    left = found - Counter(group_of(one.as_waiting(), now) for one in chosen)
    return any(number > per_class and not left[group] for group, number in found.items())


def _columns(call: Any) -> list[Any]:
    return [getattr(call, name) for name in Candidate._fields]


def _heads(
    dialect: str,
    account_id: str,
    classes: Sequence[QueueClass],
    per_class: int,
    dated: datetime | None,
) -> tuple[Select[Any], JsonObject]:
    """Of each class the calls that come first: a seek in the queue's index a class.

    Those that have a deadline, but not a near one at the time of `dated`; None: those without one.
    The classes go in as one JSON text, so that the statement is the same however many there are.
    """
    in_campaign = classes[0].campaign_id is not None
    wanted = [[one.agent_id, one.campaign_id, one.priority] for one in classes]
    # One more than can have its turn, so that no class looks empty that is not.
    parameters: JsonObject = {"account": account_id, "most": per_class + 1}
    if dated is not None:
        parameters["near"] = dated + SOON
    kind = (in_campaign, dated is not None)
    if dialect == "postgresql":
        return _heads_on_postgresql(*kind), {**parameters, "classes": wanted}
    return _heads_on_sqlite(*kind), {**parameters, "classes": json.dumps(wanted)}


@cache
def _heads_on_postgresql(in_campaign: bool, dated: bool) -> Select[Any]:
    listed = func.jsonb_array_elements(bindparam("classes", type_=JSONB))
    one = listed.table_valued(column("value", JSONB)).render_derived()
    value = one.c.value
    kind = (value[0].astext, value[1].astext, cast(value[2].astext, Integer))
    head = (
        sql_select(*_columns(Call))
        .where(*_of_class(Call, kind, in_campaign), _has_deadline(Call, dated))
        .order_by(*_in_order(Call))
        .limit(bindparam("most", type_=Integer))
        .lateral("head")
    )
    return sql_select(*(head.c[name] for name in Candidate._fields)).select_from(
        one.join(head, true())
    )


@cache
def _heads_on_sqlite(in_campaign: bool, dated: bool) -> Select[Any]:
    one = func.json_each(bindparam("classes", type_=Text)).table_valued(column("value", Text))
    kind = tuple(func.json_extract(one.c.value, f"$[{place}]") for place in range(3))
    call = aliased(Call)
    head = (
        sql_select(call.call_id)  # type: ignore[call-overload]
        .where(*_of_class(call, kind, in_campaign), _has_deadline(call, dated))
        .order_by(*_in_order(call))
        .limit(bindparam("most", type_=Integer))
        .correlate(one)
    )
    # An outer join, or SQLite may take it for better to look at every call first.
    joined = one.outerjoin(Call, col(Call.call_id).in_(head))
    return sql_select(*_columns(Call)).select_from(joined)


def _has_deadline(call: Any, dated: bool) -> ColumnElement[bool]:
    later: ColumnElement[bool] = call.call_deadline > bindparam("near", type_=UtcDateTime())
    without: ColumnElement[bool] = call.call_deadline.is_(None)
    return later if dated else without


def _in_order(call: Any) -> tuple[Any, ...]:
    """Campaign and, without one, deadline are the same for all.

    Unless they are named PostgreSQL does not see, where they are NULL, that the index has this
    order.
    """
    return call.campaign_id, call.call_deadline, call.queued_at


def _of_class(call: Any, kind: Sequence[Any], in_campaign: bool) -> list[ColumnElement[bool]]:
    agent_id, campaign_id, priority = kind
    return [
        *_waiting(call),
        call.agent_id == agent_id,
        call.campaign_id == campaign_id if in_campaign else call.campaign_id.is_(None),
        call.priority == priority,
    ]


async def _near_deadline(
    session: AsyncSession, account_id: str, classes: Sequence[QueueClass], now: datetime
) -> list[Candidate]:
    parameters = {
        "account": account_id,
        "until": now + SOON,
        "agents": {one.agent_id for one in classes},
        "campaigns": {one.campaign_id for one in classes if one.campaign_id is not None},
    }
    statement = _due(any(one.campaign_id is None for one in classes))
    return [Candidate._make(row) for row in await rows_of(session, statement, parameters)]


@cache
def _due(in_none: bool) -> Select[Any]:
    return (
        sql_select(*_columns(Call))
        .where(
            *_waiting(Call),
            col(Call.call_deadline) <= bindparam("until", type_=UtcDateTime()),
            col(Call.agent_id).in_(bindparam("agents", expanding=True)),
            or_(
                col(Call.campaign_id).in_(bindparam("campaigns", expanding=True)),
                col(Call.campaign_id).is_(None) if in_none else literal_column("FALSE"),
            ),
        )
        .order_by(col(Call.call_deadline))
        .limit(MOST_NEAR)
    )


def _waiting(call: Any) -> list[ColumnElement[bool]]:
    """In the queue without a slot: a call that was granted one has only to wake up."""
    granted = exists().where(col(Lease.call_id) == call.call_id, col(Lease.released_at).is_(None))
    return [
        call.account_id == bindparam("account"),
        # Said literally, or SQLite would not use the partial indexes that say the same.
        call.waiting_for == literal_column("'slot'"),
        call.cancel_requested.is_(False),
        ~granted,
    ]


async def next_numbers(session: AsyncSession, call_ids: Sequence[str]) -> dict[str, int]:
    """The number each call's next attempt will have."""
    if not call_ids:
        return {}
    last = dict(map(tuple, await rows_of(session, _LAST_NUMBERS, {"calls": call_ids})))
    return {call_id: last.get(call_id, 0) + 1 for call_id in call_ids}


async def deficits(session: AsyncSession, account_id: str) -> dict[str, int]:
    return dict(map(tuple, await rows_of(session, _OWED, {"account": account_id})))


def sitting_out(before: Mapping[str, int], classes: Collection[QueueClass]) -> dict[str, int]:
    """The deficits of classes that wait but may not run: they lose nothing and earn nothing."""
    keys = {class_key(one.agent_id, one.campaign_id) for one in classes}
    return {key: owed for key, owed in before.items() if key.rpartition("|")[0] in keys}


async def keep_deficits(
    session: AsyncSession, account_id: str, before: Mapping[str, int], after: Mapping[str, int]
) -> None:
    """Writes what has changed; the caller holds the account's lock."""
    changed = [key for key in {*before, *after} if before.get(key) != after.get(key)]
    if not changed:
        return
    await send(session, _FORGIVEN, {"account": account_id, "classes": changed})
    kept = [
        {"account_id": account_id, "class_key": key, "deficit": after[key]}
        for key in changed
        if key in after
    ]
    await insert_all(session, _DEFICITS, kept)
