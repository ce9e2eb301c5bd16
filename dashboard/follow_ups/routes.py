"""/dashboard/campaigns/{campaign_id}/steps"""

import json
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from api.campaigns import service as campaigns
from api.campaigns.routes import Reader, Writer
from api.follow_ups import service
from api.follow_ups.schemas import EXAMPLE, StepsRequest
from api.http.deps import Services, Uses
from api.http.json_body import storable_text
from api.http.problems import Problem, invalid
from dashboard.forms.form_values import as_request
from dashboard.page import back, if_any, page
from dashboard.session.session import SignedIn
from policy.model.call import CampaignStatus
from storage.tables import Account

router = APIRouter(prefix="/campaigns/{campaign_id}/steps", route_class=SignedIn)
Said = Annotated[str, Form(max_length=60_000)]


@router.get("")
async def show_steps(campaign_id: str, request: Request, account: Reader, uses: Uses) -> Response:
    """Where everybody is; of a draft, the form to set the steps."""
    return await _page(request, uses, account, campaign_id)


@router.post("")
async def send_steps(
    campaign_id: str,
    request: Request,
    account: Writer,
    _reader: Reader,
    uses: Uses,
    steps: Said = "",
) -> Response:
    """Set the steps, or take them away where nothing is said."""
    try:
        if steps.strip():
            await service.replace(uses, account.account_id, campaign_id, _request(steps))
        else:
            await service.remove(uses, account.account_id, campaign_id)
    except Problem as problem:
        if problem.status not in (409, 422):
            raise
        said = [f"{one.field}: {one.message}" for one in problem.errors] or [problem.detail]
        return await _page(request, uses, account, campaign_id, steps, "\n".join(said))
    return await back(request, f"/dashboard/campaigns/{campaign_id}/steps", "campaign_changed")


def _request(text: str) -> StepsRequest:
    try:
        said = json.loads(text)
        storable_text(said)
    except json.JSONDecodeError:
        raise invalid("malformed", "steps", "Must be JSON.") from None
    except (ValueError, RecursionError):
        raise invalid("malformed", "steps", "This cannot be stored.") from None
    return as_request(StepsRequest, said)


async def _page(
    request: Request,
    uses: Services,
    account: Account,
    campaign_id: str,
    typed: str | None = None,
    error: str = "",
) -> Response:
    campaign = await campaigns.look(uses, account.account_id, campaign_id)
    view = await if_any(service.look(uses, account.account_id, campaign_id))
    kept = "" if view is None else json.dumps({"next": view.next, "steps": view.steps}, indent=2)
    return await page(
        request,
        "follow_ups/steps.html",
        422 if error else 200,
        campaign=campaign,
        view=view,
        typed=kept if typed is None else typed,
        error=error,
        example=json.dumps(EXAMPLE, indent=2),
        is_draft=campaign.status is CampaignStatus.DRAFT,
    )
