"""/api/v1/carrier-accounts: the account's own accounts at the carrier."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import TypeAdapter

from api.calls.filters import only_paging
from api.carriers import service
from api.carriers.schemas import (
    CarrierAccountList,
    CarrierAccountPatch,
    CarrierAccountRequest,
    CarrierAccountView,
    TokenRequest,
)
from api.carriers.views import carrier_account_view
from api.http.auth import KeyFirst, requires
from api.http.deps import Skip, Take, Uses
from api.http.openapi import located, problem_responses
from api.http.problems import conflict
from storage.carriers import carrier_accounts
from storage.tables import Account, CarrierAccount

router = APIRouter(
    prefix="/carrier-accounts",
    tags=["carrier accounts"],
    route_class=KeyFirst,
    responses=problem_responses(401, 403, 503),
)

Reader = Annotated[Account, Depends(requires("carriers:read"))]
Writer = Annotated[Account, Depends(requires("carriers:write"))]
_DURATION = TypeAdapter(timedelta)


@router.post("", status_code=201, responses={**located(201), **problem_responses(409, 422)})
async def create_carrier_account(
    body: CarrierAccountRequest, account: Writer, uses: Uses, response: Response
) -> CarrierAccountView:
    """Dial from some numbers by another account at Twilio; from all others by the installation's.

    Its token is tried at the carrier first.
    """
    now = uses.now()
    said = body.model_dump(exclude={"auth_token"})
    row = CarrierAccount(
        account_id=account.account_id,
        name=body.name,
        account_sid=body.account_sid,
        token_time=now,
        created_time=now,
        updated_time=now,
    )
    row.sealed_token = service.sealed(uses, row, body.auth_token)
    row.region, row.edge = body.region, body.edge
    service.require_own_place(uses, row)
    await service.require_token_taken(uses, row, body.auth_token)
    async with uses.db.write() as session:
        await service.checked(session, uses, row, said)
        await service.require_room(session, account.account_id)
        await carrier_accounts.add(session, row)
    await uses.numbers.refresh(account.account_id)
    response.headers["Location"] = f"/api/v1/carrier-accounts/{row.carrier_account_id}"
    return carrier_account_view(row, now)


@router.get("", dependencies=[Depends(only_paging)], responses=problem_responses(422))
async def list_carrier_accounts(
    account: Reader, uses: Uses, skip: Skip = 0, take: Take = 20
) -> CarrierAccountList:
    """The account's own accounts at the carrier, newest first."""
    async with uses.db.read() as session:
        rows, total = await carrier_accounts.page(session, account.account_id, skip, take)
    shown = [carrier_account_view(row, uses.now()) for row in rows]
    return CarrierAccountList(carrier_accounts=shown, total=total)


@router.get("/{carrier_account_id}", responses=problem_responses(404))
async def get_carrier_account(
    carrier_account_id: str, account: Reader, uses: Uses
) -> CarrierAccountView:
    """One of them."""
    async with uses.db.read() as session:
        row = await carrier_accounts.get(session, account.account_id, carrier_account_id)
    if row is None:
        raise service.unknown()
    return carrier_account_view(row, uses.now())


@router.patch("/{carrier_account_id}", responses=problem_responses(404, 422))
async def change_carrier_account(
    carrier_account_id: str, body: CarrierAccountPatch, account: Writer, uses: Uses
) -> CarrierAccountView:
    """Change the fields that are named, from the next dial on."""
    async with uses.db.write() as session:
        row = await service.held(session, account.account_id, carrier_account_id)
        await service.checked(session, uses, row, body.model_dump(exclude_unset=True))
        await carrier_accounts.save(session, row, uses.now())
    await uses.numbers.refresh(account.account_id)
    return carrier_account_view(row, uses.now())


@router.post("/{carrier_account_id}/rotate-token", responses=problem_responses(404, 409, 422))
async def rotate_carrier_token(
    carrier_account_id: str, body: TokenRequest, account: Writer, uses: Uses
) -> CarrierAccountView:
    """Go on with the next token. For a while callbacks signed with the former are taken as well.

    It is tried at the carrier first.     A third one ends the first at once.
    """
    now = uses.now()
    async with uses.db.read() as session:
        known = await carrier_accounts.get(session, account.account_id, carrier_account_id)
    if known is None:
        raise service.unknown()
    service.require_other_token(uses, known, body.auth_token)
    await service.require_token_taken(uses, known, body.auth_token)
    async with uses.db.write() as session:
        row = await service.held(session, account.account_id, carrier_account_id)
        service.require_other_token(uses, row, body.auth_token)
        row.sealed_former = row.sealed_token
        row.sealed_token = service.sealed(uses, row, body.auth_token)
        row.former_ends_at = now + _DURATION.validate_python(body.overlap)
        row.token_time = now
        await carrier_accounts.save(session, row, now)
    return carrier_account_view(row, now)


@router.delete("/{carrier_account_id}", status_code=204, responses=problem_responses(404, 409))
async def delete_carrier_account(carrier_account_id: str, account: Writer, uses: Uses) -> None:
    """Dial by it no more, and forget its token. Refused while a call of it is under way."""
    async with uses.db.write() as session:
        row = await service.held(session, account.account_id, carrier_account_id)
        if await carrier_accounts.has_open_attempts(session, carrier_account_id):
            raise conflict("in_use", "A call of it is under way; take its callerIds away first.")
        await carrier_accounts.remove(session, row, uses.now())
    await uses.numbers.refresh(account.account_id)
