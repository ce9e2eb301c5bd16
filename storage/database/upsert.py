"""Rows that may be there already, one or by the hundred: the same on both databases."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Insert, Table, TextClause, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.database.core import connection_of
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
    connection = await connection_of(session)
    result = await connection.execute(_statement(dialect_of(session), table, key), values)
    return result.rowcount == 1


@cache
def _statement(dialect: str, table: type[SQLModel], key: tuple[str, ...]) -> Insert:
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    into = insert(table.metadata.tables[str(table.__tablename__)]).inline()
    # Else how many rows there were is forgotten after an INSERT: -1 on PostgreSQL.
    once = into.on_conflict_do_nothing(index_elements=key)
    return once.execution_options(preserve_rowcount=True)


#: The values of the key, and the other columns by name.
Row = tuple[tuple[Any, ...], Mapping[str, Any]]


async def upsert_all(
    session: AsyncSession,
    table: Table,
    rows: Sequence[Row],
    *,
    on_conflict: str,
    left_out: int | None = None,
) -> None:
    """Rows of a table whose first columns are its key: texts and numbers.

    `on_conflict` is what SQL does about a row with the same key: "NOTHING", "UPDATE SET …".
    A column that is left out is NULL on PostgreSQL, and `left_out` on SQLite.
    """
    if not rows:
        return
    connection = await session.connection()
    if dialect_of(session) == "postgresql":
        # One statement for all: else each row is a message of its own.
        parameters = {"rows": _as_json(table, rows)}
        await connection.execute(_postgresql(table, on_conflict), parameters)
        return
    rest = [column.name for column in table.columns if not column.primary_key]
    nothing = dict.fromkeys(rest, left_out)
    for some in batches(rows):
        # Past SQLAlchemy, which takes longer over the parameters of a row than SQLite over it.
        # What is said takes its place among the columns.
        values = [(*key, *{**nothing, **said}.values()) for key, said in some]
        await connection.exec_driver_sql(_sqlite(table, on_conflict), values)
        await asyncio.sleep(0)


def _as_json(table: Table, rows: Sequence[Row]) -> str:
    key = [column.name for column in table.primary_key]
    return json.dumps([{**dict(zip(key, of_key, strict=True)), **said} for of_key, said in rows])


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
