"""Streams of deliveries: what waits for its next try holds back what comes after it.

What is held back must not look due, or the loop would look at it in vain again and again. So a
delivery that has not failed takes its time from those before it that wait. What has failed keeps
its own.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, bindparam, func, or_, update
from sqlalchemy import select as sql_select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.webhooks.retry_schedule import DeliveryState
from storage.database.core import rows_of
from storage.database.pagination import batches
from storage.tables import Delivery, Event, JsonObject

_DELIVERIES = Delivery.metadata.tables["delivery"]


class _Pending(NamedTuple):
    delivery_id: int
    stream: str
    failures: int
    next_at: datetime


def stream_of(event: Event) -> str:
    """Whose events go out one after the other."""
    found = event.call_id or event.campaign_id or event.subject_id
    assert found is not None
    return found


async def waits(
    session: AsyncSession, webhook_id: str, streams: Collection[str]
) -> dict[str, datetime]:
    """Until when something waits for its next try, in those of the streams in which it does."""
    found: dict[str, datetime] = {}
    for some in batches(set(streams)):
        statement = (
            sql_select(_DELIVERIES.c.stream, func.max(_DELIVERIES.c.next_at))
            .where(*_among(webhook_id, some), _DELIVERIES.c.failures > 0)
            .group_by(_DELIVERIES.c.stream)
        )
        found.update(tuple(row) for row in await rows_of(session, statement))
    return found


async def hold_back(
    session: AsyncSession, webhook_id: str, streams: Collection[str], now: datetime
) -> None:
    """What has not failed is due when those before it are that wait; if none does, now.

    For a caller that holds the webhook. What is due already and waits for nothing stays as it is:
    it may be on its way.
    """
    connection = await session.connection()
    for some in batches(set(streams)):
        waiting = await _waiting(session, webhook_id, some, now)
        # In Python: SQLite would look for the last time among all that the webhook waits for.
        if moved := list(_moved(await _pending(session, webhook_id, waiting), now)):
            await connection.execute(_moving(), moved)


async def _waiting(
    session: AsyncSession, webhook_id: str, streams: Collection[str], now: datetime
) -> list[str]:
    """Those of the streams in which something waits."""
    late = or_(_DELIVERIES.c.next_at > now, _DELIVERIES.c.failures > 0)
    statement = (
        sql_select(_DELIVERIES.c.stream).where(*_among(webhook_id, streams), late).distinct()
    )
    return [row[0] for row in await rows_of(session, statement)]


async def _pending(
    session: AsyncSession, webhook_id: str, streams: Collection[str]
) -> list[_Pending]:
    """What is pending in the streams, each in its order."""
    if not streams:
        return []
    statement = (
        sql_select(*(_DELIVERIES.c[name] for name in _Pending._fields))
        .where(*_among(webhook_id, streams))
        .order_by(_DELIVERIES.c.stream, _DELIVERIES.c.event_id)
    )
    return [_Pending(*row) for row in await rows_of(session, statement)]


def _moved(found: Iterable[_Pending], now: datetime) -> Iterator[JsonObject]:
    """Those whose time changes, of deliveries in the order of their streams."""
    waits: dict[str, datetime] = {}
    for one in found:
        waits_for = waits.get(one.stream)
        if one.failures > 0:
            waits[one.stream] = max(one.next_at, waits_for or one.next_at)
            continue
        next_at = waits_for or min(one.next_at, now)
        if next_at != one.next_at:
            yield {"of": one.delivery_id, "new_next_at": next_at}


@cache
def _moving() -> Any:
    statement = update(_DELIVERIES).where(_DELIVERIES.c.delivery_id == bindparam("of"))
    return statement.values(next_at=bindparam("new_next_at"))


def _among(webhook_id: str, streams: Collection[str]) -> list[ColumnElement[bool]]:
    return [
        _DELIVERIES.c.webhook_id == webhook_id,
        _DELIVERIES.c.stream.in_(streams),
        _DELIVERIES.c.state == DeliveryState.PENDING,
    ]
