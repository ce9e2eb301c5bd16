"""/dashboard/campaigns/{campaign_id}/add: more contacts from another file, also while it runs."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from api.campaigns import contact_corrections, service
from api.campaigns.contact_upload import demands_on
from api.campaigns.lookup import found, require_open
from api.campaigns.routes import Reader, Writer
from api.http.body_limits import MAX_FILE
from api.http.deps import Services, Uses
from api.http.problems import Problem
from dashboard.campaigns.campaign_form import form_of, said_at
from dashboard.campaigns.campaign_options import options_of
from dashboard.campaigns.column_choice import ColumnChoice, choose
from dashboard.campaigns.contact_file import FileForm, look_at, read_file_form
from dashboard.campaigns.new_routes import load_file
from dashboard.forms.form_errors import FormErrors
from dashboard.forms.sent_file import SentFile, countries, sent_file
from dashboard.page import back, page
from dashboard.session.session import SignedIn
from policy.pathways.blanks import Variables
from storage.campaigns import contact_list
from storage.tables import Account, Campaign

router = APIRouter(prefix="/campaigns/{campaign_id}/add", route_class=SignedIn)
Step = Annotated[str, Form(max_length=20)]


@router.get("")
async def choose_file(
    campaign_id: str, request: Request, account: Writer, _reader: Reader, uses: Uses
) -> Response:
    """The form, with no file yet."""
    campaign = await service.look(uses, account.account_id, campaign_id)
    require_open(campaign)
    return await _page(request, uses, account, campaign, None, None)


@router.post("", max_body_size=MAX_FILE)
async def send_file(
    campaign_id: str,
    request: Request,
    account: Writer,
    _reader: Reader,
    uses: Uses,
    step: Step = "columns",
) -> Response:
    """The columns of the file, as they are understood; or, once they are, its rows loaded."""
    campaign, variables = await _asked(uses, account, campaign_id)
    said = read_file_form(await request.form())
    file, choice, errors = None, None, FormErrors()
    try:
        file = await sent_file(request)
        if file is not None:
            choice = choose(await look_at(file, said), said, variables)
        if step == "load":
            errors = choice.errors() if choice else FormErrors({"file": "Choose a file."})
            if not errors and file is not None and choice is not None:
                await _add(uses, account, campaign, file, said, choice)
                return await back(request, f"/dashboard/campaigns/{campaign_id}", "loaded")
    except Problem as problem:
        if problem.status >= 500:
            raise
        errors = said_at(problem)
        if "" in errors and choice is None:
            errors = FormErrors({"file": errors[""]})
    return await _page(request, uses, account, campaign, said, choice, file, errors)


async def _asked(uses: Services, account: Account, campaign_id: str) -> tuple[Campaign, Variables]:
    """The campaign, and what its calls say of each person."""
    async with uses.db.read() as session:
        campaign = await found(session, account.account_id, campaign_id)
        require_open(campaign)
        return campaign, (await demands_on(session, campaign)).variables


async def _add(
    uses: Services,
    account: Account,
    campaign: Campaign,
    file: SentFile,
    said: FileForm,
    choice: ColumnChoice,
) -> None:
    """The rejected rows of before go last: they are not lost if the new ones cannot be loaded."""
    async with uses.db.read() as session:
        newest = await contact_list.newest(session, campaign.campaign_id)
    await load_file(uses, account, campaign.campaign_id, file, said, choice)
    if said.replace:
        await contact_corrections.forget(uses, account.account_id, campaign.campaign_id, newest)


async def _page(
    request: Request,
    uses: Services,
    account: Account,
    campaign: Campaign,
    said: FileForm | None,
    choice: ColumnChoice | None,
    file: SentFile | None = None,
    errors: FormErrors | None = None,
) -> Response:
    options = await options_of(uses, account, form_of(campaign))
    async with uses.db.browse() as session:
        rejected = sum((await contact_list.refusals(session, campaign.campaign_id)).values())
    return await page(
        request,
        "campaigns/add.html",
        422 if errors else 200,
        campaign=campaign,
        rejected=rejected,
        sent=said or FileForm(country=options.country),
        choice=choice,
        file=file,
        errors=errors or FormErrors(),
        countries=countries(),
    )
