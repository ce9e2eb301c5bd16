"""The ledger of deliveries as people look at it, and what they ask to have sent once more."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, literal, update
from sqlalchemy import select as sql_select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.telling import DeliveryState
from storage import webhooks
from storage.deliveries import NOT_TOLD, row_of
from storage.events import EventType
from storage.locks import dialect_of
from storage.tables import Call, Delivery, Event, Webhook
from storage.types import Json, UtcDateTime

_DELIVERIES = Delivery.metadata.tables["delivery"]


@dataclass(frozen=True, slots=True)
class Which:
    """Events by their ids, both ends included, or by their instants; nothing said: all."""

    first: int | None = None
    last: int | None = None
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        if self.first is not None:
            found.append(col(Event.event_id) >= self.first)
        if self.last is not None:
            found.append(col(Event.event_id) <= self.last)
        if self.since is not None:
            found.append(col(Event.at) >= self.since)
        if self.until is not None:
            found.append(col(Event.at) < self.until)
        return found


async def replay(session: AsyncSession, hook: Webhook, which: Which, now: datetime) -> int:
    """Sends events once more, whether or not they were sent before; returns how many."""
    conditions = [
        col(Event.account_id) == hook.account_id,
        col(Event.type) != NOT_TOLD,
        *webhooks.filter_of(hook).conditions(),
        *which.conditions(),
    ]
    dialect = dialect_of(session)
    insert: Any = postgresql.insert if dialect == "postgresql" else sqlite.insert
    chosen = sql_select(
        literal(hook.webhook_id),
        col(Event.event_id),
        func.coalesce(Event.call_id, Event.campaign_id, Event.subject_id),
        literal(DeliveryState.PENDING.value),
        literal(now, UtcDateTime()),
        literal(0),
        literal([], Json),
        literal(now, UtcDateTime()),
    ).where(*conditions)
    names = ["webhook_id", "event_id", "stream", "state", "next_at", "failures", "tries"]
    names.append("created_time")
    statement = insert(_DELIVERIES).from_select(names, chosen)
    statement = statement.on_conflict_do_update(
        index_elements=["webhook_id", "event_id"],
        set_={
            "state": DeliveryState.PENDING,
            "next_at": now,
            "failures": 0,
            "done_time": None,
        },
    )
    connection = await session.connection()
    statement = statement.execution_options(preserve_rowcount=True)
    return int((await connection.execute(statement)).rowcount)


@dataclass(frozen=True, slots=True)
class DeliveryFilter:
    """Which deliveries of a webhook; nothing said: all."""

    state: DeliveryState | None = None
    call_id: str | None = None
    event_type: str | None = None


async def page(
    session: AsyncSession, hook: Webhook, filter_: DeliveryFilter, skip: int, take: int
) -> tuple[list[tuple[Delivery, Event]], int]:
    """Newest first, each with its event, and how many there are in all."""
    conditions = [
        col(Delivery.webhook_id) == hook.webhook_id,
        col(Event.event_id) == col(Delivery.event_id),
    ]
    equal = (
        (col(Delivery.state), filter_.state),
        (col(Delivery.stream), filter_.call_id),
        (col(Event.type), filter_.event_type),
    )
    conditions += [column == value for column, value in equal if value is not None]
    statement = (
        select(Delivery, Event)
        .where(*conditions)
        .order_by(col(Delivery.event_id).desc())
        .offset(skip)
        .limit(take)
    )
    counted = select(func.count()).select_from(Delivery, Event).where(*conditions)
    rows = [(row[0], row[1]) for row in (await session.exec(statement)).all()]
    return rows, (await session.exec(counted)).one()


async def get(
    session: AsyncSession, hook: Webhook, delivery_id: int
) -> tuple[Delivery, Event] | None:
    """A delivery of this webhook, with its event."""
    statement = select(Delivery, Event).where(
        col(Delivery.delivery_id) == delivery_id,
        col(Delivery.webhook_id) == hook.webhook_id,
        col(Event.event_id) == col(Delivery.event_id),
    )
    row = (await session.exec(statement)).first()
    return None if row is None else (row[0], row[1])


async def add_test(session: AsyncSession, hook: Webhook, now: datetime) -> int:
    """An event for this webhook alone; returns the id of its delivery."""
    event = Event(
        account_id=hook.account_id,
        subject_id=hook.webhook_id,
        sequence=1,
        type=EventType.WEBHOOK_TEST.value,
        at=now,
        data={"webhookId": hook.webhook_id},
    )
    session.add(event)
    await session.flush()
    delivery = Delivery(**row_of(hook.webhook_id, event, now))
    session.add(delivery)
    await session.flush()
    assert delivery.delivery_id is not None
    return delivery.delivery_id


async def counts(session: AsyncSession, webhook_id: str) -> dict[DeliveryState, int]:
    """How many deliveries are in each state."""
    statement = (
        select(Delivery.state, func.count())
        .where(col(Delivery.webhook_id) == webhook_id)
        .group_by(col(Delivery.state))
    )
    found = dict((await session.exec(statement)).all())
    return {state: found.get(state, 0) for state in DeliveryState}


async def forget_answers(session: AsyncSession, account_id: str, endpoint: str) -> None:
    """Removes what receivers answered about calls to an endpoint; they may have named it."""
    of_person = select(Call.call_id).where(
        col(Call.account_id) == account_id, col(Call.endpoint) == endpoint
    )
    await session.exec(
        update(Delivery)
        .where(col(Delivery.stream).in_(of_person))
        .values(answer=None)
        .execution_options(synchronize_session=False)
    )
