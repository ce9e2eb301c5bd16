"""/dashboard/campaigns/{campaign_id}/settings: whatever of a campaign may change, also live."""

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Form, Request, Response

from api.campaigns import routes as rest
from api.campaigns import service
from api.campaigns.lookup import require_open
from api.campaigns.routes import Reader, Writer
from api.http.deps import Services, Uses
from api.http.problems import Problem
from api.replan.schemas import MovesView
from dashboard import goal_form
from dashboard.campaigns.campaign_form import (
    CampaignForm,
    form_of,
    patch_of,
    read_form,
    said_at,
)
from dashboard.campaigns.campaign_options import options_of
from dashboard.forms.form_errors import FormErrors
from dashboard.page import back, page
from dashboard.session.session import SignedIn
from policy.accounts.pricing import rates_of
from policy.model.call import CampaignStatus
from policy.model.purposes import ConsentTier, Purpose
from storage.tables import Account, Campaign
from storage.transfers import targets

router = APIRouter(prefix="/campaigns/{campaign_id}/settings", route_class=SignedIn)
Step = Annotated[str, Form(max_length=20)]
_OFFERED = 100


@router.get("")
async def show_settings(
    campaign_id: str, request: Request, account: Writer, _reader: Reader, uses: Uses
) -> Response:
    """The form, as the campaign is."""
    campaign = await service.look(uses, account.account_id, campaign_id)
    require_open(campaign)
    return await _page(request, uses, account, campaign, form_of(campaign))


@router.post("")
async def send_settings(
    campaign_id: str,
    request: Request,
    account: Writer,
    _reader: Reader,
    uses: Uses,
    later: BackgroundTasks,
    step: Step = "save",
) -> Response:
    """Changed; or, asked first, which of the waiting calls a change would move."""
    form = read_form(await request.form())
    campaign = await service.look(uses, account.account_id, campaign_id)
    try:
        patch = patch_of(form, campaign)
        if step == "try":
            moves = await service.what_it_would_do(uses, account, campaign_id, patch)
            return await _page(request, uses, account, campaign, form, moves=moves)
        await rest.change_campaign(campaign_id, patch, account, uses, later, dry_run=False)
    except Problem as problem:
        if problem.status not in (409, 422):
            raise
        return await _page(request, uses, account, campaign, form, said_at(problem))
    return await back(
        request, f"/dashboard/campaigns/{campaign_id}", "campaign_changed", later=later
    )


async def _page(
    request: Request,
    uses: Services,
    account: Account,
    campaign: Campaign,
    form: CampaignForm,
    errors: FormErrors | None = None,
    moves: MovesView | None = None,
) -> Response:
    options = await options_of(uses, account, form)
    async with uses.db.browse() as session:
        known, _ = await targets.page(session, account.account_id, 0, _OFFERED)
    return await page(
        request,
        "campaigns/settings.html",
        422 if errors else 200,
        campaign=campaign,
        form=form,
        options=options,
        errors=errors or FormErrors(),
        moves=moves,
        is_draft=campaign.status is CampaignStatus.DRAFT,
        purposes=list(Purpose),
        tiers=list(ConsentTier),
        counted=goal_form.counted(one.name for one in known),
        goal_fields=goal_form.FIELDS,
        currency=rates_of(account.rates).currency,
    )
