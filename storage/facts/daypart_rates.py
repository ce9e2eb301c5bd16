"""How well people have answered by the time of day, for retries that want to know."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from policy.facts import Facts
from policy.model.call import DaypartChoice
from policy.time.dayparts import DaypartRate, first_month, rates_of
from storage.analytics import analytics


async def told(session: AsyncSession, account_id: str, facts: Facts, now: datetime) -> Facts:
    """The facts with the rates that the call's plan asks for; else as they are, without a query."""
    return (await told_many(session, account_id, {"": facts}, now))[""]


async def told_many(
    session: AsyncSession, account_id: str, facts: Mapping[str, Facts], now: datetime
) -> dict[str, Facts]:
    """The same for many calls of one account, by any key."""
    asking = {one.agent_id for one in facts.values() if _asks(one)}
    known = {agent: await dayparts(session, account_id, agent, now) for agent in sorted(asking)}
    return {
        key: replace(one, dayparts=known[one.agent_id]) if _asks(one) else one
        for key, one in facts.items()
    }


def _asks(facts: Facts) -> bool:
    return facts.retry.daypart is DaypartChoice.BEST and bool(facts.attempts)


async def dayparts(
    session: AsyncSession, account_id: str, agent_id: str, now: datetime
) -> tuple[DaypartRate, ...]:
    """Of the agent's own attempts; the account's where the agent has made too few."""
    since = first_month(now)
    own = rates_of(await analytics.slots(session, account_id, since, agent_id=agent_id))
    if any(rate.is_enough for rate in own):
        return own
    return rates_of(await analytics.slots(session, account_id, since))
