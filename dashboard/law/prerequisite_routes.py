"""/dashboard/compliance/prerequisites: what rules ask of the account, and what it has said."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Form, Query, Request, Response

from api.http.actor import By
from api.http.deps import Services, Uses
from api.http.problems import Problem
from api.http.schema import JsonObject
from api.law import routes as rest
from api.law.routes import Reader, Writer
from api.law.schemas import AcknowledgementRequest
from api.replan.schemas import MovesView
from dashboard.forms.form_errors import FormErrors
from dashboard.forms.form_values import as_request
from dashboard.forms.wall_times import typed_instant
from dashboard.page import back, page, viewer_zone_name
from dashboard.session.session import SignedIn
from storage.tables import Account

router = APIRouter(prefix="/compliance/prerequisites", route_class=SignedIn)
_HERE = "/dashboard/compliance/prerequisites"
_FIELDS = (
    ("prerequisite", "prerequisite"),
    ("reference", "reference"),
    ("note", "note"),
    ("expiresTime", "expires"),
)
Chosen = Annotated[str, Query(max_length=64)]
Text = Annotated[str, Form(max_length=600)]


@dataclass(frozen=True, slots=True)
class AcknowledgementForm:
    prerequisite: str = ""
    reference: str = ""
    expires: str = ""
    note: str = ""


@router.get("")
async def list_prerequisites(request: Request, account: Reader, uses: Uses) -> Response:
    """What is asked, met or not, and all that was ever said."""
    found = await rest.list_prerequisites(account, uses)
    return await page(
        request,
        "law/prerequisites.html",
        found=found.prerequisites,
        past=[one for one in reversed(found.acknowledgements) if one.ended_at],
    )


@router.get("/new")
async def new_acknowledgement(
    request: Request, account: Writer, _reader: Reader, uses: Uses, prerequisite: Chosen = ""
) -> Response:
    """The form, of one prerequisite if it is named."""
    return await _form(request, uses, account, AcknowledgementForm(prerequisite))


@router.post("/new")
async def add_acknowledgement(
    request: Request,
    account: Writer,
    _reader: Reader,
    uses: Uses,
    by: By,
    later: BackgroundTasks,
    prerequisite: Text = "",
    reference: Text = "",
    expires: Text = "",
    note: Text = "",
    step: Text = "try",
) -> Response:
    """On record; or, asked first, which waiting calls it would move."""
    typed = (prerequisite, reference, expires, note)
    form = AcknowledgementForm(*(text.strip() for text in typed))
    try:
        body = _request_of(form, viewer_zone_name(request))
        done = await rest.add_acknowledgement(
            body, account, uses, by, later, dry_run=step != "save"
        )
    except Problem as problem:
        if problem.status != 422:
            raise
        return await _form(request, uses, account, form, FormErrors.of(problem, _FIELDS))
    if isinstance(done, MovesView):
        return await _form(request, uses, account, form, moves=done)
    return await back(request, _HERE, "acknowledged", later=later)


def _request_of(form: AcknowledgementForm, zone_name: str) -> AcknowledgementRequest:
    until = typed_instant(form.expires, zone_name, "expiresTime")
    said: JsonObject = {"prerequisite": form.prerequisite, "expiresTime": until}
    said |= {"reference": form.reference or None, "note": form.note or None}
    return as_request(
        AcknowledgementRequest, {name: value for name, value in said.items() if value is not None}
    )


async def _form(
    request: Request,
    uses: Services,
    account: Account,
    form: AcknowledgementForm,
    errors: FormErrors | None = None,
    moves: MovesView | None = None,
) -> Response:
    asked = (await rest.list_prerequisites(account, uses)).prerequisites
    chosen = next((one for one in asked if one.prerequisite == form.prerequisite), None)
    return await page(
        request,
        "law/acknowledgement.html",
        422 if errors else 200,
        form=form,
        errors=errors or FormErrors(),
        moves=moves,
        chosen=chosen,
        options=[("", "choose"), *((one.prerequisite, one.prerequisite) for one in asked)],
    )


@router.get("/{prerequisite}/withdraw")
async def ask_to_withdraw(
    prerequisite: str, request: Request, account: Writer, uses: Uses, by: By, later: BackgroundTasks
) -> Response:
    """Which waiting calls would wait for it again."""
    moves = await rest.withdraw_acknowledgement(
        prerequisite, account, uses, by, later, dry_run=True
    )
    return await page(
        request,
        "compliance/end.html",
        moves=moves,
        title="Withdraw what you said",
        trail=(_HERE, "Prerequisites"),
        action=f"{_HERE}/{prerequisite}/withdraw",
        what=f"Calls that need {prerequisite} wait until somebody says again that it is met.",
        yes="Withdraw it",
    )


@router.post("/{prerequisite}/withdraw")
async def withdraw_acknowledgement(
    prerequisite: str, request: Request, account: Writer, uses: Uses, by: By, later: BackgroundTasks
) -> Response:
    """It is met no longer."""
    await rest.withdraw_acknowledgement(prerequisite, account, uses, by, later, dry_run=False)
    return await back(request, _HERE, "acknowledgement_withdrawn", later=later)
