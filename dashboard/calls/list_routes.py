"""/dashboard/calls: the lists, what is sought in them, as a file, and several removed at once."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse

from api.calls import commands
from api.calls.routes import Reader, Writer
from api.http.deps import Services, Uses
from api.http.problems import Problem, invalid
from dashboard.calls.call_choice import SCHEDULED, CallChoice, Choice, filter_of, read_choice
from dashboard.calls.call_rows import A_PAGE, CallRows, csv_lines, rows_of
from dashboard.page import back, page, viewer_zone
from dashboard.session.session import SignedIn
from policy.model.call import CANCELABLE_STATUSES, CampaignStatus, Outcome
from storage.accounts import agents
from storage.call_lists import call_list
from storage.call_lists.call_list import CallOrder
from storage.call_lists.filters import CallFilter
from storage.calls import calls
from storage.campaigns import campaigns
from storage.tables import Account, Call

router = APIRouter(prefix="/calls", route_class=SignedIn)
_OFFERED = 200
_ID = re.compile(r"(?:call-)?([0-9a-fA-F-]{32,36})")
_HERE = "/dashboard/calls"
Cursor = Annotated[str | None, Query(max_length=300)]
Sought = Annotated[str, Form(max_length=200)]


@router.get("")
async def list_calls(
    request: Request, account: Reader, uses: Uses, said: Choice, cursor: Cursor = None
) -> Response:
    """All calls, those that are to be made, or those that are over."""
    wanted = await filter_of(uses, account.account_id, said, viewer_zone(request))
    found = await rows_of(uses, account, wanted, said, cursor)
    return await _list(request, uses, account, said, found, wanted, is_first=cursor is None)


@router.post("/find")
async def find_calls(
    request: Request,
    account: Reader,
    uses: Uses,
    sought: Sought = "",
    cursor: Annotated[str, Form(max_length=300)] = "",
    save: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """By a call's id, a number or part of it, or a name. What is sought stands in no address."""
    text, said = sought.strip(), await _form_choice(request)
    if not text:
        return RedirectResponse(said.address(), 303)
    known = await _call_meant(uses, account, text)
    if known is not None:
        return RedirectResponse(f"/dashboard/calls/{known}", 303)
    wanted = await filter_of(uses, account.account_id, said, viewer_zone(request), text)
    if save:
        return _file(csv_lines(uses, account, wanted, said))
    found = await rows_of(uses, account, wanted, said, cursor or None)
    if wanted.endpoint is not None and found.calls:
        return RedirectResponse(said.address(like=found.calls[0].call_id), 303)
    return await _list(
        request, uses, account, said, found, wanted, is_first=not cursor, sought=text
    )


async def _form_choice(request: Request) -> CallChoice:
    form = await request.form()
    names = CallChoice.__dataclass_fields__
    said = {name: value for name in names if isinstance(value := form.get(name), str)}
    return read_choice(CallChoice(**said))


async def _call_meant(uses: Services, account: Account, text: str) -> str | None:
    named = _ID.fullmatch(text)
    if named is None:
        return None
    async with uses.db.browse() as session:
        call = await calls.get(session, account.account_id, named[1].lower())
    return call.call_id if call is not None else None


@router.get(".csv")
async def save_calls(request: Request, account: Reader, uses: Uses, said: Choice) -> Response:
    """What the list shows, all of it, as CSV."""
    wanted = await filter_of(uses, account.account_id, said, viewer_zone(request))
    return _file(csv_lines(uses, account, wanted, said))


def _file(lines: Any) -> Response:
    headers = {"Content-Disposition": 'attachment; filename="calls.csv"'}
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)


async def _list(
    request: Request,
    uses: Services,
    account: Account,
    said: CallChoice,
    found: CallRows,
    wanted: CallFilter,
    *,
    is_first: bool,
    sought: str = "",
) -> Response:
    async with uses.db.survey() as session:
        offered, _ = await agents.page(session, account.account_id, 0, _OFFERED)
        of_campaigns, _ = await campaigns.page(
            session, account.account_id, list(CampaignStatus), 0, _OFFERED
        )
    return await page(
        request,
        "calls/list.html",
        found=found,
        said=said,
        sought=sought,
        endpoint=wanted.endpoint,
        agents=offered,
        campaigns=of_campaigns,
        outcomes=list(Outcome),
        orders=list(CallOrder),
        is_first=is_first,
        is_filtered=said.is_filtered or bool(sought),
    )


# -- several at once


@router.post("/remove")
async def remove_calls(
    request: Request,
    account: Writer,
    _reader: Reader,
    uses: Uses,
    call_id: Annotated[list[str] | None, Form(max_length=A_PAGE)] = None,
    only: Annotated[str, Form(max_length=64)] = "",
    confirmed: Annotated[str, Form(max_length=5)] = "",
    sought: Sought = "",
) -> Response:
    """Cancel the calls that were chosen; asks once before. The list stays as it was filtered."""
    chosen = [only] if only else list(dict.fromkeys(call_id or ()))
    if not chosen:
        raise invalid("required", "call_id", "Choose the calls that are to be removed.")
    async with uses.db.browse() as session:
        wanted = CallFilter(ids=chosen)
        rows, _ = await call_list.calls_after(session, account.account_id, wanted, A_PAGE)
    said = replace(await _form_choice(request), tab=SCHEDULED)
    if not confirmed:
        return await _question(request, rows, said, sought.strip())
    kept = [row.call_id for row in rows if not await _is_canceled(uses, account, row)]
    answer = await back(request, said.address(), "not_removed" if kept else "removed", kept)
    if sought.strip():
        # What is sought stands in no address: the browser sends this form on, as it is.
        answer.status_code, answer.headers["location"] = 307, f"{_HERE}/find"
    return answer


async def _question(
    request: Request, rows: Sequence[Call], said: CallChoice, sought: str
) -> Response:
    waiting = [row for row in rows if row.status in CANCELABLE_STATUSES]
    others = len(rows) - len(waiting)
    return await page(
        request, "calls/remove.html", rows=waiting, others=others, said=said, sought=sought
    )


async def _is_canceled(uses: Services, account: Account, row: Call) -> bool:
    try:
        await commands.cancel(uses, account.account_id, row.call_id)
    except Problem as problem:
        if problem.status >= 500:
            raise
        return False
    return True
