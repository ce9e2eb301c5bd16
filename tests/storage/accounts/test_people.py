"""People: their keys, links and sessions, on both databases, each within their account."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from storage.accounts import accounts, keys, people, single_sign_on
from storage.accounts.accounts import hash_key
from storage.database.engine import Database
from storage.tables import Account, ApiKey, Member, SingleSignOn
from tests.storage.make import NOW

LASTS = timedelta(days=7)


async def member(db: Database, account: Account, email: str, role: str = "operator") -> Member:
    async with db.write() as session:
        row = Member(
            account_id=account.account_id, email=email, name="Ada", role=role, created_time=NOW
        )
        session.add(row)
        await session.flush()
    return row


async def account(db: Database, name: str = "one") -> Account:
    async with db.write() as session:
        row = Account(name=name, created_time=NOW)
        session.add(row)
        await session.flush()
    return row


async def join(db: Database, row: Member, password: str | None = None) -> ApiKey:
    async with db.write() as session:
        found = await people.hold(session, row.account_id, row.member_id)
        assert found is not None
        found.password_hash = password
        return await people.join(session, found, NOW)


async def sign_on(
    db: Database,
    owner: Account,
    *,
    is_set: bool = True,
    issuer: str = "https://login.example.com",
    is_required: bool = False,
) -> str:
    """The account's provider, in the place of the one before; gives its issuer."""
    async with db.write() as session:
        row = await single_sign_on.get(session, owner.account_id)
        if row is not None:
            await session.delete(row)
            await session.flush()
        if is_set:
            made = SingleSignOn(
                account_id=owner.account_id,
                issuer=issuer,
                client_id="trunkline",
                is_required=is_required,
                created_time=NOW,
                updated_time=NOW,
            )
            session.add(made)
    return issuer


async def known_as(db: Database, row: Member, issuer: str) -> None:
    async with db.write() as session:
        found = await people.hold(session, row.account_id, row.member_id)
        assert found is not None
        found.issuer, found.subject = issuer, "of-the-provider"
        session.add(found)


async def ways(db: Database, row: Member) -> list[str]:
    async with db.read() as session:
        return (await people.ways_in(session, [row]))[row.member_id]


async def test_whoever_joins_has_a_key_with_their_role_that_no_text_opens(db: Database):
    ada = await member(db, await account(db), "ada@example.com")
    key = await join(db, ada)
    assert (key.member_id, key.scopes, key.name) == (ada.member_id, ["operator"], "Ada")
    async with db.read() as session:
        assert await accounts.find_by_key_id(session, key.api_key_id, NOW) is not None
        rows, total = await keys.page(session, ada.account_id, NOW, 0, 10, ended=True)
        assert (rows, total) == ([], 0)
        assert await keys.get(session, ada.account_id, key.api_key_id) is None


async def test_not_even_the_text_of_such_a_hash_would_open_anything(db: Database):
    ada = await member(db, await account(db), "ada@example.com")
    await join(db, ada)
    async with db.write() as session:
        key = await people.key_of(session, ada.member_id)
        assert key is not None
        key.sha256 = hash_key("known")
        session.add(key)
    async with db.read() as session:
        assert await accounts.find_by_key(session, "known", NOW) is None


async def test_to_renew_changes_what_sessions_are_signed_with_and_joining_again_makes_no_second(
    db: Database,
):
    ada = await member(db, await account(db), "ada@example.com")
    first = (await join(db, ada)).sha256
    assert (await join(db, ada)).sha256 != first
    async with db.read() as session:
        assert len((await session.exec(select(ApiKey))).all()) == 1


async def test_a_link_is_found_until_its_end_and_not_of_who_is_disabled(db: Database):
    ada = await member(db, await account(db), "ada@example.com")
    async with db.write() as session:
        row = await people.hold(session, ada.account_id, ada.member_id)
        assert row is not None
        link = people.new_link(row, NOW + LASTS)
        session.add(row)
    async with db.read() as session:
        assert await people.with_link(session, link, NOW + timedelta(days=6)) is not None
        assert await people.with_link(session, link, NOW + LASTS) is None
        assert await people.with_link(session, link + "x", NOW) is None
    async with db.write() as session:
        row = await people.hold(session, ada.account_id, ada.member_id)
        assert row is not None
        row.disabled_time = NOW
        session.add(row)
    async with db.read() as session:
        assert await people.with_link(session, link, NOW) is None


async def test_one_address_is_one_person_an_account(db: Database):
    one, two = await account(db), await account(db, "two")
    first = await member(db, one, "ada@example.com")
    await member(db, two, "ada@example.com")
    with pytest.raises(IntegrityError):
        await member(db, one, "ada@example.com")
    async with db.read() as session:
        assert await people.get(session, two.account_id, first.member_id) is None
        assert await people.hold(session, two.account_id, first.member_id) is None


async def test_of_several_accounts_those_with_a_password_are_found_the_newest_last(db: Database):
    one, two = await account(db), await account(db, "two")
    for owner in (one, two):
        await join(db, await member(db, owner, "ada@example.com"), "a hash")
    await join(db, await member(db, await account(db, "three"), "ada@example.com"))
    await member(db, await account(db, "four"), "ada@example.com")
    async with db.read() as session:
        found = await people.with_password(session, "ada@example.com")
    assert {owner.name for _, owner, _ in found} == {"one", "two"}
    assert all(key.member_id == row.member_id for row, _, key in found)


async def test_the_last_admin_is_the_one_beside_whom_nobody_could_come_in(db: Database):
    owner = await account(db)
    ada = await member(db, owner, "ada@example.com", "admin")
    await join(db, ada)
    bob = await member(db, owner, "bob@example.com", "admin")
    other = await member(db, await account(db, "two"), "eve@example.com", "admin")
    await join(db, other)

    async def is_last() -> bool:
        async with db.write() as session:
            row = await people.hold(session, owner.account_id, ada.member_id)
            assert row is not None
            return await people.is_last_admin(session, row)

    assert await is_last()
    await join(db, bob)
    assert await is_last()  # Reset: nobody knows whether they will use their link.
    await join(db, bob, "a hash")
    assert not await is_last()
    provider = await sign_on(db, owner, is_required=True)
    assert await is_last()  # Bob's password opens nothing any more.
    await known_as(db, bob, provider)
    assert not await is_last()
    await sign_on(db, owner, issuer="https://elsewhere.example.com", is_required=True)
    assert await is_last()  # By the next provider nobody has come in yet.
    await sign_on(db, owner, is_set=False)
    assert not await is_last()
    assert await ways(db, bob) == ["password"]
    await join(db, bob, None)
    assert await is_last()  # Known by a provider that was removed.
    assert await ways(db, bob) == []


async def test_a_last_key_is_none_while_an_admin_can_make_another(db: Database):
    owner = await account(db)
    async with db.write() as session:
        key, _ = await accounts.new_key(session, owner.account_id, "k", ["*"], NOW)
        assert await keys.is_last(session, key, NOW)
    await join(db, await member(db, owner, "bob@example.com", "operator"))
    async with db.write() as session:
        assert await keys.is_last(session, key, NOW)
    ada = await member(db, owner, "ada@example.com", "admin")
    await join(db, ada)  # And reset: no password yet, and nothing a provider knows them by.
    async with db.write() as session:
        assert await keys.is_last(session, key, NOW)
    await join(db, ada, "a hash")
    async with db.write() as session:
        assert not await keys.is_last(session, key, NOW)
    await sign_on(db, owner, is_required=True)
    async with db.write() as session:
        assert await keys.is_last(session, key, NOW)
