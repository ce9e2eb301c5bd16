"""Rows of statements with more columns than SQLModel's `select` has types for."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select
from sqlmodel.ext.asyncio.session import AsyncSession


async def rows_of(
    session: AsyncSession,
    statement: Select[*tuple[Any, ...]],
    parameters: Mapping[str, Any] | None = None,
) -> Sequence[Any]:
    """All rows, as tuples."""
    found = await session.exec(statement, params=parameters)  # type: ignore[call-overload]
    return found.all()  # type: ignore[no-any-return]
