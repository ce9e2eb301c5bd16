"""/dashboard/campaigns/{campaign_id}/contacts: the list, what became of each, and as a file."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import StreamingResponse

from api.campaigns import service
from api.campaigns.contact_routes import download_errors
from api.campaigns.routes import Reader
from api.files.csv_writer import line
from api.http.auth import allows
from api.http.deps import Services, Uses
from api.http.problems import Problem, invalid
from dashboard.campaigns import campaign_words
from dashboard.forms.form_values import LARGEST
from dashboard.page import page
from dashboard.person_name import name_of
from dashboard.session.session import SignedIn, Who
from policy.model.call import ContactState, Outcome
from storage.campaigns import contact_list
from storage.campaigns.contact_list import ContactFilter, ListedContact

router = APIRouter(prefix="/campaigns/{campaign_id}", route_class=SignedIn)
_A_PAGE, _A_PART = 50, 1000
_FEWEST_DIGITS = 3
#: Columns of the file; those of the list that was uploaded follow.
_HEAD = (
    *("row", "number", "name", "state", "status", "outcome", "detail", "attempts"),
    *("ended", "seconds", "call", "client token"),
)
Chosen = Annotated[str, Query(max_length=40)]


@dataclass(frozen=True, slots=True)
class _Said:
    state: str = ""
    outcome: str = ""

    def filter(self, sought: str = "") -> ContactFilter:
        """Raises a 422 Problem for what there is not."""
        if self.state and self.state not in set(ContactState):
            raise invalid("unknown_value", "state", "There is no such state.")
        if self.outcome and self.outcome not in set(Outcome):
            raise invalid("unknown_value", "outcome", "There is no such outcome.")
        digits = "".join(one for one in sought if one.isascii() and one.isdigit())
        is_number = bool(digits) and not any(one.isalpha() for one in sought)
        if is_number and len(digits) < _FEWEST_DIGITS:
            raise invalid("too_short", "sought", "Of a number it takes at least 3 digits.")
        return ContactFilter(
            state=ContactState(self.state) if self.state else None,
            outcome=Outcome(self.outcome) if self.outcome else None,
            endpoint_part=digits if is_number else None,
            name=sought if sought and not is_number else None,
        )


@router.get("/contacts")
async def list_contacts(
    campaign_id: str,
    request: Request,
    account: Reader,
    uses: Uses,
    who: Who,
    state: Chosen = "",
    outcome: Chosen = "",
    after: Annotated[int, Query(ge=0, le=LARGEST)] = 0,
) -> Response:
    """In the order of the list; by state and outcome."""
    said = _Said(state, outcome)
    return await _list(request, uses, account.account_id, campaign_id, who, said, after=after)


@router.post("/contacts")
async def find_contacts(
    campaign_id: str,
    request: Request,
    account: Reader,
    uses: Uses,
    who: Who,
    sought: Annotated[str, Form(max_length=200)] = "",
    state: Annotated[str, Form(max_length=40)] = "",
    outcome: Annotated[str, Form(max_length=40)] = "",
    after: Annotated[int, Form(ge=0, le=LARGEST)] = 0,
) -> Response:
    """By a part of a number or name, which stands in no address."""
    said, text = _Said(state, outcome), sought.strip()
    return await _list(
        request, uses, account.account_id, campaign_id, who, said, sought=text, after=after
    )


async def _list(
    request: Request,
    uses: Services,
    account_id: str,
    campaign_id: str,
    who: Any,
    said: _Said,
    *,
    sought: str = "",
    after: int = 0,
) -> Response:
    campaign = await service.look(uses, account_id, campaign_id)
    error, rows, total = "", list[ListedContact](), 0
    try:
        wanted = said.filter(sought)
        async with uses.db.browse() as session:
            rows = await contact_list.listed(session, campaign_id, wanted, after, _A_PAGE + 1)
            total = await contact_list.count(session, campaign_id, wanted)
    except Problem as problem:
        if not sought:
            raise
        error = problem.detail
    return await page(
        request,
        "campaigns/contacts.html",
        422 if error else 200,
        campaign=campaign,
        rows=rows[:_A_PAGE],
        total=total,
        most=contact_list.MOST_COUNTED,
        next_after=rows[_A_PAGE - 1].contact.contact_id if len(rows) > _A_PAGE else None,
        is_first=after == 0,
        chosen=said,
        sought=sought,
        error=error,
        states=list(ContactState),
        outcomes=list(Outcome),
        words=campaign_words,
        may_see_calls=allows(who.key.scopes, "calls:read"),
    )


@router.get("/contacts.csv")
async def save_contacts(
    campaign_id: str, account: Reader, uses: Uses, state: Chosen = "", outcome: Chosen = ""
) -> Response:
    """All of them with what became of each, and the columns that they came with."""
    await service.look(uses, account.account_id, campaign_id)
    wanted = _Said(state, outcome).filter()
    headers = {"Content-Disposition": 'attachment; filename="contacts.csv"'}
    lines = _lines(uses, campaign_id, wanted)
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/rejected.csv")
async def save_rejected(campaign_id: str, account: Reader, uses: Uses) -> Response:
    """The rejected rows, to be mended in a spreadsheet and uploaded again."""
    return await download_errors(campaign_id, account, uses)


async def _lines(uses: Services, campaign_id: str, wanted: ContactFilter) -> AsyncIterator[str]:
    """Read twice, a part at a time: first for the names of the columns."""
    names: dict[str, None] = {}
    async for part in _parts(uses, campaign_id, wanted):
        for one in part:
            names.update(dict.fromkeys(one.contact.context))
    columns = list(names)
    yield line(*_HEAD, *columns)
    async for part in _parts(uses, campaign_id, wanted):
        yield "".join(_line(one, columns) for one in part)


async def _parts(
    uses: Services, campaign_id: str, wanted: ContactFilter
) -> AsyncIterator[list[ListedContact]]:
    after = 0
    while True:
        async with uses.db.browse() as session:
            part = await contact_list.listed(session, campaign_id, wanted, after, _A_PART)
        if not part:
            return
        yield part
        after = part[-1].contact.contact_id or 0


def _line(one: ListedContact, columns: list[str]) -> str:
    contact, call = one.contact, one.call
    values = (contact.context.get(name) for name in columns)
    return line(
        *(contact.row_number, contact.endpoint, name_of(contact.context), contact.state),
        *(call.status if call else None, call.outcome if call else None),
        *(call.detail if call else contact.error, call.attempt_count if call else None),
        *(call.completed_time if call else None, call.duration_seconds if call else None),
        *(contact.call_id, contact.client_token),
        *values,
    )
