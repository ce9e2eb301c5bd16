"""Agents: added, read, paged, deleted softly. To update one, set its attributes."""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.accounts.names import is_named
from storage.database.pagination import batches, page_of
from storage.tables import Agent


async def add(session: AsyncSession, row: Agent) -> None:
    session.add(row)
    await session.flush()


async def get(session: AsyncSession, account_id: str, agent_id: str) -> Agent | None:
    """The agent, unless it is another account's or deleted."""
    statement = select(Agent).where(
        col(Agent.agent_id) == agent_id,
        col(Agent.account_id) == account_id,
        col(Agent.deleted_time).is_(None),
    )
    return (await session.exec(statement)).one_or_none()


async def among(session: AsyncSession, account_id: str, ids: Collection[str]) -> dict[str, Agent]:
    """Those of the agents that the account has, by their ids."""
    found: dict[str, Agent] = {}
    for some in batches(ids):
        statement = select(Agent).where(
            col(Agent.agent_id).in_(some),
            col(Agent.account_id) == account_id,
            col(Agent.deleted_time).is_(None),
        )
        found.update({agent.agent_id: agent for agent in (await session.exec(statement)).all()})
    return found


async def every(session: AsyncSession, ids: Collection[str]) -> dict[str, Agent]:
    """The agents of any account, deleted ones too, by their ids."""
    found: dict[str, Agent] = {}
    for some in batches(ids):
        statement = select(Agent).where(col(Agent.agent_id).in_(some))
        found.update({agent.agent_id: agent for agent in (await session.exec(statement)).all()})
    return found


async def all_of(session: AsyncSession, account_id: str) -> list[Agent]:
    """The account's agents, by their ids."""
    statement = (
        select(Agent)
        .where(col(Agent.account_id) == account_id, col(Agent.deleted_time).is_(None))
        .order_by(col(Agent.agent_id))
    )
    return list((await session.exec(statement)).all())


async def page(
    session: AsyncSession, account_id: str, skip: int, take: int, name: str | None = None
) -> tuple[list[Agent], int]:
    """Newest first, and how many there are in all; `name`: of those that are called so."""
    conditions = [col(Agent.account_id) == account_id, col(Agent.deleted_time).is_(None)]
    if name is not None:
        conditions.append(is_named(col(Agent.name), name))
    return await page_of(
        session,
        Agent,
        *conditions,
        order=(col(Agent.created_time).desc(), col(Agent.agent_id).desc()),
        skip=skip,
        take=take,
    )


async def delete(session: AsyncSession, row: Agent, now: datetime) -> None:
    """Marks it deleted; what refers to it keeps it."""
    row.deleted_time = now
    row.updated_time = now
    session.add(row)
    await session.flush()
