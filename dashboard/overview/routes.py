"""/dashboard: how it goes, on one page. Nothing here looks at more than a few calls."""

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from api.accounts import routes as rest
from api.accounts.routes import Writer
from api.http.auth import allows
from api.http.deps import Services, Uses
from api.promises.routes import DAYS
from dashboard.agent_names import agent_names
from dashboard.overview.figures import figures_of
from dashboard.overview.period import CHOICES, USUAL, look_back
from dashboard.page import back as lead_back
from dashboard.page import page, viewer_zone_name
from dashboard.session.session import SignedIn, Who
from policy.model.call import CallStatus, CampaignStatus
from storage.accounts import agents, names
from storage.call_lists import call_counts, call_list
from storage.call_lists.filters import CallFilter
from storage.call_lists.queue_list import next_to_wake
from storage.calls import promises
from storage.campaigns import campaigns
from storage.campaigns.summaries import summaries_of
from storage.dispatch.capacity import FreeSlots, free_slots_of
from storage.dispatch.slot_use import SlotUse
from storage.tables import Account, Call

router = APIRouter(route_class=SignedIn)
_SHOWN = 8
_CAMPAIGNS_SHOWN = 5
_LIVE = (CallStatus.IN_PROGRESS, CallStatus.PENDING)
_OPEN = (CampaignStatus.RUNNING, CampaignStatus.PAUSED)


@router.get("")
async def overview(
    request: Request,
    uses: Uses,
    who: Who,
    period: Annotated[str, Query(max_length=20)] = USUAL,
) -> Response:
    """Counts, what is in flight, what waits, campaigns, rates: what the key may see of them."""
    account = who.account
    back = look_back(period, viewer_zone_name(request), uses.now())
    shown: dict[str, Any] = {"calls": None, "promised": None, "campaigns": None, "figures": None}
    if allows(who.key.scopes, "analytics:read"):
        shown["figures"] = await figures_of(uses, account, back)
    async with uses.db.survey() as session:
        if allows(who.key.scopes, "calls:read"):
            shown["calls"] = await _of_calls(session, uses, account)
            shown["promised"] = await _promised(session, account, uses.now())
        if allows(who.key.scopes, "campaigns:read"):
            shown["campaigns"] = await _of_campaigns(session, account)
    api = uses.settings.public_url
    values = {"account": account, "api": api, "back": back, "choices": CHOICES, **shown}
    return await page(request, "overview/overview.html", **values)


@router.post("/probe")
async def try_dialing_now(request: Request, account: Writer, uses: Uses) -> Response:
    """While dialing is paused: one call tries at once."""
    await rest.try_dialing_now(account, uses)
    return await lead_back(request, "/dashboard", "probing")


async def _promised(session: AsyncSession, account: Account, now: datetime) -> Any:
    """How promises fare, for those who have made any; None: nobody has of late."""
    since = now - timedelta(days=DAYS)
    found = await promises.figures(session, account.account_id, since)
    if not (found.open or found.kept or found.missed):
        return None
    return {**asdict(found), "kept_share": found.kept_share, "days": DAYS}


async def _of_calls(session: AsyncSession, uses: Services, account: Account) -> Any:
    slots = await free_slots_of(session, account, uses.now())
    live = await _live(session, account)
    sleeping = await next_to_wake(session, account.account_id, _SHOWN)
    called = await agent_names(session, (*live, *sleeping))
    newest, _ = await agents.page(session, account.account_id, 0, 1)
    return {
        "counts": await call_counts.kinds(session, account.account_id),
        "used": sum(slots.used.values(), SlotUse()),
        "users": await _users(session, account, slots),
        "live": live,
        "sleeping": sleeping,
        "names": called,
        "agent_id": newest[0].agent_id if newest else None,
    }


@dataclass(frozen=True, slots=True)
class SlotUser:
    """Who has slots: an agent or a campaign. `most`: its own limit, if it has one."""

    name: str
    address: str
    live: int
    most: int | None


async def _users(session: AsyncSession, account: Account, slots: FreeSlots) -> list[SlotUser]:
    """Those with most slots first."""
    live: Counter[tuple[str, str]] = Counter()
    for (agent_id, campaign_id), use in slots.used.items():
        live["agent", agent_id] += use.live
        if campaign_id:
            live["campaign", campaign_id] += use.live
    ids = {kind: {id_ for one, id_ in live if one == kind} for kind in ("agent", "campaign")}
    called = {
        **await names.agents(session, account.account_id, ids["agent"]),
        **await names.campaigns(session, account.account_id, ids["campaign"]),
    }
    found = [
        SlotUser(called.get(id_, id_), f"/dashboard/calls?{kind}={id_}", number, _most(slots, id_))
        for (kind, id_), number in live.most_common(_SHOWN)
    ]
    return [one for one in found if one.live]


def _most(slots: FreeSlots, id_: str) -> int | None:
    cap = slots.caps.get(id_)
    return cap.max_concurrent if cap is not None else None


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
