"""/api/v1/campaigns/{campaign_id}/steps"""

from fastapi import APIRouter

from api.campaigns.routes import Reader, Writer
from api.follow_ups import service
from api.follow_ups.schemas import StepsRequest
from api.follow_ups.views import StepsView
from api.http.auth import KeyFirst
from api.http.deps import Uses
from api.http.openapi import problem_responses

router = APIRouter(
    route_class=KeyFirst,
    prefix="/campaigns/{campaign_id}/steps",
    tags=["campaigns"],
    responses=problem_responses(401, 403, 404, 503),
)


@router.get("")
async def get_steps(campaign_id: str, account: Reader, uses: Uses) -> StepsView:
    """What follows the campaign's calls, and how many contacts stand where."""
    return await service.look(uses, account.account_id, campaign_id)


@router.put("", responses=problem_responses(409, 422))
async def replace_steps(
    campaign_id: str, body: StepsRequest, account: Writer, uses: Uses
) -> StepsView:
    """Set what follows the calls of a draft. Steps go round in no circle."""
    return await service.replace(uses, account.account_id, campaign_id, body)


@router.delete("", status_code=204, responses=problem_responses(409))
async def delete_steps(campaign_id: str, account: Writer, uses: Uses) -> None:
    """Nothing follows the calls of this draft."""
    await service.remove(uses, account.account_id, campaign_id)
