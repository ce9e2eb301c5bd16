"""/dashboard/settings: the account, its plan and its limits."""

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Form, Request, Response

from api.accounts import routes as rest
from api.accounts.routes import Reader, Writer
from api.http.deps import Services, Uses
from api.http.problems import Problem
from dashboard.forms.form_errors import FormErrors
from dashboard.page import back, page
from dashboard.session.session import SignedIn
from dashboard.settings.account_form import AccountForm, form_of, patch_of, said_at
from policy.accounts.plans import Plan, requests_per_minute
from policy.accounts.pricing import rates_of
from policy.model.purposes import Sector
from storage.attempts import costs
from storage.dispatch.capacity import free_slots_of
from storage.dispatch.slot_use import SlotUse
from storage.tables import Account

router = APIRouter(prefix="/settings", route_class=SignedIn)
Text = Annotated[str, Form(max_length=200)]


@router.get("")
async def show_account(request: Request, account: Reader, uses: Uses) -> Response:
    """The account, and how much of its limits is in use."""
    return await _page(request, uses, account, form_of(account))


@router.post("")
async def change_account(
    request: Request,
    account: Writer,
    _reader: Reader,
    uses: Uses,
    later: BackgroundTasks,
    name: Text = "",
    plan: Text = "",
    max_concurrent: Text = "",
    calls_per_minute: Text = "",
    spend_limit: Text = "",
    sector: Text = "",
) -> Response:
    """Change what is different."""
    typed = (name, plan, max_concurrent, calls_per_minute, spend_limit, sector)
    form = AccountForm(*(text.strip() for text in typed))
    try:
        await rest.change_account(patch_of(form, account), account, uses, later)
    except Problem as problem:
        if problem.status != 422:
            raise
        return await _page(request, uses, account, form, said_at(problem))
    return await back(request, "/dashboard/settings", "account_changed", later=later)


async def _page(
    request: Request,
    uses: Services,
    account: Account,
    form: AccountForm,
    errors: FormErrors | None = None,
) -> Response:
    async with uses.db.browse() as session:
        slots = await free_slots_of(session, account, uses.now())
        spent = await costs.of_account(session, account.account_id)
    return await page(
        request,
        "settings/account.html",
        422 if errors else 200,
        account=account,
        form=form,
        errors=errors or FormErrors(),
        sectors=[("", "not said: rules of all hold"), *((str(one), one.value) for one in Sector)],
        plans=[(str(one), one.value) for one in Plan],
        used=sum(slots.used.values(), SlotUse()),
        spent=spent,
        currency=rates_of(account.rates).currency,
        requests=requests_per_minute(account.plan, uses.settings.api_requests_per_minute),
        streams=uses.settings.api_streams_per_key,
    )
