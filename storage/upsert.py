"""INSERT that does nothing where the row exists already, the same on both databases."""

from functools import cache

from sqlalchemy import Insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.locks import dialect_of


async def insert_once(session: AsyncSession, row: SQLModel, *key: str) -> bool:
    """True if the row was inserted, False if one with the same `key` columns was there."""
    columns = type(row).metadata.tables[str(type(row).__tablename__)].columns
    given = {column.name: getattr(row, column.name) for column in columns}
    # A number that the database gives: PostgreSQL takes a NULL for one that was given.
    values = {
        name: value
        for name, value in given.items()
        if value is not None or not columns[name].primary_key
    }
    # Past the ORM, which has no object to keep of a row that may be another's.
    connection = await session.connection()
    result = await connection.execute(_statement(dialect_of(session), type(row), key), values)
    return result.rowcount == 1


@cache
def _statement(dialect: str, table: type[SQLModel], key: tuple[str, ...]) -> Insert:
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    into = insert(table.metadata.tables[str(table.__tablename__)]).inline()
    # Else how many rows there were is forgotten after an INSERT: -1 on PostgreSQL.
    once = into.on_conflict_do_nothing(index_elements=key)
    return once.execution_options(preserve_rowcount=True)
