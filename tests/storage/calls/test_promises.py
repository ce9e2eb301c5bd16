"""Promises in the database: made, put off, settled, listed and counted; on both databases."""

from datetime import datetime, timedelta

import pytest

from policy.model.call import Decision, DecisionKind, Outcome, WaitingFor
from policy.promises import Due, PromisedTime, PromiseSource, PromiseState
from storage.calls import calls, promised_calls, promises, startable
from storage.calls.promises import Wish
from storage.database.engine import Database
from storage.tables import Call, Promise
from storage.tables.specs import promised
from tests.storage import make
from tests.storage.make import NOW

LATER = NOW + timedelta(days=1)
END = Decision(DecisionKind.END, "do_not_call", "No", outcome=Outcome.SUPPRESSED)


def wish(at: datetime = LATER, after: int = 0, made_in: str | None = None) -> Wish:
    return Wish(PromisedTime(at, "UTC"), Due(at), PromiseSource.API, after, made_in)


async def promise(db: Database, call: Call, what: Wish | None = None) -> Promise:
    async with db.write() as session:
        held = await calls.lock(session, call.call_id)
        assert held is not None
        return await promises.make(session, held, what or wish(), NOW)


async def of_call(db: Database, call: Call) -> Promise:
    async with db.read() as session:
        return (await promises.of_call(session, call.account_id, call.call_id))[0]


async def test_an_open_promise_stands_in_the_calls_own_row(db: Database) -> None:
    call = await make.call_of_somebody(db, not_before=NOW, priority=3)
    await promise(db, call)
    seen = await make.call_seen(db, call.call_id)
    known = promised(seen.retry_spec)
    assert known is not None
    assert (known.at, known.after) == (LATER, 0)
    assert (seen.not_before, seen.priority, seen.next_attempt_at) == (None, 9, LATER)


async def test_an_end_settles_it_and_gives_the_priority_back(db: Database) -> None:
    call = await make.call_of_somebody(db, priority=3)
    await promise(db, call)
    await make.decide(db, call.call_id, END)
    seen, row = await make.call_seen(db, call.call_id), await of_call(db, call)
    assert (promised(seen.retry_spec), seen.priority) == (None, 3)
    assert (row.state, row.reason) == (PromiseState.MISSED, "do_not_call")


async def test_of_a_call_promised_anew_without_end_the_newest_are_shown(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(promises, "MOST_OF_CALL", 2)
    call = await make.call_of_somebody(db)
    for hours in range(3):
        async with db.write() as session:
            held = await calls.lock(session, call.call_id)
            assert held is not None
            at = NOW + timedelta(seconds=hours)
            await promises.make(session, held, wish(LATER + timedelta(hours=hours)), at)
    async with db.read() as session:
        found = await promises.of_call(session, call.account_id, call.call_id)
    assert [one.promised_at for one in found] == [LATER + timedelta(hours=n) for n in (2, 1)]


async def test_closed_hours_put_it_off_and_open_ones_bring_it_back(db: Database) -> None:
    call = await make.call_of_somebody(db)
    await promise(db, call)
    monday = LATER + timedelta(days=2)
    closed = Decision(
        DecisionKind.WAIT, "calling_hours", "x", until=monday, waiting_for=WaitingFor.WINDOW
    )
    await make.decide(db, call.call_id, closed)
    row = await of_call(db, call)
    assert (row.due_at, row.reason) == (monday, "calling_hours")
    lifted = Decision(
        DecisionKind.WAIT, "promised", "x", until=LATER, waiting_for=WaitingFor.WINDOW
    )
    await make.decide(db, call.call_id, lifted)
    row = await of_call(db, call)
    assert (row.due_at, row.reason, row.state) == (LATER, None, PromiseState.OPEN)


async def test_a_call_that_has_ended_is_followed_by_another_one(db: Database) -> None:
    call = await make.call_of_somebody(db, priority=3, context={"name": "Ada"})
    await make.decide(db, call.call_id, END)
    async with db.write() as session:
        ended = await calls.lock(session, call.call_id)
        assert ended is not None
        row = await promised_calls.follow(session, ended, wish(made_in=call.call_id), NOW)
    back = await make.call_seen(db, row.call_id)
    assert (back.endpoint, back.context) == (call.endpoint, {"name": "Ada"})
    assert (back.next_attempt_at, back.outcome, back.attempt_count) == (LATER, None, 0)
    assert (await of_call(db, call)).promise_id == row.promise_id


async def test_the_call_that_follows_one_of_a_campaign_does_not_wait_to_be_found(
    db: Database,
) -> None:
    agent = await make.agent(db, await make.account(db))
    campaign = await make.campaign(db, agent)
    call = await make.call(db, agent, campaign_id=campaign.campaign_id)
    await make.decide(db, call.call_id, END)
    async with db.write() as session:
        ended = await calls.lock(session, call.call_id)
        assert ended is not None
        row = await promised_calls.follow(session, ended, wish(made_in=call.call_id), NOW)
    async with db.read() as session:
        found = await startable.left(session, NOW + timedelta(minutes=1), 10)
    # Long before it is due, as the starter leaves calls of campaigns alone.
    assert [one.call_id for one in found] == [row.call_id]


async def test_pages_and_figures_are_an_accounts_own(db: Database) -> None:
    owner = await make.account(db)
    agent = await make.agent(db, owner)
    mine = [await make.call(db, agent, endpoint=f"+1415555012{n}") for n in range(3)]
    await promise(db, await make.call_of_somebody(db))
    for n, call in enumerate(mine):
        await promise(db, call, wish(LATER + timedelta(hours=n)))
    await make.decide(db, mine[2].call_id, END)
    async with db.read() as session:
        first, cursor = await promises.page(
            session, owner.account_id, is_open=True, take=1, cursor=None
        )
        rest, end = await promises.page(
            session, owner.account_id, is_open=True, take=1, cursor=cursor
        )
        every, _ = await promises.page(
            session, owner.account_id, is_open=False, take=9, cursor=None
        )
        figures = await promises.figures(session, owner.account_id, NOW)
    assert [one.call_id for one in (*first, *rest)] == [mine[0].call_id, mine[1].call_id]
    assert (end, len(every)) == (None, 3)
    assert (figures.open, figures.missed, figures.kept_share) == (2, 1, 0.0)
