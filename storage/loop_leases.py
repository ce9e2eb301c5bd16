"""Which worker runs which loop: a row a loop, held for some seconds and renewed all the time.

What is expired is judged by the database's clock, so workers' clocks need not agree. On SQLite all
of them are on one machine, and its clock is everybody's.
"""

from collections.abc import Collection
from datetime import timedelta
from functools import cache

from sqlalchemy import TextClause, text
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.database.locks import dialect_of

#: From its renewal on.
LIFETIME = timedelta(seconds=6)
#: Within this after a lease has expired another worker has it.
SUCCESSION = timedelta(seconds=4)
# Always in one order, so that two workers do not wait for each other.
_HOLD = """
    INSERT INTO loop_lease (name, holder, expires_at) VALUES {rows}
    ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
    WHERE loop_lease.holder = excluded.holder OR {is_free}
    RETURNING name
"""
_ROW = "(:name_{n}, :worker, {until})"
#: Expired, or held for longer than anybody can: by a clock that was put back since.
_IS_FREE = "(loop_lease.expires_at <= {now} OR loop_lease.expires_at > {never})"
_GIVE_BACK = "UPDATE loop_lease SET expires_at = {now} WHERE holder = :worker AND name = :name"
_HELD = "SELECT name, holder FROM loop_lease WHERE NOT {is_free}"
_RUN = "SELECT name FROM loop_lease WHERE expires_at > {late} AND expires_at <= {never}"


async def hold(session: AsyncSession, worker_id: str, names: Collection[str]) -> set[str]:
    """Renews those of the loops that the worker holds and takes those that nobody does.

    Returns all that it holds now. Two workers never hold the same one by this.
    """
    if not names:
        return set()
    wanted = {f"name_{n}": name for n, name in enumerate(sorted(names))}
    connection = await session.connection()
    statement = _hold(dialect_of(session), len(wanted))
    return set((await connection.execute(statement, {"worker": worker_id, **wanted})).scalars())


async def give_back(session: AsyncSession, worker_id: str, names: Collection[str]) -> None:
    """Whoever asks next may have those of them that the worker holds."""
    connection = await session.connection()
    each = [{"worker": worker_id, "name": name} for name in sorted(names)]
    if each:
        await connection.execute(_give_back(dialect_of(session)), each)


async def held(session: AsyncSession) -> dict[str, str]:
    """The worker of each loop that somebody runs."""
    connection = await session.connection()
    return dict(map(tuple, await connection.execute(_held(dialect_of(session)))))


async def neglected(session: AsyncSession, names: Collection[str]) -> set[str]:
    """Those of the loops that nobody runs, though a successor should have been found."""
    connection = await session.connection()
    run = (await connection.execute(_run(dialect_of(session)))).scalars()
    return {*names} - {*run}


@cache
def _hold(dialect: str, count: int) -> TextClause:
    rows = ", ".join(_ROW.format(n=n, until=_time(dialect, LIFETIME)) for n in range(count))
    return text(_HOLD.format(rows=rows, is_free=_is_free(dialect)))


@cache
def _give_back(dialect: str) -> TextClause:
    return text(_GIVE_BACK.format(now=_time(dialect)))


@cache
def _held(dialect: str) -> TextClause:
    return text(_HELD.format(is_free=_is_free(dialect)))


@cache
def _run(dialect: str) -> TextClause:
    late, never = _time(dialect, -SUCCESSION), _time(dialect, 2 * LIFETIME)
    return text(_RUN.format(late=late, never=never))


def _is_free(dialect: str) -> str:
    return _IS_FREE.format(now=_time(dialect), never=_time(dialect, 2 * LIFETIME))


def _time(dialect: str, passed: timedelta = timedelta()) -> str:
    """The database's; not the transaction's, which may have waited for its turn to write."""
    seconds = f"{passed.total_seconds():+g} seconds"
    if dialect == "postgresql":
        return f"clock_timestamp() + interval '{seconds}'"
    # As `UtcDateTime` writes it, but that SQLite's clock has no more than milliseconds.
    return f"strftime('%Y-%m-%d %H:%M:%f000', 'now', '{seconds}')"
