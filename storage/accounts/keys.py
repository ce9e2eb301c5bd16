"""The keys of an account: paged, ended, replaced; and when each was used last.

Those that stand for people (`storage.accounts.people`) are none of them.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists
from sqlmodel import col, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.accounts.key_scopes import allows, beyond
from storage.accounts.people import HAS_A_WAY_IN
from storage.database.locks import lock_key
from storage.database.pagination import page_of
from storage.tables import ApiKey, Member

#: What is kept of a key's last use is at most so much older than the truth, and a little more.
USE_KNOWN_TO = timedelta(minutes=5)
_MAY_MAKE_KEYS = "keys:write"
_HAS_A_TEXT = col(ApiKey.member_id).is_(None)
_CAN_SIGN_IN = exists().where(col(Member.member_id) == col(ApiKey.member_id), HAS_A_WAY_IN)


async def page(
    session: AsyncSession,
    account_id: str,
    now: datetime,
    skip: int,
    take: int,
    *,
    ended: bool = False,
) -> tuple[list[ApiKey], int]:
    """Newest first, and how many there are in all; `ended`: those that open nothing, too."""
    conditions = [col(ApiKey.account_id) == account_id, _HAS_A_TEXT]
    if not ended:
        conditions += _live(now)
    order = (col(ApiKey.created_time).desc(), col(ApiKey.api_key_id).desc())
    return await page_of(session, ApiKey, *conditions, order=order, skip=skip, take=take)


def _live(now: datetime) -> list[ColumnElement[bool]]:
    return [
        col(ApiKey.revoked_time).is_(None),
        or_(col(ApiKey.expires_time).is_(None), col(ApiKey.expires_time) > now),
    ]


async def get(session: AsyncSession, account_id: str, key_id: str) -> ApiKey | None:
    """The key, unless it is another account's."""
    statement = select(ApiKey).where(
        col(ApiKey.api_key_id) == key_id, col(ApiKey.account_id) == account_id, _HAS_A_TEXT
    )
    return (await session.exec(statement)).one_or_none()


async def hold(session: AsyncSession, account_id: str, key_id: str) -> ApiKey | None:
    """The same for whoever ends or replaces it: one after the other, of all keys of an account."""
    await hold_all(session, account_id)
    return await get(session, account_id, key_id)


async def is_last(session: AsyncSession, key: ApiKey, now: datetime) -> bool:
    """Whether without this key nobody could make another, people included. Call `hold` first."""
    if not allows(key.scopes, _MAY_MAKE_KEYS):
        return False
    return not await can_anybody(session, key.account_id, now, _MAY_MAKE_KEYS, but=key.api_key_id)


async def hold_all(session: AsyncSession, account_id: str) -> None:
    await lock_key(session, f"keys:{account_id}")


async def can_anybody(
    session: AsyncSession, account_id: str, now: datetime, scope: str, *, but: str = ""
) -> bool:
    """Whether a key has this scope, or role, or somebody who can sign in. Call `hold_all` first.

    `but`: the id of a key that is left out.
    """
    live = select(ApiKey).where(
        col(ApiKey.account_id) == account_id,
        col(ApiKey.api_key_id) != but,
        or_(_HAS_A_TEXT, _CAN_SIGN_IN),
        *_live(now),
    )
    found = (await session.exec(live)).all()
    return any(not beyond(one.scopes, [scope]) for one in found)


async def note_uses(session: AsyncSession, uses: Mapping[str, datetime]) -> None:
    """Writes down when keys were used last, by their ids; an older time changes nothing."""
    for key_id, at in sorted(uses.items()):
        noted = update(ApiKey).where(
            col(ApiKey.api_key_id) == key_id,
            or_(col(ApiKey.used_time).is_(None), col(ApiKey.used_time) < at),
        )
        await session.exec(noted.values(used_time=at).execution_options(synchronize_session=False))
