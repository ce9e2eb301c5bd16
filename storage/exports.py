"""Long lists for people who have to prove something: a page at a time, by a period."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select as sql_select
from sqlmodel import col, or_, select, tuple_
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.rows import rows_of
from storage.tables import Attempt, Call, Consent

PAGE = 1000


@dataclass(frozen=True, slots=True)
class Period:
    """[start, end)"""

    start: datetime
    end: datetime


async def attempts(
    session: AsyncSession, account_id: str, period: Period, after: tuple[datetime, str] | None
) -> Sequence[tuple[Attempt, Call]]:
    """Dials by the time of their decision, each with its call."""
    key = tuple_(col(Attempt.dialed_at), col(Attempt.attempt_id))
    statement = (
        sql_select(Attempt, Call)
        .join(Call, col(Call.call_id) == col(Attempt.call_id))
        .where(
            col(Attempt.account_id) == account_id,
            col(Attempt.dialed_at) >= period.start,
            col(Attempt.dialed_at) < period.end,
        )
        .order_by(col(Attempt.dialed_at), col(Attempt.attempt_id))
        .limit(PAGE)
    )
    if after is not None:
        statement = statement.where(key > after)
    return await rows_of(session, statement)


async def consents(
    session: AsyncSession, account_id: str, period: Period, after: tuple[datetime, str] | None
) -> Sequence[Consent]:
    """Consents that were given or taken back in the period, by when they were recorded."""
    statement = (
        select(Consent)
        .where(
            col(Consent.account_id) == account_id,
            or_(
                col(Consent.created_time).between(period.start, period.end),
                col(Consent.revoked_time).between(period.start, period.end),
            ),
        )
        .order_by(col(Consent.created_time), col(Consent.consent_id))
        .limit(PAGE)
    )
    if after is not None:
        statement = statement.where(
            tuple_(col(Consent.created_time), col(Consent.consent_id)) > after
        )
    return (await session.exec(statement)).all()
