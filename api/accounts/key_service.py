"""Keys made, ended and replaced, for the API and for the pages of the dashboard."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from api.accounts.key_schemas import (
    KeyList,
    KeyMade,
    KeyRequest,
    KeyRotation,
    KeyView,
    key_made,
    key_view,
)
from api.http.deps import Services
from api.http.problems import Problem, conflict, invalid, not_found
from policy.accounts.key_scopes import beyond, is_live, overlap_ends, successor_ends
from storage.accounts import accounts, keys
from storage.tables import Account, ApiKey
from storage.tables.specs import duration


async def show(uses: Services, account: Account, skip: int, take: int, *, ended: bool) -> KeyList:
    """A page of the account's keys, the newest first."""
    async with uses.db.read() as session:
        rows, total = await keys.page(
            session, account.account_id, uses.now(), skip, take, ended=ended
        )
    return KeyList(keys=[_view(uses, row) for row in rows], total=total)


async def look(uses: Services, account: Account, key_id: str) -> KeyView:
    """One key; raises a 404 Problem."""
    async with uses.db.read() as session:
        row = await keys.get(session, account.account_id, key_id)
    if row is None:
        raise not_found("key")
    return _view(uses, row)


async def make(
    uses: Services, account: Account, asking: ApiKey, by: str, body: KeyRequest
) -> KeyMade:
    """A new key, with no more scopes than the asking one has."""
    now = uses.now()
    _require_own(asking, body.scopes, "scopes")
    _require_future(body.expires_time, now)
    async with uses.db.write() as session:
        row, secret = await accounts.new_key(
            session,
            account.account_id,
            body.name,
            list(dict.fromkeys(body.scopes)),
            now,
            created_by=by,
            expires=body.expires_time,
        )
    return key_made(row, secret)


async def revoke(uses: Services, account: Account, key_id: str) -> KeyView:
    """From now on it opens nothing, its sessions included; repeating it changes nothing."""
    now = uses.now()
    async with uses.db.write() as session:
        row = await _held(session, account, key_id)
        if row.revoked_time is None:
            if is_live(None, row.expires_time, now) and await keys.is_last(session, row, now):
                raise conflict(
                    "last_key", "No other key may make keys. Make one, then revoke this one."
                )
            row.revoked_time = now
            session.add(row)
    return _view(uses, row)


async def rotate(
    uses: Services, account: Account, asking: ApiKey, by: str, key_id: str, body: KeyRotation
) -> KeyMade:
    """A key like this one, which ends after the overlap."""
    now = uses.now()
    _require_future(body.expires_time, now)
    async with uses.db.write() as session:
        row = await _held(session, account, key_id)
        _require_rotatable(row, now)
        _require_own(asking, row.scopes, "")
        expires = body.expires_time or successor_ends(row.created_time, row.expires_time, now)
        new, secret = await accounts.new_key(
            session,
            account.account_id,
            row.name,
            row.scopes,
            now,
            created_by=by,
            expires=expires,
        )
        row.replaced_by = new.api_key_id
        row.expires_time = overlap_ends(row.expires_time, now, duration(body.overlap))
        session.add(row)
    return key_made(new, secret)


def _require_rotatable(row: ApiKey, now: datetime) -> None:
    if not is_live(row.revoked_time, row.expires_time, now):
        raise conflict("key_ended", "The key opens nothing any more. Make a new one.")
    if row.replaced_by is not None:
        raise conflict("already_rotated", "A key that takes its place was made already.")


def _require_own(asking: ApiKey, scopes: list[str], field: str) -> None:
    """Nobody makes a key that may do more than they may themselves."""
    more = beyond(asking.scopes, scopes)
    if more:
        detail = f"The API key lacks {', '.join(more)}, and cannot give it to another."
        if field:
            raise invalid("beyond_own_scopes", field, detail)
        raise Problem(403, "missing_scope", detail)


def _require_future(expires: datetime | None, now: datetime) -> None:
    if expires is not None and expires <= now:
        raise invalid("out_of_range", "expiresTime", "Must be in the future.")


async def _held(session: AsyncSession, account: Account, key_id: str) -> ApiKey:
    row = await keys.hold(session, account.account_id, key_id)
    if row is None:
        raise not_found("key")
    return row


def _view(uses: Services, row: ApiKey) -> KeyView:
    return key_view(row, uses.key_uses.latest(row.api_key_id, row.used_time))
