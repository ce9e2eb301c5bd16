"""Where a campaign stands, counted over its contacts, its calls and their dials."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select as sql_select
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.model.call import CallStatus, ContactState, Outcome, WaitingFor
from storage.attempts import costs
from storage.campaigns import contacts
from storage.database.core import rows_of
from storage.tables import Attempt, Call, CallTally, Campaign, Lease

#: What the pace is measured over.
LATELY = timedelta(minutes=5)
_IN_FLIGHT = (CallStatus.PENDING, CallStatus.IN_PROGRESS)


@dataclass(frozen=True, slots=True)
class CampaignProgress:
    """`in_flight` calls have a slot: dialed, or about to be. `spent` is in micro-units."""

    contacts: Mapping[ContactState, int]
    statuses: Mapping[CallStatus, int]
    outcomes: Mapping[Outcome, int]
    attempts: int
    in_flight: int
    waiting_slot: int
    waiting_window: int
    waiting_retry: int
    calls_last_5_minutes: int
    ended_last_5_minutes: int
    last_in_flight_ends_by: datetime | None
    spent: int
    #: Of dials that connected; None while there is none.
    average_seconds: float | None

    @property
    def open_calls(self) -> int:
        return sum(count for status, count in self.statuses.items() if not status.is_final)


async def progress(session: AsyncSession, campaign_id: str, now: datetime) -> CampaignProgress:
    """Everything at once. How many calls there are of each kind is kept by the database itself."""
    statuses, outcomes, waiting = await _kinds(session, campaign_id)
    attempts, average = await _dials(session, campaign_id)
    return CampaignProgress(
        contacts=await contacts.counts(session, campaign_id),
        statuses=statuses,
        outcomes=outcomes,
        attempts=attempts,
        in_flight=sum(statuses[status] for status in _IN_FLIGHT),
        waiting_slot=waiting[WaitingFor.SLOT],
        waiting_window=waiting[WaitingFor.WINDOW],
        waiting_retry=waiting[WaitingFor.RETRY],
        calls_last_5_minutes=await _granted_since(session, campaign_id, now - LATELY),
        ended_last_5_minutes=await _ended_since(session, campaign_id, now - LATELY),
        last_in_flight_ends_by=await last_end(session, campaign_id, now),
        spent=await _spent(session, campaign_id),
        average_seconds=average,
    )


async def _kinds(
    session: AsyncSession, campaign_id: str
) -> tuple[Counter[CallStatus], Counter[Outcome], Counter[WaitingFor]]:
    """Of its calls: how many have each status, how they ended, what they wait for."""
    kind = (col(CallTally.status), col(CallTally.outcome), col(CallTally.waiting_for))
    number = func.sum(col(CallTally.n))
    statement = (
        sql_select(*kind, number)
        .where(
            col(CallTally.account_id) == _account_of(campaign_id),
            col(CallTally.campaign_id) == campaign_id,
        )
        .group_by(*kind)
        .having(number > 0)
    )
    statuses: Counter[CallStatus] = Counter(dict.fromkeys(CallStatus, 0))
    outcomes: Counter[Outcome] = Counter()
    waiting: Counter[WaitingFor] = Counter()
    for status, outcome, waiting_for, calls in await rows_of(session, statement):
        statuses[CallStatus(status)] += int(calls)
        if outcome:
            outcomes[Outcome(outcome)] += int(calls)
        if waiting_for and (status, waiting_for) != (CallStatus.CREATED, WaitingFor.WINDOW):
            waiting[WaitingFor(waiting_for)] += int(calls)
    return statuses, outcomes, waiting


async def _dials(session: AsyncSession, campaign_id: str) -> tuple[int, float | None]:
    """Attempts that were sent, and how long the connected ones lasted on average."""
    statement = (
        select(
            func.count(col(Attempt.sending_at)),
            func.avg(col(Attempt.duration_seconds)),
        )
        .join(Call, col(Call.call_id) == col(Attempt.call_id))
        .where(col(Call.campaign_id) == campaign_id)
    )
    attempts, average = (await session.exec(statement)).one()
    return attempts, None if average is None else float(average)


async def _spent(session: AsyncSession, campaign_id: str) -> int:
    campaign = await session.get(Campaign, campaign_id)
    return await costs.of_campaign(session, campaign.account_id, campaign_id) if campaign else 0


async def _granted_since(session: AsyncSession, campaign_id: str, since: datetime) -> int:
    statement = (
        select(func.count())
        .select_from(Lease)
        .where(
            col(Lease.account_id) == _account_of(campaign_id),
            col(Lease.granted_at) > since,
            col(Lease.taken_at).is_not(None),
            col(Lease.campaign_id) == campaign_id,
        )
    )
    return (await session.exec(statement)).one()


async def _ended_since(session: AsyncSession, campaign_id: str, since: datetime) -> int:
    statement = (
        select(func.count(func.distinct(col(Call.call_id))))
        .join(Attempt, col(Attempt.call_id) == col(Call.call_id))
        .where(
            col(Attempt.account_id) == _account_of(campaign_id),
            col(Attempt.settled_at) >= since,
            col(Call.campaign_id) == campaign_id,
            col(Call.completed_time) >= since,
        )
    )
    return (await session.exec(statement)).one()


def _account_of(campaign_id: str) -> Any:
    owner = select(Campaign.account_id).where(col(Campaign.campaign_id) == campaign_id)
    return owner.scalar_subquery()


async def last_end(session: AsyncSession, campaign_id: str, now: datetime) -> datetime | None:
    """When the last of the calls in flight should be over; None if there is none."""
    # Not grouped by the call: SQLite would go through all calls there are, in that order.
    statement = (
        sql_select(
            *(col(Call.call_id), col(Call.ring_timeout), col(Call.max_duration)),
            *(col(Attempt.dialed_at), col(Attempt.answered_at)),
        )
        .outerjoin(
            Attempt,
            (col(Attempt.call_id) == col(Call.call_id)) & col(Attempt.settled_at).is_(None),
        )
        .where(col(Call.campaign_id) == campaign_id, col(Call.status).in_(_IN_FLIGHT))
    )
    ends: dict[str, datetime] = {}
    for call_id, *dial in await rows_of(session, statement):
        ends[call_id] = max(_end(now, *dial), ends.get(call_id, now))
    return max(ends.values(), default=None)


def _end(
    now: datetime,
    ring_timeout: int,
    max_duration: int,
    dialed_at: datetime | None,
    answered_at: datetime | None,
) -> datetime:
    if answered_at is not None:
        return answered_at + timedelta(seconds=max_duration)
    return (dialed_at or now) + timedelta(seconds=ring_timeout + max_duration)
