"""Calls and texts that come in to an agent's caller IDs."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Text, cast
from sqlmodel import col, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.location.number_forms import forms_of
from policy.model.call import CANCELABLE_STATUSES
from policy.model.person import Returned
from storage.call_numbers import reaching
from storage.database.upsert import insert_once
from storage.events.event_log import EventType, append
from storage.tables import Account, Agent, Attempt, Call, Inbound


async def agents_at(session: AsyncSession, number: str) -> list[Agent]:
    """Agents that call from this number, of all accounts; the oldest first."""
    statement = (
        select(Agent)
        .where(col(Agent.deleted_time).is_(None), _calls_from(number))
        .order_by(col(Agent.created_time), col(Agent.agent_id))
    )
    return list((await session.exec(statement)).all())


def _calls_from(number: str) -> ColumnElement[bool]:
    return cast(col(Agent.caller_ids), Text).like(f'%"{number}"%')


async def accounts_at(session: AsyncSession, number: str, person: str | None) -> list[str]:
    """Accounts that may have called a person from this number, in the order of their ids.

    Also by an agent that was deleted, or that has lost the number since.
    """
    of_agent = select(Agent.account_id).where(_calls_from(number))
    dialed = (
        select(Attempt.attempt_id)
        .where(
            col(Attempt.account_id) == col(Account.account_id),
            col(Attempt.to_endpoint).in_(forms_of(person) if person else ()),
            col(Attempt.from_endpoint) == number,
        )
        .exists()
    )
    statement = (
        select(Account.account_id)
        .where(or_(col(Account.account_id).in_(of_agent), dialed))
        .order_by(col(Account.account_id))
    )
    return list((await session.exec(statement)).all())


async def known_from(
    session: AsyncSession, number: str, person: str, carrier_sids: Sequence[str]
) -> list[str]:
    """Agents by whom a caller may know the number, the likeliest first.

    Those of the waiting calls that this very call was linked to, then who dialed last from it.
    """
    linked = (
        select(Call.agent_id)
        .join(Inbound, col(Inbound.call_id) == col(Call.call_id))
        .where(col(Inbound.carrier_sid).in_(carrier_sids))
        .order_by(col(Inbound.inbound_id))
    )
    dialed = (
        select(Call.agent_id)
        .join(Attempt, col(Attempt.call_id) == col(Call.call_id))
        .where(
            col(Attempt.account_id).in_(select(Account.account_id)),
            col(Attempt.to_endpoint).in_(forms_of(person)),
            col(Attempt.from_endpoint) == number,
        )
        .order_by(col(Attempt.dialed_at).desc())
        .limit(1)
    )
    found = [*(await session.exec(linked)).all(), *(await session.exec(dialed)).all()]
    return list(dict.fromkeys(found))


async def note(session: AsyncSession, row: Inbound) -> bool:
    """True the first time: the carrier may ask more than once about one call or text."""
    return await insert_once(session, row, "carrier_sid")


async def note_opt_out(session: AsyncSession, row: Inbound) -> bool:
    """Notes that somebody opted out by a call, which may be on record already.

    True the first time: what the carrier repeats must not undo what was done since.
    """
    row.opted_out = True
    if await note(session, row):
        return True
    of_row = (col(Inbound.carrier_sid) == row.carrier_sid, col(Inbound.opted_out).is_(False))
    noted = await session.exec(update(Inbound).where(*of_row).values(opted_out=True))
    return bool(noted.rowcount)


async def waiting_call(session: AsyncSession, account_id: str, endpoint: str) -> Call | None:
    """The call that waits for this person, the one whose turn comes first."""
    statement = (
        select(Call)
        .where(
            col(Call.call_id).in_(reaching(account_id, [endpoint])),
            col(Call.status).in_(list(CANCELABLE_STATUSES)),
        )
        .order_by(col(Call.created_time), col(Call.call_id))
        .limit(1)
    )
    return (await session.exec(statement)).first()


async def link(session: AsyncSession, call: Call, action: Returned, now: datetime) -> None:
    """The person has called back: what that does to the call is decided anew."""
    if action is not Returned.KEEP:
        call.returned = action
        session.add(call)
    await append(session, call, EventType.CALLED_BACK, now, {"action": action.value})
