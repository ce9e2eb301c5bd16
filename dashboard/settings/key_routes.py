"""/dashboard/settings/keys: who may ask, and for what."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response

from api.accounts import key_service
from api.accounts.key_routes import Reader, Writer
from api.accounts.key_schemas import KeyMade, KeyRequest, KeyRotation
from api.http.actor import By, InHand
from api.http.deps import Services, Uses
from api.http.problems import Problem
from dashboard.forms.form_errors import FormErrors
from dashboard.forms.form_values import as_request
from dashboard.page import back, page
from dashboard.session.session import SignedIn, Who
from policy.accounts.key_scopes import EVERY_SCOPE, beyond
from storage.tables import Account, ApiKey

router = APIRouter(prefix="/settings/keys", route_class=SignedIn)
_HERE = "/dashboard/settings/keys"
_A_PAGE = 50
#: How long a new key lives, and how long the old one still works beside its successor.
LIVES = (("30", "30 days"), ("90", "90 days"), ("365", "a year"), ("", "until it is revoked"))
OVERLAPS = (("PT1H", "an hour"), ("PT24H", "a day"), ("P7D", "a week"))
_FIELDS = (("name", "name"), ("scopes", "scopes"))
Scopes = Annotated[list[str], Form()]


@router.get("")
async def list_keys(
    request: Request,
    account: Reader,
    who: Who,
    uses: Uses,
    skip: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    every: Annotated[bool, Query(alias="all")] = False,
) -> Response:
    """Those that open something, or all that ever were."""
    return await _page(request, uses, account, who.key, skip=skip, every=every)


@router.post("")
async def create_key(
    request: Request,
    account: Writer,
    _reader: Reader,
    asking: InHand,
    by: By,
    uses: Uses,
    scopes: Scopes = [],  # noqa: B006 - FastAPI copies it
    name: Annotated[str, Form(max_length=200)] = "",
    days: Annotated[str, Form(max_length=4)] = "90",
) -> Response:
    """Make a key, and show its secret on this answer only: it travels in no address."""
    try:
        made = await key_service.make(uses, account, asking, by, _body(uses, name, scopes, days))
    except Problem as problem:
        if problem.status != 422:
            raise
        errors = FormErrors.of(problem, _FIELDS)
        typed = {"name": name, "scopes": scopes, "days": days}
        return await _page(request, uses, account, asking, errors=errors, typed=typed)
    return await _shown(request, made)


@router.post("/{key_id}/revoke")
async def revoke_key(key_id: str, request: Request, account: Writer, uses: Uses) -> Response:
    """End a key at once."""
    await key_service.revoke(uses, account, key_id)
    return await back(request, _HERE, "key_revoked")


@router.post("/{key_id}/rotate")
async def rotate_key(
    key_id: str,
    request: Request,
    account: Writer,
    asking: InHand,
    by: By,
    uses: Uses,
    overlap: Annotated[str, Form(max_length=10)] = "PT24H",
) -> Response:
    """Make a key that takes this one's place."""
    known = overlap if overlap in dict(OVERLAPS) else "PT24H"
    made = await key_service.rotate(uses, account, asking, by, key_id, KeyRotation(overlap=known))
    return await _shown(request, made)


def _body(uses: Services, name: str, scopes: list[str], days: str) -> KeyRequest:
    said = {"name": name, "scopes": scopes}
    if days in dict(LIVES) and days:
        said["expiresTime"] = (uses.now() + timedelta(days=int(days))).isoformat()
    return as_request(KeyRequest, said)


async def _shown(request: Request, made: KeyMade) -> Response:
    return await page(request, "settings/key_made.html", made=made)


async def _page(
    request: Request,
    uses: Services,
    account: Account,
    asking: ApiKey,
    *,
    skip: int = 0,
    every: bool = False,
    errors: FormErrors | None = None,
    typed: Mapping[str, object] | None = None,
) -> Response:
    found = await key_service.show(uses, account, skip, _A_PAGE, ended=every)
    ours = sorted(one for one in EVERY_SCOPE if not beyond(asking.scopes, [one]))
    return await page(
        request,
        "settings/keys.html",
        422 if errors else 200,
        found=found,
        skip=skip,
        take=_A_PAGE,
        every=every,
        errors=errors or FormErrors(),
        typed=typed or {"name": "", "scopes": [], "days": "90"},
        scopes=[one for one in ours if not one.endswith("*")],
        whole="*" in ours,
        lives=LIVES,
        overlaps=OVERLAPS,
        own=asking.api_key_id,
    )
