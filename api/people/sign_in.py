"""How people come in: by password, by a link that works once, by their provider of single sign-on.

Each gives the key that stands for them, of which `dashboard.session` makes a session.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlmodel.ext.asyncio.session import AsyncSession

from api.http.actor import entry
from api.http.deps import Services
from api.http.problems import Problem, conflict, invalid, not_found
from api.people.oidc import Identity
from policy.accounts.passwords import LONGEST, complaint
from storage.accounts import accounts, audit_log, people, single_sign_on
from storage.accounts.password_hash import hash_password, is_password
from storage.tables import Account, ApiKey, Member, SingleSignOn

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class LinkHolder:
    """Whoever has a link that still works."""

    member: Member
    account: Account
    sign_on: SingleSignOn | None


async def by_password(
    uses: Services, email: str, password: str, account: str, source: str
) -> tuple[Account, ApiKey]:
    """Raises a Problem: 401 for a pair that opens nothing, 429 after too many.

    One hash is worked out whoever it is, known or not. `account`: the name or id of the one that
    is meant by somebody who works in several.
    """
    email = email.strip().lower()
    uses.doors.turn_away(uses.settings, source)
    uses.doors.take_password(uses.settings, email)
    async with uses.db.read() as session:
        found = _meant(await people.with_password(session, email), account.strip())
    kept = None if found is None else found[0].password_hash
    is_right = await _worked_out(uses, lambda: is_password(password[: LONGEST + 1], kept))
    if found is None or not is_right:
        uses.doors.note_stranger(uses.settings, source)
        raise Problem(401, "wrong_password", "Address and password do not belong together.")
    return found[1], found[2]


def _meant(
    found: Sequence[tuple[Member, Account, ApiKey]], account: str
) -> tuple[Member, Account, ApiKey] | None:
    if account:
        said = account.casefold()
        found = [
            one for one in found if said in (one[1].name.casefold(), one[1].account_id.casefold())
        ]
    return found[-1] if found else None


async def holder_of_link(uses: Services, link: str, source: str) -> LinkHolder:
    """Raises a Problem: 404 for one that is used or over, 429 after too many."""
    uses.doors.turn_away(uses.settings, source)
    async with uses.db.read() as session:
        member = await people.with_link(session, link, uses.now())
        if member is not None:
            account = await accounts.get(session, member.account_id)
            assert account is not None
            sign_on = await single_sign_on.get(session, member.account_id)
            return LinkHolder(member, account, sign_on)
    uses.doors.note_stranger(uses.settings, source)
    raise _no_link()


async def by_link(
    uses: Services, link: str, name: str, password: str, source: str
) -> tuple[Account, ApiKey]:
    """They have chosen a password: the link is used up, and they are in. Raises a Problem."""
    holder = await holder_of_link(uses, link, source)
    if holder.sign_on is not None and holder.sign_on.is_required:
        raise conflict("single_sign_on_required", "Here one comes in by single sign-on only.")
    _require_good(password, [holder.member.email, name, holder.account.name])
    kept = await _worked_out(uses, lambda: hash_password(password))
    now = uses.now()
    async with uses.db.write() as session:
        await people.hold_all(session, holder.account.account_id)
        # Once more: of two at once the second finds it used.
        member = await people.with_link(session, link, now)
        if member is None:
            raise _no_link()
        if name.strip():
            member.name = name.strip()
        member.password_hash, member.password_time = kept, now
        what = "join_account" if member.joined_time is None else "choose_password"
        key = await people.join(session, member, now)
        await audit_log.record(session, entry(key, now, "page", what, member.member_id))
    return holder.account, key


async def change_password(uses: Services, key: ApiKey, current: str, new: str) -> ApiKey:
    """Another one of whoever has signed in. All of their sessions end; the key begins a new one."""
    member_id, account_id = key.member_id, key.account_id
    if member_id is None:
        raise conflict("no_password", "A key has no password.")
    async with uses.db.read() as session:
        member = await people.get(session, account_id, member_id)
    if member is None or member.password_hash is None:
        raise conflict("no_password", "You sign in without a password here.")
    uses.doors.take_password(uses.settings, member.email)
    kept = member.password_hash
    if not await _worked_out(uses, lambda: is_password(current[: LONGEST + 1], kept)):
        raise invalid("wrong_password", "current", "This is not your password.")
    _require_good(new, [member.email, member.name])
    made = await _worked_out(uses, lambda: hash_password(new))
    async with uses.db.write() as session:
        member = await people.hold(session, account_id, member_id)
        found = await people.key_of(session, member_id)
        if member is None or found is None or member.password_hash != kept:
            raise conflict("changed_meanwhile", "It was changed meanwhile. Sign in again.")
        member.password_hash, member.password_time = made, uses.now()
        session.add(member)
        return await people.renew(session, member, found)


async def end_sessions(uses: Services, key: ApiKey) -> None:
    """All of those of whoever has signed in; raises a 409 Problem for a key, which is no person."""
    if key.member_id is None:
        raise conflict("no_person", "You have signed in with a key: revoke it to end its sessions.")
    async with uses.db.write() as session:
        member = await people.hold(session, key.account_id, key.member_id)
        found = await people.key_of(session, key.member_id)
        if member is not None and found is not None:
            await people.renew(session, member, found)


async def by_identity(
    uses: Services, sign_on: SingleSignOn, who: Identity
) -> tuple[Account, ApiKey]:
    """Whom the account's provider vouches for; raises a 403 Problem for whoever may not come in."""
    now, account_id = uses.now(), sign_on.account_id
    async with uses.db.write() as session:
        await people.hold_all(session, account_id)
        account = await accounts.get(session, account_id)
        assert account is not None
        sign_on = await _still(session, sign_on)
        member = await _known_as(session, account_id, who) or _newcomer(sign_on, who, now)
        if member is None or member.disabled_time is not None:
            detail = "You are not among this account's people. Ask an admin to invite you."
            raise Problem(403, "not_invited", detail)
        member.issuer, member.subject = who.issuer, who.subject
        session.add(member)
        await session.flush()
        key = await people.key_of(session, member.member_id)
        if key is None:
            key = await people.join(session, member, now)
            said = entry(key, now, "page", "join_account", member.member_id)
            await audit_log.record(session, said)
    return account, key


async def _still(session: AsyncSession, begun: SingleSignOn) -> SingleSignOn:
    """As it is set now; the provider was asked in between, and may be none of the account's."""
    now = await single_sign_on.get(session, begun.account_id)
    if now is None or (now.issuer, now.client_id) != (begun.issuer, begun.client_id):
        raise Problem(403, "not_invited", "Single sign-on was changed meanwhile. Begin again.")
    return now


async def _known_as(session: AsyncSession, account_id: str, who: Identity) -> Member | None:
    """By what the provider calls them, which never changes; the first time by their address."""
    known = await people.with_subject(session, account_id, who.issuer, who.subject)
    if known is not None:
        return known
    member = await people.with_email(session, account_id, who.email)
    if member is not None and member.subject is not None and member.issuer == who.issuer:
        detail = "Your provider knew somebody else by this address. Ask an admin to reset you."
        raise Problem(403, "other_identity", detail)
    return member


def _newcomer(sign_on: SingleSignOn, who: Identity, now: datetime) -> Member | None:
    if sign_on.domain is None or who.email.rpartition("@")[2] != sign_on.domain:
        return None
    return Member(
        account_id=sign_on.account_id,
        email=who.email,
        name=who.name or who.email.partition("@")[0],
        role=sign_on.domain_role,
        created_by="single sign-on",
        created_time=now,
    )


def _require_good(password: str, known: list[str]) -> None:
    wrong = complaint(password, known)
    if wrong is not None:
        raise invalid("weak_password", "password", wrong)


async def _worked_out(uses: Services, work: Callable[[], T]) -> T:
    async with uses.doors.one_password():
        return await asyncio.to_thread(work)


def _no_link() -> Problem:
    problem = not_found("link")
    problem.detail = "This link was used, or its time is over. Ask an admin for another."
    return problem
