"""/dashboard/pathways/transfers: targets, figures, what happened last; and a target filled in."""

from fastapi import APIRouter, Request, Response

from api.http.auth import allows
from api.http.deps import Uses
from api.http.problems import Problem
from api.transfers import routes as rest
from api.transfers.routes import DAYS, Reader, Writer
from dashboard.forms.form_errors import FormErrors
from dashboard.page import back, page, viewer_zone_name
from dashboard.session.session import SignedIn, Who
from dashboard.transfers.target_form import (
    TargetForm,
    form_of,
    patch_of,
    read_form,
    request_of,
    said_at,
)
from dashboard.viewer import zone_names
from dashboard.week_words import DAYS as WEEK
from dashboard.week_words import business_hours

router = APIRouter(prefix="/pathways/transfers", route_class=SignedIn)
_HERE = "/dashboard/pathways/transfers"
_OFFERED = 500
_SHOWN = 20


@router.get("")
async def show_transfers(request: Request, account: Reader, who: Who, uses: Uses) -> Response:
    """Every target, and, for those who may see calls, what became of transfers."""
    found = await rest.list_transfer_targets(account, uses, 0, _OFFERED)
    sees_calls = allows(who.key.scopes, "calls:read")
    figures = newest = None
    if sees_calls:
        figures = await rest.transfer_figures(account, uses, DAYS, None)
        newest = (await rest.list_transfers(account, uses, None, _SHOWN)).transfers
    return await page(
        request,
        "transfers/list.html",
        found=found,
        hours={one.target_id: business_hours(one.hours) for one in found.targets},
        figures=figures,
        newest=newest,
        days=DAYS,
    )


@router.get("/new")
async def new_target(request: Request, account: Writer, _reader: Reader) -> Response:
    """The form, on the clock of whoever fills it in."""
    return await _form(request, None, TargetForm(timezone=viewer_zone_name(request)))


@router.post("/new")
async def create_target(request: Request, account: Writer, _reader: Reader, uses: Uses) -> Response:
    """Made, or shown again with what is wrong."""
    form = read_form(await request.form())
    try:
        await rest.create_transfer_target(request_of(form), account, uses, Response())
    except Problem as problem:
        if problem.status not in (409, 422):
            raise
        return await _form(request, None, form, said_at(problem))
    return await back(request, _HERE, "target_saved")


@router.get("/{target_id}")
async def edit_target(
    target_id: str, request: Request, account: Writer, _reader: Reader, uses: Uses
) -> Response:
    """The form, as the target is."""
    target = await rest.get_transfer_target(target_id, account, uses)
    return await _form(request, target_id, form_of(target))


@router.post("/{target_id}")
async def change_target(
    target_id: str, request: Request, account: Writer, _reader: Reader, uses: Uses
) -> Response:
    """Changed, or shown again with what is wrong."""
    await rest.get_transfer_target(target_id, account, uses)
    form = read_form(await request.form())
    try:
        await rest.change_transfer_target(target_id, patch_of(form), account, uses)
    except Problem as problem:
        if problem.status not in (409, 422):
            raise
        return await _form(request, target_id, form, said_at(problem))
    return await back(request, _HERE, "target_saved")


@router.post("/{target_id}/delete")
async def delete_target(target_id: str, request: Request, account: Writer, uses: Uses) -> Response:
    """Nobody is put through to it any more."""
    await rest.delete_transfer_target(target_id, account, uses)
    return await back(request, _HERE, "target_deleted")


async def _form(
    request: Request, target_id: str | None, form: TargetForm, errors: FormErrors | None = None
) -> Response:
    zones = zone_names()
    return await page(
        request,
        "transfers/target.html",
        422 if errors else 200,
        target_id=target_id,
        form=form,
        errors=errors or FormErrors(),
        zones=zones if form.timezone in zones else (form.timezone, *zones),
        days=WEEK,
    )
