"""What was changed of rows, written without the session's flush, which takes several times as long.

For what is done with every call. It takes something from SQLAlchemy that is promised nobody; see
tests/storage/database/test_changes.py.
"""

from functools import lru_cache
from typing import Any

from sqlalchemy import Table, Update, bindparam, inspect, update
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.database.core import send


async def write_changes(session: AsyncSession, *rows: SQLModel) -> None:
    """One UPDATE for each row that was changed, of nothing but what was changed.

    The rows are the session's, and of tables with a key of one column.
    """
    for row in rows:
        if inspect(row).modified:
            await _write(session, row)


async def _write(session: AsyncSession, row: SQLModel) -> None:
    state = inspect(row)
    before = state.committed_state
    names = tuple(name for name in sorted(before) if before[name] != state.dict[name])
    if names:
        table = type(row).metadata.tables[str(type(row).__tablename__)]
        values: dict[str, Any] = {name: state.dict[name] for name in names}
        await send(session, _update(table, names), {**values, "own": state.identity[0]})
    state._commit_all(state.dict, session.sync_session.identity_map)


@lru_cache(maxsize=256)
def _update(table: Table, names: tuple[str, ...]) -> Update:
    (key,) = table.primary_key
    return (
        update(table)
        .where(key == bindparam("own"))
        .values({name: bindparam(name) for name in names})
    )
