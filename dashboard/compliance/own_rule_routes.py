"""/dashboard/compliance/own: rules and blackouts of the account's own; they make calls fewer."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Form, Query, Request, Response

from api.compliance import overlay_service
from api.compliance import routes as rest
from api.compliance.routes import Reader, Writer
from api.compliance.rule_schemas import OverlayView
from api.http.actor import By
from api.http.deps import Services, Uses
from api.http.problems import Problem, not_found
from api.replan.schemas import MovesView
from dashboard.compliance import compliance_words
from dashboard.compliance.own_rule_form import (
    MADE_HERE,
    OwnRuleForm,
    read_form,
    rule_of,
    said_at,
)
from dashboard.forms.form_errors import FormErrors
from dashboard.page import back, page, viewer_zone_name
from dashboard.session.session import SignedIn
from policy.model.purposes import ConsentTier, Notice, Purpose
from policy.rules.model import KINDS, WEEKDAYS, Rule, read_rule
from policy.rules.rule_text import describe
from storage.tables import Account

router = APIRouter(prefix="/compliance/own", route_class=SignedIn)
_HERE = "/dashboard/compliance/own"
_A_PAGE = 50
#: As they are offered: what is needed most comes first.
_KINDS = ("blackout", *(kind for kind in KINDS if kind in MADE_HERE - {"blackout"}))
Step = Annotated[str, Form(max_length=20)]


@dataclass(frozen=True, slots=True)
class OwnRule:
    """An overlay, and the rule that it is."""

    view: OverlayView
    rule: Rule


@router.get("")
async def list_own(
    request: Request,
    account: Reader,
    uses: Uses,
    skip: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> Response:
    """Newest first, those too that were ended."""
    found = await rest.list_overlays(account, uses, skip=skip, take=_A_PAGE)
    return await page(
        request,
        "compliance/own.html",
        found=[OwnRule(one, read_rule(one.rule)) for one in found.overlays],
        total=found.total,
        skip=skip,
        take=_A_PAGE,
        words=compliance_words,
    )


@router.get("/new")
async def new_rule(
    request: Request,
    account: Writer,
    uses: Uses,
    kind: Annotated[str, Query(max_length=20)] = "blackout",
) -> Response:
    """The form for one kind of rule."""
    if kind not in MADE_HERE:
        raise not_found("kind of rule")
    return await _form(request, OwnRuleForm(kind=kind))


@router.post("/new")
async def add_rule(
    request: Request,
    account: Writer,
    uses: Uses,
    by: By,
    later: BackgroundTasks,
    step: Step = "try",
) -> Response:
    """In force; or, asked first, which waiting calls it would move."""
    form = read_form(await request.form())
    try:
        rule = rule_of(form, viewer_zone_name(request))
        done = await rest.add_overlay(rule, account, uses, by, later, dry_run=step != "save")
    except Problem as problem:
        if problem.status not in (409, 422):
            raise
        return await _form(request, form, said_at(problem))
    if isinstance(done, MovesView):
        return await _form(request, form, moves=done)
    return await back(request, _HERE, "rule_added", later=later)


async def _form(
    request: Request,
    form: OwnRuleForm,
    errors: FormErrors | None = None,
    moves: MovesView | None = None,
) -> Response:
    return await page(
        request,
        "compliance/own_rule.html",
        422 if errors else 200,
        form=form,
        errors=errors or FormErrors(),
        moves=moves,
        words=compliance_words,
        kinds=[(code, compliance_words.kind(code)) for code in _KINDS],
        purposes=list(Purpose),
        weekdays=WEEKDAYS,
        tiers=list(ConsentTier),
        notices=list(Notice),
    )


@router.get("/{overlay_id}/end")
async def ask_to_end(
    overlay_id: str,
    request: Request,
    account: Writer,
    uses: Uses,
    by: By,
    later: BackgroundTasks,
) -> Response:
    """Which waiting calls would go on otherwise without it."""
    moves = await rest.remove_overlay(overlay_id, account, uses, by, later, dry_run=True)
    return await page(
        request,
        "compliance/end.html",
        moves=moves,
        title="End a rule of your own",
        trail=("/dashboard/compliance/own", "Own rules"),
        action=f"{_HERE}/{overlay_id}/end",
        what=await _what(uses, account, overlay_id),
        yes="End it",
    )


async def _what(uses: Services, account: Account, overlay_id: str) -> str:
    async with uses.db.read() as session:
        row = await overlay_service.found(session, account, overlay_id)
    rule = read_rule(row.rule)
    return f"{rule.id}: {describe(rule)}"


@router.post("/{overlay_id}/end")
async def end_rule(
    overlay_id: str,
    request: Request,
    account: Writer,
    uses: Uses,
    by: By,
    later: BackgroundTasks,
) -> Response:
    """Out of force; it stays on record."""
    await rest.remove_overlay(overlay_id, account, uses, by, later, dry_run=False)
    return await back(request, _HERE, "rule_ended", later=later)
