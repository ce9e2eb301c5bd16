"""Texts that campaigns send: noted, claimed by one sender, and never sent a second time."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func
from sqlalchemy import select as sql_select
from sqlalchemy import text as sql_text
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.campaigns.steps import TextResult
from storage.database.core import rows_of
from storage.tables import OutgoingText

DUE, SENDING = "due", "sending"
#: The carrier's words for how far a text is; the last three are the last of each.
_ORDER = {"accepted": 0, "queued": 1, "sending": 2, "sent": 3}
_ORDER |= dict.fromkeys(("delivered", "undelivered", "failed"), 4)
_TAKEN = frozenset({SENDING, TextResult.SENT, TextResult.UNKNOWN})
#: Why a text of a campaign that is paused is put off.
CAMPAIGN_PAUSED = "campaign_paused"
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


async def hurry(
    session: AsyncSession,
    account_id: str,
    reason: str,
    now: datetime,
    campaign_id: str | None = None,
) -> None:
    """Texts that were put off for this reason are due: it may hold no more.

    Of the whole account, or of one of its campaigns.
    """
    of_campaign = () if campaign_id is None else (col(OutgoingText.campaign_id) == campaign_id,)
    await session.exec(
        update(OutgoingText)
        .where(
            # As the partial index says it.
            sql_text("(state = 'due' OR state = 'sending')"),
            col(OutgoingText.state) == DUE,
            col(OutgoingText.due_at) > now,
            col(OutgoingText.account_id) == account_id,
            col(OutgoingText.reason) == reason,
            *of_campaign,
        )
        .values(due_at=now)
        .execution_options(synchronize_session=False)
    )


def begin_sending(session: AsyncSession, text: OutgoingText, now: datetime, cost: int) -> None:
    """From the commit on nobody sends it again, whatever becomes of its sender."""
    text.state, text.reason, text.sent_at, text.cost = SENDING, None, now, cost
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


def note_delivery(
    session: AsyncSession, text: OutgoingText, sid: str, status: str, error_code: int | None
) -> bool:
    """What the carrier tells of a text; late, twice and out of order. False: it changes nothing.

    Of a text whose answer was lost it says that it was taken.
    """
    if text.sid not in (None, sid) or text.state not in _TAKEN:
        return False
    known = _ORDER.get(text.delivery or "", -1)
    if _ORDER.get(status, -1) <= known:
        return False
    text.state, text.sid = TextResult.SENT.value, sid
    text.reason, text.delivery, text.error_code = None, status, error_code
    session.add(text)
    return True


async def counts(session: AsyncSession, campaign_id: str) -> dict[tuple[str, str], int]:
    """How many texts of each step are how far; what the carrier told last, if it told anything."""
    state = func.coalesce(col(OutgoingText.delivery), col(OutgoingText.state))
    statement = (
        sql_select(col(OutgoingText.step), state, func.count())
        .where(col(OutgoingText.campaign_id) == campaign_id)
        .group_by(col(OutgoingText.step), state)
    )
    found = await rows_of(session, statement)
    return {(step, state): int(number) for step, state, number in found}
