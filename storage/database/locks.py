"""Who may change what: the row of a call is the lock of that call and of its attempts.

SQLite writers are serial anyway (`BEGIN IMMEDIATE`), so only PostgreSQL locks rows here.
"""

import hashlib
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import BigInteger, ColumnElement, bindparam, func
from sqlalchemy import select as sql_select
from sqlmodel import SQLModel, and_, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.database.core import rows_of
from storage.database.row_objects import one_row
from storage.tables import Account, Attempt, Call, Campaign, Webhook

_HELD = "trunkline_held"
Row = TypeVar("Row", bound=SQLModel)


def dialect_of(session: AsyncSession) -> str:
    """ "sqlite" or "postgresql"."""
    return session.get_bind().dialect.name


async def lock_key(session: AsyncSession, text: str, *, shared: bool = False) -> None:
    """Makes transactions that name the same text wait for each other, until they end.

    Those that share it wait only for one that does not.
    """
    if dialect_of(session) == "postgresql":
        await session.exec(_TAKE[shared], params={"own": _lock_number(text)})


async def lock_pair(session: AsyncSession, *, shared: str, own: str) -> None:
    """A key that is shared and then one that is not, in one go."""
    if dialect_of(session) == "postgresql":
        numbers = {"shared": _lock_number(shared), "own": _lock_number(own)}
        await session.exec(_TAKE_BOTH, params=numbers)


def _lock_number(text: str) -> int:
    # Hashed here, so that what the text holds never reaches the server's log.
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big", signed=True)


_SHARED, _OWN = bindparam("shared", type_=BigInteger()), bindparam("own", type_=BigInteger())
#: By whether the key is shared.
_TAKE = {
    False: select(func.pg_advisory_xact_lock(_OWN)),
    True: select(func.pg_advisory_xact_lock_shared(_OWN)),
}
_TAKE_BOTH = select(func.pg_advisory_xact_lock_shared(_SHARED), func.pg_advisory_xact_lock(_OWN))


async def lock_call(session: AsyncSession, call_id: str) -> Call | None:
    """The call as it is now, held until the transaction ends. Asking again costs no query."""
    return await _lock(session, Call, col(Call.call_id), call_id)


async def lock_row_of_call(session: AsyncSession, call_id: str) -> None:
    """The same for who changes the call without reading it."""
    if dialect_of(session) == "postgresql":
        await rows_of(session, _ROW_OF_CALL, {"call": call_id})


_ROW_OF_CALL = (
    sql_select(col(Call.call_id))
    .where(col(Call.call_id) == bindparam("call"))
    .with_for_update(key_share=True)
)


async def lock_account(session: AsyncSession, account_id: str) -> Account | None:
    """The account as it is now; everything counted over its leases is counted under this.

    Asking again costs no query.
    """
    return await _lock(session, Account, col(Account.account_id), account_id)


async def lock_campaign(
    session: AsyncSession, campaign_id: str, account_id: str | None = None
) -> Campaign | None:
    """The campaign as it is now, held until the transaction ends. Asking again costs no query.

    With an account, another account's campaign is neither found nor waited for.
    """
    of_account = () if account_id is None else (col(Campaign.account_id) == account_id,)
    row = await _lock(session, Campaign, col(Campaign.campaign_id), campaign_id, *of_account)
    return row if row is None or account_id in (None, row.account_id) else None


async def lock_webhook(session: AsyncSession, webhook_id: str) -> Webhook | None:
    """The webhook as it is now; whoever changes its place or its deliveries holds it first."""
    return await _lock(session, Webhook, col(Webhook.webhook_id), webhook_id)


async def _lock(
    session: AsyncSession, table: type[Row], key: Any, row_id: str, *only: ColumnElement[bool]
) -> Row | None:
    held = _held(session).get(row_id)
    if isinstance(held, table):
        return held
    if dialect_of(session) == "postgresql":
        statement = (
            select(table)
            .where(key == row_id, *only)
            # FOR NO KEY UPDATE: rows that only refer to this one may still be written meanwhile.
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        )
        row = (await session.exec(statement)).one_or_none()
    else:
        row = await session.get(table, row_id)
    if row is not None:
        note_held(session, row_id, row)
    return row


async def lock_attempt(session: AsyncSession, attempt: Attempt) -> tuple[Call, Attempt]:
    """Locks the attempt's call and gives both as they are now, in this session.

    `attempt` may come from another session, and may be stale.
    """
    if _held(session).get(attempt.attempt_id) is attempt:
        call = await lock_call(session, attempt.call_id)
        assert call is not None
        return call, attempt
    found = await hold_attempt(session, BY_ID, attempt=attempt.attempt_id)
    if found is None:
        raise LookupError(f"no attempt {attempt.number} of call {attempt.call_id}")
    return found


#: What an attempt is looked for by; put together once, as is all that is asked with every call.
BY_ID = col(Attempt.attempt_id) == bindparam("attempt")
BY_TOKEN = col(Attempt.token) == bindparam("token")
BY_NUMBER = and_(col(Attempt.call_id) == bindparam("call"), col(Attempt.number) == bindparam("nth"))


async def hold_attempt(
    session: AsyncSession, by: ColumnElement[bool], **key: str | int
) -> tuple[Call, Attempt] | None:
    """The attempt with a key (`BY_…` and its parameters) and its call, held until the end of the
    transaction.
    """
    row = await one_row(session, _both(by), key)
    return None if row is None else note_both(session, row[0], row[1])


def note_both(session: AsyncSession, call: Call, attempt: Attempt) -> tuple[Call, Attempt]:
    """A call and its attempt that a statement of the kind of `held` found."""
    note_held(session, call.call_id, call)
    note_held(session, attempt.attempt_id, attempt)
    return call, attempt


@cache
def _both(by: ColumnElement[bool]) -> Any:
    return held(select(Call, Attempt).where(col(Attempt.call_id) == col(Call.call_id), by))


def held(statement: Any) -> Any:
    """The statement, holding the call and the attempt of each of its rows, the call first.

    PostgreSQL locks them in the order in which they are named, and gives both as they are once it
    has them: what was changed while it waited is looked at again.
    """
    # FOR NO KEY UPDATE: rows that only refer to these may still be written meanwhile.
    locked = statement.with_for_update(key_share=True, of=[Call, Attempt])
    return locked.execution_options(populate_existing=True)


def note_read(session: AsyncSession, row_id: str, row: SQLModel) -> None:
    """A row that was just read is held where reading in a transaction is holding: on SQLite."""
    if dialect_of(session) == "sqlite":
        note_held(session, row_id, row)


def note_held(session: AsyncSession, row_id: str, row: SQLModel) -> None:
    """Also for a row that this very transaction inserts: nobody else can see it yet."""
    _held(session)[row_id] = row


def _held(session: AsyncSession) -> dict[str, SQLModel]:
    held: dict[str, SQLModel] = session.info.setdefault(_HELD, {})
    return held
