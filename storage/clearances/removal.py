"""A person who is forgotten: what was asked about their number goes, what it cost stays."""

from collections.abc import Collection

from sqlalchemy import ColumnElement
from sqlmodel import col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.tables import Call, CheckedNumber, CheckRequest, LastWordRow


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
    own = (col(Call.account_id) == account_id, col(Call.endpoint) == name)
    calls = select(Call.call_id).where(*own)
    await forget_words(session, col(LastWordRow.call_id).in_(calls))


async def forget_words(session: AsyncSession, of_calls: ColumnElement[bool]) -> None:
    """What a customer wrote may tell of the person; what they decided stays."""
    statement = update(LastWordRow).where(of_calls, col(LastWordRow.reason) != "")
    values = statement.values(reason="").execution_options(synchronize_session=False)
    await session.exec(values)
