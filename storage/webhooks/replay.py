"""Events that are sent once more because somebody asks for it, some hundred a transaction."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Insert, exists, func, literal, tuple_
from sqlalchemy import select as sql_select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.webhooks.retry_schedule import DeliveryState
from storage.database.core import rows_of
from storage.database.locks import dialect_of
from storage.events.event_reader import START, EventPosition
from storage.tables import Delivery, Event, Webhook
from storage.tables.types import Json, UtcDateTime
from storage.webhooks import delivery_order, webhooks
from storage.webhooks.deliveries import NOT_TOLD

#: Events that are looked at in one transaction.
PAGE = 250
_DELIVERIES = Delivery.metadata.tables["delivery"]
_PLACE = tuple_(col(Event.tx), col(Event.event_id))
_ORDER = (col(Event.tx), col(Event.event_id))
_STREAM = func.coalesce(Event.call_id, Event.campaign_id, Event.subject_id)


@dataclass(frozen=True, slots=True)
class EventRange:
    """Events by their ids, both ends included, or by their instants; nothing said: all."""

    first: int | None = None
    last: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    #: Of those only the ones whose delivery was given up.
    only_failed: bool = False

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


class PositionSpan(NamedTuple):
    """From one place to another, both included."""

    first: EventPosition
    last: EventPosition

    def conditions(self) -> list[ColumnElement[bool]]:
        if self.first.tx == self.last.tx:
            # Of two places SQLite, where this is always so, would look up the transactions only.
            ids = col(Event.event_id).between(self.first.event_id, self.last.event_id)
            return [col(Event.tx) == self.first.tx, ids]
        return [_literal(self.first) <= _PLACE, _literal(self.last) >= _PLACE]


async def span(session: AsyncSession, hook: Webhook, which: EventRange) -> PositionSpan | None:
    """Between which places the events are that a webhook is to be sent once more.

    What lies beyond the webhook's own place comes by itself: it would be made a delivery twice.
    """
    reach = PositionSpan(START, webhooks.read_up_to(hook))
    conditions = [*_chosen(hook, which), *reach.conditions()]
    places = sql_select(*_ORDER).where(*conditions).limit(1)
    first = await rows_of(session, places.order_by(*_ORDER))
    last = await rows_of(session, places.order_by(*(column.desc() for column in _ORDER)))
    return (
        PositionSpan(EventPosition(*first[0]), EventPosition(*last[0])) if first and last else None
    )


async def replay_page(
    session: AsyncSession, hook: Webhook, which: EventRange, within: PositionSpan, now: datetime
) -> tuple[int, PositionSpan | None]:
    """Sends a page of events once more, whether or not they were sent before.

    Returns how many, and where the rest of them are. The caller holds the webhook. To do a page
    twice is harmless.
    """
    page, rest = await _page(session, hook, which, within)
    conditions = [*_chosen(hook, which), *page.conditions()]
    connection = await session.connection()
    statement = _again(dialect_of(session), hook.webhook_id, conditions, now)
    sent = int((await connection.execute(statement)).rowcount)
    if sent:
        found = await rows_of(session, sql_select(_STREAM).where(*conditions).distinct())
        await delivery_order.hold_back(session, hook.webhook_id, [row[0] for row in found], now)
    return sent, rest


def _chosen(hook: Webhook, which: EventRange) -> list[ColumnElement[bool]]:
    failed = [_has_failed(hook)] if which.only_failed else []
    return [
        col(Event.account_id) == hook.account_id,
        col(Event.type) != NOT_TOLD,
        *webhooks.filter_of(hook).conditions(),
        *which.conditions(),
        *failed,
    ]


def _has_failed(hook: Webhook) -> ColumnElement[bool]:
    return exists().where(
        _DELIVERIES.c.webhook_id == hook.webhook_id,
        _DELIVERIES.c.event_id == col(Event.event_id),
        _DELIVERIES.c.state == DeliveryState.FAILED,
    )


async def _page(
    session: AsyncSession, hook: Webhook, which: EventRange, within: PositionSpan
) -> tuple[PositionSpan, PositionSpan | None]:
    """The first events of a span, and what remains.

    They are counted chosen or not, so that a page is done soon; but for those that failed, which
    are few among many.
    """
    of_account = [col(Event.account_id) == hook.account_id]
    counted = _chosen(hook, which) if which.only_failed else of_account
    beyond = (
        sql_select(*_ORDER)
        .where(*counted, *within.conditions())
        .order_by(*_ORDER)
        .offset(PAGE - 1)
        .limit(2)
    )
    found = [EventPosition(*row) for row in await rows_of(session, beyond)]
    if len(found) < 2:
        return within, None
    return PositionSpan(within.first, found[0]), PositionSpan(found[1], within.last)


def _again(
    dialect: str, webhook_id: str, conditions: list[ColumnElement[bool]], now: datetime
) -> Insert:
    insert: Any = postgresql.insert if dialect == "postgresql" else sqlite.insert
    values = {
        "webhook_id": literal(webhook_id),
        "event_id": col(Event.event_id),
        "stream": _STREAM,
        "state": literal(DeliveryState.PENDING.value),
        "next_at": literal(now, UtcDateTime()),
        "failures": literal(0),
        "tries": literal([], Json),
        "created_time": literal(now, UtcDateTime()),
    }
    statement = insert(_DELIVERIES).from_select(
        list(values), sql_select(*values.values()).where(*conditions).order_by(*_ORDER)
    )
    again = {"state": DeliveryState.PENDING, "next_at": now, "failures": 0, "done_time": None}
    key = ["webhook_id", "event_id"]
    statement = statement.on_conflict_do_update(index_elements=key, set_=again)
    found: Insert = statement.execution_options(preserve_rowcount=True)
    return found


def _literal(place: EventPosition) -> Any:
    return tuple_(literal(place.tx, BigInteger()), literal(place.event_id, BigInteger()))
