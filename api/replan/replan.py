"""After a change that decisions rest on: the waiting calls it touches decide again.

Only a nudge. Every call decides anew before it dials anyway, so one that is missed here (Temporal
away, a process killed) is late at worst, and never wrong.
"""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress

import structlog

from api.http.deps import Services
from api.replan.dry_run import moved_page
from api.replan.mended_contacts import mend_contacts
from api.temporal_client import NotRunning, TemporalAway
from policy.model.call import CallStatus, CampaignStatus
from storage.accounts import accounts
from storage.calls import calls
from storage.calls.calls import AffectedCalls
from storage.campaigns import contact_rechecks
from storage.tables import Account, Agent

log = structlog.get_logger("trunkline.api")


async def replan(uses: Services, account: Account, affected: AffectedCalls) -> None:
    """Nudge exactly those of the calls that would go on otherwise now, a page at a time."""
    # As it is now: its rules and waivers may be what was changed since the request's key was read.
    async with uses.db.read() as session:
        account = await accounts.get(session, account.account_id) or account
    # First what nothing else finds if the process ends meanwhile: a call looks again by itself.
    await _look_at_contacts(uses, account, affected)
    if affected.endpoint is None:
        await mend_contacts(uses, account, affected)
    after: str | None = ""
    while after is not None:
        moved, after = await moved_page(uses, account, affected, after)
        if not await replan_calls(uses, moved):
            break


async def replan_numbers(uses: Services, agent_ids: Sequence[str]) -> None:
    """After caller IDs of these agents were marked or unmarked: their waiting calls move to others
    of theirs and decide again. Of a killed process the worker's next look moves the rest.
    """
    await uses.numbers.move(agent_ids)
    for agent_id in agent_ids:
        async with uses.db.read() as session:
            agent = await session.get_one(Agent, agent_id)
            account = await session.get_one(Account, agent.account_id)
        await replan(uses, account, AffectedCalls(agent_id=agent_id))


async def _look_at_contacts(uses: Services, account: Account, affected: AffectedCalls) -> None:
    """Contacts have no workflow yet: their campaign's feed judges them, and is told to."""
    async with uses.db.read() as session:
        under_way = await contact_rechecks.affected(session, account.account_id, affected)
    for campaign in under_way:
        async with uses.db.write() as session:
            changed = await contact_rechecks.take(session, campaign, affected.endpoint)
        if changed and campaign.status is CampaignStatus.RUNNING:
            with suppress(TemporalAway, NotRunning):
                await uses.calls.nudge_campaign(campaign.campaign_id)


async def replan_calls(uses: Services, call_ids: Iterable[str]) -> bool:
    """Nudge these calls; False if Temporal cannot be reached."""
    try:
        await asyncio.gather(*(_nudge(uses, call_id) for call_id in call_ids))
    except TemporalAway:
        log.warning("replan_missed")
        return False
    return True


async def _nudge(uses: Services, call_id: str) -> None:
    try:
        await uses.calls.replan(call_id)
    except NotRunning:
        await _begin(uses, call_id)


async def _begin(uses: Services, call_id: str) -> None:
    """A call for later may have no workflow yet: its first decision says what becomes of it."""
    async with uses.db.read() as session:
        call = await calls.load(session, call_id)
    if call is not None and call.status is CallStatus.CREATED:
        await uses.calls.start(call)
