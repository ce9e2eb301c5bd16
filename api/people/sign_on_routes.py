"""/api/v1/single-sign-on: by which provider the account's people sign in."""

from fastapi import APIRouter

from api.http.actor import InHand
from api.http.auth import KeyFirst
from api.http.deps import Uses
from api.http.openapi import problem_responses
from api.people import sign_on_service as service
from api.people.routes import Reader, Writer
from api.people.sign_on_schemas import SignOnRequest, SignOnView

router = APIRouter(
    prefix="/single-sign-on",
    tags=["people"],
    route_class=KeyFirst,
    responses=problem_responses(401, 403, 503),
)


@router.get("", responses=problem_responses(404))
async def get_single_sign_on(account: Reader, uses: Uses) -> SignOnView:
    """The provider, without its secret."""
    return await service.look(uses, account)


@router.put("", responses=problem_responses(409, 422))
async def set_single_sign_on(
    body: SignOnRequest, account: Writer, asking: InHand, uses: Uses
) -> SignOnView:
    """Let people sign in by a provider that speaks OpenID Connect. It is not asked before the
    first of them does.
    """
    return await service.put(uses, account, asking, body)


@router.delete("", status_code=204, responses=problem_responses(404, 409))
async def remove_single_sign_on(account: Writer, asking: InHand, uses: Uses) -> None:
    """People sign in by passwords only."""
    await service.remove(uses, account, asking)
