"""Campaigns: their steps from draft to end, and what becomes of their calls."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import case, col, delete, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.model.call import (
    CANCELABLE_STATUSES,
    FINAL_STATUSES,
    UNCOUNTED_RESULTS,
    AttemptResult,
    CallStatus,
    CampaignStatus,
)
from policy.model.reasons import Reason
from storage.accounts.names import is_named
from storage.calls.startable import AT_ONCE
from storage.campaigns import segments
from storage.campaigns.progress import CampaignProgress as CampaignProgress
from storage.campaigns.progress import progress as progress
from storage.database.locks import lock_campaign
from storage.database.pagination import page_of
from storage.events import event_log
from storage.events.event_log import EventType
from storage.follow_ups import texts
from storage.tables import Attempt, Call, Campaign, Contact, GoalQuota

_STEPS: Mapping[CampaignStatus, frozenset[CampaignStatus]] = {
    CampaignStatus.DRAFT: frozenset({CampaignStatus.RUNNING, CampaignStatus.CANCELED}),
    CampaignStatus.RUNNING: frozenset(
        {CampaignStatus.PAUSED, CampaignStatus.COMPLETED, CampaignStatus.CANCELED}
    ),
    CampaignStatus.PAUSED: frozenset({CampaignStatus.RUNNING, CampaignStatus.CANCELED}),
    CampaignStatus.COMPLETED: frozenset(),
    CampaignStatus.CANCELED: frozenset(),
}
#: Results that show a fault on the way to the callee, and none of the callee's.
TECHNICAL_FAILURES = frozenset(
    {
        AttemptResult.NETWORK_ERROR,
        AttemptResult.REFUSED,
        AttemptResult.UNKNOWN,
        AttemptResult.NOT_SERVED,
    }
)
#: Nothing was placed, so there is nothing to learn from.
_NO_DIALS = list(UNCOUNTED_RESULTS)
_OPEN_STATUSES = [status for status in CallStatus if status not in FINAL_STATUSES]


class BadTransition(Exception):
    """A campaign in status `from_` cannot become `to`."""

    def __init__(self, from_: CampaignStatus, to: CampaignStatus) -> None:
        super().__init__(f"{from_} to {to}")
        self.from_ = from_
        self.to = to


async def add(session: AsyncSession, campaign: Campaign) -> None:
    session.add(campaign)
    await event_log.append_of_campaign(
        session, campaign, EventType.CAMPAIGN_CREATED, campaign.created_time
    )
    await session.flush()


async def get(session: AsyncSession, account_id: str, campaign_id: str) -> Campaign | None:
    """The campaign, unless it is another account's."""
    statement = select(Campaign).where(
        col(Campaign.campaign_id) == campaign_id, col(Campaign.account_id) == account_id
    )
    return (await session.exec(statement)).one_or_none()


async def load(session: AsyncSession, campaign_id: str) -> Campaign | None:
    """The campaign of any account: for workers, never for people."""
    return await session.get(Campaign, campaign_id)


async def lock(session: AsyncSession, campaign_id: str) -> Campaign | None:
    """The campaign as it is now, held until the transaction ends. Asking again costs no query."""
    return await lock_campaign(session, campaign_id)


async def hold(session: AsyncSession, account_id: str, campaign_id: str) -> Campaign | None:
    """The same, unless it is another account's."""
    return await lock_campaign(session, campaign_id, account_id)


async def page(
    session: AsyncSession,
    account_id: str,
    statuses: Sequence[CampaignStatus],
    skip: int,
    take: int,
    name: str | None = None,
) -> tuple[list[Campaign], int]:
    """Newest first, and how many there are in all; `name`: of those that are called so."""
    conditions = [col(Campaign.account_id) == account_id]
    if name is not None:
        conditions.append(is_named(col(Campaign.name), name))
    if statuses:
        conditions.append(col(Campaign.status).in_(list(statuses)))
    return await page_of(
        session,
        Campaign,
        *conditions,
        order=(col(Campaign.created_time).desc(), col(Campaign.campaign_id).desc()),
        skip=skip,
        take=take,
    )


async def naming(
    session: AsyncSession,
    account_id: str,
    take: int,
    *,
    agent_id: str | None = None,
    pathway_id: str | None = None,
) -> list[Campaign]:
    """The newest that name this agent or this pathway."""
    conditions = [col(Campaign.account_id) == account_id]
    if agent_id is not None:
        conditions.append(col(Campaign.agent_id) == agent_id)
    if pathway_id is not None:
        conditions.append(col(Campaign.pathway_id) == pathway_id)
    statement = select(Campaign).where(*conditions)
    newest = statement.order_by(col(Campaign.created_time).desc(), col(Campaign.campaign_id).desc())
    return list((await session.exec(newest.limit(take))).all())


async def running(session: AsyncSession, after: str, limit: int) -> list[str]:
    """Ids of all accounts' running campaigns, in their order, from `after` on: for the sweep."""
    statement = (
        select(Campaign.campaign_id)
        .where(col(Campaign.status) == CampaignStatus.RUNNING, col(Campaign.campaign_id) > after)
        .order_by(col(Campaign.campaign_id))
        .limit(limit)
    )
    return list((await session.exec(statement)).all())


async def delete_draft(session: AsyncSession, campaign: Campaign) -> None:
    """Removes a draft with its contacts; the caller has seen that it is one."""
    of_campaign = col(Contact.campaign_id) == campaign.campaign_id
    await session.exec(delete(Contact).where(of_campaign))
    await session.exec(delete(GoalQuota).where(col(GoalQuota.campaign_id) == campaign.campaign_id))
    await session.delete(campaign)
    await session.flush()


async def set_status(
    session: AsyncSession,
    campaign: Campaign,
    status: CampaignStatus,
    now: datetime,
    reason: str | None = None,
    detail: str | None = None,
) -> Campaign:
    """The one place where a campaign changes its status; raises `BadTransition`.

    Returns the campaign as it is now, held until the transaction ends.
    """
    current = await lock(session, campaign.campaign_id) or campaign
    if status not in _STEPS[current.status]:
        raise BadTransition(current.status, status)
    event = _event_of(current.status, status, reason)
    current.status, current.reason, current.detail = status, reason, detail
    current.updated_time = now
    _stamp(current, now)
    session.add(current)
    if event is EventType.CAMPAIGN_RESUMED and current.steps_spec is not None:
        why, id_ = texts.CAMPAIGN_PAUSED, current.campaign_id
        await texts.hurry(session, current.account_id, why, now, id_)
    said = {"reason": reason, "detail": detail} if reason else {}
    await event_log.append_of_campaign(session, current, event, now, said)
    await session.flush()
    return current


def _event_of(from_: CampaignStatus, to: CampaignStatus, reason: str | None) -> EventType:
    if to is CampaignStatus.RUNNING:
        draft = from_ is CampaignStatus.DRAFT
        return EventType.CAMPAIGN_STARTED if draft else EventType.CAMPAIGN_RESUMED
    if to is CampaignStatus.PAUSED:
        tripped = reason == Reason.BREAKER_TRIPPED
        return EventType.CAMPAIGN_TRIPPED if tripped else EventType.CAMPAIGN_PAUSED
    return EventType(f"campaign.{to.value.lower()}")


def _stamp(campaign: Campaign, now: datetime) -> None:
    if campaign.status is CampaignStatus.RUNNING:
        campaign.started_time = campaign.started_time or now
        campaign.resumed_time = now
        campaign.paused_time = None
    elif campaign.status is CampaignStatus.PAUSED:
        campaign.paused_time = now
    else:
        campaign.completed_time = now


async def technical_failures(
    session: AsyncSession, campaign_id: str, since: datetime
) -> tuple[int, int]:
    """How many dials have ended since then, and how many of them failed technically."""
    owner = select(Campaign.account_id).where(col(Campaign.campaign_id) == campaign_id)
    failed = case((col(Attempt.result).in_(list(TECHNICAL_FAILURES)), 1), else_=0)
    statement = (
        select(func.count(), func.coalesce(func.sum(failed), 0))
        .select_from(Attempt)
        .join(Call, col(Call.call_id) == col(Attempt.call_id))
        .where(
            col(Attempt.account_id) == owner.scalar_subquery(),
            col(Attempt.settled_at) >= since,
            col(Attempt.result).not_in(_NO_DIALS),
            col(Call.campaign_id) == campaign_id,
        )
    )
    dials, failures = (await session.exec(statement)).one()
    return int(dials), int(failures)


async def open_call_ids(
    session: AsyncSession, campaign_id: str, after: str, limit: int
) -> list[str]:
    """Ids of calls that have not ended, in their order, from `after` on."""
    statement = (
        select(Call.call_id)
        .where(
            col(Call.campaign_id) == campaign_id,
            col(Call.status).in_(_OPEN_STATUSES),
            col(Call.call_id) > after,
        )
        .order_by(col(Call.call_id))
        .limit(limit)
    )
    return list((await session.exec(statement)).all())


async def request_cancel_all(session: AsyncSession, campaign_id: str) -> None:
    """Notes the wish on every call that has not reached the carrier; no contact becomes one."""
    await session.exec(
        update(Call)
        .where(
            col(Call.campaign_id) == campaign_id,
            col(Call.status).in_(list(CANCELABLE_STATUSES)),
        )
        .values(cancel_requested=True)
        .execution_options(synchronize_session=False)
    )
    # Those that wait as rows leave the queue: their workflows are to end them.
    await session.exec(
        update(Call)
        .where(col(Call.campaign_id) == campaign_id, col(Call.status) == CallStatus.CREATED)
        .values(AT_ONCE)
        .execution_options(synchronize_session=False)
    )
    await segments.drop_staged(session, campaign_id, segments.CAMPAIGN_CANCELED)


async def change_waiting_calls(
    session: AsyncSession, campaign_id: str, values: Mapping[str, Any]
) -> None:
    """Gives new values to columns of every call that waits."""
    waiting = [CallStatus.CREATED, CallStatus.QUEUED]
    await session.exec(
        update(Call)
        .where(col(Call.campaign_id) == campaign_id, col(Call.status).in_(waiting))
        .values(dict(values))
        .execution_options(synchronize_session=False)
    )
