"""/api/v1/transfer-targets, /api/v1/transfers, and what hangs on a call and a campaign of them."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from api.calls import commands
from api.calls.filters import only_paging
from api.campaigns.lookup import found as found_campaign
from api.http.auth import KeyFirst, requires
from api.http.deps import Skip, Take, Uses
from api.http.json_body import of_call_size
from api.http.openapi import located, problem_responses
from api.transfers import service
from api.transfers.schemas import (
    AbandonmentView,
    TransferFigures,
    TransferList,
    TransferRequest,
    TransferTargetList,
    TransferTargetPatch,
    TransferTargetRequest,
    TransferTargetView,
    TransferView,
)
from api.transfers.views import abandonment_view, figures_view, target_view, transfer_view
from storage import abandonment
from storage.tables import Account
from storage.transfers import figures, targets, transfers

#: Of figures, unless others are asked for.
DAYS = 30

router = APIRouter(
    tags=["transfers"], route_class=KeyFirst, responses=problem_responses(401, 403, 503)
)
Reader = Annotated[Account, Depends(requires("pathways:read"))]
Writer = Annotated[Account, Depends(requires("pathways:write"))]
CallReader = Annotated[Account, Depends(requires("calls:read"))]
CallWriter = Annotated[Account, Depends(requires("calls:write"))]
CampaignReader = Annotated[Account, Depends(requires("campaigns:read"))]
OfCall = Annotated[str | None, Query(alias="callId", max_length=64, description="Of this call.")]
OfCampaign = Annotated[
    str | None, Query(alias="campaignId", max_length=64, description="Of this campaign.")
]


@router.post(
    "/transfer-targets",
    status_code=201,
    responses={**located(201), **problem_responses(409, 422)},
)
async def create_transfer_target(
    body: TransferTargetRequest, account: Writer, uses: Uses, response: Response
) -> TransferTargetView:
    """Create a target, by a name that pathways use. Premium numbers are refused."""
    made = await service.make(uses, account, body)
    response.headers["Location"] = f"/api/v1/transfer-targets/{made.target_id}"
    return made


@router.get(
    "/transfer-targets", dependencies=[Depends(only_paging)], responses=problem_responses(422)
)
async def list_transfer_targets(
    account: Reader, uses: Uses, skip: Skip = 0, take: Take = 20
) -> TransferTargetList:
    """The account's targets by name, and whether somebody is there now."""
    now = uses.now()
    async with uses.db.read() as session:
        rows, total = await targets.page(session, account.account_id, skip, take)
    return TransferTargetList(targets=[target_view(row, now) for row in rows], total=total)


@router.get("/transfer-targets/{target_id}", responses=problem_responses(404))
async def get_transfer_target(target_id: str, account: Reader, uses: Uses) -> TransferTargetView:
    """One target."""
    async with uses.db.read() as session:
        return target_view(await service.found(session, account, target_id), uses.now())


@router.patch("/transfer-targets/{target_id}", responses=problem_responses(404, 422))
async def change_transfer_target(
    target_id: str, body: TransferTargetPatch, account: Writer, uses: Uses
) -> TransferTargetView:
    """Change the fields that are named; whoever is put through next is by them."""
    return await service.change(uses, account, target_id, body)


@router.delete("/transfer-targets/{target_id}", status_code=204, responses=problem_responses(404))
async def delete_transfer_target(target_id: str, account: Writer, uses: Uses) -> None:
    """Delete a target. Pathways that name it go on as if nobody were reached."""
    async with uses.db.write() as session:
        row = await service.found(session, account, target_id)
        await targets.delete(session, row, uses.now())


@router.get("/transfers", responses=problem_responses(404, 422))
async def list_transfers(
    account: CallReader, uses: Uses, call_id: OfCall = None, take: Take = 20
) -> TransferList:
    """The newest transfers; of one call all, in their order."""
    async with uses.db.survey() as session:
        if call_id is not None:
            await commands.found(session, account.account_id, call_id)
            rows = await transfers.of_call(session, account.account_id, call_id)
        else:
            rows = await transfers.newest(session, account.account_id, take)
    return TransferList(transfers=[transfer_view(row) for row in rows])


@router.get("/transfers/figures", responses=problem_responses(404, 422))
async def transfer_figures(
    account: CallReader,
    uses: Uses,
    days: Annotated[int, Query(ge=1, le=366, description="Asked for within so many.")] = DAYS,
    campaign_id: OfCampaign = None,
) -> TransferFigures:
    """How many transfers were asked for, connected and missed, and how many calls abandoned."""
    since = uses.now() - timedelta(days=days)
    async with uses.db.survey() as session:
        if campaign_id is not None:
            await found_campaign(session, account.account_id, campaign_id)
        numbers = await figures.of_account(
            session, account.account_id, since, campaign_id=campaign_id
        )
    return figures_view(numbers, since, campaign_id)


@router.post(
    "/calls/{call_id}/transfer",
    status_code=202,
    dependencies=[Depends(of_call_size)],
    responses=problem_responses(404, 409, 422),
)
async def transfer_call(
    call_id: str, body: TransferRequest, account: CallWriter, uses: Uses
) -> TransferView:
    """Have the callee put through, as the AI agent that talks to them.

    It begins when the agent lets go: close the stream, or end the ConversationRelay session. If
    nobody is reached the agent is connected again, with the parameter `transfer`. A warm target is
    dialed at once, and the agent stays until somebody has taken the call. The pathway has to name
    the target in its `transfers`. One that is closed is answered as `missed`, with `opensAt`.
    """
    return await service.ask(uses, account, call_id, body)


@router.get("/campaigns/{campaign_id}/abandonment", responses=problem_responses(404))
async def get_abandonment(campaign_id: str, account: CampaignReader, uses: Uses) -> AbandonmentView:
    """How near the campaign is to the limits of abandoned calls, and what it is held to."""
    async with uses.db.survey() as session:
        campaign = await found_campaign(session, account.account_id, campaign_id)
        is_watched = await abandonment.is_watched(session, campaign)
        found = await abandonment.courses(session, [campaign_id], uses.now())
    return abandonment_view(campaign, is_watched, found[campaign_id])
