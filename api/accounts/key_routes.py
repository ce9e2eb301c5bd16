"""/api/v1/keys: who may ask, and for what."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from api.accounts import key_service
from api.accounts.key_schemas import KeyList, KeyMade, KeyRequest, KeyRotation, KeyView
from api.http.actor import By, InHand
from api.http.auth import KeyFirst, requires
from api.http.deps import Skip, Take, Uses
from api.http.openapi import located, problem_responses
from storage.tables import Account

router = APIRouter(
    prefix="/keys",
    tags=["keys"],
    route_class=KeyFirst,
    responses=problem_responses(401, 403, 503),
)

Reader = Annotated[Account, Depends(requires("keys:read"))]
Writer = Annotated[Account, Depends(requires("keys:write"))]
Ended = Annotated[
    bool, Query(alias="includeEnded", description="Those that are revoked or over, too.")
]


@router.get("", responses=problem_responses(422))
async def list_keys(
    account: Reader, uses: Uses, ended: Ended = False, skip: Skip = 0, take: Take = 20
) -> KeyList:
    """The account's keys, the newest first."""
    return await key_service.show(uses, account, skip, take, ended=ended)


@router.post("", status_code=201, responses={**located(201), **problem_responses(422)})
async def create_key(
    body: KeyRequest, account: Writer, asking: InHand, by: By, uses: Uses, response: Response
) -> KeyMade:
    """Make a key. Its secret is shown this once; keep it."""
    made = await key_service.make(uses, account, asking, by, body)
    response.headers["Location"] = f"/api/v1/keys/{made.key_id}"
    _keep_out_of_caches(response)
    return made


@router.get("/{key_id}", responses=problem_responses(404))
async def get_key(key_id: str, account: Reader, uses: Uses) -> KeyView:
    """One key, without its secret."""
    return await key_service.look(uses, account, key_id)


@router.delete("/{key_id}", responses=problem_responses(404, 409))
async def revoke_key(key_id: str, account: Writer, uses: Uses) -> KeyView:
    """End a key at once, and the sessions that were opened with it. It stays on record."""
    return await key_service.revoke(uses, account, key_id)


@router.post(
    "/{key_id}/rotate",
    status_code=201,
    responses={**located(201), **problem_responses(404, 409, 422)},
)
async def rotate_key(
    key_id: str,
    account: Writer,
    asking: InHand,
    by: By,
    uses: Uses,
    response: Response,
    body: KeyRotation | None = None,
) -> KeyMade:
    """Make a key that takes this one's place. Both work until the overlap is over."""
    made = await key_service.rotate(uses, account, asking, by, key_id, body or KeyRotation())
    response.headers["Location"] = f"/api/v1/keys/{made.key_id}"
    _keep_out_of_caches(response)
    return made


def _keep_out_of_caches(response: Response) -> None:
    response.headers["Cache-Control"] = "no-store"
