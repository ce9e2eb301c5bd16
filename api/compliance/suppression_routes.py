"""/api/v1/suppressions: who must not be called."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends, Path, Query, Request
from sqlmodel.ext.asyncio.session import AsyncSession

from api.calls.filters import EndpointFilter
from api.compliance import number_imports, suppression_effects
from api.compliance.number_imports import RegistryState
from api.compliance.schemas import (
    RegistryImported,
    RegistryList,
    SuppressionAdded,
    SuppressionList,
    SuppressionRequest,
    SuppressionsImported,
    SuppressionView,
    registry_view,
    suppression_added,
    suppression_view,
)
from api.compliance.scopes import require_known
from api.files.number_files import ImportResult, numbers_in
from api.files.uploads import UPLOAD_BODY, DefaultCountry, PhoneColumn
from api.http.actor import By
from api.http.auth import KeyFirst, requires
from api.http.body_limits import MAX_FILE
from api.http.deps import DryRun, Services, Skip, Take, Uses
from api.http.json_body import storable
from api.http.openapi import problem_responses
from api.http.problems import conflict, invalid, not_found
from api.http.schema import Moment
from api.http.values import read_endpoint, stated_country
from api.replan.replan import replan
from api.replan.schemas import NOTHING_MADE, MovesView
from storage.calls.calls import AffectedCalls
from storage.compliance import opt_out, suppressions
from storage.tables import Account, Suppression

router = APIRouter(
    prefix="/suppressions",
    tags=["compliance"],
    route_class=KeyFirst,
    responses=problem_responses(401, 403, 503),
)

Reader = Annotated[Account, Depends(requires("suppressions:read"))]
Writer = Annotated[Account, Depends(requires("suppressions:write"))]
Scrubbed = Annotated[
    Moment,
    Query(alias="scrubbedTime", description="When the registry was in this state."),
]
RegistryName = Annotated[
    str,
    Path(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$", examples=["us.national_dnc"]),
]


@router.post(
    "",
    status_code=201,
    dependencies=[Depends(storable)],
    responses={**NOTHING_MADE, **problem_responses(422)},
)
async def add_suppression(
    body: SuppressionRequest, account: Writer, uses: Uses, dry_run: DryRun
) -> SuppressionAdded | MovesView:
    """Put a number on the do-not-call list. The waiting calls that it ends are told at once.

    With `ofPerson` it is the person who is not called, by whichever of the numbers that calls list
    together with this one.
    """
    return await add(body, account, uses, source="api", dry_run=dry_run)


async def add(
    body: SuppressionRequest, account: Account, uses: Services, *, source: str, dry_run: bool
) -> SuppressionAdded | MovesView:
    """The same by whichever way a user says it; `source` is kept with the entry."""
    now = uses.now()
    endpoint = read_endpoint(body.endpoint, "endpoint", with_extension=True).value
    _require_ahead(body.expires_time, now)
    await require_known(uses, account, body)
    row = suppression_effects.row_of(body, endpoint, account.account_id, source, now)
    if dry_run:
        return await suppression_effects.what_it_would_do(uses, account, row)
    async with uses.db.write() as session:
        await suppressions.add(session, row)
        others = await opt_out.add_others(session, row) if row.of_person else ()
    stopped = await suppression_effects.stopped_by(uses, account, endpoint, *others)
    return suppression_added(row, stopped)


def _require_ahead(moment: datetime | None, now: datetime) -> None:
    if moment is not None and moment <= now:
        raise invalid("out_of_range", "expiresTime", "This is in the past.")


@router.get("", responses=problem_responses(422))
async def list_suppressions(
    account: Reader,
    uses: Uses,
    endpoint: EndpointFilter,
    in_force: Annotated[bool, Query(alias="inForce")] = False,
    skip: Skip = 0,
    take: Take = 20,
) -> SuppressionList:
    """The do-not-call list, newest first. Entries that were taken back stay in it."""
    async with uses.db.browse() as session:
        rows, total = await suppressions.page(
            session,
            account.account_id,
            uses.now(),
            skip,
            take,
            endpoint=endpoint,
            only_in_force=in_force,
        )
    return SuppressionList(suppressions=[suppression_view(row) for row in rows], total=total)


@router.post(
    "/import",
    max_body_size=MAX_FILE,
    openapi_extra=UPLOAD_BODY,
    responses=problem_responses(413, 415, 422),
)
async def import_suppressions(
    request: Request,
    account: Writer,
    uses: Uses,
    later: BackgroundTasks,
    phone_column: PhoneColumn = None,
    default_country: DefaultCountry = None,
) -> SuppressionsImported:
    """Put every number of a CSV or XLSX file on the list, for all calls. A bad row is left out."""
    result, country = ImportResult(), stated_country(default_country)
    batches = numbers_in(request, result, phone_column, country)
    added = await number_imports.add_to_list(uses, account, batches, result)
    later.add_task(replan, uses, account, AffectedCalls())
    return SuppressionsImported(**result.view(), added=added)


@router.get("/registries")
async def list_registries(account: Reader, uses: Uses) -> RegistryList:
    """The do-not-call registries that were imported, and how old they are."""
    async with uses.db.read() as session:
        rows = await suppressions.registries(session, account.account_id)
    return RegistryList(registries=[registry_view(row) for row in rows])


@router.put(
    "/registries/{registry}",
    max_body_size=MAX_FILE,
    openapi_extra=UPLOAD_BODY,
    responses=problem_responses(413, 415, 422),
)
async def import_registry(
    registry: RegistryName,
    request: Request,
    account: Writer,
    uses: Uses,
    later: BackgroundTasks,
    scrubbed_time: Scrubbed,
    keep: Annotated[bool, Query(description="Add to what is there; else replace it.")] = False,
    allow_empty: Annotated[
        bool, Query(alias="allowEmpty", description="The file may have no number at all.")
    ] = False,
    phone_column: PhoneColumn = None,
    default_country: DefaultCountry = None,
) -> RegistryImported:
    """Import a registry, or those of its numbers that concern you, from a CSV or XLSX file.

    The rules name a registry (`us.national_dnc`) and how old it may be. Without a fresh one the
    calls that such a rule is about are refused.
    """
    result, country = ImportResult(), stated_country(default_country)
    state = RegistryState(registry, scrubbed_time, keep=keep, may_be_empty=allow_empty)
    batches = numbers_in(request, result, phone_column, country)
    row = await number_imports.import_registry(uses, account, state, batches, result)
    later.add_task(replan, uses, account, AffectedCalls())
    return RegistryImported(**registry_view(row).model_dump(), **result.view())


@router.get("/{suppression_id}", responses=problem_responses(404))
async def get_suppression(suppression_id: str, account: Reader, uses: Uses) -> SuppressionView:
    """One entry."""
    async with uses.db.read() as session:
        return suppression_view(await _found(session, account, suppression_id))


@router.delete("/{suppression_id}", responses=problem_responses(404, 409))
async def remove_suppression(
    suppression_id: str,
    account: Writer,
    uses: Uses,
    by: By,
    later: BackgroundTasks,
    dry_run: DryRun,
) -> SuppressionView | MovesView:
    """Take an entry back. It is kept, with the time and by whom. An erased person's stays.

    One that is of a person is taken back for all numbers that it was made for.
    """
    async with uses.db.read() as session:
        row = await _found(session, account, suppression_id)
    if row.endpoint is None:
        raise conflict("erased", "This keeps an erased person from being called.")
    if dry_run:
        return await suppression_effects.what_removal_would_do(uses, account, row)
    async with uses.db.write() as session:
        row = await _found(session, account, suppression_id)
        same = [row, *(await opt_out.others_of(session, row))]
        for one in same:
            await suppressions.remove(session, one, by, uses.now())
    for one in same:
        later.add_task(replan, uses, account, AffectedCalls(endpoint=one.endpoint))
    return suppression_view(row)


async def _found(session: AsyncSession, account: Account, suppression_id: str) -> Suppression:
    row = await suppressions.get(session, account.account_id, suppression_id)
    if row is None:
        raise not_found("suppression")
    return row
