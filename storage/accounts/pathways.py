"""Pathways: added, read, paged, deleted softly. To update one, set its attributes."""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.model.call import FINAL_STATUSES, CallStatus
from storage.accounts.names import is_named
from storage.database.pagination import batches, page_of
from storage.tables import Agent, Call, Pathway


async def add(session: AsyncSession, row: Pathway) -> None:
    session.add(row)
    await session.flush()


async def get(session: AsyncSession, account_id: str, pathway_id: str) -> Pathway | None:
    """The pathway, unless it is another account's or deleted."""
    statement = select(Pathway).where(
        col(Pathway.pathway_id) == pathway_id,
        col(Pathway.account_id) == account_id,
        col(Pathway.deleted_time).is_(None),
    )
    return (await session.exec(statement)).one_or_none()


async def among(session: AsyncSession, account_id: str, ids: Collection[str]) -> dict[str, Pathway]:
    """Those of the pathways that the account has, by their ids."""
    found: dict[str, Pathway] = {}
    for some in batches(ids):
        statement = select(Pathway).where(
            col(Pathway.pathway_id).in_(some),
            col(Pathway.account_id) == account_id,
            col(Pathway.deleted_time).is_(None),
        )
        found.update({row.pathway_id: row for row in (await session.exec(statement)).all()})
    return found


async def page(
    session: AsyncSession, account_id: str, skip: int, take: int, name: str | None = None
) -> tuple[list[Pathway], int]:
    """Newest first, and how many there are in all; `name`: of those that are called so."""
    conditions = [col(Pathway.account_id) == account_id, col(Pathway.deleted_time).is_(None)]
    if name is not None:
        conditions.append(is_named(col(Pathway.name), name))
    return await page_of(
        session,
        Pathway,
        *conditions,
        order=(col(Pathway.created_time).desc(), col(Pathway.pathway_id).desc()),
        skip=skip,
        take=take,
    )


async def delete(session: AsyncSession, row: Pathway, now: datetime) -> None:
    """Marks it deleted; what refers to it keeps it."""
    row.deleted_time = now
    row.updated_time = now
    session.add(row)
    await session.flush()


async def speakers(
    session: AsyncSession, account_id: str, pathway_ids: Collection[str]
) -> dict[str, list[Agent]]:
    """The agents that speak each of these pathways by default, by name; none: left out."""
    found: dict[str, list[Agent]] = {}
    for some in batches(pathway_ids):
        statement = (
            select(Agent)
            .where(
                col(Agent.account_id) == account_id,
                col(Agent.pathway_id).in_(some),
                col(Agent.deleted_time).is_(None),
            )
            .order_by(col(Agent.name), col(Agent.agent_id))
        )
        for agent in (await session.exec(statement)).all():
            found.setdefault(agent.pathway_id or "", []).append(agent)
    return found


async def in_use(session: AsyncSession, account_id: str, pathway_id: str) -> bool:
    """Whether an agent speaks it by default or a call that has not ended will."""
    by_agent = select(Agent.agent_id).where(
        col(Agent.account_id) == account_id,
        col(Agent.pathway_id) == pathway_id,
        col(Agent.deleted_time).is_(None),
    )
    by_call = select(Call.call_id).where(
        col(Call.account_id) == account_id,
        col(Call.status).in_([status for status in CallStatus if status not in FINAL_STATUSES]),
        col(Call.pathway_id) == pathway_id,
    )
    for statement in (by_agent, by_call):
        if (await session.exec(statement.limit(1))).first() is not None:
            return True
    return False
