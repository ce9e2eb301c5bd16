"""/api/v1/carrier-accounts: the account's own accounts at the carrier."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends, Response
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
from api.replan.replan import replan_numbers
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
    body: CarrierAccountRequest,
    account: Writer,
    uses: Uses,
    response: Response,
    later: BackgroundTasks,
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
    later.add_task(replan_numbers, uses, await service.create(uses, row, said))
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


@router.patch("/{carrier_account_id}", responses=problem_responses(404, 409, 422))
async def change_carrier_account(
    carrier_account_id: str,
    body: CarrierAccountPatch,
    account: Writer,
    uses: Uses,
    later: BackgroundTasks,
) -> CarrierAccountView:
    """Change the fields that are named, from the next dial on.

    Where that bars a caller ID of an agent's, or clears it, its waiting calls decide again.
    """
    said = body.model_dump(exclude_unset=True)
    row, agent_ids = await service.change(uses, account, carrier_account_id, said)
    later.add_task(replan_numbers, uses, agent_ids)
    return carrier_account_view(row, uses.now())


@router.post("/{carrier_account_id}/disable", responses=problem_responses(404, 409))
async def disable_carrier_account(
    carrier_account_id: str, account: Writer, uses: Uses, later: BackgroundTasks
) -> CarrierAccountView:
    """Dial nobody by it, at once. Its token is kept, and calls under way go on to their end.

    Waiting calls move to other numbers of their agent's, or wait with the reason
    `caller_id_barred`: they are dialed by no other account from its numbers. Not the default.
    """
    row, agent_ids = await service.disable(uses, account, carrier_account_id)
    later.add_task(replan_numbers, uses, agent_ids)
    return carrier_account_view(row, uses.now())


@router.post("/{carrier_account_id}/enable", responses=problem_responses(404))
async def enable_carrier_account(
    carrier_account_id: str, account: Writer, uses: Uses, later: BackgroundTasks
) -> CarrierAccountView:
    """Dial by it again. Calls that waited for it decide again."""
    row, agent_ids = await service.enable(uses, account, carrier_account_id)
    later.add_task(replan_numbers, uses, agent_ids)
    return carrier_account_view(row, uses.now())


@router.post("/{carrier_account_id}/rotate-token", responses=problem_responses(404, 409, 422))
async def rotate_carrier_token(
    carrier_account_id: str, body: TokenRequest, account: Writer, uses: Uses
) -> CarrierAccountView:
    """Go on with the next token. For a while callbacks signed with the former are taken as well.

    It is tried at the carrier first. A third one ends the first at once.
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
async def delete_carrier_account(
    carrier_account_id: str, account: Writer, uses: Uses, later: BackgroundTasks
) -> None:
    """Dial by it no more, and forget its token. Refused while a call of it is under way.

    Its numbers are dialed from by the default then, or by the installation's own account.
    """
    agent_ids = await service.delete(uses, account, carrier_account_id)
    later.add_task(replan_numbers, uses, agent_ids)
