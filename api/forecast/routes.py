"""/api/v1/campaigns/{campaign_id}/forecast"""

from typing import Annotated

from fastapi import APIRouter, Depends

from api.forecast import service
from api.forecast.schemas import ForecastRequest
from api.forecast.views import ForecastView
from api.http.auth import KeyFirst, requires
from api.http.deps import Uses
from api.http.openapi import problem_responses
from storage.tables import Account

router = APIRouter(
    route_class=KeyFirst,
    prefix="/campaigns/{campaign_id}/forecast",
    tags=["campaigns"],
    responses=problem_responses(401, 403, 404, 409, 422, 503),
)

Reader = Annotated[Account, Depends(requires("campaigns:read"))]
_AS_IT_IS = ForecastRequest()


@router.post("")
async def forecast_campaign(
    campaign_id: str, account: Reader, uses: Uses, body: ForecastRequest = _AS_IT_IS
) -> ForecastView:
    """What it would come to, by its real contacts, rules and caps: when it ends, how it ends, what
    it costs, what it misses. Nothing is changed. The same request gives the same answer."""
    return await service.forecast(uses, account, campaign_id, body)
