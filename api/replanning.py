"""After a change that decisions rest on: the waiting calls it touches decide again.

Only a nudge. Every call decides anew before it dials anyway, so one that is missed here (Temporal
away, a process killed) is late at worst, and never wrong.
"""

import asyncio

import structlog

from api.calls_gateway import NotRunning, TemporalAway
from api.deps import Services
from storage import calls

log = structlog.get_logger("trunkline.api")

PAGE = 200


async def replan_agent(uses: Services, agent_id: str) -> None:
    """Nudge every call of the agent that waits, a page at a time."""
    after = ""
    while True:
        async with uses.db.read() as session:
            waiting = await calls.waiting_of_agent(session, agent_id, after, PAGE)
        if not waiting:
            return
        try:
            await asyncio.gather(*(_nudge(uses, call_id) for call_id in waiting))
        except TemporalAway:
            log.warning("replan_missed", agent_id=agent_id)
            return
        after = waiting[-1]


async def _nudge(uses: Services, call_id: str) -> None:
    try:
        await uses.calls.replan(call_id)
    except NotRunning:
        return
