"""How well people have answered by the time of day, for retries that want to know."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from policy.facts import Facts
from policy.model.call import DaypartChoice
from policy.time.best_times import BestTimes
from policy.time.dayparts import DaypartRate, first_month, rates_of
from storage.analytics import analytics
from storage.tables import Agent


async def told(session: AsyncSession, account_id: str, facts: Facts, now: datetime) -> Facts:
    """The facts with the rates that the call's plan asks for; else as they are, without a query."""
    return (await told_many(session, account_id, {"": facts}, now))[""]


async def told_many(
    session: AsyncSession, account_id: str, facts: Mapping[str, Facts], now: datetime
) -> dict[str, Facts]:
    """The same for many calls of one account, by any key."""
    asking = {one.agent_id for one in facts.values() if _asks(one)}
    known = {agent: await dayparts(session, account_id, agent, now) for agent in sorted(asking)}
    choosy = {one.agent_id for one in facts.values() if one.best_times is not None}
    own = {agent: await _own(session, account_id, agent, now) for agent in sorted(choosy)}
    return {
        key: _with_best_times(
            replace(one, dayparts=known[one.agent_id]) if _asks(one) else one, own
        )
        for key, one in facts.items()
    }


async def told_best_times(
    session: AsyncSession, account_id: str, facts: Facts, now: datetime
) -> Facts:
    """Facts that many calls of an agent share, with what its own answers say of its best times."""
    if facts.best_times is None:
        return facts
    own = await _own(session, account_id, facts.agent_id, now)
    return _with_best_times(facts, {facts.agent_id: own})


async def best_times_of(session: AsyncSession, agent: Agent, now: datetime) -> BestTimes | None:
    """When an agent's calls are tried first, as far as is known; None: it has no such times."""
    if agent.best_times is None:
        return None
    own = await _own(session, agent.account_id, agent.agent_id, now)
    return BestTimes(agent.best_times, own)


def _with_best_times(facts: Facts, own: Mapping[str, tuple[DaypartRate, ...]]) -> Facts:
    if facts.best_times is None:
        return facts
    return replace(facts, best_times=replace(facts.best_times, rates=own[facts.agent_id]))


def _asks(facts: Facts) -> bool:
    return facts.retry.daypart is DaypartChoice.BEST and bool(facts.attempts)


async def dayparts(
    session: AsyncSession, account_id: str, agent_id: str, now: datetime
) -> tuple[DaypartRate, ...]:
    """Of the agent's own attempts; the account's where the agent has made too few."""
    own = await _own(session, account_id, agent_id, now)
    if any(rate.is_enough for rate in own):
        return own
    return rates_of(await analytics.slots(session, account_id, first_month(now)))


async def _own(
    session: AsyncSession, account_id: str, agent_id: str, now: datetime
) -> tuple[DaypartRate, ...]:
    since = first_month(now)
    return rates_of(await analytics.slots(session, account_id, since, agent_id=agent_id))
