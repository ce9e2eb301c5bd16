"""Agents, campaigns and pathways by their names, and their names by their ids."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, func, or_
from sqlalchemy import select as sql_select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.database.core import rows_of
from storage.database.pagination import batches
from storage.tables import Agent, Campaign, Pathway


def is_named(column: SQLColumnExpression[str], name: str) -> ColumnElement[bool]:
    """The whole name, capitals and small letters alike (on SQLite those of ASCII)."""
    return or_(column == name, func.lower(column) == func.lower(name))


async def agents(session: AsyncSession, account_id: str, ids: Collection[str]) -> dict[str, str]:
    """Those of the account, deleted ones too, by their ids."""
    return await _named(session, Agent, col(Agent.agent_id), account_id, ids)


async def campaigns(session: AsyncSession, account_id: str, ids: Collection[str]) -> dict[str, str]:
    """Those of the account, deleted ones too, by their ids."""
    return await _named(session, Campaign, col(Campaign.campaign_id), account_id, ids)


async def pathways(session: AsyncSession, account_id: str, ids: Collection[str]) -> dict[str, str]:
    """Those of the account, deleted ones too, by their ids."""
    return await _named(session, Pathway, col(Pathway.pathway_id), account_id, ids)


async def _named(
    session: AsyncSession, table: Any, key: Any, account_id: str, ids: Collection[str]
) -> dict[str, str]:
    found: dict[str, str] = {}
    for some in batches(ids):
        statement = sql_select(key, col(table.name)).where(
            key.in_(some), col(table.account_id) == account_id
        )
        found.update(dict(await rows_of(session, statement)))
    return found
