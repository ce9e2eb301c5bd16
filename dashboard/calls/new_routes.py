"""/dashboard/calls/new: a call typed in, looked at once more, and scheduled."""

import json
import secrets
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response

from api.calls import routes as rest
from api.calls.preview import preview
from api.calls.routes import Reader, Writer
from api.calls.schemas import CallRequest
from api.http.deps import Services, Uses
from api.http.idempotency import IdempotentRequest
from api.http.json_body import MAX_CALL_BODY, fingerprint_of, storable_text
from api.http.known_keys import KeyInUse
from api.http.problems import Problem, invalid
from dashboard.calls import number_lines
from dashboard.calls.call_form import CallForm, form_of, read_form, request_of, said_at
from dashboard.calls.form_options import options_of
from dashboard.calls.number_check import check_number, zones_of_number
from dashboard.forms.form_errors import FormErrors
from dashboard.page import back, page
from dashboard.session.session import SignedIn
from dashboard.viewer import zone_names
from policy.model.purposes import ConsentTier, Purpose
from storage.number_hash import ERASED
from storage.tables import Account

router = APIRouter(prefix="/calls/new", route_class=SignedIn)
Id = Annotated[str, Query(max_length=64)]
Step = Annotated[str, Form(max_length=20)]


@router.get("")
async def new_call(
    request: Request,
    account: Writer,
    _reader: Reader,
    uses: Uses,
    again: Id = "",
    agent: Id = "",
) -> Response:
    """The form: empty, with an agent chosen, or filled in as another call was."""
    form = CallForm(agent=agent)
    if again:
        form = form_of(await rest.get_call(again, account, uses))
        if form.number.startswith(ERASED):
            form = CallForm(agent=form.agent)
    return await _form(request, uses, account, form)


@router.post("/number")
async def check(request: Request, account: Writer, _reader: Reader, uses: Uses) -> Response:
    """What is known of the number, as a part of the form."""
    form = read_form(await request.form())
    return await page(request, "calls/number.html", check=await _check(uses, account, form))


async def _check(uses: Services, account: Account, form: CallForm) -> Any:
    if not form.number:
        return None
    options = await options_of(uses, account, form)
    agent_id = options.agent.agent_id if options.agent else None
    return await check_number(uses, account, form, agent_id)


@router.post("")
async def send_form(
    request: Request,
    account: Writer,
    reader: Reader,
    uses: Uses,
    step: Step = "review",
    key: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """One step on: the fields of another agent, the review, or the call itself."""
    form = read_form(await request.form())
    if step == "fields":
        return await _form(request, uses, account, form)
    try:
        body = request_of(form, zones_of_number(form))
        if step == "schedule":
            return await _schedule(request, uses, account, body, key)
        return await _review(request, uses, account, form, body)
    except Problem as problem:
        if problem.status not in (409, 422):
            raise
        return await _form(request, uses, account, form, said_at(problem), _codes(problem))


def _codes(problem: Problem) -> set[str]:
    return {str(error.code) for error in problem.errors} | {problem.code}


async def _review(
    request: Request, uses: Services, account: Account, form: CallForm, body: CallRequest
) -> Response:
    found = await preview(uses, account, body)
    options = await options_of(uses, account, form)
    return await page(
        request,
        "calls/review.html",
        form=form,
        body=body,
        found=found,
        row=found.row,
        numbers=number_lines.listed(found.row["numbers_spec"] or ()),
        options=options,
        # Another one for each review: what is sent twice from one page is one call.
        key=secrets.token_urlsafe(16),
    )


async def _schedule(
    request: Request, uses: Services, account: Account, body: CallRequest, key: str
) -> Response:
    said = body.model_dump(mode="json", by_alias=True, exclude_unset=True)
    try:
        text = storable_text(said)
    except (ValueError, RecursionError):
        raise invalid("invalid_json", "additionalData", "This cannot be stored.") from None
    if len(text) > MAX_CALL_BODY:
        raise invalid("body_too_large", "", "All of it together is larger than 64 KiB.")
    once = IdempotentRequest(f"dashboard:{key}" if key else None, fingerprint_of(text, text))
    in_use = KeyInUse(request.state.holder[1], is_asked=True)
    made = json.loads(bytes((await rest.create_call(body, account, in_use, uses, once)).body))
    return await back(request, f"/dashboard/calls/{made['callId']}", "scheduled")


async def _form(
    request: Request,
    uses: Services,
    account: Account,
    form: CallForm,
    errors: FormErrors | None = None,
    codes: set[str] | None = None,
) -> Response:
    options = await options_of(uses, account, form)
    return await page(
        request,
        "calls/new.html",
        422 if errors else 200,
        form=form,
        options=options,
        errors=errors or FormErrors(),
        is_duplicate="duplicate" in (codes or ()) or form.duplicate == "yes",
        check=await _check(uses, account, form),
        zones=zone_names(),
        purposes=list(Purpose),
        tiers=list(ConsentTier),
    )
