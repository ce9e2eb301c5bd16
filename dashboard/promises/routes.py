"""/dashboard/calls/promises: the list; /dashboard/calls/{call_id}/promise: to make one."""

from collections.abc import Collection
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response

from api.calls import commands
from api.http.deps import Services, Uses
from api.http.problems import Problem, invalid
from api.promises import routes as rest
from api.promises.routes import DAYS, Reader, Writer
from dashboard.forms.form_errors import FormErrors
from dashboard.page import back, page
from dashboard.session.session import SignedIn
from policy.promises import PromiseSource
from storage.calls import calls
from storage.number_hash import ERASED
from storage.tables import Call

router = APIRouter(prefix="/calls", route_class=SignedIn)
_A_PAGE = 50


@router.get("/promises")
async def list_promises(
    request: Request,
    account: Reader,
    uses: Uses,
    every: Annotated[bool, Query(alias="all")] = False,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
) -> Response:
    """Open ones, the next one first, or all of them; and the share of those kept."""
    found = await rest.list_promises(account, uses, every, None, _A_PAGE, cursor)
    figures = await rest.promise_figures(account, uses, DAYS)
    endpoints = await _endpoints(uses, {one.call_id for one in found.promises})
    return await page(
        request,
        "promises/list.html",
        found=found,
        figures=figures,
        days=DAYS,
        endpoints=endpoints,
        every=every,
        is_first=cursor is None,
    )


@router.get("/{call_id}/promise")
async def promise_page(
    call_id: str, request: Request, account: Writer, _reader: Reader, uses: Uses
) -> Response:
    """The form."""
    call = await commands.look(uses, account.account_id, call_id)
    return await _form(request, call, "", "", FormErrors())


@router.post("/{call_id}/promise")
async def promise_call(
    call_id: str,
    request: Request,
    account: Writer,
    _reader: Reader,
    uses: Uses,
    at: Annotated[str, Form(max_length=40)] = "",
    offset: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """Promise the call at a time on the callee's clock, or with an offset where that is unclear."""
    call = await commands.look(uses, account.account_id, call_id)
    try:
        said, by = _time(at, offset.strip()), PromiseSource.PAGE
        made = await commands.promise(uses, account.account_id, call_id, said, by)
    except Problem as problem:
        if problem.status != 422:
            raise
        errors = FormErrors({"at": problem.errors[0].message})
        return await _form(request, call, at, offset, errors)
    return await back(request, f"/dashboard/calls/{made.call_id}", "promised")


def _time(at: str, offset: str) -> datetime:
    try:
        return datetime.fromisoformat(f"{at}{offset}")
    except ValueError:
        message = "Must be a day and a time; an offset is written like -05:00."
        raise invalid("malformed", "at", message) from None


async def _endpoints(uses: Services, call_ids: Collection[str]) -> dict[str, str]:
    """Whom each call is to; "" where the person was erased."""
    async with uses.db.browse() as session:
        found = await calls.among(session, call_ids)
    return {one.call_id: "" if one.endpoint.startswith(ERASED) else one.endpoint for one in found}


async def _form(request: Request, call: Call, at: str, offset: str, errors: FormErrors) -> Response:
    return await page(
        request,
        "promises/promise.html",
        422 if errors else 200,
        call=call,
        at=at,
        offset=offset,
        errors=errors,
    )
