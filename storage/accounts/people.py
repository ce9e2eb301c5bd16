"""The people of an account: invited, found again, let in, kept out.

Each who has joined has a key in `api_key` that no text opens: it holds their role, its hash changes
whenever their sessions are to end, and it is revoked while they are disabled. So whatever asks
about keys holds for people, too.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import exists
from sqlmodel import and_, col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.accounts.roles import Role
from storage.accounts.accounts import hash_key
from storage.database.locks import lock_key
from storage.database.pagination import page_of
from storage.tables import Account, ApiKey, Member, SingleSignOn

_OF_THEIR_ACCOUNT = col(SingleSignOn.account_id) == col(Member.account_id)
_PASSWORD_OPENS = and_(
    col(Member.password_hash).is_not(None),
    ~exists().where(_OF_THEIR_ACCOUNT, col(SingleSignOn.is_required).is_(True)).correlate(Member),
)
#: By the provider that is set now: whether the next one will know them nobody can say.
_PROVIDER_OPENS = and_(
    col(Member.subject).is_not(None),
    exists()
    .where(_OF_THEIR_ACCOUNT, col(SingleSignOn.issuer) == col(Member.issuer))
    .correlate(Member),
)
#: Of people who were reset, and have not used their link yet, nobody knows whether they will.
HAS_A_WAY_IN = or_(_PASSWORD_OPENS, _PROVIDER_OPENS)
#: More accounts of one address are not looked at.
_MOST_ACCOUNTS = 50


async def page(
    session: AsyncSession, account_id: str, skip: int, take: int, *, disabled: bool
) -> tuple[list[Member], int]:
    """By name; `disabled`: those that are kept out, too."""
    conditions = [col(Member.account_id) == account_id]
    if not disabled:
        conditions.append(col(Member.disabled_time).is_(None))
    order = (col(Member.name), col(Member.member_id))
    return await page_of(session, Member, *conditions, order=order, skip=skip, take=take)


async def get(session: AsyncSession, account_id: str, member_id: str) -> Member | None:
    """Unless they are another account's."""
    statement = select(Member).where(
        col(Member.member_id) == member_id, col(Member.account_id) == account_id
    )
    return (await session.exec(statement)).one_or_none()


async def hold(session: AsyncSession, account_id: str, member_id: str) -> Member | None:
    """The same for whoever changes them: one after the other, of all of an account."""
    await hold_all(session, account_id)
    return await get(session, account_id, member_id)


async def hold_all(session: AsyncSession, account_id: str) -> None:
    await lock_key(session, f"people:{account_id}")


async def with_email(session: AsyncSession, account_id: str, email: str) -> Member | None:
    statement = select(Member).where(
        col(Member.account_id) == account_id, col(Member.email) == email
    )
    return (await session.exec(statement)).one_or_none()


async def with_subject(
    session: AsyncSession, account_id: str, issuer: str, subject: str
) -> Member | None:
    """Whom a provider of single sign-on knows as this."""
    statement = select(Member).where(
        col(Member.account_id) == account_id,
        col(Member.issuer) == issuer,
        col(Member.subject) == subject,
    )
    return (await session.exec(statement)).one_or_none()


async def with_link(session: AsyncSession, link: str, now: datetime) -> Member | None:
    """Whose link this is, unless it is over, or they are disabled."""
    statement = select(Member).where(
        col(Member.link_sha256) == hash_key(link),
        col(Member.link_ends_at) > now,
        col(Member.disabled_time).is_(None),
    )
    return (await session.exec(statement)).one_or_none()


async def with_password(
    session: AsyncSession, email: str
) -> Sequence[tuple[Member, Account, ApiKey]]:
    """Those of this address, in whatever accounts, who may sign in with a password; the newest
    last."""
    statement = (
        select(Member, Account, ApiKey)
        .join(Account, and_(col(Account.account_id) == col(Member.account_id)))
        .join(ApiKey, and_(col(ApiKey.member_id) == col(Member.member_id)))
        .where(
            col(Member.email) == email,
            col(Member.disabled_time).is_(None),
            _PASSWORD_OPENS,
        )
        .order_by(col(Member.created_time), col(Member.member_id))
        .limit(_MOST_ACCOUNTS)
    )
    return (await session.exec(statement)).all()


async def key_of(session: AsyncSession, member_id: str) -> ApiKey | None:
    """What stands for them; None: they have not joined yet."""
    statement = select(ApiKey).where(col(ApiKey.member_id) == member_id)
    return (await session.exec(statement)).one_or_none()


async def keys_of(session: AsyncSession, members: Sequence[Member]) -> dict[str, ApiKey]:
    """The same for many, by their ids."""
    ids = [one.member_id for one in members]
    found = (await session.exec(select(ApiKey).where(col(ApiKey.member_id).in_(ids)))).all()
    return {str(key.member_id): key for key in found}


async def ways_in(session: AsyncSession, members: Sequence[Member]) -> dict[str, list[str]]:
    """By their ids by what each comes in, as things are set now: `password`, `single_sign_on`."""
    ids = [one.member_id for one in members]
    wanted = select(Member.member_id, _PASSWORD_OPENS, _PROVIDER_OPENS).where(
        col(Member.member_id).in_(ids)
    )
    found: dict[str, list[str]] = {one: [] for one in ids}  # Somebody may be deleted meanwhile.
    for member_id, password, provider in (await session.exec(wanted)).all():
        found[member_id] = ["password"] * password + ["single_sign_on"] * provider
    return found


async def has_anybody_joined(session: AsyncSession) -> bool:
    """Any account."""
    joined = select(Member.member_id).where(col(Member.joined_time).is_not(None))
    return (await session.exec(joined.limit(1))).first() is not None


async def is_last_admin(session: AsyncSession, member: Member) -> bool:
    """Whether without them no admin could sign in. Call `hold` first."""
    if member.role != Role.ADMIN or member.joined_time is None or member.disabled_time is not None:
        return False
    others = select(Member.member_id).where(
        col(Member.account_id) == member.account_id,
        col(Member.member_id) != member.member_id,
        col(Member.role) == Role.ADMIN,
        col(Member.joined_time).is_not(None),
        col(Member.disabled_time).is_(None),
        HAS_A_WAY_IN,
    )
    return (await session.exec(others.limit(1))).first() is None


async def delete(session: AsyncSession, member: Member) -> None:
    """For good, with the key that stands for them: their sessions end. Call `hold` first.

    What they did stays in the audit log, where their name and id stand as text.
    """
    key = await key_of(session, member.member_id)
    if key is not None:
        await session.delete(key)
    await session.delete(member)
    await session.flush()


def new_link(member: Member, ends: datetime) -> str:
    """A link for them, which ends the one before. Its text is shown this once."""
    link = secrets.token_urlsafe(32)
    member.link_sha256, member.link_ends_at = hash_key(link), ends
    return link


def without_link(member: Member) -> None:
    member.link_sha256 = member.link_ends_at = None


async def join(session: AsyncSession, member: Member, now: datetime) -> ApiKey:
    """Their key, made when they join; later the one they have, with sessions that begin anew."""
    without_link(member)
    if member.joined_time is None:
        member.joined_time = now
    session.add(member)
    key = await key_of(session, member.member_id)
    if key is None:
        key = ApiKey(
            account_id=member.account_id,
            prefix="",
            sha256="",
            member_id=member.member_id,
            created_by=member.created_by,
            created_time=now,
        )
    return await renew(session, member, key)


async def renew(session: AsyncSession, member: Member, key: ApiKey) -> ApiKey:
    """Their key as they are now; all of their sessions end."""
    key.name, key.scopes = member.name, [member.role]
    key.sha256 = secrets.token_hex(32)
    key.revoked_time = member.disabled_time
    session.add(key)
    await session.flush()
    return key
