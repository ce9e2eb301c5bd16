"""Deliveries: from events, sent in the order of each stream, tried again, kept as a ledger."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam, update
from sqlalchemy.orm import aliased
from sqlmodel import col, delete, exists, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.telling import Answer, DeliveryState
from storage import outbox, webhooks
from storage.event_payloads import background, payload
from storage.events import EventType
from storage.inserting import insert_all
from storage.outbox import placed
from storage.paging import batches
from storage.tables import Delivery, Event, JsonObject, Webhook

#: Events that become deliveries in one transaction.
FAN_OUT = 500
_DELIVERIES = Delivery.metadata.tables["delivery"]
_PENDING = col(Delivery.state) == DeliveryState.PENDING
#: Whom a test is for is told of it; nobody else.
NOT_TOLD = EventType.WEBHOOK_TEST


async def fan_out(session: AsyncSession, hooks: Sequence[Webhook], now: datetime) -> int:
    """Makes deliveries of an account's next events; returns how many events it has read.

    `hooks` are all webhooks of the account that are behind, as they are in this session.
    """
    start = min(webhooks.place_of(hook) for hook in hooks)
    found = await outbox.after(session, hooks[0].account_id, start, FAN_OUT)
    rows = [row for hook in hooks for row in _rows(hook, found, now)]
    await insert_all(session, _DELIVERIES, rows)
    for hook in hooks:
        if found:
            webhooks.move(hook, max(webhooks.place_of(hook), placed(found[-1])))
            session.add(hook)
    await session.flush()
    return len(found)


def _rows(hook: Webhook, found: Sequence[Event], now: datetime) -> list[JsonObject]:
    wanted, place = webhooks.filter_of(hook), webhooks.place_of(hook)
    return [
        row_of(hook.webhook_id, event, now)
        for event in found
        if placed(event) > place and event.type != NOT_TOLD and wanted.lets(event)
    ]


def row_of(webhook_id: str, event: Event, now: datetime) -> JsonObject:
    """The columns of a delivery that is due at once."""
    return {
        "webhook_id": webhook_id,
        "event_id": event.event_id,
        "stream": event.call_id or event.campaign_id or event.subject_id,
        "state": DeliveryState.PENDING,
        "next_at": now,
        "failures": 0,
        "tries": [],
        "created_time": now,
    }


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery and what it says."""

    delivery: Delivery
    event: Event
    payload: JsonObject


async def webhooks_with_due(session: AsyncSession, now: datetime) -> list[str]:
    """Ids of enabled webhooks for which something is due."""
    due = exists().where(
        col(Delivery.webhook_id) == col(Webhook.webhook_id),
        _PENDING,
        col(Delivery.next_at) <= now,
    )
    statement = select(Webhook.webhook_id).where(col(Webhook.is_enabled).is_(True), due)
    return list((await session.exec(statement)).all())


async def due(
    session: AsyncSession, hook: Webhook, now: datetime, busy: Collection[str], limit: int
) -> list[Due]:
    """What may be sent now, by stream and in its order; nothing of streams that are `busy`.

    A delivery that waits for its next try holds back what comes after it in its stream.
    """
    earlier = aliased(Delivery)
    held = exists().where(
        col(earlier.webhook_id) == col(Delivery.webhook_id),
        col(earlier.stream) == col(Delivery.stream),
        col(earlier.state) == DeliveryState.PENDING,
        col(earlier.next_at) > now,
        col(earlier.event_id) < col(Delivery.event_id),
    )
    statement = (
        select(Delivery, Event)
        .join(Event, col(Event.event_id) == col(Delivery.event_id))
        .where(
            col(Delivery.webhook_id) == hook.webhook_id,
            _PENDING,
            col(Delivery.next_at) <= now,
            col(Delivery.stream).not_in(busy),
            ~held,
        )
        .order_by(col(Delivery.event_id))
        .limit(limit)
    )
    rows = (await session.exec(statement)).all()
    known = await background(session, [event for _, event in rows])
    return [
        Due(delivery, event, payload(event, known, mask=hook.mask_numbers))
        for delivery, event in rows
    ]


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of one try; `next_at` None: there is no next."""

    delivery: Delivery
    answer: Answer
    #: As the ledger keeps it.
    line: JsonObject
    state: DeliveryState
    next_at: datetime | None
    #: The beginning of the answer's body.
    body: str
    at: datetime


async def book(session: AsyncSession, results: Sequence[Tried]) -> None:
    """Writes tries into the ledger. What was removed meanwhile stays away."""
    if not results:
        return
    connection = await session.connection()
    await connection.execute(_booking(), [_booked(result) for result in results])


@cache
def _booking() -> Any:
    columns = ("state", "next_at", "failures", "tries", "answer", "done_time")
    return (
        update(_DELIVERIES)
        .where(
            _DELIVERIES.c.delivery_id == bindparam("of"),
            _DELIVERIES.c.state == DeliveryState.PENDING,
        )
        .values({name: bindparam(f"new_{name}") for name in columns})
    )


def _booked(result: Tried) -> JsonObject:
    return {
        "of": result.delivery.delivery_id,
        "new_state": result.state,
        "new_next_at": result.next_at or result.at,
        "new_failures": result.delivery.failures + (result.state is not DeliveryState.DELIVERED),
        "new_tries": [*result.delivery.tries, result.line],
        "new_answer": result.body or None,
        "new_done_time": None if result.state is DeliveryState.PENDING else result.at,
    }


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
        await session.exec(delete(Delivery).where(col(Delivery.delivery_id).in_(some)))
    return len(ids)
