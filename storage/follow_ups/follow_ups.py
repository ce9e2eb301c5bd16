"""Where the contacts of a campaign stand among its steps.

Whoever moves one on holds its row and the call it stands at: the feed, and a promise of that call.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, case, func, insert, literal
from sqlalchemy import select as sql_select
from sqlmodel import col, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.campaigns.steps import ANY, BEGIN, TextResult
from storage.call_numbers import reaching
from storage.database.core import rows_of
from storage.follow_ups.texts import DUE, SENDING
from storage.tables import Call, FollowUp, OutgoingText
from storage.tables.columns import new_id
from storage.tables.specs import endpoints_of
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
            "step": BEGIN,
            "call_step": BEGIN,
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
    """Those whose step is over and has not been followed, held; the caller holds the campaign.

    One whose call is promised anew meanwhile is waited for, and is none of them any more.
    """
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
    found = (await session.exec(_held(statement))).all()
    return [Ended(row, call, _result(row, call, text)) for row, call, text in found]


def _held(statement: Any) -> Any:
    """PostgreSQL locks the call first, as everybody does, and reads both as they are then."""
    locked = statement.with_for_update(key_share=True, of=[Call, FollowUp])
    return locked.execution_options(populate_existing=True)


async def hold(session: AsyncSession, call: Call) -> list[FollowUp]:
    """Where the person of a campaign's call stands, also after a later call of it.

    Until the transaction ends nothing follows, and so no step makes a call to them. A campaign that
    takes the same person twice has more than one place; then the call's own alone is meant.
    """
    statement = (
        select(FollowUp, Call)
        .join(Call, col(Call.call_id) == col(FollowUp.call_id))
        .where(
            col(FollowUp.campaign_id) == call.campaign_id,
            col(FollowUp.call_id).in_(_of_person(call)),
        )
    )
    rows = [row for row, _ in (await session.exec(_held(statement))).all()]
    return rows if len(rows) == 1 else [row for row in rows if row.call_id == call.call_id]


def _of_person(call: Call) -> Any:
    return reaching(call.account_id, endpoints_of(call.__dict__))


async def come_back(session: AsyncSession, ended: Call, by: str, now: datetime) -> None:
    """The person of a call that has ended was promised another: what follows that one follows.

    A text that is not on its way yet is not sent. One that is, is waited for.
    """
    for row in await hold(session, ended):
        if row.state == TEXTING:
            await _withdraw(session, row)
            row.promised_call_id = by
        elif row.state != OVER:
            return_to(row, by)
            row.updated_time = now
        session.add(row)


def return_to(row: FollowUp, call_id: str) -> None:
    """The step that made the last call is gone through again, with this one."""
    row.step = row.step if row.call_step is None else row.call_step
    row.call_id, row.state = call_id, CALLING
    row.due_at = row.text_id = row.promised_call_id = None


async def _withdraw(session: AsyncSession, row: FollowUp) -> None:
    await session.exec(
        update(OutgoingText)
        .where(col(OutgoingText.text_id) == row.text_id, col(OutgoingText.state) == DUE)
        .values(state=TextResult.REFUSED.value, reason="promised")
    )


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
