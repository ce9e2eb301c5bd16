"""What a campaign's feed has to know of its calls; all served by `ix_call_campaign`."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import exists, func
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.model.call import FINAL_STATUSES, CallStatus, WaitingFor
from storage.calls import startable
from storage.calls.startable import LEAD
from storage.tables import Call, Lease

_NEAR = (CallStatus.CREATED, CallStatus.PENDING, CallStatus.IN_PROGRESS)
_OPEN = [status for status in CallStatus if status not in FINAL_STATUSES]


async def near(session: AsyncSession, campaign_id: str) -> int:
    """Calls that hold a place: being dialed, about to be, or waiting for a slot.

    One that sleeps for its window or its retry holds none.
    """
    waits_for_slot = col(Call.waiting_for) == WaitingFor.SLOT
    statement = (
        select(func.count())
        .select_from(Call)
        .where(
            col(Call.campaign_id) == campaign_id,
            col(Call.status).in_([*_NEAR, CallStatus.QUEUED]),
            or_(col(Call.status) != CallStatus.QUEUED, waits_for_slot),
        )
    )
    return (await session.exec(statement)).one()


async def open_calls(session: AsyncSession, campaign_id: str) -> int:
    statement = (
        select(func.count())
        .select_from(Call)
        .where(col(Call.campaign_id) == campaign_id, col(Call.status).in_(_OPEN))
    )
    return (await session.exec(statement)).one()


async def unstarted(
    session: AsyncSession, campaign_id: str, besides: Sequence[str], now: datetime, limit: int
) -> list[Call]:
    """Calls whose workflow is to begin, oldest first: of those in the queue, those with a slot."""
    has_slot = exists().where(
        col(Lease.call_id) == col(Call.call_id),
        col(Lease.released_at).is_(None),
        col(Lease.expires_at) > now,
    )
    statement = (
        select(Call)
        .where(
            col(Call.campaign_id) == campaign_id,
            col(Call.status) == CallStatus.CREATED,
            col(Call.call_id).not_in(besides),
            or_(
                col(Call.waiting_for).is_(None),
                col(Call.waiting_for) != WaitingFor.SLOT,
                col(Call.workflow_by) <= now + LEAD,
                has_slot,
            ),
        )
        .order_by(col(Call.created_time), col(Call.call_id))
        .limit(limit)
    )
    return list((await session.exec(statement)).all())


async def undecided(session: AsyncSession, call_ids: Sequence[str]) -> list[str]:
    """Those of the calls about which nothing has been decided yet."""
    return sorted(await startable.undecided(session, call_ids))


async def next_attempt(session: AsyncSession, campaign_id: str) -> datetime | None:
    """When the first of the calls that sleep wakes up."""
    statement = select(func.min(col(Call.next_attempt_at))).where(
        col(Call.campaign_id) == campaign_id, col(Call.status) == CallStatus.QUEUED
    )
    return (await session.exec(statement)).one()
