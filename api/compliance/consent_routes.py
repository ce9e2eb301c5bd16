"""/api/v1/consents: who agreed to be called, how far, and since when."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends, Query, Request
from sqlmodel.ext.asyncio.session import AsyncSession

from api.calls.filters import EndpointFilter
from api.compliance import number_imports, suppression_effects
from api.compliance.schemas import (
    ConsentList,
    ConsentRequest,
    ConsentView,
    Imported,
    RevocationRequest,
    Short,
    consent_view,
)
from api.compliance.scopes import require_known
from api.files.number_files import ImportResult, numbers_in
from api.files.uploads import UPLOAD_BODY, DefaultCountry, PhoneColumn
from api.http.auth import KeyFirst, requires
from api.http.body_limits import MAX_FILE
from api.http.deps import DryRun, Services, Skip, Take, Uses
from api.http.json_body import storable
from api.http.openapi import problem_responses
from api.http.problems import conflict, invalid, not_found
from api.http.values import read_endpoint, stated_country
from api.replan.dry_run import WhatIf, rehearse
from api.replan.replan import replan
from api.replan.schemas import NOTHING_MADE, MovesView
from policy.facts import Facts
from policy.location.number_forms import person_key
from policy.model import person as policy
from policy.model.person import Person, Scope
from policy.model.purposes import ConsentTier
from storage.calls.calls import AffectedCalls
from storage.compliance import consents
from storage.compliance.opt_out import opt_out
from storage.tables import Account, Consent, Suppression

router = APIRouter(
    prefix="/consents",
    tags=["compliance"],
    route_class=KeyFirst,
    responses=problem_responses(401, 403, 503),
)

Reader = Annotated[Account, Depends(requires("consents:read"))]
Writer = Annotated[Account, Depends(requires("consents:write"))]
#: The source of the do-not-call entry of somebody who took all consent back.
_REVOKED = "revocation"


@router.post(
    "",
    status_code=201,
    dependencies=[Depends(storable)],
    responses={**NOTHING_MADE, **problem_responses(422)},
)
async def add_consent(
    body: ConsentRequest,
    account: Writer,
    uses: Uses,
    later: BackgroundTasks,
    dry_run: DryRun,
) -> ConsentView | MovesView:
    """Record that a person agreed. Consents are evidence: they are never changed."""
    row = _row(body, account, uses.now())
    await require_known(uses, account, body)
    if dry_run:
        return await _what_it_would_do(uses, account, row)
    async with uses.db.write() as session:
        await consents.add(session, row)
    later.add_task(replan, uses, account, AffectedCalls(endpoint=row.endpoint))
    return consent_view(row)


def _row(body: ConsentRequest, account: Account, now: datetime) -> Consent:
    granted = body.granted_time or now
    if granted > now:
        raise invalid("out_of_range", "grantedTime", "This is in the future.")
    return Consent(
        account_id=account.account_id,
        endpoint=read_endpoint(body.endpoint, "endpoint").value,
        tier=body.tier,
        method=body.method,
        evidence=body.evidence,
        scope=body.scope,
        scope_of=body.scope_id or "",
        created_time=now,
        granted_time=granted,
        expires_time=body.expires_time,
    )


async def _what_it_would_do(uses: Services, account: Account, row: Consent) -> MovesView:
    consent = policy.Consent(
        row.consent_id,
        row.tier,
        Scope(row.scope, row.scope_of),
        row.granted_time,
        row.expires_time,
        row.revoked_time,
    )

    def agreed(endpoint: str, person: Person) -> Person:
        if person_key(endpoint) != person_key(row.endpoint):
            return person
        others = (one for one in person.consents if one.consent_id != consent.consent_id)
        return replace(person, consents=(*others, consent))

    def alter(facts: Facts) -> Facts:
        return facts.with_people(agreed)

    return await rehearse(uses, account, AffectedCalls(endpoint=row.endpoint), WhatIf(alter=alter))


@router.post(
    "/import",
    max_body_size=MAX_FILE,
    openapi_extra=UPLOAD_BODY,
    responses=problem_responses(413, 415, 422),
)
async def import_consents(
    request: Request,
    account: Writer,
    uses: Uses,
    later: BackgroundTasks,
    tier: ConsentTier,
    method: Annotated[Short, Query()],
    phone_column: PhoneColumn = None,
    default_country: DefaultCountry = None,
) -> Imported:
    """Record the same consent for every number of a CSV or XLSX file.

    Columns `granted` (a time) and `evidence` are taken over; other columns are not kept.
    """
    result, country = ImportResult(), stated_country(default_country)
    batches = numbers_in(request, result, phone_column, country)
    await number_imports.record_consents(uses, account, tier, method, batches, result)
    later.add_task(replan, uses, account, AffectedCalls())
    return Imported(**result.view())


@router.get("", responses=problem_responses(422))
async def list_consents(
    account: Reader, uses: Uses, endpoint: EndpointFilter, skip: Skip = 0, take: Take = 20
) -> ConsentList:
    """Consents, newest first, revoked and expired ones included."""
    async with uses.db.browse() as session:
        rows, total = await consents.page(
            session, account.account_id, skip, take, endpoint=endpoint
        )
    return ConsentList(consents=[consent_view(row) for row in rows], total=total)


@router.get("/{consent_id}", responses=problem_responses(404))
async def get_consent(consent_id: str, account: Reader, uses: Uses) -> ConsentView:
    """One consent."""
    async with uses.db.read() as session:
        return consent_view(await _found(session, account, consent_id))


@router.post(
    "/{consent_id}/revoke",
    dependencies=[Depends(storable)],
    responses=problem_responses(404, 409, 422),
)
async def revoke_consent(
    consent_id: str,
    body: RevocationRequest,
    account: Writer,
    uses: Uses,
    dry_run: DryRun,
) -> ConsentView | MovesView:
    """Take a consent back. Waiting calls that rest on it are told at once."""
    now = uses.now()
    async with uses.db.read() as session:
        row = await _found(session, account, consent_id)
    if dry_run:
        return await _what_revoking_would_do(uses, account, row, body, now)
    revocation = body.model_dump(mode="json", by_alias=True)
    async with uses.db.write() as session:
        row = await _found(session, account, consent_id)
        if row.revoked_time is not None:
            raise conflict("revoked", "This consent was taken back before.")
        await consents.revoke(session, row, revocation, now)
        if body.scope == "all":
            await opt_out(session, account.account_id, row.endpoint, _REVOKED, now)
    await suppression_effects.stopped_by(uses, account, row.endpoint)
    return consent_view(row)


async def _what_revoking_would_do(
    uses: Services, account: Account, row: Consent, body: RevocationRequest, now: datetime
) -> MovesView:
    if body.scope == "all":
        entry = Suppression(account_id=account.account_id, endpoint=row.endpoint, source=_REVOKED)
        return await suppression_effects.what_it_would_do(uses, account, entry)
    row.revoked_time = now
    return await _what_it_would_do(uses, account, row)


async def _found(session: AsyncSession, account: Account, consent_id: str) -> Consent:
    row = await consents.get(session, account.account_id, consent_id)
    if row is None:
        raise not_found("consent")
    return row
