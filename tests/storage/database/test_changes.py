"""Changes of rows, written without the session's flush.

`write_changes` reads `InstanceState.committed_state` and calls `InstanceState._commit_all`, which
SQLAlchemy promises nobody. Where a test fails after SQLAlchemy was raised, look at what
`Session._register_persistent` does to a row that was flushed, and do the same.
"""

from sqlalchemy import inspect

from policy.model.call import AttemptState
from storage.attempts import attempts
from storage.calls import calls
from storage.database.changes import write_changes
from storage.database.engine import Database
from storage.events import event_log
from tests.statements import statements
from tests.storage import make
from tests.storage.make import later


async def test_what_was_changed_is_written_once_and_nothing_else(db: Database):
    attempt = await make.sent(db, await make.call_of_somebody(db))
    async with db.write() as session:
        held = await attempts.hold(session, attempt.call_id, 1)
        assert held is not None
        call, row = held
        row.state, row.ringing_at = AttemptState.RINGING, later(3)
        row.number = row.number
        with statements(db) as sent:
            await write_changes(session, call, row)
            await write_changes(session, call, row)
            await session.flush()
        assert [one.text.partition(" WHERE")[0].partition(" SET")[0] for one in sent] == [
            "UPDATE attempt"
        ]
        assert "number" not in sent[0].text
        assert not inspect(row).modified
        # What comes after is the session's own to write.
        row.answered_by = "human"
    seen = await make.seen(db, attempt)
    assert (seen.state, seen.ringing_at) == (AttemptState.RINGING, later(3))
    assert seen.answered_by == "human"


async def test_what_is_rolled_back_was_not_written(db: Database):
    attempt = await make.sent(db, await make.call_of_somebody(db))
    try:
        async with db.write() as session:
            row = await attempts.reload(session, attempt)
            row.state = AttemptState.RINGING
            await write_changes(session, row)
            raise LookupError
    except LookupError:
        pass
    assert (await make.seen(db, attempt)).state is AttemptState.SENT


async def test_an_event_is_numbered_after_the_last_one_and_changes_no_row(db: Database):
    call = await make.call_of_somebody(db)
    for at in (1, 2):
        async with db.write() as session:
            row = await calls.lock(session, call.call_id)
            assert row is not None
            with statements(db) as sent:
                await event_log.append(session, row, "call.queued", later(at))
                await write_changes(session, row)
            assert not any(one.text.startswith("UPDATE") for one in sent)
    async with db.read() as session:
        numbers = [event.sequence for event in await event_log.of_call(session, call.call_id)]
    assert numbers == [1, 2, 3]
