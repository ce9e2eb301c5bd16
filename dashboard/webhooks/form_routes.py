"""/dashboard/webhooks/new and …/edit: whom to tell, and of what."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from api.http.auth import allows
from api.http.deps import Services, Uses
from api.http.problems import Problem, invalid, not_found
from api.webhooks import routes as rest
from api.webhooks import service
from api.webhooks.routes import Reader, Writer
from dashboard.forms.form_errors import FormErrors
from dashboard.page import back, page
from dashboard.session.session import SignedIn, session_in
from dashboard.webhooks.webhook_form import (
    OFFERED,
    WebhookForm,
    form_of,
    patch_of,
    read_form,
    request_of,
    said_at,
)
from storage.accounts import agents
from storage.campaigns import campaigns
from storage.tables import Account, Agent, Campaign
from storage.webhooks import webhooks

router = APIRouter(prefix="/webhooks", route_class=SignedIn)
_OFFERED = 200
Key = Annotated[str, Form(max_length=64)]


@router.get("/new")
async def new_webhook(request: Request, account: Writer, _reader: Reader, uses: Uses) -> Response:
    """The form, for all events."""
    return await _page(request, uses, account, WebhookForm())


@router.post("/new")
async def create_webhook(
    request: Request, account: Writer, _reader: Reader, uses: Uses, key: Key = ""
) -> Response:
    """Made, and its secret shown this once. A form that is sent twice makes one webhook."""
    form = read_form(await request.form())
    try:
        row = await service.create(uses, account, request_of(form), _id_of(key))
    except Problem as problem:
        if problem.status != 422:
            raise
        return await _page(request, uses, account, form, errors=said_at(problem))
    return await page(request, "webhooks/secret.html", hook=row, secret=row.secret, is_new=True)


def _id_of(key: str) -> str:
    """The id that the form was given with."""
    try:
        return str(uuid.UUID(key))
    except ValueError:
        raise invalid("malformed", "key", "This form is out of date. Reload, try again.") from None


@router.get("/{webhook_id}/edit")
async def edit_webhook(
    webhook_id: str, request: Request, account: Writer, _reader: Reader, uses: Uses
) -> Response:
    """The form, as the webhook is."""
    async with uses.db.read() as session:
        row = await webhooks.get(session, account.account_id, webhook_id)
    if row is None:
        raise not_found("webhook")
    return await _page(request, uses, account, form_of(row), webhook_id)


@router.post("/{webhook_id}/edit")
async def change_webhook(
    webhook_id: str, request: Request, account: Writer, _reader: Reader, uses: Uses
) -> Response:
    """Changed; a mistake is told at its field."""
    form = read_form(await request.form())
    try:
        await rest.change_webhook(webhook_id, patch_of(form), account, uses)
    except Problem as problem:
        if problem.status != 422:
            raise
        return await _page(request, uses, account, form, webhook_id, said_at(problem))
    return await back(request, f"/dashboard/webhooks/{webhook_id}", "webhook_changed")


async def _page(
    request: Request,
    uses: Services,
    account: Account,
    form: WebhookForm,
    webhook_id: str | None = None,
    errors: FormErrors | None = None,
) -> Response:
    scopes = session_in(request).key.scopes
    some, newest = list[Agent](), list[Campaign]()
    async with uses.db.browse() as session:
        # They are named to those only who may see them.
        if allows(scopes, "agents:read"):
            some, _ = await agents.page(session, account.account_id, 0, _OFFERED)
        if allows(scopes, "campaigns:read"):
            newest, _ = await campaigns.page(session, account.account_id, (), 0, _OFFERED)
    return await page(
        request,
        "webhooks/form.html",
        422 if errors else 200,
        form=form,
        errors=errors or FormErrors(),
        webhook_id=webhook_id,
        agents=_offered([(one.agent_id, one.name) for one in some], form.agent),
        campaigns=_offered([(one.campaign_id, one.name) for one in newest], form.campaign),
        events=OFFERED,
        private=uses.settings.private_webhooks,
        # Another one for each page: what is sent twice from one page is one webhook.
        key=str(uuid.uuid4()),
    )


def _offered(named: list[tuple[str, str]], chosen: str) -> list[tuple[str, str]]:
    """With the one that is chosen, also if it is not among the newest."""
    known = {one for one, _ in named}
    return named if not chosen or chosen in known else [*named, (chosen, chosen)]
