"""An account's provider of single sign-on: kept, shown, given up."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from api.http.deps import Services
from api.http.problems import Problem, conflict, invalid, no_secret_key, not_found
from api.people.oidc import Client
from api.people.sign_on_schemas import SignOnRequest, SignOnView
from policy.accounts.key_scopes import beyond
from policy.accounts.roles import Role
from storage.accounts import keys, people, single_sign_on
from storage.carriers.sealer import NoSecretKey, Unsealable
from storage.tables import Account, ApiKey, SingleSignOn

CALLBACK_PATH, BEGINS_AT = "/dashboard/sign-in/callback", "/dashboard/sign-in/with/"


async def look(uses: Services, account: Account) -> SignOnView:
    """Raises a 404 Problem where there is none."""
    async with uses.db.read() as session:
        row = await single_sign_on.get(session, account.account_id)
    if row is None:
        raise _none()
    return view(uses, row)


async def put(uses: Services, account: Account, asking: ApiKey, body: SignOnRequest) -> SignOnView:
    """Repeating it changes nothing but the time. Raises a Problem: 403, 422, and 409 where after
    it nobody could take it back."""
    _require_admin(asking)
    if body.issuer.startswith("http://") and not uses.settings.private_sign_on:
        raise invalid("https_required", "issuer", "Must be an address like https://host.")
    now = uses.now()
    async with uses.db.write() as session, _somebody_left(session, account, now):
        row = await single_sign_on.get(session, account.account_id)
        if row is None:
            row = SingleSignOn(
                account_id=account.account_id, issuer="", client_id="", created_time=now
            )
        row.sealed_secret = _sealed(uses, row, body)
        row.issuer, row.client_id = body.issuer, body.client_id
        row.domain = body.domain and body.domain.lower()
        row.domain_role, row.is_required, row.updated_time = body.domain_role, body.is_required, now
        session.add(row)
    return view(uses, row)


async def remove(uses: Services, account: Account, asking: ApiKey) -> None:
    """Nobody signs in by it any more; sessions go on. Raises a Problem: 404 where there is none,
    409 where after it nobody could set another."""
    _require_admin(asking)
    async with uses.db.write() as session, _somebody_left(session, account, uses.now()):
        row = await single_sign_on.get(session, account.account_id)
        if row is None:
            raise _none()
        await session.delete(row)


@asynccontextmanager
async def _somebody_left(
    session: AsyncSession, account: Account, now: datetime
) -> AsyncIterator[None]:
    """Raises a 409 Problem for a change with which the last who may do everything shuts themselves
    out: nobody else could take it back.

    Where nobody could before, it is let through: it may be what lets them in again.
    """
    await people.hold_all(session, account.account_id)
    await keys.hold_all(session, account.account_id)
    were_there = await keys.can_anybody(session, account.account_id, now, Role.ADMIN)
    yield
    await session.flush()
    if were_there and not await keys.can_anybody(session, account.account_id, now, Role.ADMIN):
        detail = "No admin could sign in after that, and no key may do everything. Make one first."
        raise conflict("last_admin", detail)


def client_of(uses: Services, row: SingleSignOn) -> Client:
    """Who we are to the provider; raises a 503 Problem for a secret that cannot be opened."""
    secret = None
    if row.sealed_secret is not None:
        try:
            secret = uses.sealer.open(row.sealed_secret, row.sign_on_id)
        except Unsealable:
            detail = "The provider's secret cannot be opened; whoever runs this has to look."
            raise Problem(503, "no_secret_key", detail, headers={"Retry-After": "60"}) from None
    return Client(row.issuer, row.client_id, secret, redirect_uri(uses))


def redirect_uri(uses: Services) -> str:
    """Where providers send people back to."""
    return _public(uses) + CALLBACK_PATH


def view(uses: Services, row: SingleSignOn) -> SignOnView:
    same = ("sign_on_id", "issuer", "client_id", "domain", "is_required")
    return SignOnView(
        **{name: getattr(row, name) for name in same},
        has_secret=row.sealed_secret is not None,
        domain_role=Role(row.domain_role),
        redirect_uri=redirect_uri(uses),
        sign_in_url=f"{_public(uses)}{BEGINS_AT}{row.sign_on_id}",
        created_time=row.created_time,
        updated_time=row.updated_time,
    )


def _sealed(uses: Services, row: SingleSignOn, body: SignOnRequest) -> str | None:
    if "client_secret" not in body.model_fields_set:
        is_same = (row.issuer, row.client_id) == (body.issuer, body.client_id)
        return row.sealed_secret if is_same else None
    if body.client_secret is None:
        return None
    text = body.client_secret.get_secret_value()
    if not (text.isascii() and text.isprintable() and " " not in text):
        raise invalid("malformed", "clientSecret", "This is no client secret.")
    try:
        return uses.sealer.seal(text, row.sign_on_id)
    except NoSecretKey:
        pass
    raise no_secret_key()


def _require_admin(asking: ApiKey) -> None:
    """Who settles it can come in as anybody."""
    if beyond(asking.scopes, [Role.ADMIN]):
        raise Problem(403, "missing_scope", "Only who may do everything settles single sign-on.")


def _public(uses: Services) -> str:
    return uses.settings.public_url.rstrip("/")


def _none() -> Problem:
    return not_found("single sign-on")
