"""Where the contacts of a campaign stand among its steps."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, case, func, insert, literal
from sqlalchemy import select as sql_select
from sqlmodel import col, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.campaigns.steps import ANY, TextResult
from storage.database.core import rows_of
from storage.follow_ups.texts import DUE, SENDING
from storage.tables import Call, FollowUp, OutgoingText
from storage.tables.columns import new_id
from storage.tables.types import UtcDateTime

CALLING, TEXTING, WAITING, OVER = "calling", "texting", "waiting", "over"
_TEXT_ENDS = [one.value for one in TextResult]


async def begin(
    session: AsyncSession, account_id: str, campaign_id: str, call_ids: Sequence[str], now: datetime
) -> None:
    """These calls of a campaign with steps have just been made."""
    rows = [
        {
            "follow_up_id": new_id(),
            "account_id": account_id,
            "campaign_id": campaign_id,
            "call_id": call_id,
            "step": "",
            "state": CALLING,
            "updated_time": now,
        }
        for call_id in call_ids
    ]
    if rows:
        await session.exec(insert(FollowUp), params=rows)


class Ended(NamedTuple):
    """A step that has ended, the last call of its contact, and how the step ended."""

    row: FollowUp
    call: Call
    result: str


async def ended(session: AsyncSession, campaign_id: str, now: datetime, limit: int) -> list[Ended]:
    """Those whose step is over and has not been followed; the caller holds the campaign."""
    over = or_(
        and_(col(FollowUp.state) == CALLING, col(Call.outcome).is_not(None)),
        and_(col(FollowUp.state) == TEXTING, col(OutgoingText.state).in_(_TEXT_ENDS)),
        and_(col(FollowUp.state) == WAITING, col(FollowUp.due_at) <= now),
    )
    statement = (
        select(FollowUp, Call, OutgoingText.state)
        .join(Call, col(Call.call_id) == col(FollowUp.call_id))
        .outerjoin(OutgoingText, col(OutgoingText.text_id) == col(FollowUp.text_id))
        .where(col(FollowUp.campaign_id) == campaign_id, col(FollowUp.state) != OVER, over)
        .order_by(col(FollowUp.updated_time), col(FollowUp.follow_up_id))
        .limit(limit)
    )
    found = (await session.exec(statement)).all()
    return [Ended(row, call, _result(row, call, text)) for row, call, text in found]


def _result(row: FollowUp, call: Call, text: str | None) -> str:
    if row.state == CALLING and call.outcome is not None:
        return call.outcome.value
    return text if row.state == TEXTING and text else ANY


async def next_due(session: AsyncSession, campaign_id: str, now: datetime) -> datetime | None:
    """When the next step of anybody may end; None: nobody has one to come but calls under way.

    When those end nobody knows; whoever looks sees them as open calls of the campaign.
    """
    at = case(
        (col(FollowUp.state) == WAITING, col(FollowUp.due_at)),
        (col(OutgoingText.state).in_((DUE, SENDING)), col(OutgoingText.due_at)),
        else_=literal(now, UtcDateTime()),
    )
    statement = (
        sql_select(func.min(at, type_=UtcDateTime()))
        .select_from(FollowUp)
        .join(Call, col(Call.call_id) == col(FollowUp.call_id))
        .outerjoin(OutgoingText, col(OutgoingText.text_id) == col(FollowUp.text_id))
        .where(
            col(FollowUp.campaign_id) == campaign_id,
            col(FollowUp.state) != OVER,
            or_(col(FollowUp.state) != CALLING, col(Call.outcome).is_not(None)),
        )
    )
    ((found,),) = await rows_of(session, statement)
    return None if found is None else max(found, now)


async def end_all(session: AsyncSession, campaign_id: str, now: datetime) -> None:
    """Nothing follows any more; texts that have not been sent are not."""
    await session.exec(
        update(FollowUp)
        .where(col(FollowUp.campaign_id) == campaign_id, _is_open())
        .values(state=OVER, updated_time=now)
    )
    await session.exec(
        update(OutgoingText)
        .where(col(OutgoingText.campaign_id) == campaign_id, col(OutgoingText.state) == "due")
        .values(state=TextResult.REFUSED.value, reason="not_needed")
    )


def _is_open() -> ColumnElement[bool]:
    return col(FollowUp.state) != OVER


async def counts(session: AsyncSession, campaign_id: str) -> dict[tuple[str, str], int]:
    """How many contacts stand at each step, by its name and state."""
    statement = (
        sql_select(col(FollowUp.step), col(FollowUp.state), func.count())
        .where(col(FollowUp.campaign_id) == campaign_id)
        .group_by(col(FollowUp.step), col(FollowUp.state))
    )
    found = await rows_of(session, statement)
    return {(step, state): int(number) for step, state, number in found}
