"""/dashboard/me: who has signed in, what they may do, and their password."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from api.http.actor import InHand
from api.http.deps import Services, Uses
from api.http.problems import Problem
from api.people import sign_in
from api.people.views import me_view
from dashboard.forms.form_errors import FormErrors
from dashboard.page import back, page
from dashboard.session.session import SignedIn, Who, begin
from policy.accounts.passwords import LONGEST, SHORTEST
from policy.accounts.roles import written_out
from storage.accounts import people
from storage.tables import ApiKey, Member

router = APIRouter(prefix="/me", route_class=SignedIn)
_FIELDS = (("current", "current"), ("password", "password"))
Typed = Annotated[str, Form(max_length=500)]


@router.get("")
async def show_me(request: Request, who: Who, uses: Uses) -> Response:
    """Whoever looks."""
    return await _page(request, uses, who.key)


@router.post("/password")
async def change_password(
    request: Request, asking: InHand, uses: Uses, current: Typed = "", password: Typed = ""
) -> Response:
    """Another password: other sessions end, this one begins anew."""
    try:
        key = await sign_in.change_password(uses, asking, current, password)
    except Problem as problem:
        if problem.status not in (409, 422):
            raise
        return await _page(request, uses, asking, FormErrors.of(problem, _FIELDS))
    answer = await back(request, "/dashboard/me", "password_changed")
    begin(request, answer, uses, key)
    return answer


@router.post("/sign-out-everywhere")
async def sign_out_everywhere(request: Request, asking: InHand, uses: Uses) -> Response:
    """All sessions of whoever asks end, this one too; a key's are ended with the key."""
    await sign_in.end_sessions(uses, asking)
    return await back(request, "/dashboard/sign-in", "signed_out_everywhere")


async def _page(
    request: Request, uses: Services, key: ApiKey, errors: FormErrors | None = None
) -> Response:
    member = await _member(uses, key)
    return await page(
        request,
        "people/me.html",
        422 if errors else 200,
        me=me_view(request.state.holder[0], key),
        member=member,
        scopes=sorted(written_out(key.scopes)),
        errors=errors or FormErrors(),
        shortest=SHORTEST,
        longest=LONGEST,
    )


async def _member(uses: Services, key: ApiKey) -> Member | None:
    if key.member_id is None:
        return None
    async with uses.db.read() as session:
        return await people.get(session, key.account_id, key.member_id)
