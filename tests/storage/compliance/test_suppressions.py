"""The do-not-call list and the registries: added to, taken back, imported, never lost."""

import asyncio
from datetime import timedelta

import pytest
from sqlmodel import select

from policy.model.person import ScopeKind
from storage.compliance import suppressions
from storage.database.engine import Database
from storage.database.locks import lock_account
from storage.tables import Registry, RegistryEntry, Suppression
from tests.storage import make
from tests.storage.make import CALLEE, NOW, later

OTHER, THIRD = "+14155550102", "+14155550103"
DAY = timedelta(days=1)


async def add(db: Database, account_id: str, **changes) -> Suppression:
    values = {"endpoint": CALLEE, "source": "api", "created_time": NOW, **changes}
    row = Suppression(account_id=account_id, **values)
    async with db.write() as session:
        await suppressions.add(session, row)
    return row


async def endpoints(db: Database) -> list[str | None]:
    async with db.read() as session:
        return sorted((await session.exec(select(Suppression.endpoint))).all(), key=str)


async def test_many_are_added_and_those_that_stand_there_for_good_are_not(db: Database):
    account = await make.account(db)
    await add(db, account.account_id)
    await add(db, account.account_id, endpoint=OTHER, expires_time=later(60))
    await add(db, account.account_id, endpoint=THIRD, scope=ScopeKind.PURPOSE, scope_of="survey")
    asked = [CALLEE, OTHER, THIRD, THIRD]
    async with db.write() as session:
        await suppressions.add_many(session, account.account_id, asked, "import", NOW)
    assert await endpoints(db) == [CALLEE, OTHER, OTHER, THIRD, THIRD]


async def test_a_page_has_the_newest_first_and_counts_all(db: Database):
    account = await make.account(db)
    rows = [
        await add(db, account.account_id, created_time=later(n), endpoint=f"+1415555010{n}")
        for n in range(4)
    ]
    await add(db, (await make.account(db)).account_id)
    async with db.read() as session:
        page, total = await suppressions.page(session, account.account_id, NOW, 1, 2)
    assert [one.suppression_id for one in page] == [
        rows[2].suppression_id,
        rows[1].suppression_id,
    ]
    assert total == 4


async def test_in_force_are_those_that_neither_ended_nor_were_taken_back(db: Database):
    account = await make.account(db)
    lasting = await add(db, account.account_id)
    fresh = await add(db, account.account_id, expires_time=later(1))
    await add(db, account.account_id, expires_time=NOW)
    gone = await add(db, account.account_id)
    async with db.write() as session:
        await suppressions.remove(session, await session.merge(gone), "tests", NOW)
    async with db.read() as session:
        page, total = await suppressions.page(
            session, account.account_id, NOW, 0, 10, only_in_force=True
        )
    assert {one.suppression_id for one in page} == {lasting.suppression_id, fresh.suppression_id}
    assert total == 2


async def test_an_entry_is_taken_back_once(db: Database):
    account = await make.account(db)
    row = await add(db, account.account_id)
    for by, at in (("Ada", NOW), ("Bob", later(60))):
        async with db.write() as session:
            found = await suppressions.get(session, account.account_id, row.suppression_id)
            assert found is not None
            await suppressions.remove(session, found, by, at)
    async with db.read() as session:
        kept = await suppressions.get(session, account.account_id, row.suppression_id)
    assert kept is not None
    assert (kept.removed_by, kept.removed_time) == ("Ada", NOW)


async def test_another_accounts_entry_is_not_there(db: Database):
    row = await add(db, (await make.account(db)).account_id)
    async with db.read() as session:
        assert await suppressions.get(session, "somebody", row.suppression_id) is None


async def test_an_entry_waits_for_the_dial_that_is_at_the_gate_and_none_passes_after_it(
    db: Database,
):
    account = await make.account(db)
    async with db.write() as gate:
        await lock_account(gate, account.account_id)
        adding = asyncio.create_task(add(db, account.account_id))
        done, _ = await asyncio.wait({adding}, timeout=0.3)
        assert not done
    await adding
    assert await endpoints(db) == [CALLEE]


# -- registries


async def scrub(db: Database, account_id: str, *found: str, keep: bool = False) -> Registry:
    async with db.write() as session:
        return await suppressions.import_registry(
            session, account_id, "us.dnc", found, NOW - DAY, NOW, keep=keep
        )


async def listed(db: Database, account_id: str) -> set[str]:
    async with db.read() as session:
        statement = select(RegistryEntry.endpoint).where(RegistryEntry.account_id == account_id)
        return set((await session.exec(statement)).all())


@pytest.mark.parametrize(
    ("keep", "left"), [(False, {OTHER, THIRD}), (True, {CALLEE, OTHER, THIRD})]
)
async def test_an_import_takes_the_place_of_the_last_or_adds_to_it(
    db: Database, keep: bool, left: set[str]
):
    account, stranger = await make.account(db), await make.account(db)
    await scrub(db, stranger.account_id, CALLEE)
    await scrub(db, account.account_id, CALLEE, OTHER)
    row = await scrub(db, account.account_id, OTHER, THIRD, keep=keep)
    assert await listed(db, account.account_id) == left
    assert (row.entries, row.scrubbed_time) == (len(left), NOW - DAY)
    assert await listed(db, stranger.account_id) == {CALLEE}


async def test_an_import_that_fails_leaves_what_was_there(db: Database):
    account = await make.account(db)
    await scrub(db, account.account_id, CALLEE)

    async def fail() -> None:
        async with db.write() as session:
            await suppressions.import_registry(
                session, account.account_id, "us.dnc", [OTHER], NOW, NOW, keep=False
            )
            raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        await fail()
    assert await listed(db, account.account_id) == {CALLEE}


async def test_two_imports_at_once_leave_one_of_them(db: Database):
    account = await make.account(db)
    some = [f"+1415555{n:04}" for n in range(40)]
    await asyncio.gather(
        scrub(db, account.account_id, *some[:30]), scrub(db, account.account_id, *some[10:])
    )
    async with db.read() as session:
        [row] = await suppressions.registries(session, account.account_id)
    assert row.entries == len(await listed(db, account.account_id)) == 30
