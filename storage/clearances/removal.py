"""A person who is forgotten: what was asked about their number goes, what it cost stays."""

from collections.abc import Collection

from sqlmodel import col, delete, update
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.tables import CheckedNumber, CheckRequest


async def forget(
    session: AsyncSession, account_id: str, endpoints: Collection[str], name: str
) -> None:
    """`name`: what stands in place of the number from now on."""
    await session.exec(
        delete(CheckedNumber).where(
            col(CheckedNumber.account_id) == account_id,
            col(CheckedNumber.endpoint).in_(endpoints),
        )
    )
    await session.exec(
        update(CheckRequest)
        .where(
            col(CheckRequest.account_id) == account_id,
            col(CheckRequest.endpoint).in_(endpoints),
        )
        .values(endpoint=name, answer=None, carrier="", parameter="")
        .execution_options(synchronize_session=False)
    )
