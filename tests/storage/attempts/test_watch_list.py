"""The one question that the watch asks first never hides what its own questions would find."""

from datetime import datetime, timedelta
from itertools import product
from typing import Any

from sqlmodel import col, update

from policy.model.call import AttemptState
from storage.attempts import attempts, costs, recording_removals, watch_list
from storage.database.engine import Database
from storage.tables import Attempt, Call
from tests.storage import make
from tests.storage.make import NOW, later

HOUR = 3600.0
#: What an attempt may look like to the watch, column by column.
SHAPES: dict[str, list[Any]] = {
    "state": list(AttemptState),
    "settled_at": [None, NOW],
    "price_due_at": [None, later(HOUR / 2)],
    "sent_at": [NOW, NOW - timedelta(days=2)],
    "answered_at": [NOW],
    "ended_at": [NOW],
}


async def found(db: Database, now: datetime) -> tuple[bool, bool]:
    """Whether one of the watch's own questions finds something, and what it is told first."""
    async with db.read() as session:
        lists = [
            await attempts.silent(session, now, 10),
            await attempts.abandoned(session, now, 10),
            await attempts.unwanted(session, 10),
            await costs.unpriced(session, now, 10),
            await recording_removals.due(session, now, 10),
        ]
        return any(lists), await watch_list.is_any(session, now)


async def test_whatever_is_to_be_watched_is_seen_at_once(db: Database):
    call = await make.call_of_somebody(db)
    await make.sent(db, call)
    seen = set()
    for is_canceled in (False, True):
        async with db.write() as session:
            await session.exec(update(Call).values(cancel_requested=is_canceled))
        for values in product(*SHAPES.values()):
            shape = dict(zip(SHAPES, values, strict=True))
            async with db.write() as session:
                await session.exec(update(Attempt).values(**shape))
            for now in (NOW, later(HOUR)):
                is_there, is_told = await found(db, now)
                assert is_told or not is_there, shape
                seen.add((is_there, is_told))
    # The other way round it may be told of what is not there: an attempt that goes on.
    assert seen == {(True, True), (False, True), (False, False)}


async def test_a_recording_that_is_to_be_deleted_is_seen(db: Database):
    async with db.write() as session:
        await recording_removals.schedule_leg(session, make.new_sid(), NOW)
    assert await found(db, later(-1)) == (False, False)
    assert await found(db, NOW) == (True, True)


async def test_calls_that_have_ended_leave_nothing_to_watch(db: Database):
    call = await make.call_of_somebody(db)
    await make.sent(db, call)
    async with db.write() as session:
        over = {"state": AttemptState.ENDED, "settled_at": NOW, "price_due_at": None}
        await session.exec(update(Attempt).where(col(Attempt.number) == 1).values(**over))
    assert await found(db, later(HOUR)) == (False, False)
