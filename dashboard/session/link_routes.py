"""/dashboard/sign-in/link: whoever was invited, or has a new link, chooses a password."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from api.http.auth import source_of
from api.http.deps import Services, Uses
from api.http.problems import Problem
from api.people import sign_in as people
from api.people.sign_in import LinkHolder
from dashboard.page import page
from dashboard.session.entry import entered
from dashboard.session.session import PageRoute, keep_sign_in_nonce, sign_in_nonce, signer_of_app
from policy.accounts.passwords import LONGEST, SHORTEST

router = APIRouter(prefix="/sign-in/link", route_class=PageRoute)
Typed = Annotated[str, Form(max_length=500)]


@router.get("/{link}")
async def link_page(request: Request, uses: Uses, link: str) -> Response:
    """The form for a password. Looking at it uses nothing up: programs look at links, too."""
    holder = await people.holder_of_link(uses, link, source_of(request))
    return await _page(request, uses, link, holder, holder.member.name)


@router.post("/{link}")
async def use_link(
    request: Request, uses: Uses, link: str, name: Typed = "", password: Typed = ""
) -> Response:
    """Take the password, and let them in."""
    try:
        found = await people.by_link(uses, link, name[:200], password, source_of(request))
    except Problem as problem:
        if problem.status != 422:
            raise
        holder = await people.holder_of_link(uses, link, source_of(request))
        return await _page(request, uses, link, holder, name, problem)
    return await entered(request, uses, found, "")


async def _page(
    request: Request,
    uses: Services,
    link: str,
    holder: LinkHolder,
    name: str,
    problem: Problem | None = None,
) -> Response:
    nonce = sign_in_nonce(request, uses)
    sign_on = holder.sign_on
    answer = await page(
        request,
        "session/link.html",
        problem.status if problem else 200,
        token=signer_of_app(request).sign_in_token(nonce),
        link=link,
        holder=holder,
        name=name,
        wrong=problem.detail if problem else "",
        shortest=SHORTEST,
        longest=LONGEST,
        provider=f"/dashboard/sign-in/with/{sign_on.sign_on_id}" if sign_on else "",
        takes_password=sign_on is None or not sign_on.is_required,
    )
    keep_sign_in_nonce(answer, uses, nonce)
    return answer
