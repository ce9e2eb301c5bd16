"""Who may change what: the row of a call is the lock of that call and of its attempts.

SQLite writers are serial anyway (`BEGIN IMMEDIATE`), so only PostgreSQL locks rows here.
"""

import hashlib

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.tables import Account, Attempt, Call

_HELD = "trunkline_held"


def dialect_of(session: AsyncSession) -> str:
    """ "sqlite" or "postgresql"."""
    return session.get_bind().dialect.name


async def lock_key(session: AsyncSession, text: str, *, shared: bool = False) -> None:
    """Makes transactions that name the same text wait for each other, until they end.

    Those that share it wait only for one that does not.
    """
    if dialect_of(session) != "postgresql":
        return
    # Hashed here, so that what the text holds never reaches the server's log.
    digest = hashlib.sha256(text.encode()).digest()
    key = int.from_bytes(digest[:8], "big", signed=True)
    take = func.pg_advisory_xact_lock_shared if shared else func.pg_advisory_xact_lock
    await session.exec(select(take(key)))


async def lock_call(session: AsyncSession, call_id: str) -> Call | None:
    """The call as it is now, held until the transaction ends. Asking again costs no query."""
    if call_id in _held(session) or dialect_of(session) != "postgresql":
        return await session.get(Call, call_id)
    statement = (
        select(Call)
        .where(col(Call.call_id) == call_id)
        # FOR NO KEY UPDATE: rows that only refer to the call may still be written meanwhile.
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    call = (await session.exec(statement)).one_or_none()
    if call is not None:
        note_held(session, call_id)
    return call


async def lock_attempt(session: AsyncSession, attempt: Attempt) -> tuple[Call, Attempt]:
    """Locks the attempt's call and gives both as they are now, in this session.

    `attempt` may come from another session, and may be stale.
    """
    call = await lock_call(session, attempt.call_id)
    if call is None:
        raise LookupError(f"no call {attempt.call_id}")
    if attempt in session and attempt.attempt_id in _held(session):
        return call, attempt
    statement = (
        select(Attempt)
        .where(col(Attempt.attempt_id) == attempt.attempt_id)
        .execution_options(populate_existing=True)
    )
    current = (await session.exec(statement)).one()
    note_held(session, current.attempt_id)
    return call, current


def note_held(session: AsyncSession, row_id: str) -> None:
    """Also for a row that this very transaction inserts: nobody else can see it yet."""
    _held(session).add(row_id)


def _held(session: AsyncSession) -> set[str]:
    held: set[str] = session.info.setdefault(_HELD, set())
    return held


async def lock_account(session: AsyncSession, account_id: str) -> Account | None:
    """The account as it is now; everything counted over its leases is counted under this."""
    statement = select(Account).where(col(Account.account_id) == account_id)
    if dialect_of(session) == "postgresql":
        statement = statement.with_for_update(key_share=True).execution_options(
            populate_existing=True
        )
    return (await session.exec(statement)).one_or_none()
