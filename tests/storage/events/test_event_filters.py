"""Finding events: by time, and without reading all that an account has."""

from datetime import timedelta
from typing import Any

import pytest

from storage.database.engine import Database
from storage.events import event_log, event_reader
from storage.events.event_reader import START, EventFilter, EventPosition, placed
from tests.statements import statements
from tests.storage import make
from tests.storage.make import NOW

PLACE = EventPosition(0, 7)


async def told(db: Database, account_id: str, *seconds: int) -> None:
    """One event a number, in this order, dated so many seconds after `NOW`."""
    for number, later in enumerate(seconds):
        async with db.write() as session:
            at = NOW + timedelta(seconds=later)
            await event_log.append_of(session, account_id, f"s{number}", "number.suppressed", at)


async def since(db: Database, account_id: str, seconds: int) -> list[str | None]:
    async with db.read() as session:
        at = NOW + timedelta(seconds=seconds)
        place = await event_reader.place_before(session, account_id, at)
        found = await event_reader.after(session, account_id, place, 100)
    return [event.subject_id for event in found]


async def test_a_time_is_found_though_times_are_not_quite_in_order(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_reader, "_BLOCK", 2)
    owner = await make.account(db)
    await told(db, owner.account_id, 0, 1, 9, 2, 8, 3, 7, 7, 7, 10)
    assert await since(db, owner.account_id, 10) == ["s9"]
    # The first that is not older, and all after it.
    assert await since(db, owner.account_id, 7) == [f"s{n}" for n in range(2, 10)]
    assert await since(db, owner.account_id, 0) == [f"s{n}" for n in range(10)]
    assert await since(db, owner.account_id, 11) == []


async def test_a_page_ends_where_it_was_told_to(db: Database) -> None:
    owner = await make.account(db)
    await told(db, owner.account_id, 0, 1, 2, 3)
    wanted = EventFilter(types=("number.suppressed",))
    async with db.read() as session:
        found = await event_reader.after(session, owner.account_id, START, 100)
        some = await event_reader.after(
            session, owner.account_id, placed(found[0]), 100, wanted, placed(found[2])
        )
    assert [event.subject_id for event in some] == ["s1", "s2"]


async def test_only_what_no_index_has_together_is_looked_at_by_pieces(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_reader, "LOOK", 2)
    owner = await make.account(db)
    await told(db, owner.account_id, 0, 1, 2)
    async with db.read() as session:
        ends = [
            await event_reader.reach(session, owner.account_id, START, wanted)
            for wanted in (
                EventFilter(call_id="c"),
                EventFilter(campaign_id="c"),
                EventFilter(agent_id="a"),
                EventFilter(types=("call.created",)),
            )
        ]
        found = await event_reader.after(session, owner.account_id, START, 100)
    assert ends == [None, None, placed(found[1]), placed(found[1])]


async def searched(db: Database, statement: str, values: Any) -> str:
    """What SQLite searches for it."""
    async with db.engine.connect() as connection:
        plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        return "; ".join(str(row.detail) for row in plan)


BY_PLACE = "ix_event_place (account_id=? AND tx=? AND event_id>?)"
BY_CAMPAIGN = "ix_event_campaign (campaign_id=? AND tx=? AND event_id>?)"


@pytest.mark.parametrize(
    ("wanted", "by"),
    [
        (EventFilter(), BY_PLACE),
        (EventFilter(types=("call.created",)), BY_PLACE),
        (EventFilter(campaign_id="c"), BY_CAMPAIGN),
        (EventFilter(campaign_id="c", types=("call.created",)), BY_CAMPAIGN),
        (EventFilter(call_id="c"), "sqlite_autoindex_event_1 (call_id=?)"),
    ],
)
async def test_sqlite_searches_for_events_and_does_not_read_all(
    db: Database, wanted: EventFilter, by: str
) -> None:
    if db.dialect == "postgresql":
        pytest.skip("it plans by what is in the table")
    async with db.read() as session:
        with statements(db) as sent:
            await event_reader.after(session, "a", PLACE, 10, wanted)
            await event_reader.place_before(session, "a", NOW)
    plans = [await searched(db, *one) for one in sent if one.text.startswith("SELECT")]
    assert plans[0] == f"SEARCH event USING INDEX {by}"
    assert plans[1] == "SEARCH event USING INDEX ix_event_time (account_id=? AND at>?)"
