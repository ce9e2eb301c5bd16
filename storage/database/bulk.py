"""Rows by the thousand, as the database takes them fastest: COPY on PostgreSQL.

There a statement a row would cost seven times as much, and fire the table's triggers each time.
On SQLite a statement takes many rows: where a trigger may fail, each statement keeps a journal of
its own, which takes twice as long as all else about a row.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

import psycopg
from sqlalchemy import Insert, Table, bindparam, insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.database.core import send
from storage.database.locks import dialect_of
from storage.database.pagination import BATCH, parts
from storage.tables import JsonObject

#: On SQLite: with some thirty columns a row far fewer parameters than it takes.
ROWS_A_STATEMENT = 100


async def insert_all(session: AsyncSession, table: Table, rows: Sequence[JsonObject]) -> None:
    """Rows are columns by name, all of them the same columns."""
    if not rows:
        return
    # Past the ORM, which would look at every row once more.
    names = _told(table, rows)
    if len(rows) == 1:
        await send(session, _insert_one(table, tuple(names)), rows[0])
        return
    connection = await session.connection()
    if dialect_of(session) == "sqlite":
        await _insert(connection, table, names, rows)
    else:
        await _copy(connection, table, names, rows)


@lru_cache
def _insert_one(table: Table, names: tuple[str, ...]) -> Insert:
    return insert(table).inline().values({name: bindparam(name) for name in names})


def _told(table: Table, rows: Sequence[JsonObject]) -> list[str]:
    """The columns that some row has a value for: the others would become NULL in any case."""
    return [
        name
        for name in rows[0]
        if table.c[name].server_default is not None or any(row[name] is not None for row in rows)
    ]


async def _insert(
    connection: AsyncConnection, table: Table, names: Sequence[str], rows: Sequence[JsonObject]
) -> None:
    into = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES "
    marks = f"({', '.join('?' * len(names))})"
    writers = _writers(connection, table, names)
    for some in parts(rows, ROWS_A_STATEMENT):
        columns = [_written(write, [row[name] for row in some]) for name, write in writers.items()]
        values = tuple(chain.from_iterable(zip(*columns, strict=True)))
        await connection.exec_driver_sql(into + ", ".join([marks] * len(some)), values)
        await asyncio.sleep(0)


def _written(write: Callable[[Any], Any], values: Sequence[Any]) -> Iterable[Any]:
    """Most columns of many rows hold the very same value: that one is written once."""
    if write is _as_it_is:
        return values
    known = {key: write(value) for key, value in {id(one): one for one in values}.items()}
    return [known[id(value)] for value in values]


async def _copy(
    connection: AsyncConnection, table: Table, names: Sequence[str], rows: Sequence[JsonObject]
) -> None:
    writers = _writers(connection, table, names)
    values = ([write(row[name]) for name, write in writers.items()] for row in rows)
    await copy_into(connection, table.name, list(writers), values)


async def copy_into(
    connection: AsyncConnection, table: str, names: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Rows as the driver takes them, into a table of PostgreSQL's."""
    driver = (await connection.get_raw_connection()).driver_connection
    assert isinstance(driver, psycopg.AsyncConnection)
    statement = psycopg.sql.SQL("COPY {} ({}) FROM STDIN").format(
        psycopg.sql.Identifier(table),
        psycopg.sql.SQL(", ").join(map(psycopg.sql.Identifier, names)),
    )
    try:
        async with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for number, row in enumerate(rows):
                if number % BATCH == 0:
                    await asyncio.sleep(0)
                await copy.write_row(row)
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
