"""Rows of statements with more columns than SQLModel's `select` has types for."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select
from sqlmodel.ext.asyncio.session import AsyncSession


async def rows_of(session: AsyncSession, statement: Select[*tuple[Any, ...]]) -> Sequence[Any]:
    """All rows, as tuples."""
    return (await session.exec(statement)).all()  # type: ignore[call-overload, no-any-return]
