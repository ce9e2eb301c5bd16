"""Which worker runs which loop: a row a loop, held for some seconds and renewed all the time.

What is expired is judged by the database's clock, so workers' clocks need not agree. On SQLite all
of them are on one machine, and its clock is everybody's.
"""

from collections.abc import Collection
from datetime import timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Insert, Update, and_, bindparam, func, literal, or_, update
from sqlalchemy import select as sql_select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.database.core import changed, rows_of
from storage.database.locks import dialect_of
from storage.tables import LoopLease

#: From its renewal on.
LIFETIME = timedelta(seconds=6)
_LEASES = LoopLease.metadata.tables["loop_lease"]
_EXPIRES = _LEASES.c.expires_at


async def hold(session: AsyncSession, worker_id: str, names: Collection[str]) -> set[str]:
    """Renews those of the loops that the worker holds and takes those that nobody does.

    Returns all that it holds now. Two workers never hold the same one by this.
    """
    if not names:
        return set()
    statement = _taken(dialect_of(session), tuple(sorted(names)))
    connection = await session.connection()
    return set((await connection.execute(statement, {"worker": worker_id})).scalars())


@cache
def _taken(dialect: str, names: tuple[str, ...]) -> Insert:
    """Always in the order of the names, so that two workers do not wait for each other."""
    insert: Any = postgresql.insert if dialect == "postgresql" else sqlite.insert
    until = _now(dialect, LIFETIME)
    rows = [{"name": name, "holder": bindparam("worker"), "expires_at": until} for name in names]
    statement = insert(_LEASES).values(rows)
    own = _LEASES.c.holder == statement.excluded.holder
    upsert: Insert = statement.on_conflict_do_update(
        index_elements=["name"],
        set_={"holder": statement.excluded.holder, "expires_at": statement.excluded.expires_at},
        where=or_(own, _is_free(dialect)),
    ).returning(_LEASES.c.name)
    return upsert


def _is_free(dialect: str) -> ColumnElement[bool]:
    """Expired, or held for longer than anybody can: by a clock that was put back since."""
    return or_(_now(dialect) >= _EXPIRES, _now(dialect, 2 * LIFETIME) < _EXPIRES)


def _now(dialect: str, passed: timedelta = timedelta()) -> ColumnElement[Any]:
    """The database's time; not the transaction's, which may have waited for its turn to write."""
    if dialect == "postgresql":
        return func.clock_timestamp() + literal(passed)
    # As `UtcDateTime` writes it, but for SQLite's milliseconds.
    return func.strftime("%Y-%m-%d %H:%M:%f000", "now", f"{passed.total_seconds():+.3f} seconds")


async def give_back(session: AsyncSession, worker_id: str, names: Collection[str]) -> None:
    """Whoever asks next may have those of them that the worker holds."""
    statement = _given_back(dialect_of(session))
    await changed(session, statement, {"worker": worker_id, "names": list(names)})


@cache
def _given_back(dialect: str) -> Update:
    own = and_(
        _LEASES.c.holder == bindparam("worker"),
        _LEASES.c.name.in_(bindparam("names", expanding=True)),
    )
    return update(_LEASES).where(own).values(expires_at=_now(dialect))


async def held(session: AsyncSession) -> dict[str, str]:
    """The worker of each loop that somebody runs."""
    rows = await rows_of(session, _held(dialect_of(session)))
    return dict(map(tuple, rows))


@cache
def _held(dialect: str) -> Any:
    columns = (col(LoopLease.name), col(LoopLease.holder))
    return sql_select(*columns).where(~_is_free(dialect))
