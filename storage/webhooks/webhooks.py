"""Webhooks: who is told of which events, and since when that has failed."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, true, tuple_
from sqlalchemy import select as sql_select
from sqlmodel import and_, col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.database.locks import dialect_of, lock_webhook
from storage.database.pagination import page_of
from storage.events import event_log, event_reader
from storage.events.event_log import EventType
from storage.events.event_reader import EventFilter, EventPosition
from storage.tables import Delivery, Event, Webhook

_ENABLED: ColumnElement[bool] = col(Webhook.is_enabled).is_(True)


async def add(session: AsyncSession, row: Webhook) -> None:
    """From now on it is told of what happens; of what happened before only on request."""
    move(row, await event_reader.newest(session, row.account_id))
    session.add(row)
    await session.flush()


async def get(session: AsyncSession, account_id: str, webhook_id: str) -> Webhook | None:
    """The webhook, unless it is another account's."""
    statement = select(Webhook).where(
        col(Webhook.webhook_id) == webhook_id, col(Webhook.account_id) == account_id
    )
    return (await session.exec(statement)).one_or_none()


async def load(session: AsyncSession, webhook_id: str) -> Webhook | None:
    """The webhook of any account: for workers, never for people."""
    return await session.get(Webhook, webhook_id)


async def among(
    session: AsyncSession, account_id: str, webhook_ids: Sequence[str]
) -> Sequence[Webhook]:
    """Those of them that are there and enabled, held until the transaction ends."""
    statement = (
        select(Webhook)
        .where(
            col(Webhook.account_id) == account_id,
            col(Webhook.webhook_id).in_(webhook_ids),
            _ENABLED,
        )
        .order_by(col(Webhook.webhook_id))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return (await session.exec(statement)).all()


async def hold(session: AsyncSession, account_id: str, webhook_id: str) -> Webhook | None:
    """As `get`, held until the transaction ends."""
    row = await lock_webhook(session, webhook_id)
    return row if row is not None and row.account_id == account_id else None


async def page(
    session: AsyncSession, account_id: str, skip: int, take: int
) -> tuple[list[Webhook], int]:
    """Newest first, and how many there are in all."""
    return await page_of(
        session,
        Webhook,
        col(Webhook.account_id) == account_id,
        order=(col(Webhook.created_time).desc(), col(Webhook.webhook_id).desc()),
        skip=skip,
        take=take,
    )


async def remove(session: AsyncSession, row: Webhook) -> None:
    """With its deliveries. The caller holds it."""
    await session.exec(delete(Delivery).where(col(Delivery.webhook_id) == row.webhook_id))
    await session.delete(row)
    await session.flush()


async def behind(session: AsyncSession) -> Sequence[Webhook]:
    """Enabled webhooks, of all accounts, for which there are new events; by account."""
    statement = (
        select(Webhook)
        .where(*is_behind(dialect_of(session)))
        .order_by(col(Webhook.account_id), col(Webhook.webhook_id))
    )
    return (await session.exec(statement)).all()


def is_behind(dialect: str) -> tuple[ColumnElement[bool], ...]:
    """Of an enabled webhook for which there are new events."""
    # The next one by their order, not EXISTS: PostgreSQL would read all events for one that it
    # thinks comes soon, and mostly there is none.
    newer = (
        sql_select(true())
        .where(col(Event.account_id) == col(Webhook.account_id), _is_later(dialect))
        .order_by(col(Event.tx), col(Event.event_id))
        .limit(1)
        .correlate(Webhook)
        .scalar_subquery()
    )
    return _ENABLED, newer.is_not(None)


def _is_later(dialect: str) -> ColumnElement[bool]:
    if dialect == "postgresql":
        place = tuple_(col(Webhook.place_tx), col(Webhook.place_event_id))
        return tuple_(col(Event.tx), col(Event.event_id)) > place
    # SQLite searches no index by the pair: `storage.events.event_reader`.
    return and_(col(Event.tx) == 0, col(Event.event_id) > col(Webhook.place_event_id))


def filter_of(row: Webhook) -> EventFilter:
    return EventFilter(tuple(row.event_types), row.agent_id, row.campaign_id)


def read_up_to(row: Webhook) -> EventPosition:
    """Up to where events have become deliveries."""
    return EventPosition(row.place_tx, row.place_event_id)


def move(row: Webhook, place: EventPosition) -> None:
    row.place_tx, row.place_event_id = place


def secrets_of(row: Webhook, now: datetime) -> list[str]:
    """What requests are signed with: the new secret, and for a while the one before."""
    both = row.previous_secret and row.previous_until and now < row.previous_until
    return [row.secret, row.previous_secret] if both else [row.secret]  # type: ignore[list-item]


def rotate(row: Webhook, secret: str, now: datetime, overlap: timedelta) -> None:
    row.previous_secret, row.previous_until = row.secret, now + overlap
    row.secret, row.updated_time = secret, now


async def disable(session: AsyncSession, row: Webhook, reason: str, now: datetime) -> None:
    """Nothing is sent any more until somebody enables it; what waits, waits."""
    row.is_enabled, row.disabled_reason, row.updated_time = False, reason, now
    session.add(row)
    await event_log.append_of(
        session,
        row.account_id,
        row.webhook_id,
        EventType.WEBHOOK_DISABLED,
        now,
        {"webhookId": row.webhook_id, "reason": reason},
    )
    await session.flush()


def enable(row: Webhook, now: datetime) -> None:
    """It is told of everything that happened while it was disabled, too."""
    row.is_enabled, row.disabled_reason, row.failing_since = True, None, None
    row.updated_time = now
