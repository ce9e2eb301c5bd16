"""How the people of an account sign in by a provider of theirs."""

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.tables import SingleSignOn


async def get(session: AsyncSession, account_id: str) -> SingleSignOn | None:
    return await session.get(SingleSignOn, account_id)


async def with_id(session: AsyncSession, sign_on_id: str) -> SingleSignOn | None:
    """By what names it in addresses."""
    wanted = select(SingleSignOn).where(col(SingleSignOn.sign_on_id) == sign_on_id)
    return (await session.exec(wanted)).one_or_none()


async def the_only_one(session: AsyncSession) -> SingleSignOn | None:
    """Where a single account has one; None: none has, or several have."""
    found = (await session.exec(select(SingleSignOn).limit(2))).all()
    return found[0] if len(found) == 1 else None
