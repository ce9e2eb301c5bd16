"""What a campaign's goal, variants, steps and best times will do to it, in words."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from policy.accounts.pricing import rates_of
from policy.campaigns.goals import goal_of
from policy.campaigns.outline import outline
from policy.campaigns.splits import split_of
from storage.facts import daypart_rates
from storage.follow_ups.step_specs import steps_of
from storage.tables import Account, Agent, Campaign


async def outline_of(
    session: AsyncSession, account: Account, campaign: Campaign, agent: Agent, now: datetime
) -> list[str]:
    """Sentences; none of a campaign that has nothing of the kind."""
    return list(
        outline(
            goal_of(campaign.goal_spec),
            split_of(campaign.split_spec),
            steps_of(campaign.steps_spec) if campaign.steps_spec else None,
            await daypart_rates.best_times_of(session, agent, now),
            rates_of(account.rates).currency,
        )
    )
