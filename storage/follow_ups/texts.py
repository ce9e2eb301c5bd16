"""Texts that campaigns send: noted, claimed by one sender, and never sent a second time."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func
from sqlalchemy import select as sql_select
from sqlalchemy import text as sql_text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.campaigns.steps import TextResult
from storage.database.core import rows_of
from storage.tables import OutgoingText

DUE, SENDING = "due", "sending"
#: Whose sender has said nothing for this long is of unknown fate.
FATE_AFTER = timedelta(minutes=2)


async def due(session: AsyncSession, now: datetime, limit: int) -> Sequence[str]:
    """Ids of texts that may be sent now, and of those whose sender was lost."""
    statement = (
        sql_select(col(OutgoingText.text_id))
        .where(
            # As the partial index says it: a plan for any two states could not use it.
            sql_text("(state = 'due' OR state = 'sending')"),
            col(OutgoingText.due_at) <= now,
        )
        .order_by(col(OutgoingText.due_at))
        .limit(limit)
    )
    return [text_id for (text_id,) in await rows_of(session, statement)]


async def load(session: AsyncSession, text_id: str) -> OutgoingText | None:
    """The text as it is now. Whoever changes it holds its call."""
    statement = (
        select(OutgoingText)
        .where(col(OutgoingText.text_id) == text_id)
        .execution_options(populate_existing=True)
    )
    return (await session.exec(statement)).one_or_none()


def put_off(session: AsyncSession, text: OutgoingText, until: datetime, reason: str) -> None:
    text.due_at, text.reason = until, reason
    session.add(text)


def begin_sending(session: AsyncSession, text: OutgoingText, now: datetime) -> None:
    """From the commit on nobody sends it again, whatever becomes of its sender."""
    text.state, text.reason, text.sent_at = SENDING, None, now
    text.due_at = now + FATE_AFTER
    session.add(text)


def end(
    session: AsyncSession,
    text: OutgoingText,
    result: TextResult,
    reason: str | None = None,
    sid: str | None = None,
) -> None:
    text.state, text.reason, text.sid = result.value, reason, sid
    session.add(text)


async def counts(session: AsyncSession, campaign_id: str) -> dict[tuple[str, str], int]:
    """How many texts of each step are how far."""
    statement = (
        sql_select(col(OutgoingText.step), col(OutgoingText.state), func.count())
        .where(col(OutgoingText.campaign_id) == campaign_id)
        .group_by(col(OutgoingText.step), col(OutgoingText.state))
    )
    found = await rows_of(session, statement)
    return {(step, state): int(number) for step, state, number in found}
