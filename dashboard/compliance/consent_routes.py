"""/dashboard/compliance/consents: who has agreed to be called, and who took it back."""

from dataclasses import dataclass, fields
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Form, Query, Request, Response

from api.compliance import consent_routes as rest
from api.compliance.consent_routes import Reader, Writer
from api.compliance.schemas import ConsentRequest, RevocationRequest
from api.http.deps import Services, Uses
from api.http.problems import Problem
from api.http.values import read_endpoint
from api.replan.schemas import MovesView
from dashboard.compliance.scope_choice import scope_of, scope_options
from dashboard.forms.form_errors import FormErrors
from dashboard.forms.form_values import as_request
from dashboard.forms.wall_times import typed_instant
from dashboard.page import back, page, viewer_zone_name
from dashboard.session.session import SignedIn, session_in
from policy.model.purposes import ConsentTier
from storage.tables import Account

router = APIRouter(prefix="/compliance/consents", route_class=SignedIn)
_HERE = "/dashboard/compliance/consents"
_A_PAGE = 50
Number = Annotated[str, Form(max_length=200)]
Step = Annotated[str, Form(max_length=20)]
#: Beginning of a field of the request -> the field of the form that says it.
_FIELDS = (
    ("endpoint", "number"),
    ("tier", "tier"),
    ("method", "method"),
    ("evidence", "evidence"),
    ("scope", "scope"),
    ("grantedTime", "granted"),
    ("expiresTime", "until"),
    ("reason", "reason"),
)


@dataclass(frozen=True, slots=True)
class ConsentForm:
    """Every field as a text; times are on the clock of the page."""

    number: str = ""
    tier: str = ""
    method: str = ""
    evidence: str = ""
    scope: str = "all"
    granted: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class RevocationForm:
    method: str = ""
    reason: str = ""
    scope: str = "this"


@router.get("")
async def list_consents(
    request: Request,
    account: Reader,
    uses: Uses,
    skip: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> Response:
    """Newest first, those too that were taken back."""
    return await _list(request, uses, account, skip=skip)


@router.post("/find")
async def find_consents(
    request: Request, account: Reader, uses: Uses, number: Number = ""
) -> Response:
    """All of one number. The number stands in the form and in no address."""
    sought = number.strip()
    try:
        endpoint = read_endpoint(sought, "number").value
    except Problem as problem:
        return await _list(request, uses, account, sought=sought, error=problem.detail)
    return await _list(request, uses, account, endpoint=endpoint, sought=sought)


async def _list(
    request: Request,
    uses: Services,
    account: Account,
    *,
    skip: int = 0,
    endpoint: str | None = None,
    sought: str = "",
    error: str = "",
) -> Response:
    found = await rest.list_consents(account, uses, endpoint, skip=skip, take=_A_PAGE)
    return await page(
        request,
        "compliance/consents.html",
        422 if error else 200,
        found=found,
        scopes=dict(await scope_options(uses, session_in(request))),
        skip=skip,
        take=_A_PAGE,
        endpoint=endpoint,
        sought=sought,
        error=error,
    )


@router.get("/new")
async def new_consent(request: Request, account: Writer, uses: Uses) -> Response:
    """The form."""
    return await _form(request, uses, account, ConsentForm())


@router.post("/new")
async def record_consent(
    request: Request, account: Writer, uses: Uses, later: BackgroundTasks
) -> Response:
    """Put it on record; a mistake is told at its field."""
    sent = await request.form()
    names = [one.name for one in fields(ConsentForm)]
    form = ConsentForm(**{name: str(sent.get(name, "")).strip() for name in names})
    try:
        body = _request_of(form, viewer_zone_name(request))
        await rest.add_consent(body, account, uses, later, dry_run=False)
    except Problem as problem:
        if problem.status != 422:
            raise
        return await _form(request, uses, account, form, FormErrors.of(problem, _FIELDS))
    return await back(request, _HERE, "consent_recorded", later=later)


def _request_of(form: ConsentForm, zone_name: str) -> ConsentRequest:
    said = {
        "endpoint": form.number,
        "tier": form.tier,
        "method": form.method,
        "evidence": form.evidence or None,
        "grantedTime": typed_instant(form.granted, zone_name, "grantedTime"),
        "expiresTime": typed_instant(form.until, zone_name, "expiresTime"),
        **scope_of(form.scope),
    }
    return as_request(ConsentRequest, {k: v for k, v in said.items() if v is not None})


async def _form(
    request: Request,
    uses: Services,
    account: Account,
    form: ConsentForm,
    errors: FormErrors | None = None,
) -> Response:
    return await page(
        request,
        "compliance/consent.html",
        422 if errors else 200,
        form=form,
        errors=errors or FormErrors(),
        tiers=list(ConsentTier),
        scopes=await scope_options(uses, session_in(request)),
    )


@router.get("/{consent_id}/revoke")
async def ask_to_revoke(consent_id: str, request: Request, account: Writer, uses: Uses) -> Response:
    """How it was taken back, and which waiting calls that would move."""
    return await _revocation(request, uses, account, consent_id, RevocationForm())


@router.post("/{consent_id}/revoke")
async def revoke(
    consent_id: str, request: Request, account: Writer, uses: Uses, step: Step = "try"
) -> Response:
    """Taken back; or, asked first, which calls it would move."""
    sent = await request.form()
    names = [one.name for one in fields(RevocationForm)]
    form = RevocationForm(**{name: str(sent.get(name, "")).strip() for name in names})
    try:
        body = _revocation_of(form)
        done = await rest.revoke_consent(consent_id, body, account, uses, dry_run=step != "save")
    except Problem as problem:
        if problem.status != 422:
            raise
        errors = FormErrors.of(problem, _FIELDS)
        return await _revocation(request, uses, account, consent_id, form, errors)
    if isinstance(done, MovesView):
        return await _revocation(request, uses, account, consent_id, form, moves=done)
    return await back(request, _HERE, "consent_revoked")


def _revocation_of(form: RevocationForm) -> RevocationRequest:
    return as_request(
        RevocationRequest,
        {"method": form.method, "reason": form.reason or None, "scope": form.scope},
    )


async def _revocation(
    request: Request,
    uses: Services,
    account: Account,
    consent_id: str,
    form: RevocationForm,
    errors: FormErrors | None = None,
    moves: MovesView | None = None,
) -> Response:
    return await page(
        request,
        "compliance/revoke.html",
        422 if errors else 200,
        consent=await rest.get_consent(consent_id, account, uses),
        form=form,
        errors=errors or FormErrors(),
        moves=moves,
    )
