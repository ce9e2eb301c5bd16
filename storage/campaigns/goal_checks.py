"""What becomes of a campaign whose goal is reached: no contact becomes a call, waiting calls end.

The dispatcher gives no slot from the moment on at which the goal is met; here it is written down.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, or_
from sqlmodel import col, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.accounts.pricing import rates_of
from policy.campaigns.goals import WHOLE, GoalVerdict, closed_of, closed_spec
from policy.model.call import CallStatus, ContactState
from policy.model.reasons import Reason
from storage import goals
from storage.attempts import costs
from storage.calls.startable import AT_ONCE
from storage.campaigns import segments
from storage.database.json_filter import json_holds
from storage.database.locks import dialect_of
from storage.events import event_log
from storage.events.event_log import EventType
from storage.goals import GoalStanding
from storage.tables import Account, Call, Campaign, Contact


async def standing(session: AsyncSession, campaign: Campaign, now: datetime) -> GoalStanding | None:
    """How far a campaign is with its goal, with nothing in flight; None: it has none."""
    if campaign.goal_spec is None:
        return None
    account = await session.get(Account, campaign.account_id)
    assert account is not None
    id_ = campaign.campaign_id
    spent = await costs.of_campaigns(session, campaign.account_id, [id_])
    rates = rates_of(account.rates)
    known = await goals.standings(session, [campaign], now, spent=spent, live={}, rates=rates)
    return known.get(id_)


async def close_reached(session: AsyncSession, campaign: Campaign, now: datetime) -> GoalVerdict:
    """Writes down what of the goal was reached since the last look; the caller holds the campaign.

    What is reached stays reached. Contacts of full segments are left to the feed.
    """
    found = await standing(session, campaign, now)
    before = closed_of(campaign.goal_closed)
    if found is None or before.met is not None:
        return before
    after = GoalVerdict(found.verdict.met, found.verdict.full | before.full)
    if after == before:
        return before
    campaign.goal_closed = closed_spec(found.goal, after, now)
    campaign.updated_time = now
    session.add(campaign)
    if after.met is not None:
        await segments.drop_staged(session, campaign.campaign_id, Reason.GOAL_REACHED)
        await _tell(session, campaign, now)
    await session.flush()
    return after


async def _tell(session: AsyncSession, campaign: Campaign, now: datetime) -> None:
    counted = (await goals.found(session, [campaign.campaign_id])).get(campaign.campaign_id, {})
    whole = counted.get(WHOLE, sum(counted.values()))
    data = {
        "reason": Reason.GOAL_REACHED.value,
        "met": (campaign.goal_closed or {}).get("met"),
        "found": whole,
    }
    await event_log.append_of_campaign(
        session, campaign, EventType.CAMPAIGN_GOAL_REACHED, now, data
    )


async def let_go(session: AsyncSession, campaign: Campaign, limit: int) -> list[str]:
    """Has the waiting calls that are not needed any more end; ids of those with a workflow.

    Those that wait as rows leave the queue: their workflows begin, and end them.
    """
    if closed_of(campaign.goal_closed).met is not None:
        # Whoever was added since.
        await segments.drop_staged(session, campaign.campaign_id, Reason.GOAL_REACHED)
    conditions = _not_needed(session, campaign)
    await session.exec(
        update(Call)
        .where(*conditions, col(Call.status) == CallStatus.CREATED, _is_put_off())
        .values(AT_ONCE)
        .execution_options(synchronize_session=False)
    )
    waiting = (
        select(Call.call_id).where(*conditions, col(Call.status) == CallStatus.QUEUED).limit(limit)
    )
    return list((await session.exec(waiting)).all())


def _is_put_off() -> ColumnElement[bool]:
    return or_(col(Call.waiting_for).is_not(None), col(Call.next_attempt_at).is_not(None))


def _not_needed(session: AsyncSession, campaign: Campaign) -> list[ColumnElement[bool]]:
    closed = closed_of(campaign.goal_closed)
    of_campaign = col(Call.campaign_id) == campaign.campaign_id
    if closed.met is not None:
        return [of_campaign]
    name = (campaign.goal_closed or {}).get("variable") or ""
    dialect, context = dialect_of(session), col(Call.context)
    full = [json_holds(dialect, context, name, segment) for segment in sorted(closed.full)]
    return [of_campaign, or_(*full)]


async def never_called(session: AsyncSession, campaign_id: str) -> int:
    """People of the list who never had to be called, as the goal was reached without them."""
    dropped = select(func.count()).where(
        col(Contact.campaign_id) == campaign_id,
        col(Contact.state) == ContactState.DROPPED,
        col(Contact.error_code) == Reason.GOAL_REACHED.value,
    )
    undialed = select(func.count()).where(
        col(Call.campaign_id) == campaign_id,
        col(Call.status) == CallStatus.CANCELED,
        col(Call.reason) == Reason.GOAL_REACHED.value,
    )
    return (await session.exec(dropped)).one() + (await session.exec(undialed)).one()
