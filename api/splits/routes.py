"""/api/v1/campaigns/{campaign_id}/split"""

from fastapi import APIRouter

from api.campaigns.routes import Reader, Writer
from api.http.auth import KeyFirst
from api.http.deps import Uses
from api.http.openapi import problem_responses
from api.splits import service
from api.splits.schemas import SplitRequest
from api.splits.views import SplitView

router = APIRouter(
    route_class=KeyFirst,
    prefix="/campaigns/{campaign_id}/split",
    tags=["campaigns"],
    responses=problem_responses(401, 403, 404, 503),
)


@router.get("")
async def get_split(campaign_id: str, account: Reader, uses: Uses) -> SplitView:
    """How the campaign's variants compare: rates with 95 % intervals, and differences."""
    return await service.look(uses, account.account_id, campaign_id)


@router.put("", responses=problem_responses(409, 422))
async def replace_split(
    campaign_id: str, body: SplitRequest, account: Writer, uses: Uses
) -> SplitView:
    """Set the variants of a draft. Of a campaign that was started only `learns` may change."""
    return await service.replace(uses, account.account_id, campaign_id, body)


@router.delete("", status_code=204, responses=problem_responses(409))
async def delete_split(campaign_id: str, account: Writer, uses: Uses) -> None:
    """Take the variants of a draft away."""
    await service.remove(uses, account.account_id, campaign_id)
