"""The calls of a campaign that have not ended, and what else of its account waits for slots."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func
from sqlalchemy import select as sql_select
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.model.call import FINAL_STATUSES, CallStatus, CampaignStatus, ContactState
from storage.database.core import rows_of
from storage.tables import Agent, Call, CallTally, Campaign, Contact

_OPEN = [status for status in CallStatus if status not in FINAL_STATUSES]
#: These wait, or will: who has a slot already is soon through.
_WAITING = [CallStatus.CREATED, CallStatus.QUEUED]


@dataclass(frozen=True, slots=True)
class WaitingClass:
    """Calls of one agent and campaign that wait beside those of a forecast's campaign.

    The caps are the agent's and the campaign's own; None: there is no such cap.
    """

    agent_id: str
    campaign_id: str | None
    priority: int
    calls: int
    agent_caps: tuple[int | None, int | None] = (None, None)
    campaign_caps: tuple[int | None, int | None] = (None, None)


async def open_calls(
    session: AsyncSession, campaign_id: str, after: int, limit: int
) -> Sequence[tuple[Call, int]]:
    """Calls with the contact each was made from, in the order of these, from `after` on."""
    contact_id = col(Contact.contact_id)
    statement = (
        select(Call, contact_id)
        .join(Contact, col(Contact.call_id) == col(Call.call_id))
        .where(
            col(Contact.campaign_id) == campaign_id,
            col(Call.campaign_id) == campaign_id,
            col(Call.status).in_(_OPEN),
            contact_id > after,
        )
        .order_by(contact_id)
        .limit(limit)
    )
    found = (await session.exec(statement)).all()
    return [(call, number) for call, number in found if number is not None]


async def others_waiting(
    session: AsyncSession, account_id: str, campaign_id: str
) -> list[WaitingClass]:
    """All of the account that waits for slots, or has yet to, but for this campaign's.

    Calls of paused campaigns do not count; contacts of running ones do.
    """
    counts = await _calls_waiting(session, account_id)
    running = {one.campaign_id: one for one in await _running(session, account_id)}
    for other, staged in await _staged(session, list(running)):
        key = (running[other].agent_id, other, running[other].priority)
        counts[key] = counts.get(key, 0) + staged
    agents = await _agent_caps(session, account_id)
    return [
        WaitingClass(
            *(agent_id, other, priority, number),
            agent_caps=agents.get(agent_id, (None, None)),
            campaign_caps=_caps_of(running.get(other or "")),
        )
        for (agent_id, other, priority), number in sorted(counts.items(), key=repr)
        if other != campaign_id and (other is None or other in running)
    ]


async def _calls_waiting(
    session: AsyncSession, account_id: str
) -> dict[tuple[str, str | None, int], int]:
    kind = (col(CallTally.agent_id), col(CallTally.campaign_id), col(CallTally.priority))
    number = func.sum(col(CallTally.n))
    # A call of no campaign that waits for its own time is no rival before that.
    waits = (col(CallTally.waiting_for) == "slot") | (col(CallTally.campaign_id) != "")
    statement = (
        sql_select(*kind, number)
        .where(
            col(CallTally.account_id) == account_id,
            col(CallTally.status).in_([status.value for status in _WAITING]),
            waits,
        )
        .group_by(*kind)
        .having(number > 0)
    )
    found = await rows_of(session, statement)
    return {(agent, other or None, priority): int(n) for agent, other, priority, n in found}


async def _running(session: AsyncSession, account_id: str) -> Sequence[Campaign]:
    statement = select(Campaign).where(
        col(Campaign.account_id) == account_id, col(Campaign.status) == CampaignStatus.RUNNING
    )
    return (await session.exec(statement)).all()


async def _staged(session: AsyncSession, campaign_ids: Sequence[str]) -> list[tuple[str, int]]:
    if not campaign_ids:
        return []
    statement = (
        sql_select(col(Contact.campaign_id), func.count())
        .where(
            col(Contact.campaign_id).in_(campaign_ids), col(Contact.state) == ContactState.STAGED
        )
        .group_by(col(Contact.campaign_id))
    )
    return [(other, int(number)) for other, number in await rows_of(session, statement)]


async def _agent_caps(
    session: AsyncSession, account_id: str
) -> dict[str, tuple[int | None, int | None]]:
    columns = (col(Agent.agent_id), col(Agent.max_concurrent), col(Agent.calls_per_minute))
    statement = sql_select(*columns).where(col(Agent.account_id) == account_id)
    found = await rows_of(session, statement)
    return {agent_id: (at_once, pace) for agent_id, at_once, pace in found}


def _caps_of(campaign: Campaign | None) -> tuple[int | None, int | None]:
    if campaign is None:
        return (None, None)
    return (campaign.max_concurrent, campaign.calls_per_minute)
