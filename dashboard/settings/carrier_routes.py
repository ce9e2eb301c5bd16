"""/dashboard/settings/carriers: accounts at the carrier, their tokens and numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Form, Query, Request, Response

from api.caller_ids import routes as numbers
from api.caller_ids import service as standings
from api.caller_ids.schemas import CallerIdStandings, ImportRequest
from api.carriers import routes as rest
from api.carriers.routes import Reader, Writer
from api.carriers.schemas import CarrierAccountPatch, CarrierAccountRequest, TokenRequest
from api.http.deps import Services, Uses
from api.http.problems import Problem
from api.http.schema import JsonObject
from dashboard.forms.form_errors import FormErrors
from dashboard.forms.form_values import as_request
from dashboard.page import back, page
from dashboard.session.session import SignedIn
from storage.accounts import names
from storage.tables import Account

router = APIRouter(prefix="/settings/carriers", route_class=SignedIn)
_HERE = "/dashboard/settings/carriers"
_A_PAGE, _MOST_ACCOUNTS = 50, 200
#: How long callbacks that are signed with the former token are taken as well.
OVERLAPS = (("PT1H", "an hour"), ("PT24H", "a day"), ("P7D", "a week"))
_FIELDS = (
    ("name", "name"),
    ("accountSid", "sid"),
    ("authToken", "auth_token"),
    ("region", "region"),
    ("edge", "edge"),
    ("callerIds", "caller_ids"),
)
Text = Annotated[str, Form(max_length=200)]
Lines = Annotated[str, Form(max_length=20_000)]


@dataclass(frozen=True, slots=True)
class CarrierForm:
    """As it is typed, but for the token, which no page shows again."""

    name: str = ""
    sid: str = ""
    region: str = ""
    edge: str = ""
    caller_ids: str = ""


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed and what is wrong with it. `at`: into the form of which account; "": a new."""

    form: CarrierForm = field(default_factory=CarrierForm)
    errors: FormErrors = field(default_factory=FormErrors)
    at: str = ""


@router.get("")
async def show_carriers(
    request: Request,
    account: Reader,
    uses: Uses,
    skip: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> Response:
    """Accounts, lists and caller IDs."""
    return await _page(request, uses, account, Typed(), skip)


@router.post("")
async def create_carrier(
    request: Request,
    account: Writer,
    _reader: Reader,
    uses: Uses,
    later: BackgroundTasks,
    name: Text = "",
    sid: Text = "",
    auth_token: Text = "",
    region: Text = "",
    edge: Text = "",
    caller_ids: Lines = "",
) -> Response:
    """A new account, once the carrier takes its token."""
    form = CarrierForm(name.strip(), sid.strip(), region.strip(), edge.strip(), caller_ids)
    try:
        body = _read(form, auth_token.strip())
        await rest.create_carrier_account(body, account, uses, Response(), later)
    except Problem as problem:
        return await _again(request, uses, account, problem, Typed(form))
    return await back(request, _HERE, "carrier_added", later=later)


@router.post("/import")
async def import_numbers(
    request: Request,
    account: Writer,
    uses: Uses,
    later: BackgroundTasks,
    carrier_account_id: Annotated[str, Form(max_length=36)] = "",
) -> Response:
    """Ask the carrier for its list now."""
    body = ImportRequest.model_validate({"carrierAccountId": carrier_account_id or None})
    await numbers.import_caller_ids(body, account, uses, later)
    return await back(request, _HERE, "numbers_imported", later=later)


@router.post("/return")
async def return_number(
    request: Request,
    account: Writer,
    uses: Uses,
    agent_id: Annotated[str, Form(max_length=36)] = "",
    number: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    """Try a number that is rested again now."""
    await standings.brought_back(uses, account, agent_id, number)
    return await back(request, _HERE, "number_returned")


@router.post("/{carrier_account_id}/rotate")
async def rotate_carrier_token(
    carrier_account_id: str,
    request: Request,
    account: Writer,
    _reader: Reader,
    uses: Uses,
    auth_token: Text = "",
    overlap: Annotated[str, Form(max_length=10)] = "PT24H",
) -> Response:
    """Go on with the next token, once the carrier takes it."""
    known = overlap if overlap in dict(OVERLAPS) else "PT24H"
    try:
        body = _token(auth_token.strip(), known)
        await rest.rotate_carrier_token(carrier_account_id, body, account, uses)
    except Problem as problem:
        return await _again(request, uses, account, problem, Typed(at=carrier_account_id))
    return await back(request, _HERE, "token_rotated")


@router.post("/{carrier_account_id}/numbers")
async def change_carrier_numbers(
    carrier_account_id: str,
    request: Request,
    account: Writer,
    _reader: Reader,
    uses: Uses,
    later: BackgroundTasks,
    caller_ids: Lines = "",
) -> Response:
    """Which numbers are dialed from by it."""
    try:
        patch = as_request(CarrierAccountPatch, {"callerIds": _lines(caller_ids)})
        await rest.change_carrier_account(carrier_account_id, patch, account, uses, later)
    except Problem as problem:
        typed = Typed(CarrierForm(caller_ids=caller_ids), at=carrier_account_id)
        return await _again(request, uses, account, problem, typed)
    return await back(request, _HERE, "carrier_changed", later=later)


@router.post("/{carrier_account_id}/default")
async def choose_default_carrier(
    carrier_account_id: str,
    request: Request,
    account: Writer,
    uses: Uses,
    later: BackgroundTasks,
    chosen: Annotated[bool, Form()] = True,
) -> Response:
    """Who dials from all other numbers: this one, or the installation's own again."""
    patch = CarrierAccountPatch.model_validate({"isDefault": chosen})
    await rest.change_carrier_account(carrier_account_id, patch, account, uses, later)
    return await back(request, _HERE, "carrier_default", later=later)


@router.post("/{carrier_account_id}/disable")
async def disable_carrier(
    carrier_account_id: str, request: Request, account: Writer, uses: Uses, later: BackgroundTasks
) -> Response:
    """Dial nobody by it."""
    await rest.disable_carrier_account(carrier_account_id, account, uses, later)
    return await back(request, _HERE, "carrier_disabled", later=later)


@router.post("/{carrier_account_id}/enable")
async def enable_carrier(
    carrier_account_id: str, request: Request, account: Writer, uses: Uses, later: BackgroundTasks
) -> Response:
    """Dial by it again."""
    await rest.enable_carrier_account(carrier_account_id, account, uses, later)
    return await back(request, _HERE, "carrier_enabled", later=later)


@router.post("/{carrier_account_id}/delete")
async def delete_carrier(
    carrier_account_id: str, request: Request, account: Writer, uses: Uses, later: BackgroundTasks
) -> Response:
    """Dial by it no more."""
    await rest.delete_carrier_account(carrier_account_id, account, uses, later)
    return await back(request, _HERE, "carrier_deleted", later=later)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _read(form: CarrierForm, token: str) -> CarrierAccountRequest:
    said: JsonObject = {
        "name": form.name,
        "accountSid": form.sid,
        "authToken": token,
        "region": form.region or None,
        "edge": form.edge or None,
        "callerIds": _lines(form.caller_ids),
    }
    return as_request(CarrierAccountRequest, said)


def _token(token: str, overlap: str) -> TokenRequest:
    return as_request(TokenRequest, {"authToken": token, "overlap": overlap})


async def _again(
    request: Request, uses: Services, account: Account, problem: Problem, typed: Typed
) -> Response:
    if problem.status != 422:
        raise problem
    errors = FormErrors.of(problem, _FIELDS)
    return await _page(request, uses, account, Typed(typed.form, errors, typed.at), 0)


async def _page(
    request: Request, uses: Services, account: Account, typed: Typed, skip: int
) -> Response:
    found = await standings.shown(uses, account, skip, _A_PAGE)
    rows = await rest.list_carrier_accounts(account, uses, 0, _MOST_ACCOUNTS)
    lists = {one.carrier_account_id: one for one in found.lists}
    return await page(
        request,
        "settings/carriers.html",
        422 if typed.errors else 200,
        found=found,
        accounts=rows.carrier_accounts,
        lists=lists,
        titles={None: "the installation's own"}
        | {one.carrier_account_id: one.name for one in rows.carrier_accounts},
        agents=await _names(uses, account, found),
        skip=skip,
        take=_A_PAGE,
        typed=typed,
        overlaps=OVERLAPS,
        can_keep=bool(uses.sealer.keys),
    )


async def _names(uses: Services, account: Account, found: CallerIdStandings) -> Mapping[str, str]:
    ids = [id_ for one in found.caller_ids for id_ in one.agent_ids]
    async with uses.db.read() as session:
        return await names.agents(session, account.account_id, set(ids))
