"""The sums are what the calls' own rows say, whatever happens to calls, and whoever is killed."""

import asyncio
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import select as sql_select
from sqlalchemy import update
from sqlmodel import col, select

from policy.analytics.counters import WAIT_MEASURES
from policy.time.quarter_hours import OffsetRun, quarter_of, runs
from storage import tables
from storage.analytics import analytics, rollup
from storage.analytics.analytics import GroupBy, Groups, SumsQuery
from storage.database import upsert
from storage.database.engine import Database
from storage.number_hash import Hasher
from storage.privacy import erasure
from storage.tables import Counted, CountingPlace, Series
from tests.storage import make
from tests.storage.analytics.call_histories import CALLEES, History
from tests.storage.analytics.raw_sums import raw_sums, without_waits
from tests.storage.make import NOW, later

END = quarter_of(datetime(2030, 1, 1, tzinfo=UTC))
ALWAYS = (OffsetRun(0, END, 0),)


async def count_all(db: Database, page: int = rollup.PAGE) -> None:
    while accounts := await behind(db):
        for account_id in accounts:
            async with db.write() as session:
                await rollup.count(session, account_id, page)


async def behind(db: Database) -> list[str]:
    async with db.read() as session:
        return await rollup.behind(session)


async def split(
    db: Database, account_id: str, by: GroupBy, zone: str = "UTC", **only: str
) -> Groups:
    begin = quarter_of(NOW - timedelta(days=7))
    asked = SumsQuery(account_id, tuple(runs(begin, END, zone)), **only)
    async with db.read() as session:
        return await analytics.groups(session, asked, by)


async def total(db: Database, account_id: str) -> dict[str, int]:
    async with db.read() as session:
        return dict(await analytics.totals(session, SumsQuery(account_id, ALWAYS)))


async def lived(db: Database, seed: int, steps: int = 60, counted_every: int = 7) -> History:
    """A random history, counted now and then while it happens, and at its end."""
    history = History(db, Random(seed))
    await history.begin()
    for number in range(steps):
        await history.step()
        if number % counted_every == 0:
            await count_all(db, page=5)
    await count_all(db)
    return history


async def contents(db: Database) -> dict[str, list[Any]]:
    """Every sum that there is, by what it is of."""
    found = {}
    async with db.read() as session:
        connection = await session.connection()
        for table in (tables.QUARTER_SUMS, tables.DAY_SUMS, tables.WEEK_SUMS):
            named = ("scope", "dimension", "agent_id", "campaign_id", "value")
            heads = [getattr(Series, name) for name in named]
            rest = [column for column in table.columns if column.name != "series_id"]
            statement = sql_select(*heads, *rest).where(col(Series.series_id) == table.c.series_id)
            rows = [tuple(row) for row in await connection.execute(statement)]
            key = len(heads) + len(table.primary_key) - 1
            found[table.name] = sorted(str(row) for row in rows if any(row[key:]))
    return found


@pytest.mark.parametrize("seed", range(4))
async def test_the_sums_are_what_the_rows_say_whatever_happened(db: Database, seed: int) -> None:
    history = await lived(db, seed)
    account_id = history.account.account_id
    for by in GroupBy:
        found = without_waits(await split(db, account_id, by))
        assert found == await raw_sums(db, account_id, by), by
    sums = await total(db, account_id)
    assert sum(sums.get(name, 0) for name in WAIT_MEASURES) == sums["attempted"] > 0


async def test_days_and_hours_are_those_of_the_zone_that_is_asked_for(db: Database) -> None:
    history = await lived(db, 7)
    account_id = history.account.account_id
    for zone in ("Asia/Kathmandu", "America/New_York", "Australia/Lord_Howe"):
        for by in (GroupBy.DAY, GroupBy.HOUR_OF_WEEK):
            found = without_waits(await split(db, account_id, by, zone))
            assert found == await raw_sums(db, account_id, by, zone), (zone, by)


async def test_counting_anew_from_the_rows_gives_the_same_sums(db: Database) -> None:
    history = await lived(db, 11)
    before = await contents(db)
    assert all(before.values())
    async with db.write() as session:
        await rollup.begin_anew(session, history.account.account_id)
    await count_all(db, page=3)
    assert await contents(db) == before


async def count_ahead(db: Database, account_id: str, page: int) -> None:
    """The backlog as `trunkline analytics rebuild` counts it, and then what is left."""
    while (found := await drafted(db, account_id, page)) is not None:
        await entered(db, found)
    await count_all(db)


async def drafted(db: Database, account_id: str, page: int) -> rollup.BacklogPage | None:
    async with db.read() as session:
        return await rollup.next_page(session, account_id, page)


async def entered(db: Database, page: rollup.BacklogPage | None) -> None:
    assert page is not None
    async with db.write() as session:
        await rollup.enter_page(session, page)


async def begun_anew(db: Database, account_id: str) -> None:
    async with db.write() as session:
        await rollup.begin_anew(session, account_id)


@pytest.mark.parametrize("page", [3, 1000])
async def test_pages_that_are_worked_out_ahead_give_the_same_sums(db: Database, page: int) -> None:
    history = await lived(db, 16)
    account_id, before = history.account.account_id, await contents(db)
    await begun_anew(db, account_id)
    await count_ahead(db, account_id, page)
    assert await contents(db) == before


async def test_calls_that_go_on_while_a_page_is_worked_out_are_counted_as_they_are_then(
    db: Database,
) -> None:
    history = await lived(db, 17, steps=30)
    account_id = history.account.account_id
    await begun_anew(db, account_id)
    while (page := await drafted(db, account_id, 4)) is not None:
        for _ in range(5):
            await history.step()
        async with db.write() as session:
            # A worker beside it: what happened, and some calls of the very page.
            await rollup.count(session, account_id, 2)
        await history.step()
        await entered(db, page)
    await count_all(db)
    for by in GroupBy:
        found = without_waits(await split(db, account_id, by))
        assert found == await raw_sums(db, account_id, by), by
    before = await contents(db)
    await begun_anew(db, account_id)
    await count_all(db)
    assert await contents(db) == before


async def test_a_page_of_two_who_worked_it_out_is_added_once(db: Database) -> None:
    owner = await make.account(db)
    agent = await make.agent(db, owner)
    for number in range(6):
        await make.call(db, agent, at=later(number))
    await begun_anew(db, owner.account_id)
    first, larger = [await drafted(db, owner.account_id, size) for size in (2, 4)]
    for page in (first, first, larger, larger, first):
        await entered(db, page)
    await count_ahead(db, owner.account_id, 2)
    assert await total(db, owner.account_id) == {"scheduled": 6}


async def test_a_page_of_a_counting_that_was_begun_anew_meanwhile_is_left(db: Database) -> None:
    owner = await make.account(db)
    agent = await make.agent(db, owner)
    for number in range(4):
        await make.call(db, agent, at=later(number))
    await begun_anew(db, owner.account_id)
    old = await drafted(db, owner.account_id, 3)
    await begun_anew(db, owner.account_id)
    await entered(db, old)
    await count_ahead(db, owner.account_id, 3)
    assert await total(db, owner.account_id) == {"scheduled": 4}


async def test_a_sum_that_a_migration_has_added_begins_with_the_next_call(db: Database) -> None:
    agent = await make.agent(db, await make.account(db))
    await make.call(db, agent)
    await count_all(db)
    async with db.write() as session:
        for table in (tables.QUARTER_SUMS, tables.DAY_SUMS):
            await (await session.connection()).execute(update(table).values(scheduled=None))
    await make.call(db, agent)
    await count_all(db)
    assert await total(db, agent.account_id) == {"scheduled": 1}


async def test_a_page_that_dies_before_its_commit_is_counted_once(db: Database) -> None:
    call = await make.call_of_somebody(db)
    await begun_anew(db, call.account_id)
    page = await drafted(db, call.account_id, 5)
    assert page is not None
    with pytest.raises(KeyboardInterrupt):
        await _enter_and_die(db, page)
    await count_ahead(db, call.account_id, 5)
    assert await total(db, call.account_id) == {"scheduled": 1}


async def _enter_and_die(db: Database, page: rollup.BacklogPage) -> None:
    async with db.write() as session:
        await rollup.enter_page(session, page)
        raise KeyboardInterrupt


async def test_thousands_of_sums_are_merged_like_few(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = await lived(db, 18)
    before = await contents(db)
    monkeypatch.setattr(upsert, "_COPIED", 0)
    await begun_anew(db, history.account.account_id)
    await count_ahead(db, history.account.account_id, 7)
    assert await contents(db) == before


async def test_wrong_sums_are_put_right_by_counting_anew(db: Database) -> None:
    history = await lived(db, 12)
    before = await contents(db)
    async with db.write() as session:
        await session.exec(update(tables.DAY_SUMS).values(scheduled=1000))
        await session.exec(update(Counted).values(sums="[]"))
        await rollup.begin_anew(session, history.account.account_id)
    await count_all(db)
    assert await contents(db) == before


async def test_the_old_numbers_stand_until_all_is_counted_anew(db: Database) -> None:
    history = await lived(db, 13)
    account_id = history.account.account_id
    before = await total(db, account_id)
    async with db.write() as session:
        await rollup.begin_anew(session, account_id)
    more = True
    while more:
        assert await total(db, account_id) == before
        async with db.read() as session:
            assert not await rollup.is_complete(session, account_id)
        async with db.write() as session:
            await rollup.count(session, account_id, 5)
        async with db.read() as session:
            more = not await rollup.is_complete(session, account_id)
    assert await total(db, account_id) == before


async def test_a_page_that_is_not_committed_is_counted_again_and_once(db: Database) -> None:
    call = await make.call_of_somebody(db)
    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            await _count_and_die(db, call.account_id)
    await count_all(db)
    assert await total(db, call.account_id) == {"scheduled": 1}


async def _count_and_die(db: Database, account_id: str) -> None:
    async with db.write() as session:
        await rollup.count(session, account_id)
        raise KeyboardInterrupt


async def test_counters_at_once_count_every_call_once(db: Database) -> None:
    owner = await make.account(db)
    agent = await make.agent(db, owner)
    for number in range(12):
        await make.call(db, agent, at=later(number))

    async def counter() -> None:
        for _ in range(5):
            async with db.write() as session:
                await rollup.count(session, owner.account_id, 4)

    await asyncio.gather(*(counter() for _ in range(4)))
    await count_all(db)
    assert await total(db, owner.account_id) == {"scheduled": 12}


async def test_calls_that_are_made_while_the_backlog_is_counted_are_counted_too(
    db: Database,
) -> None:
    owner = await make.account(db)
    agent = await make.agent(db, owner)
    for number in range(6):
        await make.call(db, agent, at=later(number))
        async with db.write() as session:
            await rollup.count(session, owner.account_id, 2)
        # Accepted earlier by its clock than what is counted already.
        await make.call(db, agent, at=later(-number))
    await count_all(db)
    assert await total(db, owner.account_id) == {"scheduled": 12}


async def test_what_is_counted_needs_no_more_counting(db: Database) -> None:
    one, other = await make.call_of_somebody(db), await make.call_of_somebody(db)
    assert await behind(db) == sorted([one.account_id, other.account_id])
    await count_all(db)
    assert await behind(db) == []
    await make.decide(db, one.call_id, make.queue())
    assert await behind(db) == [one.account_id]


async def test_filters_leave_only_what_they_name(db: Database) -> None:
    history = await lived(db, 14)
    account_id = history.account.account_id
    ada, campaign = history.agents[0], history.campaigns[0]
    by_agent = await split(db, account_id, GroupBy.AGENT)
    assert (await split(db, account_id, GroupBy.AGENT, agent_id=ada.agent_id)) == {
        ada.agent_id: by_agent[ada.agent_id]
    }
    by_campaign = await split(db, account_id, GroupBy.CAMPAIGN)
    only = {"campaign_id": campaign.campaign_id}
    for by in GroupBy:
        parts = await split(db, account_id, by, **only)
        whole = sum(parts.values(), start=type(by_campaign[""])())
        assert whole == by_campaign[campaign.campaign_id], by
    other = history.agents[1].agent_id
    assert await split(db, account_id, GroupBy.DAY, agent_id=other, **only) == {}


async def test_another_accounts_calls_are_never_in_the_sums(db: Database) -> None:
    one, _ = await make.call_of_somebody(db), await make.call_of_somebody(db)
    await count_all(db)
    assert await total(db, one.account_id) == {"scheduled": 1}


async def test_a_person_stands_nowhere_in_the_sums_and_an_erasure_changes_none(
    db: Database,
) -> None:
    history = await lived(db, 15)
    before = await contents(db)
    hasher = Hasher.of("k" * 32)
    for endpoint, *_ in CALLEES:
        async with db.write() as session:
            await erasure.erase(
                session, history.account.account_id, endpoint, hasher, "key", history.now
            )
    async with db.write() as session:
        counted = [(one.call_id, one.sums) for one in (await session.exec(select(Counted))).all()]
        account = history.account.account_id
        for call_id, _ in counted:
            session.add(tables.Recount(account_id=account, call_id=call_id))
    said = str(before) + "".join(sums for _, sums in counted)
    assert all(endpoint.lstrip("+") not in said for endpoint, *_ in CALLEES)
    await count_all(db)
    assert await contents(db) == before


async def test_whom_nobody_dialed_stays_in_their_state_after_an_erasure_and_a_recount(
    db: Database,
) -> None:
    call = await make.call_of_somebody(db)
    await count_all(db)
    before = await split(db, call.account_id, GroupBy.JURISDICTION)
    async with db.write() as session:
        await erasure.erase(
            session, call.account_id, call.endpoint, Hasher.of("k" * 32), "key", NOW
        )
    async with db.write() as session:
        await rollup.begin_anew(session, call.account_id)
    await count_all(db)
    assert "" not in before
    assert await split(db, call.account_id, GroupBy.JURISDICTION) == before


async def test_a_place_that_is_lost_costs_a_recount_and_no_double_count(db: Database) -> None:
    call = await make.call_of_somebody(db)
    await count_all(db)
    async with db.write() as session:
        place = await session.get(CountingPlace, call.account_id)
        await session.delete(place)
    await count_all(db)
    assert await total(db, call.account_id) == {"scheduled": 1}
