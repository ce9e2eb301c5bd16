"""/api/v1/people and /api/v1/me: who works in the account, and who asks."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from api.http.actor import By, InHand
from api.http.auth import Credentials, KeyFirst, requires
from api.http.deps import Skip, Take, Uses
from api.http.openapi import located, problem_responses
from api.people import service
from api.people.schemas import Invitation, Me, MemberList, MemberMade, MemberPatch, MemberView
from api.people.views import me_view
from storage.tables import Account

router = APIRouter(
    tags=["people"], route_class=KeyFirst, responses=problem_responses(401, 403, 503)
)

Reader = Annotated[Account, Depends(requires("people:read"))]
Writer = Annotated[Account, Depends(requires("people:write"))]
Disabled = Annotated[
    bool, Query(alias="includeDisabled", description="Those that are kept out, too.")
]


@router.get("/me")
async def get_me(request: Request, _documented: Credentials) -> Me:
    """Who asks, and what they may do."""
    return me_view(*request.state.holder)


@router.get("/people", responses=problem_responses(422))
async def list_people(
    account: Reader, uses: Uses, disabled: Disabled = False, skip: Skip = 0, take: Take = 20
) -> MemberList:
    """The account's people, by name."""
    return await service.show(uses, account, skip, take, disabled=disabled)


@router.post("/people", status_code=201, responses={**located(201), **problem_responses(422)})
async def invite_person(
    body: Invitation, account: Writer, asking: InHand, by: By, uses: Uses, response: Response
) -> MemberMade:
    """Invite somebody. Nothing is mailed: give them the link, which is shown this once."""
    made = await service.invite(uses, account, asking, by, body)
    response.headers["Location"] = f"/api/v1/people/{made.member_id}"
    _keep_out_of_caches(response)
    return made


@router.get("/people/{member_id}", responses=problem_responses(404))
async def get_person(member_id: str, account: Reader, uses: Uses) -> MemberView:
    """One of them."""
    return await service.look(uses, account, member_id)


@router.patch("/people/{member_id}", responses=problem_responses(404, 409, 422))
async def change_person(
    member_id: str, body: MemberPatch, account: Writer, asking: InHand, uses: Uses
) -> MemberView:
    """Change name or role. Another role ends their sessions. The last admin stays one."""
    return await service.change(uses, account, asking, member_id, body)


@router.post("/people/{member_id}/disable", responses=problem_responses(404, 409))
async def disable_person(member_id: str, account: Writer, asking: InHand, uses: Uses) -> MemberView:
    """Keep somebody out, at once and in all sessions. Not the last admin."""
    return await service.disable(uses, account, asking, member_id)


@router.post("/people/{member_id}/enable", responses=problem_responses(404))
async def enable_person(member_id: str, account: Writer, asking: InHand, uses: Uses) -> MemberView:
    """Let somebody in again."""
    return await service.enable(uses, account, asking, member_id)


@router.post("/people/{member_id}/sign-out", responses=problem_responses(404))
async def sign_person_out(
    member_id: str, account: Writer, asking: InHand, uses: Uses
) -> MemberView:
    """End all of their sessions. They may sign in again; keys that they have made go on."""
    return await service.sign_out(uses, account, asking, member_id)


@router.delete("/people/{member_id}", status_code=204, responses=problem_responses(404, 409))
async def delete_person(member_id: str, account: Writer, asking: InHand, uses: Uses) -> None:
    """Delete somebody, and end all of their sessions. Not the last admin.

    Their address may be invited again. The audit log keeps what they did, under their name. Whoever
    may join by single sign-on and its `domain` can come in anew: keep them out instead.
    """
    await service.delete(uses, account, asking, member_id)


@router.post("/people/{member_id}/reset", responses=problem_responses(404, 409))
async def reset_person(
    member_id: str, account: Writer, asking: InHand, uses: Uses, response: Response
) -> MemberMade:
    """A new link, with which they choose a password: it is shown this once.

    The former password and link open nothing any more, and their sessions end.
    """
    made = await service.reset(uses, account, asking, member_id)
    _keep_out_of_caches(response)
    return made


def _keep_out_of_caches(response: Response) -> None:
    response.headers["Cache-Control"] = "no-store"
