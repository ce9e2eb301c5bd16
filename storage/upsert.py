"""INSERT that does nothing where the row exists already, the same on both databases."""

from typing import Any

from sqlalchemy import Insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.locks import dialect_of


async def insert_once(session: AsyncSession, row: SQLModel, *key: str) -> bool:
    """True if the row was inserted, False if one with the same `key` columns was there."""
    values = {column: getattr(row, column) for column in type(row).model_fields}
    result = await session.exec(_statement(dialect_of(session), type(row), values, key))
    return bool(result.rowcount)


def _statement(
    dialect: str, table: type[SQLModel], values: dict[str, Any], key: tuple[str, ...]
) -> Insert:
    if dialect == "postgresql":
        return postgresql.insert(table).values(values).on_conflict_do_nothing(index_elements=key)
    return sqlite.insert(table).values(values).on_conflict_do_nothing(index_elements=key)
