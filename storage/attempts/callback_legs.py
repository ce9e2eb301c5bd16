"""A leg as a callback finds it by its token: held, and with what the callback needs besides."""

from dataclasses import dataclass
from typing import Any

from sqlmodel import and_, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.database.locks import BY_TOKEN, held, note_both
from storage.database.row_objects import one_row
from storage.tables import Account, Agent, Attempt, Call, JsonObject, Pathway


@dataclass(frozen=True, slots=True)
class HeldLeg:
    call: Call
    attempt: Attempt


@dataclass(frozen=True, slots=True)
class PricedLeg(HeldLeg):
    """With the account's rates, by which its end is reckoned."""

    rates: JsonObject


@dataclass(frozen=True, slots=True)
class SpeakingLeg(HeldLeg):
    """With who speaks on it, deleted or not, and what is said, unless that is deleted."""

    agent: Agent
    pathway: Pathway | None


async def with_rates(session: AsyncSession, token: str) -> PricedLeg | None:
    found = await _found(session, _PRICED, token)
    return None if found is None else PricedLeg(*note_both(session, *found[:2]), found[2] or {})


async def with_speaker(session: AsyncSession, token: str) -> SpeakingLeg | None:
    found = await _found(session, _SPEAKING, token)
    return None if found is None else SpeakingLeg(*note_both(session, *found[:2]), *found[2:])


async def _found(session: AsyncSession, statement: Any, token: str) -> Any:
    return await one_row(session, statement, {"token": token})


_OF_CALL = col(Attempt.call_id) == col(Call.call_id)
_PRICED = held(
    select(Call, Attempt, Account.rates)
    .join(Attempt, _OF_CALL)
    .join(Account, col(Account.account_id) == col(Call.account_id))
    .where(BY_TOKEN)
)
_SPEAKING = held(
    select(Call, Attempt, Agent, Pathway)
    .join(Attempt, _OF_CALL)
    .join(Agent, col(Agent.agent_id) == col(Call.agent_id))
    .outerjoin(
        Pathway,
        and_(
            col(Pathway.pathway_id) == col(Call.pathway_id),
            col(Pathway.account_id) == col(Call.account_id),
            col(Pathway.deleted_time).is_(None),
        ),
    )
    .where(BY_TOKEN)
)
