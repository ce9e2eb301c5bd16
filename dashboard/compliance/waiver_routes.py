"""/dashboard/compliance/waivers: rules that the account is not held to, on record with a reason."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Form, Query, Request, Response

from api.compliance import routes as rest
from api.compliance.routes import Reader, Writer
from api.compliance.rule_schemas import WaiverRequest
from api.http.actor import By
from api.http.deps import Services, Uses
from api.http.problems import Problem
from api.replan.schemas import MovesView
from dashboard.compliance import compliance_words
from dashboard.forms.form_errors import FormErrors
from dashboard.forms.form_values import as_request
from dashboard.page import back, page
from dashboard.session.session import SignedIn
from policy.model.purposes import Purpose
from storage.tables import Account

router = APIRouter(prefix="/compliance/waivers", route_class=SignedIn)
_HERE = "/dashboard/compliance/waivers"
Step = Annotated[str, Form(max_length=20)]
RuleName = Annotated[str, Query(max_length=100)]
_FIELDS = (("rule", "rule"), ("purposes", "purposes"), ("reason", "reason"))


@dataclass(frozen=True, slots=True)
class WaiverForm:
    rule: str = ""
    reason: str = ""
    purposes: tuple[str, ...] = ()


@router.get("")
async def list_waivers(request: Request, account: Reader, uses: Uses) -> Response:
    """Newest first, those of the past too."""
    found = await rest.list_waivers(account, uses)
    return await page(
        request,
        "compliance/waivers.html",
        found=list(reversed(found.waivers)),
        words=compliance_words,
    )


@router.get("/new")
async def new_waiver(
    request: Request, account: Writer, _reader: Reader, uses: Uses, rule: RuleName = ""
) -> Response:
    """The form, of one rule if it is named."""
    return await _form(request, uses, account, WaiverForm(rule=rule))


@router.post("/new")
async def add_waiver(
    request: Request,
    account: Writer,
    _reader: Reader,
    uses: Uses,
    by: By,
    later: BackgroundTasks,
    step: Step = "try",
) -> Response:
    """On record; or, asked first, which waiting calls it would move."""
    sent = await request.form()
    chosen = tuple(one for one in Purpose if one in sent.getlist("purposes"))
    form = WaiverForm(
        str(sent.get("rule", "")).strip(), str(sent.get("reason", "")).strip(), chosen
    )
    try:
        body = _request_of(form)
        done = await rest.add_waiver(body, account, uses, by, later, dry_run=step != "save")
    except Problem as problem:
        if problem.status not in (409, 422):
            raise
        named = FormErrors({"rule": problem.detail}) if problem.status == 409 else None
        errors = named or FormErrors.of(problem, _FIELDS)
        return await _form(request, uses, account, form, errors)
    if isinstance(done, MovesView):
        return await _form(request, uses, account, form, moves=done)
    return await back(request, _HERE, "waiver_added", later=later)


def _request_of(form: WaiverForm) -> WaiverRequest:
    said = {"rule": form.rule, "reason": form.reason}
    return as_request(
        WaiverRequest, {**said, **({"purposes": list(form.purposes)} if form.purposes else {})}
    )


async def _form(
    request: Request,
    uses: Services,
    account: Account,
    form: WaiverForm,
    errors: FormErrors | None = None,
    moves: MovesView | None = None,
) -> Response:
    every = (await rest.list_rules(account, uses)).rules
    return await page(
        request,
        "compliance/waiver.html",
        422 if errors else 200,
        form=form,
        errors=errors or FormErrors(),
        moves=moves,
        rules=[(one.rule_id, f"{one.rule_id}: {one.demands}"[:120]) for one in every],
        kinds=list(compliance_words.KIND_NAMES.items()),
        purposes=list(Purpose),
    )


@router.get("/{rule}/end")
async def ask_to_end(
    rule: str, request: Request, account: Writer, uses: Uses, by: By, later: BackgroundTasks
) -> Response:
    """Which waiting calls would move if the rule held again."""
    moves = await rest.end_waiver(rule, account, uses, by, later, dry_run=True)
    return await page(
        request,
        "compliance/end.html",
        moves=moves,
        title="Be held to a rule again",
        trail=(_HERE, "Waivers"),
        action=f"{_HERE}/{rule}/end",
        what=f"All waivers of {rule} end. They stay on record.",
        yes="Be held to it again",
    )


@router.post("/{rule}/end")
async def end_waiver(
    rule: str, request: Request, account: Writer, uses: Uses, by: By, later: BackgroundTasks
) -> Response:
    """The rule holds again."""
    await rest.end_waiver(rule, account, uses, by, later, dry_run=False)
    return await back(request, _HERE, "waiver_ended", later=later)
