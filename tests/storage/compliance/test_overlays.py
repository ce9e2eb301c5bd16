"""Rules of an account's own, and the books that are kept in memory until they change."""

import pytest

from policy.rules import STANDARD
from policy.rules.book import RuleBook
from policy.rules.model import read_rule
from storage.accounts import accounts
from storage.compliance import overlays
from storage.compliance.overlays import RuleBookCache
from storage.database.engine import Database
from storage.tables import Account, JsonObject, Overlay
from tests.statements import statements
from tests.storage import make
from tests.storage.make import NOW, later


def rule(name: str) -> JsonObject:
    return {
        "id": f"own.{name}",
        "kind": "blackout",
        "jurisdiction": "FR",
        "startsAt": NOW.isoformat(),
        "source": "tests",
        "confidence": "convention",
        "verifiedOn": "2026-11-25",
    }


async def add(db: Database, account: Account, name: str) -> Overlay:
    row = Overlay(account_id=account.account_id, rule=rule(name), created_time=NOW)
    async with db.write() as session:
        await overlays.add(session, row)
    return row


async def book_of(db: Database, cache: RuleBookCache, account: Account) -> RuleBook:
    async with db.read() as session:
        fresh = await accounts.get(session, account.account_id)
        assert fresh is not None
        return await cache.over(session, STANDARD, fresh)


def own(book: RuleBook) -> set[str]:
    return {one.id for one in book.rules} - {one.id for one in STANDARD.rules}


async def test_an_account_without_rules_of_its_own_has_the_packs(db: Database):
    account = await make.account(db)
    assert await book_of(db, RuleBookCache(), account) is STANDARD


async def test_a_change_is_noticed_by_every_process_at_once(db: Database):
    account, stranger = await make.account(db), await make.account(db)
    mine, theirs = RuleBookCache(), RuleBookCache()
    for cache in (mine, theirs):
        assert own(await book_of(db, cache, account)) == set()
    first = await add(db, account, "first")
    for cache in (mine, theirs):
        assert own(await book_of(db, cache, account)) == {"own.first"}
    await add(db, account, "second")
    async with db.write() as session:
        await overlays.remove(session, await session.merge(first), "tests", later(1))
    for cache in (mine, theirs):
        assert own(await book_of(db, cache, account)) == {"own.second"}
    assert await book_of(db, mine, stranger) is STANDARD


async def test_what_has_not_changed_is_not_asked_for_again(db: Database):
    account = await make.account(db)
    await add(db, account, "first")
    cache = RuleBookCache()
    book = await book_of(db, cache, account)
    with statements(db) as sent:
        assert await book_of(db, cache, account) is book
    assert [one for one in sent if "overlay WHERE" in one.text.replace("\n", " ")] == []


async def test_a_change_that_is_rolled_back_leaves_no_book_behind(db: Database):
    account = await make.account(db)
    cache = RuleBookCache()
    kept = await add(db, account, "kept")
    await book_of(db, cache, account)

    async def fail() -> None:
        async with db.write() as session:
            row = Overlay(account_id=account.account_id, rule=rule("lost"), created_time=NOW)
            await overlays.add(session, row)
            held = await accounts.get(session, account.account_id)
            assert held is not None
            assert own(await cache.over(session, STANDARD, held)) == {"own.kept", "own.lost"}
            raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        await fail()
    assert own(await book_of(db, cache, account)) == {"own.kept"}
    async with db.write() as session:
        await overlays.remove(session, await session.merge(kept), "tests", later(1))
    assert own(await book_of(db, cache, account)) == set()


async def test_what_was_taken_away_stays_on_record(db: Database):
    account = await make.account(db)
    rows = [await add(db, account, name) for name in ("first", "second")]
    async with db.write() as session:
        row = await overlays.get(session, account.account_id, rows[0].overlay_id)
        assert row is not None
        await overlays.remove(session, row, "tests", later(1))
    async with db.read() as session:
        page, total = await overlays.page(session, account.account_id, 0, 10)
        in_force = await overlays.in_force(session, account.account_id)
        assert await overlays.get(session, "somebody", rows[0].overlay_id) is None
    removed = {one.overlay_id: (one.removed_time, one.removed_by) for one in page}
    assert total == 2
    assert removed[rows[0].overlay_id] == (later(1), "tests")
    assert [one.overlay_id for one in in_force] == [rows[1].overlay_id]


async def test_a_rule_of_the_operators_with_the_same_id_holds_beside_the_accounts(db: Database):
    """An operator's file may come later, and must not stop the account's calls."""
    account = await make.account(db)
    await add(db, account, "storm")
    book = STANDARD.with_rules([read_rule({**rule("storm"), "jurisdiction": "US"})])
    async with db.read() as session:
        fresh = await accounts.get(session, account.account_id)
        assert fresh is not None
        found = await RuleBookCache().over(session, book, fresh)
    assert own(found) == {"own.storm", "own.account.storm"}
