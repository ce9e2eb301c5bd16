"""/dashboard: how it goes, on one page. Nothing here looks at more than a few calls."""

from typing import Any

from fastapi import APIRouter, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from api.accounts import routes as rest
from api.accounts.routes import Writer
from api.http.auth import allows
from api.http.deps import Services, Uses
from dashboard.agent_names import agent_names
from dashboard.page import back, page
from dashboard.session.session import SignedIn, Who
from policy.model.call import CallStatus, CampaignStatus
from storage.accounts import agents
from storage.call_lists import call_counts, call_list
from storage.call_lists.filters import CallFilter
from storage.call_lists.queue_list import next_to_wake
from storage.campaigns import campaigns
from storage.campaigns.summaries import summaries_of
from storage.dispatch.capacity import free_slots_of
from storage.dispatch.slot_use import SlotUse
from storage.tables import Account, Call

router = APIRouter(route_class=SignedIn)
_SHOWN = 8
_CAMPAIGNS_SHOWN = 5
_LIVE = (CallStatus.IN_PROGRESS, CallStatus.PENDING)
_OPEN = (CampaignStatus.RUNNING, CampaignStatus.PAUSED)


@router.get("")
async def overview(request: Request, uses: Uses, who: Who) -> Response:
    """Counts, what is in flight, what waits, and campaigns: what the key may see of them."""
    account = who.account
    shown: dict[str, Any] = {"calls": None, "campaigns": None}
    async with uses.db.browse() as session:
        if allows(who.key.scopes, "calls:read"):
            shown["calls"] = await _of_calls(session, uses, account)
        if allows(who.key.scopes, "campaigns:read"):
            shown["campaigns"] = await _of_campaigns(session, account)
    api = uses.settings.public_url
    return await page(request, "overview/overview.html", account=account, api=api, **shown)


@router.post("/probe")
async def try_dialing_now(request: Request, account: Writer, uses: Uses) -> Response:
    """While dialing is paused: one call tries at once."""
    await rest.try_dialing_now(account, uses)
    return await back(request, "/dashboard", "probing")


async def _of_calls(session: AsyncSession, uses: Services, account: Account) -> Any:
    slots = await free_slots_of(session, account, uses.now())
    live = await _live(session, account)
    sleeping = await next_to_wake(session, account.account_id, _SHOWN)
    names = await agent_names(session, (*live, *sleeping))
    newest, _ = await agents.page(session, account.account_id, 0, 1)
    return {
        "counts": await call_counts.kinds(session, account.account_id),
        "used": sum(slots.used.values(), SlotUse()),
        "live": live,
        "sleeping": sleeping,
        "names": names,
        "agent_id": newest[0].agent_id if newest else None,
    }


async def _live(session: AsyncSession, account: Account) -> list[Call]:
    """One status at a time, so that each is a run of an index."""
    found: list[Call] = []
    for status in _LIVE:
        wanted = CallFilter(statuses=[status])
        found += (await call_list.call_page(session, account.account_id, wanted, take=_SHOWN)).rows
    return found[:_SHOWN]


async def _of_campaigns(session: AsyncSession, account: Account) -> Any:
    rows, total = await campaigns.page(session, account.account_id, _OPEN, 0, _CAMPAIGNS_SHOWN)
    ids = [row.campaign_id for row in rows]
    return {
        "rows": rows,
        "total": total,
        "summaries": await summaries_of(session, account.account_id, ids),
    }
