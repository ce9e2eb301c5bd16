"""INSERT that does nothing where the row exists already, the same on both databases."""

from functools import cache

from sqlalchemy import Insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.locks import dialect_of


async def insert_once(session: AsyncSession, row: SQLModel, *key: str) -> bool:
    """True if the row was inserted, False if one with the same `key` columns was there."""
    values = {column: getattr(row, column) for column in type(row).model_fields}
    # Past the ORM, which has no object to keep of a row that may be another's.
    connection = await session.connection()
    result = await connection.execute(_statement(dialect_of(session), type(row), key), values)
    return bool(result.rowcount)


@cache
def _statement(dialect: str, table: type[SQLModel], key: tuple[str, ...]) -> Insert:
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return insert(table.metadata.tables[str(table.__tablename__)]).on_conflict_do_nothing(
        index_elements=key
    )
