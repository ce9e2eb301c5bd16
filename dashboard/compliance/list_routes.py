"""/dashboard/do-not-call: who must not be called."""

from dataclasses import dataclass, field, fields
from typing import Annotated, Literal

from fastapi import APIRouter, BackgroundTasks, Form, Query, Request, Response

from api.compliance import review_routes
from api.compliance import suppression_routes as rest
from api.compliance.review_routes import ReviewId, ReviewRequest
from api.compliance.suppression_routes import Reader, Writer
from api.http.actor import By
from api.http.deps import Services, Uses
from api.http.problems import Problem
from api.http.values import read_endpoint
from dashboard.compliance.do_not_call import stop_calling
from dashboard.compliance.scope_choice import scope_of, scope_options
from dashboard.forms.form_errors import FormErrors
from dashboard.forms.wall_times import typed_instant
from dashboard.page import back, page, viewer_zone_name
from dashboard.session.session import SignedIn, session_in
from storage.tables import Account

router = APIRouter(prefix="/do-not-call", route_class=SignedIn)
_HERE = "/dashboard/do-not-call"
_A_PAGE = 50
Number = Annotated[str, Form(max_length=200)]
#: Beginning of a field of the request -> the field of the form that says it.
_FIELDS = (("endpoint", "number"), ("reason", "reason"), ("scope", "scope"), ("expires", "until"))


@dataclass(frozen=True, slots=True)
class EntryForm:
    """Every field as a text; `until` is on the clock of the page, `scope` as it is offered."""

    number: str = ""
    reason: str = ""
    scope: str = "all"
    until: str = ""
    person: str = ""


@dataclass(frozen=True, slots=True)
class _Shown:
    """Which part of the list, and what was typed on its page. `endpoint`: only entries of it."""

    skip: int = 0
    every: bool = False
    endpoint: str | None = None
    sought: str = ""
    form: EntryForm = EntryForm()
    errors: FormErrors = field(default_factory=FormErrors)


@router.get("")
async def list_entries(
    request: Request,
    account: Reader,
    uses: Uses,
    skip: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    every: Annotated[bool, Query(alias="all")] = False,
) -> Response:
    """Those in force, or all that ever were."""
    return await _page(request, uses, account, _Shown(skip=skip, every=every))


@router.post("/find")
async def find_entries(
    request: Request, account: Reader, uses: Uses, number: Number = ""
) -> Response:
    """All entries of one number. The number stands in the form and in no address."""
    sought = number.strip()
    try:
        endpoint = read_endpoint(sought, "number").value
    except Problem as problem:
        errors = FormErrors({"sought": problem.detail})
        return await _page(request, uses, account, _Shown(sought=sought, errors=errors))
    shown = _Shown(every=True, endpoint=endpoint, sought=sought)
    return await _page(request, uses, account, shown)


async def _page(request: Request, uses: Services, account: Account, shown: _Shown) -> Response:
    found = await rest.list_suppressions(
        account,
        uses,
        shown.endpoint,
        in_force=not shown.every,
        skip=shown.skip,
        take=_A_PAGE,
    )
    is_list = shown.endpoint is None
    unread = await review_routes.list_reviews(account, uses, take=_A_PAGE) if is_list else None
    scopes = await scope_options(uses, session_in(request))
    return await page(
        request,
        "compliance/do_not_call.html",
        422 if shown.errors else 200,
        found=found,
        unread=unread,
        take=_A_PAGE,
        shown=shown,
        errors=shown.errors,
        scopes=scopes,
        named=dict(scopes),
    )


@router.post("")
async def add_entry(
    request: Request,
    account: Writer,
    _reader: Reader,
    uses: Uses,
) -> Response:
    """Put a number on the list, and say which waiting calls that stops."""
    sent = await request.form()
    names = [one.name for one in fields(EntryForm)]
    form = EntryForm(**{name: str(sent.get(name, "")).strip() for name in names})
    try:
        until = typed_instant(form.until, viewer_zone_name(request), "expiresTime")
        more = {**scope_of(form.scope), "expiresTime": until, "ofPerson": form.person == "yes"}
        added = await stop_calling(uses, account, form.number, form.reason, **more)
    except Problem as problem:
        if problem.status != 422:
            raise
        shown = _Shown(form=form, errors=FormErrors.of(problem, _FIELDS))
        return await _page(request, uses, account, shown)
    said = "suppressed_stopped" if added.stopped_calls else "suppressed"
    return await back(request, _HERE, said, added.stopped_calls)


@router.post("/{suppression_id}/lift")
async def lift_entry(
    suppression_id: str,
    request: Request,
    account: Writer,
    uses: Uses,
    by: By,
    later: BackgroundTasks,
) -> Response:
    """Take an entry back; it stays on record with the time and the key."""
    await rest.remove_suppression(suppression_id, account, uses, by, later, dry_run=False)
    return await back(request, _HERE, "lifted")


@router.post("/reviews/{review_id}")
async def decide_review(
    review_id: ReviewId,
    request: Request,
    account: Writer,
    uses: Uses,
    by: By,
    later: BackgroundTasks,
    decision: Annotated[Literal["opted_out", "dismissed"], Form()],
) -> Response:
    """Say what a text meant that may be an opt-out."""
    body = ReviewRequest(decision=decision)
    await review_routes.decide_review(review_id, body, account, uses, by, later)
    return await back(request, _HERE, "review_" + decision)
