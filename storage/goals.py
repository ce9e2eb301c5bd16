"""How far campaigns are with their goals: counters that the database keeps, and what they mean."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, insert, or_
from sqlalchemy import select as sql_select
from sqlmodel import col, delete
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.accounts import pricing
from policy.accounts.pricing import PriceRates
from policy.campaigns.goals import (
    ANYBODY,
    WHOLE,
    Goal,
    GoalVerdict,
    bars,
    goal_of,
    verdict,
    words_of,
)
from policy.model.call import Outcome
from storage.database.core import rows_of
from storage.tables import Call, CallTally, Campaign, GoalQuota, Transfer

_NOTHING: Mapping[str, int] = {}


@dataclass(frozen=True, slots=True)
class GoalStanding:
    """A campaign's goal and what is reached of it. `dials_left`: None: no amount is said."""

    goal: Goal
    verdict: GoalVerdict
    dials_left: int | None = None

    def bars(self, context: Mapping[str, Any]) -> bool:
        """Whether a call with this context is not needed any more."""
        return bars(self.verdict, self.goal.variable, context)


async def found(session: AsyncSession, campaign_ids: Collection[str]) -> dict[str, dict[str, int]]:
    """How many calls ended as the goals ask: by campaign and segment; "" is the whole."""
    if not campaign_ids:
        return {}
    columns = (col(GoalQuota.campaign_id), col(GoalQuota.segment), col(GoalQuota.n))
    statement = sql_select(*columns).where(col(GoalQuota.campaign_id).in_(campaign_ids))
    counts: dict[str, dict[str, int]] = {}
    for campaign_id, segment, number in await rows_of(session, statement):
        counts.setdefault(campaign_id, {})[segment] = int(number)
    return counts


async def standings(
    session: AsyncSession,
    campaigns: Sequence[Campaign],
    now: datetime,
    *,
    spent: Mapping[str, int],
    live: Mapping[str, int],
    rates: PriceRates,
) -> dict[str, GoalStanding]:
    """Of those of the campaigns that have a goal; asks nothing if none has.

    `spent` and `live` by campaign. True only under the account's lock: no call ends without it.
    """
    goals = {one.campaign_id: goal_of(one.goal_spec) for one in campaigns if one.goal_spec}
    counts = await found(session, goals)
    return {
        id_: _standing(
            goal, counts.get(id_, _NOTHING), now, spent.get(id_, 0), live.get(id_, 0), rates
        )
        for id_, goal in goals.items()
        if goal is not None
    }


def _standing(
    goal: Goal, counts: Mapping[str, int], now: datetime, spent: int, live: int, rates: PriceRates
) -> GoalStanding:
    idle = pricing.dials_left(goal.spend, spent, 0, rates)
    left = pricing.dials_left(goal.spend, spent, live, rates)
    return GoalStanding(goal, verdict(goal, counts, now, idle), left)


async def keep_counters(session: AsyncSession, campaign: Campaign) -> None:
    """Makes the counters of a new or a changed goal. What was counted of a segment is kept.

    The caller holds the campaign, and of one that runs its account, without which no call ends.
    """
    goal = goal_of(campaign.goal_spec)
    before = (await found(session, [campaign.campaign_id])).get(campaign.campaign_id, {})
    await session.exec(delete(GoalQuota).where(col(GoalQuota.campaign_id) == campaign.campaign_id))
    if goal is None or not goal.targets:
        return
    if WHOLE in goal.targets:
        before[WHOLE] = await _ended_so(session, campaign, goal)
    outcomes = f",{','.join(words_of(goal.outcomes, goal.transferred_to))},"
    rows = [
        {
            "campaign_id": campaign.campaign_id,
            "segment": segment,
            "variable": "" if segment == WHOLE else goal.variable,
            "outcomes": outcomes,
            "n": before.get(segment, 0),
        }
        for segment in goal.targets
    ]
    await session.exec(insert(GoalQuota), params=rows)


#: How calls end on which somebody was spoken with.
_ANSWERED = (Outcome.COMPLETED, Outcome.CONFIRMED, Outcome.DECLINED, Outcome.OPTED_OUT)
_ENOUGH_ANSWERED = 20


async def share_of_answered(session: AsyncSession, campaign: Campaign, goal: Goal) -> float | None:
    """Of the agent's answered calls those that ended as the goal asks; None: there are too few."""
    columns = (col(CallTally.outcome), func.sum(col(CallTally.n)))
    statement = (
        sql_select(*columns)
        .where(
            col(CallTally.account_id) == campaign.account_id,
            col(CallTally.agent_id) == campaign.agent_id,
            col(CallTally.outcome).in_([one.value for one in _ANSWERED]),
        )
        .group_by(col(CallTally.outcome))
    )
    counts = {outcome: int(number) for outcome, number in await rows_of(session, statement)}
    answered = sum(counts.values())
    if answered < _ENOUGH_ANSWERED:
        return None
    so = sum(counts.get(one.value, 0) for one in goal.outcomes)
    if goal.transferred_to:
        of_agent = col(Call.agent_id) == campaign.agent_id
        so += await _put_through(session, campaign, goal, of_agent)
    return min(1.0, so / answered)


async def _ended_so(session: AsyncSession, campaign: Campaign, goal: Goal) -> int:
    statement = sql_select(func.coalesce(func.sum(col(CallTally.n)), 0)).where(
        col(CallTally.account_id) == campaign.account_id,
        col(CallTally.campaign_id) == campaign.campaign_id,
        col(CallTally.outcome).in_([one.value for one in goal.outcomes]),
    )
    so = int((await rows_of(session, statement))[0][0])
    if goal.transferred_to:
        of_campaign = col(Call.campaign_id) == campaign.campaign_id
        so += await _put_through(session, campaign, goal, of_campaign)
    return so


async def _put_through(
    session: AsyncSession, campaign: Campaign, goal: Goal, which: ColumnElement[bool]
) -> int:
    """Of these calls, those in which the callee was put through as the goal asks, and which do not
    count already for how they ended."""
    statement = (
        sql_select(func.count(col(Transfer.call_id).distinct()))
        .join(Call, col(Call.call_id) == col(Transfer.call_id))
        .where(
            col(Transfer.account_id) == campaign.account_id,
            is_connected_to(goal.transferred_to),
            or_(
                col(Call.outcome).is_(None),
                col(Call.outcome).not_in(sorted(goal.outcomes)),
            ),
            which,
        )
    )
    return int((await rows_of(session, statement))[0][0])


def is_connected_to(names: Collection[str]) -> ColumnElement[bool]:
    """Of transfers: that the callee was put through to a target of these names."""
    connected = col(Transfer.connected_at).is_not(None)
    if ANYBODY in names:
        return connected
    return and_(connected, col(Transfer.target_name).in_(sorted(names)))
