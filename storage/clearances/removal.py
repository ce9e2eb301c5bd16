"""A person who is forgotten: what was asked about their number goes, what it cost stays."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, text
from sqlmodel import and_, col, delete, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.clearances.requests import DISABLED
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


async def forget_old(session: AsyncSession, answered_before: datetime, limit: int) -> int:
    """Deletes up to so many questions that were answered before, or that nobody asks any more.

    Returns how many. The ledger of requests stays: it is the proof of what was asked, and paid.
    """
    is_old = (
        # As the partial index says it.
        text("due_at IS NULL"),
        or_(
            col(CheckedNumber.answered_at) < answered_before,
            # What is asked anew when somebody enables the payer has to be there then.
            and_(col(CheckedNumber.answered_at).is_(None), col(CheckedNumber.error) != DISABLED),
        ),
    )
    old = (
        select(CheckedNumber.account_id, CheckedNumber.endpoint, CheckedNumber.question)
        .where(*is_old)
        .limit(limit)
    )
    rows = (await session.exec(old)).all()
    # In the order of those who want answers, so that two transactions do not wait for each other.
    for account_id, endpoint, question in sorted(rows):
        await session.exec(
            delete(CheckedNumber).where(
                col(CheckedNumber.account_id) == account_id,
                col(CheckedNumber.endpoint) == endpoint,
                col(CheckedNumber.question) == question,
                # It may have been answered anew meanwhile.
                *is_old,
            )
        )
    return len(rows)


async def forget_words(session: AsyncSession, of_calls: ColumnElement[bool]) -> None:
    """What a customer wrote may tell of the person; what they decided stays."""
    statement = update(LastWordRow).where(of_calls, col(LastWordRow.reason) != "")
    values = statement.values(reason="").execution_options(synchronize_session=False)
    await session.exec(values)
