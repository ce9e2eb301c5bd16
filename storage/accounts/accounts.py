"""Accounts and their API keys."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.accounts.key_scopes import is_live
from storage.database.locks import lock_key
from storage.tables import Account, ApiKey, JsonObject

DEFAULT_ACCOUNT = "default"
_PREFIX_LENGTH = 10


def hash_key(key: str) -> str:
    """What is kept of a key. A 256-bit random needs no slow hash."""
    return hashlib.sha256(key.encode()).hexdigest()


async def find_by_key(
    session: AsyncSession, key: str, now: datetime
) -> tuple[Account, ApiKey] | None:
    """The account a key belongs to, unless the key is unknown, over or revoked."""
    statement = (
        select(Account, ApiKey)
        .where(col(ApiKey.account_id) == col(Account.account_id))
        .where(col(ApiKey.sha256) == hash_key(key), col(ApiKey.member_id).is_(None))
    )
    found = (await session.exec(statement)).one_or_none()
    if found is None or not _is_live(found[1], now):
        return None
    return found[0], found[1]


async def find_by_key_id(
    session: AsyncSession, key_id: str, now: datetime
) -> tuple[Account, ApiKey] | None:
    """The account and the key of this id, unless it is unknown, over or revoked."""
    key = await session.get(ApiKey, key_id)
    if key is None or not _is_live(key, now):
        return None
    account = await session.get(Account, key.account_id)
    return None if account is None else (account, key)


async def get(session: AsyncSession, account_id: str) -> Account | None:
    return await session.get(Account, account_id)


def _is_live(key: ApiKey, now: datetime) -> bool:
    return is_live(key.revoked_time, key.expires_time, now)


async def is_only_one(session: AsyncSession) -> bool:
    """Whether there is nobody here but one account, from whom nothing has to be hidden."""
    found = (await session.exec(select(Account.account_id).limit(2))).all()
    return len(found) == 1


async def new_key(
    session: AsyncSession,
    account_id: str,
    name: str,
    scopes: Sequence[str],
    now: datetime,
    *,
    created_by: str = "",
    expires: datetime | None = None,
) -> tuple[ApiKey, str]:
    """A new key: its row, and its text, which is shown this once."""
    key = "tl_" + secrets.token_urlsafe(32)
    row = _key_row(account_id, key, name, scopes, now)
    row.created_by, row.expires_time = created_by, expires
    session.add(row)
    await session.flush()
    return row, key


async def bootstrap(
    session: AsyncSession,
    key: str,
    *,
    now: datetime,
    waivers: Sequence[JsonObject] = (),
    lasts: timedelta | None = None,
) -> tuple[Account, ApiKey]:
    """The account "default" with this key and these waivers; repeating it changes nothing.

    A bootstrap key that was there before ends with it. One that is over or was revoked stays so:
    the caller looks at the row. `lasts`: how long the key opens anything; None: for good.
    """
    await lock_key(session, "bootstrap")
    known = await _key_of_hash(session, hash_key(key))
    account = await _account_of(session, known, now)
    if known is None:
        known = _key_row(account.account_id, key, "bootstrap", ["*"], now)
        known.is_bootstrap, known.created_by = True, "TRUNKLINE_BOOTSTRAP_API_KEY"
    if known.expires_time is None and lasts is not None:
        known.expires_time = now + lasts
    session.add(known)
    if known.revoked_time is None:
        await _end_others(session, known, now)
    _add_waivers(account, waivers)
    await session.flush()
    return account, known


async def _end_others(session: AsyncSession, key: ApiKey, now: datetime) -> None:
    """The bootstrap key is one: whoever changes it wants the former one gone."""
    former = update(ApiKey).where(
        col(ApiKey.account_id) == key.account_id,
        col(ApiKey.is_bootstrap),
        col(ApiKey.revoked_time).is_(None),
        col(ApiKey.api_key_id) != key.api_key_id,
    )
    await session.exec(former.values(revoked_time=now).execution_options(synchronize_session=False))


async def _key_of_hash(session: AsyncSession, sha256: str) -> ApiKey | None:
    return (await session.exec(select(ApiKey).where(col(ApiKey.sha256) == sha256))).one_or_none()


async def _account_of(session: AsyncSession, key: ApiKey | None, now: datetime) -> Account:
    wanted = (
        col(Account.name) == DEFAULT_ACCOUNT
        if key is None
        else col(Account.account_id) == key.account_id
    )
    statement = select(Account).where(wanted).order_by(col(Account.created_time)).limit(1)
    account = (await session.exec(statement)).first()
    if account is None:
        account = Account(name=DEFAULT_ACCOUNT, created_time=now)
        session.add(account)
        await session.flush()
    return account


def _add_waivers(account: Account, waivers: Sequence[JsonObject]) -> None:
    waived = {waiver["rule"] for waiver in account.waivers}
    missing = [waiver for waiver in waivers if waiver["rule"] not in waived]
    if missing:
        account.waivers = [*account.waivers, *missing]


def _key_row(account_id: str, key: str, name: str, scopes: Sequence[str], now: datetime) -> ApiKey:
    return ApiKey(
        account_id=account_id,
        name=name,
        prefix=key[:_PREFIX_LENGTH],
        sha256=hash_key(key),
        scopes=list(scopes),
        created_time=now,
    )
