"""/dashboard/pathways/new and …/edit: a pathway written, and looked through while it is typed."""

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Form, Query, Request, Response

from api.accounts import pathway_routes as rest
from api.accounts.pathway_routes import Reader, Writer
from api.http.deps import Uses
from api.http.problems import Problem
from dashboard.forms.form_errors import FormErrors
from dashboard.page import back, page
from dashboard.pathways.pathway_form import (
    KIND_WORDS,
    PathwayForm,
    beginning,
    check_of,
    form_of,
    read_form,
    request_of,
    said_at,
)
from dashboard.session.session import SignedIn

router = APIRouter(prefix="/pathways", route_class=SignedIn)
Step = Annotated[str, Form(max_length=20)]
NEW = "/dashboard/pathways/new"


@router.get("/new")
async def new_pathway(
    request: Request,
    _writer: Writer,
    _reader: Reader,
    kind: Annotated[str, Query(max_length=30)] = "script",
) -> Response:
    """The editor, with something to begin with."""
    return await _page(request, NEW, beginning(kind))


@router.post("/new")
async def create_pathway(
    request: Request, account: Writer, _reader: Reader, uses: Uses, step: Step = "check"
) -> Response:
    """Saved, or looked through first."""
    form = read_form(await request.form())
    if step != "save":
        return await _page(request, NEW, form)
    try:
        made = await rest.create_pathway(request_of(form), account, uses, Response())
    except Problem as problem:
        return await _refused(request, NEW, form, problem)
    return await back(request, f"/dashboard/pathways/{made.pathway_id}", "pathway_saved")


@router.post("/check")
async def check_pathway(request: Request, _reader: Reader) -> Response:
    """What is wrong with a draft, as a part of its page."""
    form = read_form(await request.form())
    return await page(request, "pathways/checked.html", check=check_of(form))


@router.get("/{pathway_id}/edit")
async def edit_pathway(
    pathway_id: str, request: Request, account: Writer, _reader: Reader, uses: Uses
) -> Response:
    """The editor, with the pathway as it is."""
    pathway = await rest.get_pathway(pathway_id, account, uses)
    return await _page(request, _editor(pathway_id), form_of(pathway), pathway.name)


@router.post("/{pathway_id}/edit")
async def change_pathway(
    pathway_id: str,
    request: Request,
    account: Writer,
    _reader: Reader,
    uses: Uses,
    later: BackgroundTasks,
    step: Step = "check",
) -> Response:
    """Changed for all calls that wait, or looked through first."""
    form, here = read_form(await request.form()), _editor(pathway_id)
    async with uses.db.read() as session:
        kept = await rest.found_pathway(session, account, pathway_id)
    if step != "save":
        return await _page(request, here, form, kept.name)
    try:
        await rest.replace_pathway(pathway_id, request_of(form), account, uses, later)
    except Problem as problem:
        return await _refused(request, here, form, problem, kept.name)
    return await back(request, f"/dashboard/pathways/{pathway_id}", "pathway_saved", later=later)


def _editor(pathway_id: str) -> str:
    return f"/dashboard/pathways/{pathway_id}/edit"


async def _refused(
    request: Request, here: str, form: PathwayForm, problem: Problem, name: str = ""
) -> Response:
    """What was typed is kept; what is wrong with a node is said there."""
    if problem.status not in (409, 422):
        raise problem
    errors, number = said_at(problem), check_of(form).number
    if "definition" in errors and number > 1:
        errors["definition"] = f"{number} things are wrong with it. Each is said at its node."
    return await _page(request, here, form, name, errors)


async def _page(
    request: Request,
    here: str,
    form: PathwayForm,
    name: str = "",
    errors: FormErrors | None = None,
) -> Response:
    """`name`: of the pathway as it is kept; "": it is new."""
    return await page(
        request,
        "pathways/edit.html",
        422 if errors else 200,
        here=here,
        form=form,
        name=name,
        errors=errors or FormErrors(),
        check=check_of(form),
        kinds=KIND_WORDS,
    )
