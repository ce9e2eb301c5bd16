"""/dashboard/campaigns/new: a campaign out of a file that is dropped on the page."""

import json
import secrets
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response

from api.campaigns import routes as rest
from api.campaigns import service
from api.campaigns.contact_upload import load_batches
from api.campaigns.routes import Reader, Writer
from api.campaigns.schemas import CampaignRequest
from api.files.uploads import read_file
from api.http.body_limits import MAX_FILE
from api.http.deps import Services, Uses
from api.http.idempotency import IdempotentRequest
from api.http.json_body import fingerprint_of
from api.http.problems import Problem
from api.http.values import stated_country
from dashboard.campaigns.campaign_form import CampaignForm, read_form, said_at
from dashboard.campaigns.campaign_options import CampaignOptions, options_of
from dashboard.campaigns.column_choice import ColumnChoice, choose
from dashboard.campaigns.contact_file import FileForm, look_at, plain_name, read_file_form
from dashboard.forms.form_errors import FormErrors
from dashboard.forms.form_values import as_request
from dashboard.forms.sent_file import SentFile, countries, sent_file
from dashboard.page import back, page
from dashboard.session.session import SignedIn
from storage.campaigns import contact_list
from storage.tables import Account

router = APIRouter(prefix="/campaigns/new", route_class=SignedIn)
Step = Annotated[str, Form(max_length=20)]
Key = Annotated[str, Form(max_length=64)]


@router.get("")
async def new_campaign(
    request: Request,
    account: Writer,
    _reader: Reader,
    uses: Uses,
    agent: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """The form, with no file yet."""
    form = CampaignForm(agent=agent)
    return await _page(request, uses, account, form, None, None)


@router.post("", max_body_size=MAX_FILE)
async def send_file(
    request: Request,
    account: Writer,
    _reader: Reader,
    uses: Uses,
    step: Step = "columns",
    key: Key = "",
) -> Response:
    """The columns of the file, as they are understood; or, once they are, its rows loaded."""
    sent = await request.form()
    form, said = read_form(sent), read_file_form(sent)
    options = await options_of(uses, account, form)
    if "country" not in sent:
        said = replace(said, country=options.country)
    file, choice = None, None
    try:
        file = await sent_file(request)
        if file is not None:
            choice = choose(await look_at(file, said), said, options.variables)
        errors = _lacking(file, choice, options) if step == "load" else FormErrors()
        if step == "load" and not errors and file is not None and choice is not None:
            return await _load(request, uses, account, form, said, options, file, choice, key)
    except Problem as problem:
        if problem.status >= 500:
            raise
        errors = said_at(problem)
        if "" in errors and file is not None and choice is None:
            errors = FormErrors({"file": errors[""]})
    return await _page(request, uses, account, form, said, choice, file, errors)


def _lacking(
    file: SentFile | None, choice: ColumnChoice | None, options: CampaignOptions
) -> FormErrors:
    errors = choice.errors() if choice else FormErrors()
    if options.agent is None:
        errors["agent"] = "Choose who calls."
    if file is None:
        errors["file"] = "Choose a file."
    return errors


async def _load(
    request: Request,
    uses: Services,
    account: Account,
    form: CampaignForm,
    said: FileForm,
    options: CampaignOptions,
    file: SentFile,
    choice: ColumnChoice,
    key: str,
) -> Response:
    campaign_id = await _made(uses, account, form, said, options, file, key)
    path = f"/dashboard/campaigns/{campaign_id}"
    async with uses.db.read() as session:
        if await contact_list.newest(session, campaign_id):
            # Sent twice: its rows are here, or are being loaded.
            return await back(request, path, "loaded")
    await load_file(uses, account, campaign_id, file, said, choice)
    return await back(request, path, "loaded")


async def load_file(
    uses: Services,
    account: Account,
    campaign_id: str,
    file: SentFile,
    said: FileForm,
    choice: ColumnChoice,
) -> None:
    """The rows into the campaign, as the columns were settled."""
    country = stated_country(said.country or None)
    phone = choice.phone.column.name if choice.phone else None
    async with read_file(file.content, phone, country, choice.other_columns) as read:
        await load_batches(
            uses,
            account.account_id,
            campaign_id,
            read.batches,
            choice.column_map,
            is_settled=True,
        )
    await service.nudge(uses, await service.look(uses, account.account_id, campaign_id))


async def _made(
    uses: Services,
    account: Account,
    form: CampaignForm,
    said: FileForm,
    options: CampaignOptions,
    file: SentFile,
    key: str,
) -> str:
    """The draft; the same one for the same form, however often it is sent."""
    assert options.agent is not None
    body = {
        "name": form.name or plain_name(file.name) or "New campaign",
        "agentId": options.agent.agent_id,
        "pathwayId": form.pathway or None,
        "defaults": {"context": dict(said.constants)} if said.constants else None,
    }
    request = as_request(CampaignRequest, {k: v for k, v in body.items() if v is not None})
    text = json.dumps(body, sort_keys=True).encode()
    once = IdempotentRequest(f"dashboard:{key}" if key else None, fingerprint_of(text, text))
    made = await rest.create_campaign(request, account, uses, once)
    return str(json.loads(bytes(made.body))["campaignId"])


async def _page(
    request: Request,
    uses: Services,
    account: Account,
    form: CampaignForm,
    said: FileForm | None,
    choice: ColumnChoice | None,
    file: SentFile | None = None,
    errors: FormErrors | None = None,
) -> Response:
    options = await options_of(uses, account, form)
    return await page(
        request,
        "campaigns/new.html",
        422 if errors else 200,
        form=form,
        sent=said or FileForm(country=options.country),
        options=options,
        choice=choice,
        file=file,
        errors=errors or FormErrors(),
        countries=countries(),
        # Another one for each page: what is sent twice from one page is one campaign.
        key=secrets.token_urlsafe(16),
    )
