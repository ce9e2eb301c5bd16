"""/dashboard/campaigns/{campaign_id}/split"""

from fastapi import APIRouter, Request, Response

from api.campaigns import service as campaigns
from api.campaigns.routes import Reader, Writer
from api.http.deps import Services, Uses
from api.http.problems import Problem
from api.splits import service
from api.splits.views import SplitView
from dashboard.forms.form_errors import FormErrors
from dashboard.page import back, if_any, page
from dashboard.session.session import SignedIn
from dashboard.splits.split_form import SUCCESS, SplitForm, form_of, read_form, request_of, said_at
from policy.campaigns.goals import spoken
from policy.model.call import CampaignStatus
from storage.accounts import agents, pathways
from storage.tables import Account
from storage.transfers import targets

router = APIRouter(prefix="/campaigns/{campaign_id}/split", route_class=SignedIn)
_OFFERED = 500


@router.get("")
async def show_split(campaign_id: str, request: Request, account: Reader, uses: Uses) -> Response:
    """How the variants compare; of a draft, the form to set them."""
    view = await if_any(service.look(uses, account.account_id, campaign_id))
    return await _page(request, uses, account, campaign_id, view, form_of(view))


@router.post("")
async def send_split(
    campaign_id: str, request: Request, account: Writer, _reader: Reader, uses: Uses
) -> Response:
    """Set the variants, or take them away where no row has a name."""
    form = read_form(await request.form())
    try:
        if form.named:
            said = request_of(
                form, await if_any(service.look(uses, account.account_id, campaign_id))
            )
            await service.replace(uses, account.account_id, campaign_id, said)
        else:
            await service.remove(uses, account.account_id, campaign_id)
    except Problem as problem:
        if problem.status not in (409, 422):
            raise
        view = await if_any(service.look(uses, account.account_id, campaign_id))
        return await _page(request, uses, account, campaign_id, view, form, said_at(problem, form))
    return await back(request, f"/dashboard/campaigns/{campaign_id}/split", "campaign_changed")


async def _page(
    request: Request,
    uses: Services,
    account: Account,
    campaign_id: str,
    view: SplitView | None,
    form: SplitForm,
    errors: FormErrors | None = None,
) -> Response:
    campaign = await campaigns.look(uses, account.account_id, campaign_id)
    async with uses.db.browse() as session:
        agent = await agents.get(session, account.account_id, campaign.agent_id)
        known, _ = await pathways.page(session, account.account_id, 0, _OFFERED)
        found, _ = await targets.page(session, account.account_id, 0, _OFFERED)
    names = [one.name for one in found]
    return await page(
        request,
        "splits/split.html",
        422 if errors else 200,
        campaign=campaign,
        view=view,
        form=form,
        errors=errors or FormErrors(),
        pathways=known,
        caller_ids=agent.caller_ids if agent else [],
        successes=(*SUCCESS, *((f"transferred:{n}", f"put through to {n}") for n in names)),
        went_well=spoken(view.success, view.transferred_to) if view else "",
        is_draft=campaign.status is CampaignStatus.DRAFT,
    )
