"""People invited, given roles, kept out, let in again, deleted, for the API and for the pages."""

from datetime import timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from api.http.deps import Services
from api.http.problems import Problem, conflict, invalid, not_found
from api.people.schemas import Invitation, MemberList, MemberMade, MemberPatch, MemberView
from api.people.views import member_made, member_view
from policy.accounts.key_scopes import beyond
from policy.accounts.roles import Role
from storage.accounts import people
from storage.tables import Account, ApiKey, Member

#: How long a link works: the one that invites, and the one that replaces a password.
INVITES_FOR, RESETS_FOR = timedelta(days=7), timedelta(days=1)


async def show(
    uses: Services, account: Account, skip: int, take: int, *, disabled: bool
) -> MemberList:
    """A page of the account's people, by name."""
    async with uses.db.read() as session:
        rows, total = await people.page(session, account.account_id, skip, take, disabled=disabled)
        keys, ways = await people.keys_of(session, rows), await people.ways_in(session, rows)
    shown = [member_view(uses, row, keys.get(row.member_id), ways[row.member_id]) for row in rows]
    return MemberList(people=shown, total=total)


async def look(uses: Services, account: Account, member_id: str) -> MemberView:
    """One of them; raises a 404 Problem."""
    async with uses.db.read() as session:
        row = await people.get(session, account.account_id, member_id)
        if row is None:
            raise _unknown()
        return await _view(uses, session, row, await people.key_of(session, member_id))


async def invite(
    uses: Services, account: Account, asking: ApiKey, by: str, body: Invitation
) -> MemberMade:
    """Somebody new, with a link that lets them in."""
    _require_own(asking, body.role, "role")
    now, email = uses.now(), body.email.lower()
    async with uses.db.write() as session:
        await people.hold_all(session, account.account_id)
        if await people.with_email(session, account.account_id, email) is not None:
            raise invalid("taken", "email", "Somebody with this address is here already.")
        row = Member(
            account_id=account.account_id,
            email=email,
            name=body.name or email.partition("@")[0],
            role=body.role,
            created_by=by,
            created_time=now,
        )
        link = people.new_link(row, now + INVITES_FOR)
        session.add(row)
        await session.flush()
        return member_made(uses, await _view(uses, session, row, None), link)


async def change(
    uses: Services, account: Account, asking: ApiKey, member_id: str, body: MemberPatch
) -> MemberView:
    """Another name or role. With the role their sessions end."""
    said = body.model_fields_set
    async with uses.db.write() as session:
        row = await _held(session, account, asking, member_id)
        key = await people.key_of(session, member_id)
        if "name" in said:
            row.name = body.name
        if "role" in said and body.role != row.role:
            _require_own(asking, body.role, "role")
            await _require_other_admin(session, row)
            row.role = body.role
            if key is not None:
                await people.renew(session, row, key)
        if key is not None:
            key.name = row.name
            session.add(key)
        session.add(row)
        return await _view(uses, session, row, key)


async def disable(uses: Services, account: Account, asking: ApiKey, member_id: str) -> MemberView:
    """From now on they are kept out; repeating it changes nothing."""
    async with uses.db.write() as session:
        row = await _held(session, account, asking, member_id)
        key = await people.key_of(session, member_id)
        if row.disabled_time is None:
            await _require_other_admin(session, row)
            row.disabled_time = uses.now()
            people.without_link(row)
            await _save(session, row, key)
        return await _view(uses, session, row, key)


async def enable(uses: Services, account: Account, asking: ApiKey, member_id: str) -> MemberView:
    """They may sign in again, as they did before; repeating it changes nothing."""
    async with uses.db.write() as session:
        row = await _held(session, account, asking, member_id)
        key = await people.key_of(session, member_id)
        if row.disabled_time is not None:
            row.disabled_time = None
            await _save(session, row, key)
        return await _view(uses, session, row, key)


async def reset(uses: Services, account: Account, asking: ApiKey, member_id: str) -> MemberMade:
    """A new link. What they signed in with opens nothing any more, and their sessions end."""
    now = uses.now()
    async with uses.db.write() as session:
        row = await _held(session, account, asking, member_id)
        if row.disabled_time is not None:
            raise conflict("disabled", "They are kept out. Enable them first.")
        row.password_hash = row.password_time = row.issuer = row.subject = None
        lasts = INVITES_FOR if row.joined_time is None else RESETS_FOR
        link = people.new_link(row, now + lasts)
        key = await people.key_of(session, member_id)
        await _save(session, row, key)
        return member_made(uses, await _view(uses, session, row, key), link)


async def sign_out(uses: Services, account: Account, asking: ApiKey, member_id: str) -> MemberView:
    """All of their sessions end; they may sign in again at once."""
    async with uses.db.write() as session:
        row = await _held(session, account, asking, member_id)
        key = await people.key_of(session, member_id)
        await _save(session, row, key)
        return await _view(uses, session, row, key)


async def delete(uses: Services, account: Account, asking: ApiKey, member_id: str) -> None:
    """As if they had never been invited; the audit log keeps what they did."""
    async with uses.db.write() as session:
        row = await _held(session, account, asking, member_id)
        await _require_other_admin(session, row)
        await people.delete(session, row)


async def _view(
    uses: Services, session: AsyncSession, row: Member, key: ApiKey | None
) -> MemberView:
    await session.flush()
    ways = await people.ways_in(session, [row])
    return member_view(uses, row, key, ways[row.member_id])


async def _save(session: AsyncSession, row: Member, key: ApiKey | None) -> None:
    session.add(row)
    if key is not None:
        await people.renew(session, row, key)


async def _held(session: AsyncSession, account: Account, asking: ApiKey, member_id: str) -> Member:
    """Raises a Problem: 404, and 403 for somebody who may do more than whoever asks.

    Else a key for people could make an admin of itself, by the link of a reset.
    """
    row = await people.hold(session, account.account_id, member_id)
    if row is None:
        raise _unknown()
    _require_own(asking, Role(row.role), "")
    return row


def _require_own(asking: ApiKey, role: Role, field: str) -> None:
    if not beyond(asking.scopes, [role]):
        return
    detail = f"Whoever asks may not do all that the role {role} may."
    raise (
        invalid("beyond_own_scopes", field, detail)
        if field
        else Problem(403, "missing_scope", detail)
    )


async def _require_other_admin(session: AsyncSession, row: Member) -> None:
    if await people.is_last_admin(session, row):
        detail = "No other admin could sign in. Make somebody else an admin first."
        raise conflict("last_admin", detail)


def _unknown() -> Problem:
    return not_found("person")
