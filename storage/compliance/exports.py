"""Long lists for people who have to prove something: a page at a time, by a period."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy import select as sql_select
from sqlmodel import and_, col, or_, select, tuple_
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.model.purposes import Purpose
from storage.tables import Agent, Attempt, Call, Consent

PAGE = 1000


@dataclass(frozen=True, slots=True)
class ExportPeriod:
    """[start, end)"""

    start: datetime
    end: datetime


async def attempts(
    session: AsyncSession, account_id: str, period: ExportPeriod, after: tuple[datetime, str] | None
) -> Sequence[tuple[Attempt, Call, Purpose | None]]:
    """Dials by the time of their decision, each with its call and what its agent is for."""
    key = tuple_(col(Attempt.dialed_at), col(Attempt.attempt_id))
    statement = (
        sql_select(Attempt, Call, col(Agent.purpose))
        .join(Call, col(Call.call_id) == col(Attempt.call_id))
        .join(Agent, col(Agent.agent_id) == col(Call.agent_id))
        .where(col(Attempt.account_id) == account_id, _within(period, col(Attempt.dialed_at)))
        .order_by(col(Attempt.dialed_at), col(Attempt.attempt_id))
        .limit(PAGE)
    )
    if after is not None:
        statement = statement.where(key > after)
    return (await session.exec(statement)).all()  # type: ignore[call-overload,no-any-return]


def _within(period: ExportPeriod, moment: Any) -> ColumnElement[bool]:
    return and_(moment >= period.start, moment < period.end)


async def consents(
    session: AsyncSession, account_id: str, period: ExportPeriod, after: tuple[datetime, str] | None
) -> Sequence[Consent]:
    """Consents that were given or taken back in the period, by when they were recorded."""
    statement = (
        select(Consent)
        .where(
            col(Consent.account_id) == account_id,
            or_(
                _within(period, col(Consent.created_time)),
                _within(period, col(Consent.revoked_time)),
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
