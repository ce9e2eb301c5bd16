"""Which recordings are to be deleted at the carrier, remembered until they are."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col

from storage.attempts import attempts, recording_removals
from storage.database.engine import Database
from storage.privacy import retention
from storage.tables import Attempt, Call, RecordingRemoval
from tests.storage import make
from tests.storage.make import NOW, later


async def dialed(db: Database, *, sid: str | None = None, **columns: Any) -> Attempt:
    call = await make.call_of_somebody(db, **columns)
    attempt = await make.sent(db, call)
    if sid is not None:
        async with db.write() as session:
            row = await attempts.reload(session, attempt)
            await attempts.note_recording(session, row, sid, "https://r.test", NOW)
    return attempt


async def schedule(db: Database, *some: Attempt, at: datetime = NOW) -> None:
    async with db.write() as session:
        ids = [attempt.attempt_id for attempt in some]
        await recording_removals.schedule(session, col(Attempt.attempt_id).in_(ids), at)


async def due(db: Database, at: datetime) -> Sequence[RecordingRemoval]:
    async with db.read() as session:
        return await recording_removals.due(session, at, 10)


async def sids(db: Database, at: datetime = NOW) -> set[str]:
    return {row.carrier_sid for row in await due(db, at)}


async def test_legs_that_were_or_may_have_been_recorded_are_remembered_once(db: Database):
    told = await dialed(db, sid="RE1")
    untold = await dialed(db, recording=True)
    silent = await dialed(db)
    await schedule(db, told, untold, silent)
    await schedule(db, told, at=later(60))
    assert await sids(db) == {told.carrier_sid, untold.carrier_sid}


async def test_a_leg_that_was_never_sent_has_nothing(db: Database):
    call = await make.call_of_somebody(db, recording=True)
    await schedule(db, await make.planned(db, call))
    assert await sids(db) == set()


async def test_a_failure_is_tried_again_after_longer_and_longer_and_for_ever(db: Database):
    await schedule(db, await dialed(db, sid="RE1"))
    at, waits = NOW, []
    for _ in range(12):
        [row] = await due(db, at)
        async with db.write() as session:
            await recording_removals.postpone(session, row, at)
        assert await due(db, at) == []
        async with db.read() as session:
            found = await session.get(RecordingRemoval, row.carrier_sid)
        assert found is not None
        waits.append(found.due_at - at)
        at = found.due_at
    assert waits[:3] == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4)]
    assert waits[-1] == timedelta(hours=6)
    assert waits == sorted(waits)


async def test_what_was_deleted_is_forgotten_and_can_be_asked_for_again(db: Database):
    attempt = await dialed(db, sid="RE1")
    await schedule(db, attempt)
    assert attempt.carrier_sid is not None
    async with db.write() as session:
        await recording_removals.done(session, attempt.carrier_sid)
    assert await sids(db) == set()
    async with db.write() as session:
        await recording_removals.schedule_leg(session, attempt.carrier_sid, NOW)
        await recording_removals.schedule_leg(session, attempt.carrier_sid, NOW)
    assert await sids(db) == {attempt.carrier_sid}


async def test_retention_has_them_deleted_with_their_links(db: Database):
    attempt = await dialed(db, sid="RE1")
    async with db.write() as session:
        call = await session.get(Call, attempt.call_id)
        assert call is not None
        call.completed_time = NOW
    async with db.write() as session:
        assert await retention.forget(session, later(1), 10) == 1
    assert await sids(db, later(1)) == {attempt.carrier_sid}
    assert (await make.seen(db, attempt)).recording_sid is None
