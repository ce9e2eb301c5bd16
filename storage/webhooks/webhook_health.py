"""How webhooks fare: what waits to be sent, since when, and how much of late was given up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, literal_column
from sqlalchemy import select as sql_select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.webhooks.retry_schedule import DeliveryState
from storage.database.core import rows_of
from storage.events import event_reader
from storage.tables import Delivery, Event, Webhook
from storage.webhooks import webhooks

#: So many of the newest deliveries are looked at: a ledger may be long.
LATEST = 1000


@dataclass(frozen=True, slots=True)
class WebhookHealth:
    """`waiting` deliveries are still to be sent; `waiting_since`: when the oldest event of them
    happened. `failed` of the newest `looked_at` deliveries were given up.
    """

    waiting: int = 0
    waiting_since: datetime | None = None
    looked_at: int = 0
    failed: int = 0


async def of(session: AsyncSession, hooks: Sequence[Webhook]) -> Mapping[str, WebhookHealth]:
    """By the id of the webhook."""
    return {hook.webhook_id: await _of_one(session, hook) for hook in hooks}


async def _of_one(session: AsyncSession, hook: Webhook) -> WebhookHealth:
    waiting = await rows_of(
        session,
        sql_select(func.count(), func.min(col(Delivery.event_id))).where(
            col(Delivery.webhook_id) == hook.webhook_id,
            # Said literally, or SQLite would not use the partial index that says the same.
            literal_column("delivery.state = 'pending'"),
        ),
    )
    number, first = waiting[0]
    newest = (
        sql_select(col(Delivery.state))
        .where(col(Delivery.webhook_id) == hook.webhook_id)
        .order_by(col(Delivery.event_id).desc())
        .limit(LATEST)
        .subquery()
    )
    states = await rows_of(
        session, sql_select(newest.c.state, func.count()).group_by(newest.c.state)
    )
    counted = {DeliveryState(row[0]): int(row[1]) for row in states}
    since = await _time_of(session, first) if number else await _unread_since(session, hook)
    failed = counted.get(DeliveryState.FAILED, 0)
    return WebhookHealth(int(number), since, sum(counted.values()), failed)


async def _time_of(session: AsyncSession, event_id: int) -> datetime | None:
    event = await session.get(Event, event_id)
    return event.at if event else None


async def _unread_since(session: AsyncSession, hook: Webhook) -> datetime | None:
    """When the first event happened that is no delivery yet, as while a webhook is disabled."""
    place, wanted = webhooks.read_up_to(hook), webhooks.filter_of(hook)
    until = await event_reader.reach(session, hook.account_id, place, wanted)
    found = await event_reader.after(session, hook.account_id, place, 1, wanted, until)
    return found[0].at if found else None
