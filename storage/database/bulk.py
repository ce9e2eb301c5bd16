"""Rows by the thousand, as the database takes them fastest: COPY on PostgreSQL.

There a statement a row would cost seven times as much, and fire the table's triggers each time.
"""

import asyncio
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import psycopg
from sqlalchemy import Insert, Table, bindparam, insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.database.locks import dialect_of
from storage.database.pagination import batches
from storage.tables import JsonObject


async def insert_all(session: AsyncSession, table: Table, rows: Sequence[JsonObject]) -> None:
    """Rows are columns by name, all of them the same columns."""
    if not rows:
        return
    # Past the ORM, which would look at every row once more.
    connection = await session.connection()
    names = _told(table, rows)
    if dialect_of(session) == "postgresql" and len(rows) > 1:
        await _copy(connection, table, names, rows)
        return
    statement = _insert(table, tuple(names))
    for some in batches(rows):
        await connection.execute(statement, some)


@lru_cache
def _insert(table: Table, names: tuple[str, ...]) -> Insert:
    return insert(table).inline().values({name: bindparam(name) for name in names})


def _told(table: Table, rows: Sequence[JsonObject]) -> list[str]:
    """The columns that some row has a value for: the others would become NULL in any case."""
    return [
        name
        for name in rows[0]
        if table.c[name].server_default is not None or any(row[name] is not None for row in rows)
    ]


async def _copy(
    connection: AsyncConnection, table: Table, names: Sequence[str], rows: Sequence[JsonObject]
) -> None:
    driver = (await connection.get_raw_connection()).driver_connection
    assert isinstance(driver, psycopg.AsyncConnection)
    writers = _writers(connection, table, names)
    statement = psycopg.sql.SQL("COPY {} ({}) FROM STDIN").format(
        psycopg.sql.Identifier(table.name),
        psycopg.sql.SQL(", ").join(map(psycopg.sql.Identifier, writers)),
    )
    try:
        async with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for some in batches(rows):
                await asyncio.sleep(0)
                for row in some:
                    await copy.write_row([write(row[name]) for name, write in writers.items()])
    except psycopg.Error as error:
        # Its context and its detail quote the row.
        error.args = (error.diag.message_primary or type(error).__name__,)
        raise


def _writers(
    connection: AsyncConnection, table: Table, names: Sequence[str]
) -> dict[str, Callable[[Any], Any]]:
    """How a value of each column is handed to the driver."""
    dialect = connection.dialect
    types = {name: table.c[name].type.dialect_impl(dialect) for name in names}
    return {name: kind.bind_processor(dialect) or _as_it_is for name, kind in types.items()}


def _as_it_is(value: Any) -> Any:
    return value
