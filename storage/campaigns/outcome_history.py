"""When the calls of a campaign ended, and how: counted by the minute."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Text, func, type_coerce
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.model.call import Outcome
from storage.database.locks import dialect_of
from storage.tables import Call

#: `2027-03-01 14:05`
_TO_THE_MINUTE = 16


async def ends(session: AsyncSession, campaign_id: str) -> Sequence[tuple[datetime, Outcome, int]]:
    """So many calls ended so in the minute that begins then; in no order."""
    minute = _minute(dialect_of(session))
    statement = (
        select(minute, col(Call.outcome), func.count())
        .where(
            col(Call.campaign_id) == campaign_id,
            col(Call.completed_time).is_not(None),
            col(Call.outcome).is_not(None),
        )
        .group_by(minute, col(Call.outcome))
    )
    found = await session.exec(statement)
    return [(_instant(at), Outcome(outcome), n) for at, outcome, n in found if outcome]


def _minute(dialect: str) -> Any:
    if dialect == "postgresql":
        return func.date_trunc("minute", col(Call.completed_time))
    return func.substr(type_coerce(col(Call.completed_time), Text), 1, _TO_THE_MINUTE)


def _instant(said: Any) -> datetime:
    if isinstance(said, str):
        return datetime.fromisoformat(said).replace(tzinfo=UTC)
    instant: datetime = said
    return instant.astimezone(UTC)
