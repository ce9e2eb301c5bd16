"""Deliveries: made of events, and sent in the order of each stream."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam, literal, literal_column, union_all, update
from sqlalchemy import select as sql_select
from sqlalchemy.orm import aliased
from sqlmodel import col, delete, exists, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.webhooks.retry_schedule import DeliveryState
from storage.database.bulk import insert_all
from storage.database.core import rows_of
from storage.database.locks import dialect_of
from storage.database.pagination import batches
from storage.events import event_reader
from storage.events.event_log import EventType
from storage.events.event_reader import placed
from storage.events.payloads import background, payload
from storage.tables import Delivery, Event, JsonObject, Webhook
from storage.tables.types import UtcDateTime
from storage.webhooks import delivery_order, webhooks

#: Events that become deliveries in one transaction.
FAN_OUT = 500
#: Deliveries that are brought forward in one transaction.
FORWARD = 500
_DELIVERIES = Delivery.metadata.tables["delivery"]
_PENDING = col(Delivery.state) == DeliveryState.PENDING
#: Whom a test is for is told of it; nobody else.
NOT_TOLD = EventType.WEBHOOK_TEST


async def fan_out(session: AsyncSession, hooks: Sequence[Webhook], now: datetime) -> int:
    """Makes deliveries of an account's next events; returns how many events it has read.

    `hooks` are webhooks of one account that the caller holds. Those at the same place are best
    taken together: what is read begins at the place of the one that is furthest behind.
    """
    start = min(webhooks.read_up_to(hook) for hook in hooks)
    found = await event_reader.after(session, hooks[0].account_id, start, FAN_OUT)
    rows = [row for hook in hooks for row in await _rows(session, hook, found, now)]
    await insert_all(session, _DELIVERIES, rows)
    for hook in hooks:
        if found:
            webhooks.move(hook, max(webhooks.read_up_to(hook), placed(found[-1])))
            session.add(hook)
    await session.flush()
    return len(found)


async def _rows(
    session: AsyncSession, hook: Webhook, found: Sequence[Event], now: datetime
) -> list[JsonObject]:
    wanted, place = webhooks.filter_of(hook), webhooks.read_up_to(hook)
    chosen = [
        event
        for event in found
        if placed(event) > place and event.type != NOT_TOLD and wanted.lets(event)
    ]
    waits = await delivery_order.waits(
        session, hook.webhook_id, [*map(delivery_order.stream_of, chosen)]
    )
    return [row_of(hook.webhook_id, event, now, waits) for event in chosen]


def row_of(
    webhook_id: str, event: Event, now: datetime, waits: Mapping[str, datetime]
) -> JsonObject:
    """The columns of a delivery that is due when what waits in its stream is; else at once."""
    stream = delivery_order.stream_of(event)
    return {
        "webhook_id": webhook_id,
        "event_id": event.event_id,
        "stream": stream,
        "state": DeliveryState.PENDING,
        "next_at": max(now, waits.get(stream, now)),
        "failures": 0,
        "tries": [],
        "created_time": now,
    }


@dataclass(frozen=True, slots=True)
class DueDelivery:
    """A delivery and what it says."""

    delivery: Delivery
    event: Event
    payload: JsonObject


async def work(session: AsyncSession, now: datetime) -> tuple[bool, list[str]]:
    """Whether a webhook has new events, and the ids of enabled ones for which something is due.

    All that there is to be done, by one statement: mostly there is nothing.
    """
    found = await rows_of(session, _work(dialect_of(session)), {"now": now})
    due = [webhook_id for webhook_id, is_due in found if is_due]
    return len(due) < len(found), due


@cache
def _work(dialect: str) -> Any:
    behind = sql_select(col(Webhook.webhook_id), literal(0)).where(*webhooks.is_behind(dialect))
    return union_all(behind, _with_due(literal(1)))


async def webhooks_with_due(session: AsyncSession, now: datetime) -> list[str]:
    """Ids of enabled webhooks for which something is due."""
    return [row.webhook_id for row in await rows_of(session, _with_due(), {"now": now})]


@cache
def _with_due(*beside: Any) -> Any:
    due = exists().where(
        col(Delivery.webhook_id) == col(Webhook.webhook_id),
        # Said literally, or SQLite would not use the partial index that says the same.
        literal_column("delivery.state = 'pending'"),
        col(Delivery.next_at) <= bindparam("now", type_=UtcDateTime()),
    )
    statement = sql_select(col(Webhook.webhook_id), *beside)
    return statement.where(col(Webhook.is_enabled).is_(True), due)


async def due(
    session: AsyncSession, hook: Webhook, now: datetime, busy: Collection[str], limit: int
) -> list[DueDelivery]:
    """What may be sent now, by stream and in its order; nothing of streams that are `busy`.

    A delivery that waits for its next try holds back what comes after it in its stream.
    """
    # What has been due for longest is found by an index, however much is due; only then is each
    # of these streams read in its order.
    longest = (
        select(Delivery.stream)
        .where(
            col(Delivery.webhook_id) == hook.webhook_id,
            _PENDING,
            col(Delivery.next_at) <= now,
            col(Delivery.stream).not_in(busy),
            ~_is_held(now),
        )
        .order_by(col(Delivery.next_at), col(Delivery.delivery_id))
        .limit(limit)
    )
    chosen = set((await session.exec(longest)).all())
    rows = await _in_order(session, hook, chosen, now, limit)
    known = await background(session, [event for _, event in rows])
    return [
        DueDelivery(delivery, event, payload(event, known, mask=hook.mask_numbers))
        for delivery, event in rows
    ]


def _is_held(now: datetime) -> Any:
    earlier = aliased(Delivery)
    return exists().where(
        col(earlier.webhook_id) == col(Delivery.webhook_id),
        col(earlier.stream) == col(Delivery.stream),
        col(earlier.state) == DeliveryState.PENDING,
        col(earlier.next_at) > now,
        col(earlier.event_id) < col(Delivery.event_id),
    )


async def _in_order(
    session: AsyncSession, hook: Webhook, chosen: Collection[str], now: datetime, limit: int
) -> list[tuple[Delivery, Event]]:
    """What is pending in some streams, each up to the first that waits."""
    if not chosen:
        return []
    statement = (
        select(Delivery, Event)
        .join(Event, col(Event.event_id) == col(Delivery.event_id))
        .where(
            col(Delivery.webhook_id) == hook.webhook_id, _PENDING, col(Delivery.stream).in_(chosen)
        )
        .order_by(col(Delivery.event_id))
        .limit(limit)
    )
    waiting: set[str] = set()
    found: list[tuple[Delivery, Event]] = []
    for delivery, event in (await session.exec(statement)).all():
        if delivery.next_at > now:
            waiting.add(delivery.stream)
        elif delivery.stream not in waiting:
            found.append((delivery, event))
    return found


async def bring_forward(
    session: AsyncSession, webhook_id: str, after: int, now: datetime
) -> tuple[int, int | None]:
    """Makes a page of what waits for its time due now; how many, and behind which the rest is.

    By their ids: what is tried meanwhile, and waits again, is not found once more, or its tries
    would be used up in seconds. For a caller that holds the webhook. Failures count on.
    """
    waiting = (
        sql_select(col(Delivery.delivery_id), col(Delivery.stream))
        .where(
            col(Delivery.webhook_id) == webhook_id,
            _PENDING,
            col(Delivery.next_at) > now,
            col(Delivery.delivery_id) > after,
        )
        .order_by(col(Delivery.delivery_id))
        .limit(FORWARD)
    )
    rows = await rows_of(session, waiting)
    if not rows:
        return 0, None
    moved = update(Delivery).where(col(Delivery.delivery_id).in_([row[0] for row in rows]))
    moved = moved.values(next_at=now).execution_options(synchronize_session=False)
    await session.exec(moved)
    # What comes before some of them in their streams may have been tried, and wait again.
    waits = await delivery_order.waits(session, webhook_id, {row[1] for row in rows})
    held = [stream for stream, until in waits.items() if until > now]
    await delivery_order.hold_back(session, webhook_id, held, now)
    return len(rows), rows[-1][0] if len(rows) == FORWARD else None


async def purge(session: AsyncSession, before: datetime, limit: int) -> int:
    """Removes deliveries that were done with before; returns how many."""
    old = (
        select(Delivery.delivery_id)
        .where(col(Delivery.created_time) < before, ~_PENDING)
        .order_by(col(Delivery.created_time))
        .limit(limit)
    )
    ids = (await session.exec(old)).all()
    for some in batches(ids):
        # What was asked for once more since we looked is pending again.
        await session.exec(delete(Delivery).where(col(Delivery.delivery_id).in_(some), ~_PENDING))
    return len(ids)
