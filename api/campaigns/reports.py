"""Where a campaign stands, and whether it will make it before its deadline."""

import asyncio
from dataclasses import replace
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from api.campaigns import goals
from api.campaigns.outlook import call_rate_of, prospect_of
from api.campaigns.views import DeadlineRisk, ProgressView, WaitingView
from api.http.deps import Services
from policy.campaigns.campaigns import Forecast, forecast
from policy.campaigns.preflight import call_times
from policy.model.call import CampaignStatus, ContactState
from storage.accounts import agents
from storage.campaigns import campaigns, contacts
from storage.tables import Account, Campaign

_MINUTES_MEASURED = 5


async def progress_view(
    session: AsyncSession, uses: Services, account: Account, campaign: Campaign
) -> ProgressView:
    """Counts, pace, and an outlook while it runs or could go on."""
    now = uses.now()
    stands = await campaigns.progress(session, campaign.campaign_id, now)
    outlook = await _outlook(session, uses, account, campaign, stands, now)
    runs = campaign.status is CampaignStatus.RUNNING
    return ProgressView(
        contacts=dict(stands.contacts),
        statuses={status.value: count for status, count in stands.statuses.items()},
        outcomes=dict(stands.outcomes),
        attempts=stands.attempts,
        in_flight=stands.in_flight,
        last_in_flight_ends_by=stands.last_in_flight_ends_by,
        waiting=WaitingView(
            slot=stands.waiting_slot, window=stands.waiting_window, retry=stands.waiting_retry
        ),
        calls_per_minute=stands.calls_last_5_minutes / _MINUTES_MEASURED,
        ended_per_minute=stands.ended_last_5_minutes / _MINUTES_MEASURED,
        spent=stands.spent,
        eta=outlook.eta if outlook and runs else None,
        goal=await goals.progress_of(session, campaign, stands.spent),
        deadline_risk=_risk(outlook) if outlook and campaign.call_deadline else None,
    )


async def _outlook(
    session: AsyncSession,
    uses: Services,
    account: Account,
    campaign: Campaign,
    stands: campaigns.CampaignProgress,
    now: datetime,
) -> Forecast | None:
    if campaign.status not in (CampaignStatus.RUNNING, CampaignStatus.PAUSED):
        return None
    agent = await agents.get(session, account.account_id, campaign.agent_id)
    sample = await contacts.first(session, campaign.campaign_id)
    if agent is None or not agent.caller_ids or sample is None:
        return None
    ahead = await prospect_of(session, uses, account, campaign, agent, [sample], now)
    facts = replace(ahead.facts(sample), deadline=None)
    times = await asyncio.to_thread(call_times, facts, now)
    calls = stands.contacts[ContactState.STAGED] + stands.open_calls
    pace = call_rate_of(account, campaign, agent, stands)
    return forecast(calls, pace, times, now, campaign.call_deadline)


def _risk(outlook: Forecast) -> DeadlineRisk:
    return DeadlineRisk(
        will_miss=outlook.will_miss,
        more_slots=outlook.more_slots,
        more_minutes=outlook.more_minutes,
        detail=_spoken(outlook),
    )


def _spoken(outlook: Forecast) -> str:
    if outlook.will_miss == 0:
        return "All calls should be made before the deadline."
    ways = []
    if outlook.more_slots:
        ways.append(f"{outlook.more_slots} more slots")
    if outlook.more_minutes:
        ways.append(f"{outlook.more_minutes} more minutes")
    help_ = f"; {' or '.join(ways)} would do" if ways else ""
    return f"{outlook.will_miss} calls will miss the deadline{help_}."
