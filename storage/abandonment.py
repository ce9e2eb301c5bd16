"""Abandoned calls of campaigns, counted over the transfers that nobody had asked for."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import case, func
from sqlalchemy import select as sql_select
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.transfers.abandonment import DAY, MONTH, Standing, limit_of
from storage.database.core import rows_of
from storage.tables import Agent, Campaign, Pathway, Transfer

#: A campaign in whose time nobody has been put through yet.
BEGINNING = Standing("", 0, 0)


def watched_with(campaign_columns: Any) -> Any:
    """Campaigns, each with whether its pathway puts callees through who have not asked for it."""
    spoken = func.coalesce(col(Campaign.pathway_id), col(Agent.pathway_id))
    return (
        select(campaign_columns, Pathway.hands_over)
        .join(Agent, col(Agent.agent_id) == col(Campaign.agent_id))
        .outerjoin(Pathway, col(Pathway.pathway_id) == spoken)
    )


async def is_watched(session: AsyncSession, campaign: Campaign) -> bool:
    """Whether calls of this campaign may be abandoned."""
    statement = watched_with(col(Campaign.campaign_id)).where(
        col(Campaign.campaign_id) == campaign.campaign_id
    )
    found = (await session.exec(statement)).first()
    return found is not None and bool(found[1])


async def standings(
    session: AsyncSession, campaign_ids: Collection[str], now: datetime
) -> dict[str, list[Standing]]:
    """By campaign, how each country's callees fared within the time of its limit."""
    if not campaign_ids:
        return {}
    today = col(Transfer.asked_at) > now - DAY
    lost = col(Transfer.abandoned).is_(True)
    statement = (
        sql_select(
            col(Transfer.campaign_id),
            col(Transfer.jurisdiction),
            func.count(),
            func.sum(case((lost, 1), else_=0)),
            func.sum(case((today, 1), else_=0)),
            func.sum(case((today & lost, 1), else_=0)),
        )
        .where(
            col(Transfer.campaign_id).in_(campaign_ids),
            # As the partial index says it.
            col(Transfer.abandoned).is_not(None),
            col(Transfer.campaign_id).is_not(None),
            col(Transfer.asked_at) > now - MONTH,
        )
        .group_by(col(Transfer.campaign_id), col(Transfer.jurisdiction))
    )
    sums: dict[str, dict[str, tuple[int, int]]] = {}
    for campaign_id, where, *numbers in await rows_of(session, statement):
        month, month_lost, day, day_lost = map(int, numbers)
        country = (where or "").partition("-")[0]
        whole = limit_of(country).over == MONTH
        found = sums.setdefault(campaign_id, {})
        before = found.get(country, (0, 0))
        more = (month, month_lost) if whole else (day, day_lost)
        found[country] = (before[0] + more[0], before[1] + more[1])
    return {
        id_: [Standing(country, *counts) for country, counts in found.items()]
        for id_, found in sums.items()
    }
