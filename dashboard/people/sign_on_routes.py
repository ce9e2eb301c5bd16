"""/dashboard/settings/single-sign-on: by which provider people sign in."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response

from api.http.actor import InHand
from api.http.deps import Services, Uses
from api.http.problems import Problem
from api.people import sign_on_service as service
from api.people.routes import Reader, Writer
from api.people.sign_on_schemas import SignOnRequest, SignOnView
from dashboard.forms.form_errors import FormErrors
from dashboard.forms.form_values import as_request
from dashboard.page import back, if_any, page
from dashboard.people.people_routes import ROLES
from dashboard.session.session import SignedIn
from policy.accounts.key_scopes import beyond
from policy.accounts.roles import Role
from storage.tables import ApiKey

router = APIRouter(prefix="/settings/single-sign-on", route_class=SignedIn)
_HERE = "/dashboard/settings/single-sign-on"
_FIELDS = (
    ("issuer", "issuer"),
    ("clientId", "client_id"),
    ("clientSecret", "client_secret"),
    ("domainRole", "domain_role"),
    ("domain", "domain"),
)
Typed = Annotated[str, Form(max_length=600)]


@router.get("")
async def show_single_sign_on(
    request: Request, account: Reader, asking: InHand, uses: Uses
) -> Response:
    """What is set, and what the provider has to be told of us."""
    found = await if_any(service.look(uses, account))
    return await _page(request, uses, asking, found, _typed(found))


@router.post("")
async def set_single_sign_on(
    request: Request,
    account: Writer,
    _reader: Reader,
    asking: InHand,
    uses: Uses,
    issuer: Typed = "",
    client_id: Typed = "",
    client_secret: Typed = "",
    domain: Typed = "",
    domain_role: Typed = "viewer",
    is_required: Typed = "",
) -> Response:
    """Set all of it. An empty secret is the one that is kept."""
    typed = {
        "issuer": issuer.strip(),
        "client_id": client_id.strip(),
        "domain": domain.strip(),
        "domain_role": domain_role,
        "is_required": is_required,
    }
    try:
        body = _body(typed, client_secret.strip())
        await service.put(uses, account, asking, body)
    except Problem as problem:
        if problem.status not in (409, 422):
            raise
        errors = FormErrors.of(problem, _FIELDS)
        found = await if_any(service.look(uses, account))
        return await _page(request, uses, asking, found, typed, errors)
    return await back(request, _HERE, "sign_on_set")


@router.post("/remove")
async def remove_single_sign_on(
    request: Request, account: Writer, asking: InHand, uses: Uses
) -> Response:
    """Passwords only, from now on."""
    await service.remove(uses, account, asking)
    return await back(request, _HERE, "sign_on_removed")


def _body(typed: Mapping[str, str], secret: str) -> SignOnRequest:
    said: dict[str, Any] = {
        "issuer": typed["issuer"],
        "clientId": typed["client_id"],
        "domain": typed["domain"] or None,
        "domainRole": typed["domain_role"],
        "isRequired": bool(typed["is_required"]),
    }
    if secret:
        said["clientSecret"] = secret
    return as_request(SignOnRequest, said)


def _typed(found: SignOnView | None) -> Mapping[str, str]:
    if found is None:
        return {"issuer": "", "client_id": "", "domain": "", "domain_role": "viewer",
                "is_required": ""}  # fmt: skip
    return {
        "issuer": found.issuer,
        "client_id": found.client_id,
        "domain": found.domain or "",
        "domain_role": found.domain_role,
        "is_required": "yes" if found.is_required else "",
    }


async def _page(
    request: Request,
    uses: Services,
    asking: ApiKey,
    found: SignOnView | None,
    typed: Mapping[str, str],
    errors: FormErrors | None = None,
) -> Response:
    return await page(
        request,
        "people/single_sign_on.html",
        422 if errors else 200,
        found=found,
        typed=typed,
        errors=errors or FormErrors(),
        roles=[(str(role), title) for role, title in ROLES],
        may_set=not beyond(asking.scopes, [Role.ADMIN]),
        redirect_uri=service.redirect_uri(uses),
    )
