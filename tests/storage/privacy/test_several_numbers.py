"""Forgetting somebody by one of several numbers forgets what was said of them, whole."""

from sqlmodel import col, select

from storage.database.engine import Database
from storage.number_hash import ERASED, Hasher
from storage.privacy import erasure, subject_access
from storage.tables import Attempt, Call, CallNumber, Contact, Suppression
from tests.storage import make

HOME, MOBILE = "+12125550181", "+12125550182"


async def test_the_call_is_erased_by_each_of_its_numbers_with_all_of_them(db: Database):
    spec = [{"endpoint": one, "kind": "phone"} for one in (HOME, MOBILE)]
    call = await make.call_of_somebody(
        db, endpoint=HOME, numbers_spec=spec, context={"name": "Ada"}
    )
    await make.sent(db, call)
    hasher = Hasher(b"k" * 32)
    async with db.write() as session:
        done = await erasure.erase(session, call.account_id, MOBILE, hasher, "tests", make.NOW)
    assert done.counts["calls"] == 1
    async with db.read() as session:
        row = await session.get_one(Call, call.call_id)
        of_call = col(Attempt.call_id) == call.call_id
        attempts = (await session.exec(select(Attempt).where(of_call))).all()
        listed = (await session.exec(select(CallNumber))).all()
    assert (row.numbers_spec, row.context, listed) == (None, {}, [])
    assert row.endpoint.startswith(ERASED)
    assert all(one.to_endpoint.startswith(ERASED) for one in attempts)


async def erased(db: Database, account_id: str, endpoint: str) -> None:
    async with db.write() as session:
        await erasure.erase(session, account_id, endpoint, Hasher(b"k" * 32), "tests", make.NOW)


async def test_who_was_erased_is_not_called_by_another_number_that_is_listed_with_theirs(
    db: Database,
):
    account = await make.account(db)
    await erased(db, account.account_id, HOME)
    async with db.read() as session:
        entry = (await session.exec(select(Suppression))).one()
    assert (entry.source, entry.of_person) == ("erasure", True)


async def test_a_contact_is_told_of_and_erased_by_its_own_numbers_and_not_by_one_that_looks_alike(
    db: Database,
):
    alike, own = "sip:a_b@example.com", "sip:acb@example.com"
    campaign = await make.campaign_of_somebody(db)
    spec = [{"endpoint": HOME, "kind": "phone"}, {"endpoint": own, "kind": "sip"}]
    row = Contact(campaign_id=campaign.campaign_id, row_number=1, endpoint=HOME, numbers_spec=spec)
    async with db.write() as session:
        session.add(row)
    async with db.read() as session:
        told = await subject_access.on_file(session, campaign.account_id, own, Hasher(b"k" * 32))
    assert [one.contact_id for one in told.contacts] == [row.contact_id]
    for endpoint, left in ((alike, HOME), (own, None)):
        await erased(db, campaign.account_id, endpoint)
        async with db.read() as session:
            assert (await session.get_one(Contact, row.contact_id)).endpoint == left
