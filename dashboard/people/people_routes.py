"""/dashboard/settings/people: who works in the account, and what each may do."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response

from api.http.actor import By, InHand
from api.http.deps import Services, Uses
from api.http.problems import Problem
from api.people import service
from api.people.routes import Reader, Writer
from api.people.schemas import Invitation, MemberMade, MemberPatch
from dashboard.forms.form_errors import FormErrors
from dashboard.forms.form_values import as_request
from dashboard.page import back, page
from dashboard.session.session import SignedIn
from policy.accounts.key_scopes import beyond
from policy.accounts.roles import Role
from storage.accounts import single_sign_on
from storage.tables import Account, ApiKey

router = APIRouter(prefix="/settings/people", route_class=SignedIn)
_HERE = "/dashboard/settings/people"
_A_PAGE = 50
_FIELDS = (("email", "email"), ("name", "name"), ("role", "role"))
ROLES = (
    (Role.VIEWER, "viewer: sees"),
    (Role.OPERATOR, "operator: works with calls"),
    (Role.ADMIN, "admin: settles everything"),
)
Typed = Annotated[str, Form(max_length=300)]


@router.get("")
async def list_people(
    request: Request,
    account: Reader,
    asking: InHand,
    uses: Uses,
    skip: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    every: Annotated[bool, Query(alias="all")] = False,
) -> Response:
    """Those who may come in, or all."""
    return await _page(request, uses, account, asking, skip=skip, every=every)


@router.post("")
async def invite_person(
    request: Request,
    account: Writer,
    _reader: Reader,
    asking: InHand,
    by: By,
    uses: Uses,
    email: Typed = "",
    name: Typed = "",
    role: Typed = "",
) -> Response:
    """Invite somebody, and show their link on this answer only: it travels in no address."""
    typed = {"email": email.strip(), "name": name.strip(), "role": role}
    try:
        made = await service.invite(uses, account, asking, by, _body(typed))
    except Problem as problem:
        if problem.status != 422:
            raise
        errors = FormErrors.of(problem, _FIELDS)
        return await _page(request, uses, account, asking, errors=errors, typed=typed)
    return await _shown(request, made)


@router.post("/{member_id}/role")
async def change_person(
    member_id: str, request: Request, account: Writer, asking: InHand, uses: Uses, role: Typed = ""
) -> Response:
    """Another role."""
    patch = as_request(MemberPatch, {"role": role})
    await service.change(uses, account, asking, member_id, patch)
    return await back(request, _HERE, "role_changed")


@router.post("/{member_id}/disable")
async def disable_person(
    member_id: str, request: Request, account: Writer, asking: InHand, uses: Uses
) -> Response:
    """Keep somebody out."""
    await service.disable(uses, account, asking, member_id)
    return await back(request, _HERE, "person_disabled")


@router.post("/{member_id}/enable")
async def enable_person(
    member_id: str, request: Request, account: Writer, asking: InHand, uses: Uses
) -> Response:
    """Let somebody in again."""
    await service.enable(uses, account, asking, member_id)
    return await back(request, _HERE, "person_enabled")


@router.post("/{member_id}/sign-out")
async def sign_person_out(
    member_id: str, request: Request, account: Writer, asking: InHand, uses: Uses
) -> Response:
    """End somebody's sessions."""
    await service.sign_out(uses, account, asking, member_id)
    return await back(request, _HERE, "person_signed_out")


@router.post("/{member_id}/delete")
async def delete_person(
    member_id: str, request: Request, account: Writer, asking: InHand, uses: Uses
) -> Response:
    """Delete somebody."""
    await service.delete(uses, account, asking, member_id)
    return await back(request, _HERE, "person_deleted")


@router.post("/{member_id}/reset")
async def reset_person(
    member_id: str, request: Request, account: Writer, asking: InHand, uses: Uses
) -> Response:
    """A new link, shown on this answer only."""
    return await _shown(request, await service.reset(uses, account, asking, member_id))


def _body(typed: Mapping[str, str]) -> Invitation:
    return as_request(Invitation, {name: said for name, said in typed.items() if said})


async def _shown(request: Request, made: MemberMade) -> Response:
    return await page(request, "people/link_made.html", made=made)


async def _page(
    request: Request,
    uses: Services,
    account: Account,
    asking: ApiKey,
    *,
    skip: int = 0,
    every: bool = False,
    errors: FormErrors | None = None,
    typed: Mapping[str, str] | None = None,
) -> Response:
    found = await service.show(uses, account, skip, _A_PAGE, disabled=every)
    async with uses.db.read() as session:
        sign_on = await single_sign_on.get(session, account.account_id)
    return await page(
        request,
        "people/people.html",
        422 if errors else 200,
        found=found,
        skip=skip,
        take=_A_PAGE,
        every=every,
        errors=errors or FormErrors(),
        typed=typed or {"email": "", "name": "", "role": "operator"},
        # Nobody gives a role, or touches somebody with one, that may do more than they.
        roles=[(str(role), title) for role, title in ROLES if not beyond(asking.scopes, [role])],
        own=asking.member_id,
        domain=sign_on and sign_on.domain,
    )
