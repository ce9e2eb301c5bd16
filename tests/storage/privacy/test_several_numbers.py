"""Forgetting somebody by one of several numbers forgets what was said of them, whole."""

from sqlmodel import col, select

from storage.database.engine import Database
from storage.number_hash import ERASED, Hasher
from storage.privacy import erasure
from storage.tables import Attempt, Call, CallNumber
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
