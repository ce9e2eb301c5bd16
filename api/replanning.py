"""After a change that decisions rest on: the waiting calls it touches decide again.

Only a nudge. Every call decides anew before it dials anyway, so one that is missed here (Temporal
away, a process killed) is late at worst, and never wrong.
"""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from api.calls_gateway import NotRunning, TemporalAway
from api.deps import Services
from storage import calls, campaigns

log = structlog.get_logger("trunkline.api")

PAGE = 200
#: Owner, the last id of the page before, how many.
IdsOf = Callable[[AsyncSession, str, str, int], Awaitable[list[str]]]


async def replan_agent(uses: Services, agent_id: str) -> None:
    """Nudge every call of the agent that waits."""
    await _replan(uses, calls.waiting_of_agent, agent_id)


async def replan_campaign(uses: Services, campaign_id: str) -> None:
    """Nudge every call of the campaign that waits."""
    await _replan(uses, campaigns.waiting_call_ids, campaign_id)


async def _replan(uses: Services, ids_of: IdsOf, owner_id: str) -> None:
    """A page of calls at a time."""
    after = ""
    while True:
        async with uses.db.read() as session:
            waiting = await ids_of(session, owner_id, after, PAGE)
        if not waiting:
            return
        try:
            await asyncio.gather(*(_nudge(uses, call_id) for call_id in waiting))
        except TemporalAway:
            log.warning("replan_missed", owner_id=owner_id)
            return
        after = waiting[-1]


async def _nudge(uses: Services, call_id: str) -> None:
    try:
        await uses.calls.replan(call_id)
    except NotRunning:
        return
