"""Statements about columns, past the ORM, which would take several times as long over them."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Protocol

from sqlalchemy import (
    Delete,
    Executable,
    Insert,
    Select,
    Table,
    Update,
    bindparam,
    inspect,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.database.sqlite.sqlite_session import InlineConnection

_CONNECTION = "trunkline_connection"
#: What the key is called among the parameters, as no column is.
_KEY = "key_of_row"


async def rows_of(
    session: AsyncSession,
    statement: Select[*tuple[Any, ...]],
    parameters: Mapping[str, Any] | None = None,
) -> Sequence[Any]:
    """All rows, as tuples."""
    await _written(session)
    return (await send(session, statement, parameters)).all()


async def changed(
    session: AsyncSession,
    statement: Insert | Update | Delete,
    parameters: Mapping[str, Any],
) -> int:
    """How many rows it changed. Objects of them that the session holds are not told of it."""
    await _written(session)
    return (await send(session, statement, parameters)).rowcount


async def amend(session: AsyncSession, row: SQLModel, values: Mapping[str, Any]) -> None:
    """Gives columns of a row that was read new values, in the database and in the object.

    The rest of the object may be changed as well; that is written when the session is.
    """
    if not values:
        return
    key = inspect(row).identity
    assert key is not None
    assert len(key) == 1
    statement = _update(type(row).metadata.tables[str(type(row).__tablename__)], tuple(values))
    await send(session, statement, {**values, _KEY: key[0]})
    hold_values(row, values)


def hold_values(row: SQLModel, values: Mapping[str, Any]) -> None:
    """Gives an object values that are, or surely will be, in the database: by `amend`."""
    for name, value in values.items():
        set_committed_value(row, name, value)


def changed_values(row: SQLModel, values: Mapping[str, Any]) -> dict[str, Any]:
    """Those that are not the row's own already."""
    return {name: value for name, value in values.items() if getattr(row, name) != value}


@lru_cache
def _update(table: Table, names: tuple[str, ...]) -> Update:
    (key,) = table.primary_key
    return (
        update(table)
        .where(key == bindparam(_KEY))
        .values({name: bindparam(name) for name in names})
    )


class Answer(Protocol):
    """What a database answered: its rows, as tuples, or how many it changed."""

    def all(self) -> Sequence[Any]: ...

    @property
    def rowcount(self) -> int: ...


async def send(
    session: AsyncSession, statement: Executable, parameters: Mapping[str, Any] | None = None
) -> Answer:
    """In the session's transaction, whatever the session itself has still to write.

    One and the same statement, made once, is quicker from its second time on.
    """
    connection = await connection_of(session)
    if isinstance(connection, InlineConnection):
        return connection.answer(statement, parameters or {})
    return await connection.execute(statement, parameters)


async def connection_of(session: AsyncSession) -> AsyncConnection:
    """The session's own; asked for once a transaction, as asking takes as long as a statement."""
    known: AsyncConnection | None = session.info.get(_CONNECTION)
    if known is None or known.closed:
        known = session.info[_CONNECTION] = await session.connection()
    return known


async def _written(session: AsyncSession) -> None:
    """What the session has not written yet is written first, as before its own statements."""
    if session.autoflush and not session.sync_session._is_clean():
        await session.flush()
