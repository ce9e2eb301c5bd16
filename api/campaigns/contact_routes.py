"""/api/v1/campaigns/{campaign_id}/contacts"""

import json
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse, StreamingResponse

from api.campaigns import contact_corrections, error_file, service
from api.campaigns.contact_corrections import Corrected, Correction, correct
from api.campaigns.contact_upload import load, load_batches, loaded_view, of_objects
from api.campaigns.lookup import found, held, require_open
from api.campaigns.schemas import ContactsRequest, CorrectionsRequest
from api.campaigns.views import (
    ContactList,
    CorrectionsView,
    DroppedView,
    LoadedView,
    contact_view,
)
from api.files.uploads import (
    UPLOAD_BODY,
    DefaultCountry,
    OtherColumns,
    PhoneColumn,
    read_file,
    spooled,
)
from api.http.auth import KeyFirst, requires
from api.http.body_limits import MAX_CONTACTS, MAX_FILE
from api.http.deps import Skip, Take, Uses
from api.http.idempotency import MaybeRepeated
from api.http.json_body import storable
from api.http.openapi import problem_responses
from api.http.problems import invalid
from api.http.values import stated_country
from policy.model.call import ContactState
from policy.model.template import NAME
from storage.campaigns import contacts
from storage.tables import Account

router = APIRouter(
    route_class=KeyFirst,
    prefix="/campaigns/{campaign_id}/contacts",
    tags=["campaigns"],
    responses=problem_responses(401, 403, 404, 503),
)

Reader = Annotated[Account, Depends(requires("campaigns:read"))]
Writer = Annotated[Account, Depends(requires("campaigns:write"))]
States = Annotated[list[ContactState] | None, Query(description="May be repeated.")]
ColumnMap = Annotated[
    str | None,
    Query(
        alias="columnMap",
        max_length=10_000,
        description='Which variable a column fills, as JSON: `{"Customer Name": "name"}`.',
    ),
]


@router.post(
    "",
    status_code=202,
    max_body_size=MAX_CONTACTS,
    response_model=LoadedView,
    dependencies=[Depends(storable)],
    responses=problem_responses(409, 413, 422),
)
async def add_contacts(
    campaign_id: str,
    body: ContactsRequest,
    account: Writer,
    uses: Uses,
    repeatable: MaybeRepeated,
) -> JSONResponse:
    """Add contacts, also while the campaign runs. A bad one rejects only itself."""
    country = stated_country(body.default_country)
    now = uses.now()
    rows = await of_objects(body.contacts, country, now)
    async with uses.db.write() as session:
        answered = await repeatable.answered(session, account.account_id, now)
        if answered is not None:
            return answered
        campaign = await held(session, account.account_id, campaign_id)
        view = loaded_view(await load(session, campaign, rows)).model_dump(by_alias=True)
        await repeatable.keep(session, account.account_id, 202, view, {}, now)
    await service.nudge(uses, campaign)
    return JSONResponse(view, 202)


@router.post(
    "/upload",
    status_code=202,
    max_body_size=MAX_FILE,
    responses=problem_responses(409, 413, 415, 422),
    openapi_extra=UPLOAD_BODY,
)
async def upload_contacts(
    campaign_id: str,
    request: Request,
    account: Writer,
    uses: Uses,
    phone_column: PhoneColumn = None,
    other_columns: OtherColumns = None,
    default_country: DefaultCountry = None,
    column_map: ColumnMap = None,
) -> LoadedView:
    """Add the rows of a CSV or XLSX file. A bad row rejects only itself."""
    country = stated_country(default_country)
    mapped = _column_map(column_map)
    campaign = await service.look(uses, account.account_id, campaign_id)
    require_open(campaign)
    others = other_columns or ()
    async with spooled(request) as file, read_file(file, phone_column, country, others) as read:
        loaded = await load_batches(uses, account.account_id, campaign_id, read.batches, mapped)
        loaded.layout = read.layout
    await service.nudge(uses, await service.look(uses, account.account_id, campaign_id))
    return loaded_view(loaded)


def _column_map(text: str | None) -> dict[str, str]:
    if text is None:
        return {}
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict) or not all(
        isinstance(name, str) and NAME.fullmatch(name) for name in said.values()
    ):
        message = 'An object of columns and variables, like {"Customer Name": "name"}.'
        raise invalid("malformed", "columnMap", message)
    if len(set(said.values())) < len(said):
        raise invalid("malformed", "columnMap", "Two columns fill the same variable.")
    return said


@router.get("", responses=problem_responses(422))
async def list_contacts(
    campaign_id: str,
    account: Reader,
    uses: Uses,
    state: States = None,
    skip: Skip = 0,
    take: Take = 20,
) -> ContactList:
    """The campaign's contacts in the order in which they were added."""
    async with uses.db.browse() as session:
        await found(session, account.account_id, campaign_id)
        rows, total = await contacts.page(session, campaign_id, state or [], skip, take)
    return ContactList(contacts=[contact_view(row) for row in rows], total=total)


@router.post(
    "/corrections",
    dependencies=[Depends(storable)],
    responses=problem_responses(409, 413, 422),
)
async def correct_contacts(
    campaign_id: str, body: CorrectionsRequest, account: Writer, uses: Uses
) -> CorrectionsView:
    """Correct rows that were rejected, or drop them. `GET …/contacts?state=invalid` lists them."""
    said = [
        Correction(one.contact_id, one.endpoint, one.timezone, one.context)
        for one in body.corrections
    ]
    country = stated_country(body.default_country)
    now = await correct(uses, account.account_id, campaign_id, said, country, body.drop)
    if now.mended:
        await service.nudge(uses, now.campaign)
    return _corrected(body, now)


def _corrected(body: CorrectionsRequest, now: Corrected) -> CorrectionsView:
    named = dict.fromkeys([*(one.contact_id for one in body.corrections), *body.drop])
    rejected = [contact_view(row) for row in now.rejected if row.contact_id not in now.dropped]
    mended = [row.contact_id or 0 for row in now.mended]
    done = {*mended, *now.dropped, *(one.contact_id for one in rejected)}
    return CorrectionsView(
        mended=mended,
        dropped=now.dropped,
        left=[id for id in named if id not in done],
        rejected=rejected,
    )


@router.delete("/rejected", responses=problem_responses(422))
async def drop_rejected_contacts(
    campaign_id: str,
    account: Writer,
    uses: Uses,
    through: Annotated[
        int,
        Query(
            ge=1, le=2**63 - 1, description="Only up to this `contactId`: the last that was seen."
        ),
    ],
) -> DroppedView:
    """Drop rejected rows: they were mended elsewhere, or are not wanted."""
    gone = await contact_corrections.forget(uses, account.account_id, campaign_id, through)
    return DroppedView(dropped=gone)


@router.get("/errors.csv", response_class=StreamingResponse)
async def download_errors(campaign_id: str, account: Reader, uses: Uses) -> StreamingResponse:
    """The rows that were rejected, and why, as CSV: with all their columns, to be mended and
    uploaded again."""
    await service.look(uses, account.account_id, campaign_id)
    headers = {"Content-Disposition": 'attachment; filename="errors.csv"'}
    lines = error_file.lines(uses, campaign_id)
    return StreamingResponse(lines, media_type="text/csv", headers=headers)
