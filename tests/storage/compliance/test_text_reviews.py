"""Texts that may be an opt-out hold their writer back until they were read."""

from policy.model.person import Review
from storage.compliance import opt_out, text_reviews
from storage.database.engine import Database
from storage.facts import person_records
from storage.number_hash import Hasher
from storage.tables import Account, Inbound
from tests.storage import make
from tests.storage.make import CALLEE, CALLER, NOW


async def written(db: Database, account: Account, n: int = 1) -> None:
    row = Inbound(
        account_id=account.account_id,
        kind="text",
        carrier_sid=f"SM{n}:{account.account_id}",
        from_endpoint=CALLEE,
        to_endpoint=CALLER,
        at=NOW,
        review=Review.PENDING,
        text="leave me alone",
        holds=True,
    )
    async with db.write() as session:
        session.add(row)


async def held_by(db: Database, account: Account) -> int:
    async with db.read() as session:
        known = (account.account_id, CALLEE, NOW, Hasher())
        alone = await person_records.about(session, *known)
        many = await person_records.about_many(session, known[0], [CALLEE], NOW, Hasher())
        _, total = await text_reviews.page(session, account.account_id, 0, 10)
    of_many = many[CALLEE].reviews if CALLEE in many else ()
    assert len(alone.person.reviews) == len(of_many) == total
    return total


async def test_each_text_holds_until_it_was_read(db: Database):
    account, other = await make.account(db), await make.account(db)
    for n in (1, 2):
        await written(db, account, n)
    assert (await held_by(db, account), await held_by(db, other)) == (2, 0)
    async with db.write() as session:
        rows, _ = await text_reviews.page(session, account.account_id, 0, 1)
        held = await text_reviews.hold(session, account.account_id, rows[0].inbound_id or 0)
        assert held is not None
        assert await text_reviews.hold(session, other.account_id, rows[0].inbound_id or 0) is None
        await text_reviews.settle(session, held, Review.DISMISSED, "key tests", NOW)
    assert await held_by(db, account) == 1


async def test_an_opt_out_of_any_kind_leaves_nothing_to_read(db: Database):
    account = await make.account(db)
    await written(db, account)
    async with db.write() as session:
        await opt_out.opt_out(session, account.account_id, CALLEE, "inbound_call", NOW)
    assert await held_by(db, account) == 0
