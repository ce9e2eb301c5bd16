"""/api/v1/campaigns"""

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends, Query
from fastapi.responses import JSONResponse

from api.calls.filters import NameFilter
from api.campaigns import service
from api.campaigns.contact_upload import load, loaded_view, of_objects
from api.campaigns.lookup import found
from api.campaigns.preflight import preflight
from api.campaigns.reports import progress_view
from api.campaigns.schemas import (
    CampaignPatch,
    CampaignRequest,
    DuplicateRequest,
    PauseRequest,
    RedialRequest,
    StartRequest,
)
from api.campaigns.views import (
    CampaignCopy,
    CampaignCreated,
    CampaignDetail,
    CampaignList,
    CampaignView,
    PreflightView,
    campaign_fields,
    campaign_view,
)
from api.http.auth import KeyFirst, requires
from api.http.body_limits import MAX_CONTACTS
from api.http.deps import DryRun, Services, Skip, Take, Uses
from api.http.idempotency import MaybeRepeated
from api.http.openapi import located, problem_responses
from api.replan.mended_contacts import mend_contacts
from api.replan.replan import replan
from api.replan.schemas import MovesView
from policy.model.call import CampaignStatus
from storage.calls.calls import AffectedCalls
from storage.campaigns import campaigns
from storage.tables import Account, Campaign

router = APIRouter(
    route_class=KeyFirst,
    prefix="/campaigns",
    tags=["campaigns"],
    responses=problem_responses(401, 403, 503),
)

Reader = Annotated[Account, Depends(requires("campaigns:read"))]
Writer = Annotated[Account, Depends(requires("campaigns:write"))]
Statuses = Annotated[list[CampaignStatus] | None, Query(description="May be repeated.")]
#: Bodies that may be left out.
_ALL, _PLAIN, _AS_IT_IS = StartRequest(), PauseRequest(), DuplicateRequest()


@router.post(
    "",
    status_code=201,
    max_body_size=MAX_CONTACTS,
    response_model=CampaignCreated,
    responses={**located(201), **problem_responses(409, 422)},
)
async def create_campaign(
    body: CampaignRequest, account: Writer, uses: Uses, repeatable: MaybeRepeated
) -> JSONResponse:
    """Create a campaign, a draft until it is started. Contacts may come along or later."""
    now = uses.now()
    async with uses.db.write() as session:
        answered = await repeatable.answered(session, account.account_id, now)
        if answered is not None:
            return answered
        campaign = await service.create(session, account.account_id, body, now)
        loaded = await load(session, campaign, await of_objects(body.contacts, None, uses.now()))
        created = CampaignCreated(**campaign_fields(campaign), contacts=loaded_view(loaded))
        view = created.model_dump(mode="json", by_alias=True)
        headers = {"Location": f"/api/v1/campaigns/{campaign.campaign_id}"}
        await repeatable.keep(session, account.account_id, 201, view, headers, now)
    return JSONResponse(view, 201, headers)


@router.get("", responses=problem_responses(422))
async def list_campaigns(
    account: Reader,
    uses: Uses,
    status: Statuses = None,
    name: NameFilter = None,
    skip: Skip = 0,
    take: Take = 20,
) -> CampaignList:
    """The account's campaigns, newest first."""
    async with uses.db.survey() as session:
        rows, total = await campaigns.page(
            session, account.account_id, status or [], skip, take, name
        )
    return CampaignList(campaigns=[campaign_view(row) for row in rows], total=total)


@router.get("/{campaign_id}", responses=problem_responses(404))
async def get_campaign(campaign_id: str, account: Reader, uses: Uses) -> CampaignDetail:
    """One campaign with its progress."""
    return await _detail(uses, account, campaign_id)


@router.patch("/{campaign_id}", responses=problem_responses(404, 409, 422))
async def change_campaign(
    campaign_id: str,
    body: CampaignPatch,
    account: Writer,
    uses: Uses,
    later: BackgroundTasks,
    dry_run: DryRun,
) -> CampaignView | MovesView:
    """Change the fields that are named, also while it runs.

    Waiting calls that the change moves decide again; `dryRun` says which, and changes nothing.
    """
    if dry_run:
        return await service.what_it_would_do(uses, account, campaign_id, body)
    campaign, decide_anew = await service.change(uses, account.account_id, campaign_id, body)
    if decide_anew:
        later.add_task(replan, uses, account, AffectedCalls(campaign_id=campaign_id))
    else:
        later.add_task(mend_contacts, uses, account, AffectedCalls(campaign_id=campaign_id))
    return campaign_view(campaign)


@router.delete("/{campaign_id}", status_code=204, responses=problem_responses(404, 409))
async def delete_campaign(campaign_id: str, account: Writer, uses: Uses) -> None:
    """Delete a draft and its contacts."""
    await service.delete(uses, account.account_id, campaign_id)


@router.post("/{campaign_id}/preflight", responses=problem_responses(404, 409, 422))
async def preflight_campaign(
    campaign_id: str, account: Reader, uses: Uses, skip: Skip = 0, take: Take = 20
) -> PreflightView:
    """What would happen if it started now. `skip` and `take` choose the rows that are shown."""
    campaign = await service.look(uses, account.account_id, campaign_id)
    return await preflight(uses, account, campaign, skip, take)


@router.post("/{campaign_id}/start", responses=problem_responses(404, 409, 422))
async def start_campaign(
    campaign_id: str, account: Writer, uses: Uses, body: StartRequest = _ALL
) -> CampaignView:
    """Start a draft. With a `segment` only matching contacts are called, the others dropped."""
    campaign = await service.start(uses, account, campaign_id, body.segment)
    return campaign_view(campaign)


@router.post("/{campaign_id}/pause", responses=problem_responses(404, 409, 422))
async def pause_campaign(
    campaign_id: str, account: Writer, uses: Uses, body: PauseRequest = _PLAIN
) -> CampaignDetail:
    """Dial nobody any more. The answer says what is in flight, and when the last should end."""
    await service.pause(uses, account.account_id, campaign_id, body.detail)
    return await _detail(uses, account, campaign_id)


@router.post("/{campaign_id}/resume", responses=problem_responses(404, 409, 422))
async def resume_campaign(campaign_id: str, account: Writer, uses: Uses) -> CampaignView:
    """Go on with a paused campaign."""
    return campaign_view(await service.resume(uses, account.account_id, campaign_id))


@router.post("/{campaign_id}/cancel", responses=problem_responses(404, 409))
async def cancel_campaign(campaign_id: str, account: Writer, uses: Uses) -> CampaignDetail:
    """End it: waiting and ringing calls are canceled; whoever is on the line is not cut off."""
    await service.cancel(uses, account.account_id, campaign_id)
    return await _detail(uses, account, campaign_id)


@router.post("/{campaign_id}/duplicate", status_code=201, responses=problem_responses(404, 422))
async def duplicate_campaign(
    campaign_id: str, account: Writer, uses: Uses, body: DuplicateRequest = _AS_IT_IS
) -> CampaignCopy:
    """A new draft with the same settings and, unless told otherwise, the same contacts."""
    campaign, count = await service.copy(
        uses,
        account.account_id,
        campaign_id,
        name=body.name,
        with_contacts=body.contacts,
        segment=body.segment,
    )
    return _copy(campaign, count)


@router.post("/{campaign_id}/redial", status_code=201, responses=problem_responses(404, 422))
async def redial_campaign(
    campaign_id: str, body: RedialRequest, account: Writer, uses: Uses
) -> CampaignCopy:
    """A new draft with the contacts whose calls ended with the chosen outcomes."""
    campaign, count = await service.copy(
        uses,
        account.account_id,
        campaign_id,
        name=body.name,
        outcomes=body.outcomes,
        segment=body.segment,
    )
    return _copy(campaign, count)


async def _detail(uses: Services, account: Account, campaign_id: str) -> CampaignDetail:
    async with uses.db.read() as session:
        campaign = await found(session, account.account_id, campaign_id)
        progress = await progress_view(session, uses, account, campaign)
    return CampaignDetail(**campaign_fields(campaign), progress=progress)


def _copy(campaign: Campaign, count: int) -> CampaignCopy:
    return CampaignCopy(**campaign_fields(campaign), contacts=count)
