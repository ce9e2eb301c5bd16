"""Statements about columns, past the ORM, which would take several times as long over them."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Delete, Insert, Select, Update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel.ext.asyncio.session import AsyncSession


async def rows_of(
    session: AsyncSession,
    statement: Select[*tuple[Any, ...]],
    parameters: Mapping[str, Any] | None = None,
) -> Sequence[Any]:
    """All rows, as tuples."""
    connection = await _connection(session)
    return (await connection.execute(statement, parameters)).all()


async def changed(
    session: AsyncSession,
    statement: Insert | Update | Delete,
    parameters: Mapping[str, Any],
) -> int:
    """How many rows it changed. Objects of them that the session holds are not told of it."""
    connection = await _connection(session)
    return (await connection.execute(statement, parameters)).rowcount


async def _connection(session: AsyncSession) -> AsyncConnection:
    """What the session has not written yet is written first, as before its own statements."""
    if session.autoflush:
        await session.flush()
    return await session.connection()
