"""Rows that may be there already, one or by the hundred: the same on both databases."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Insert, Table, TextClause, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.database.bulk import copy_into
from storage.database.core import connection_of, send
from storage.database.locks import dialect_of
from storage.database.pagination import batches


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
    return await insert_values_once(session, type(row), values, *key)


async def insert_values_once(
    session: AsyncSession, table: type[SQLModel], values: Mapping[str, Any], *key: str
) -> bool:
    """The same for columns by name, which never were an object."""
    # Past the ORM, which has no object to keep of a row that may be another's.
    result = await send(session, _statement(dialect_of(session), table, key), values)
    return result.rowcount == 1


@cache
def _statement(dialect: str, table: type[SQLModel], key: tuple[str, ...]) -> Insert:
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    into = insert(table.metadata.tables[str(table.__tablename__)]).inline()
    # Else how many rows there were is forgotten after an INSERT: -1 on PostgreSQL.
    once = into.on_conflict_do_nothing(index_elements=key)
    return once.execution_options(preserve_rowcount=True)


#: More of them are copied into PostgreSQL before they are merged.
_COPIED = 1_000


async def upsert_all(
    session: AsyncSession, table: Table, rows: Sequence[tuple[Any, ...]], *, on_conflict: str
) -> None:
    """Rows of a table whose first columns are its key: texts and numbers, of every column.

    `on_conflict` is what SQL does about a row with the same key: "NOTHING", "UPDATE SET …".
    A 0 outside of the key becomes NULL on PostgreSQL, where it would take room.
    """
    if not rows:
        return
    connection = await connection_of(session)
    if dialect_of(session) == "postgresql":
        write = _merge if len(rows) > _COPIED else _write_json
        await write(connection, table, rows, on_conflict)
        return
    for some in batches(rows):
        # Past SQLAlchemy, which takes longer over the parameters of a row than SQLite over it.
        await connection.exec_driver_sql(_sqlite(table, on_conflict), some)
        await asyncio.sleep(0)


async def _write_json(
    connection: AsyncConnection, table: Table, rows: Sequence[tuple[Any, ...]], on_conflict: str
) -> None:
    """One statement for all: else each row is a message of its own."""
    names, key = table.columns.keys(), len(table.primary_key)
    said = [
        {
            name: value
            for place, (name, value) in enumerate(zip(names, row, strict=True))
            if value != 0 or place < key
        }
        for row in rows
    ]
    await connection.execute(_postgresql(table, on_conflict), {"rows": json.dumps(said)})


async def _merge(
    connection: AsyncConnection, table: Table, rows: Sequence[tuple[Any, ...]], on_conflict: str
) -> None:
    """By way of a table that only this connection sees: COPY knows nothing of conflicts."""
    names, key, news = table.columns.keys(), len(table.primary_key), f"{table.name}_news"
    like = f"CREATE TEMPORARY TABLE IF NOT EXISTS {news} (LIKE {table.name}) ON COMMIT DELETE ROWS"
    await connection.exec_driver_sql(like)
    values = ([*row[:key], *[None if one == 0 else one for one in row[key:]]] for row in rows)
    await copy_into(connection, news, names, values)
    into = f"{_into(table)} SELECT {', '.join(names)} FROM {news} {_conflict(table, on_conflict)}"
    await connection.exec_driver_sql(into)
    await connection.exec_driver_sql(f"DELETE FROM {news}")


@lru_cache
def _sqlite(table: Table, on_conflict: str) -> str:
    values = ", ".join("?" * len(table.columns))
    return f"{_into(table)} VALUES ({values}) {_conflict(table, on_conflict)}"


@lru_cache
def _postgresql(table: Table, on_conflict: str) -> TextClause:
    names = ", ".join(table.columns.keys())
    rows = f"json_populate_recordset(NULL::{table.name}, CAST(:rows AS json))"
    return text(f"{_into(table)} SELECT {names} FROM {rows} {_conflict(table, on_conflict)}")


def _into(table: Table) -> str:
    return f"INSERT INTO {table.name} ({', '.join(table.columns.keys())})"


def _conflict(table: Table, then: str) -> str:
    key = ", ".join(column.name for column in table.primary_key)
    return f"ON CONFLICT ({key}) DO {then}"
