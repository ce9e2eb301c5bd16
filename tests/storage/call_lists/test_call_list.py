"""What people look at: filters, pages that neither skip nor repeat, counts, one account only."""

import random
from dataclasses import replace

import pytest

from policy.model.call import CallStatus, Outcome, WaitingFor
from storage.call_lists import call_list
from storage.call_lists.call_list import BadCursor, CallFilter, CallOrder, CallPage
from storage.database.engine import Database
from storage.tables import Account, Agent, Call
from tests.storage import make
from tests.storage.make import later

ALL = CallFilter()


async def _page(db: Database, by: Agent, filter_: CallFilter = ALL, **paging) -> CallPage:
    async with db.read() as session:
        return await call_list.call_page(session, by.account_id, filter_, **paging)


async def _queue(db: Database, by: Agent, filter_: CallFilter = ALL, **paging) -> CallPage:
    async with db.read() as session:
        return await call_list.queue_page(session, by.account_id, filter_, **paging)


def _ids(calls: list[Call]) -> list[str]:
    return [call.call_id for call in calls]


@pytest.fixture
async def agent(db: Database) -> Agent:
    await make.call_of_somebody(db)
    return await make.agent(db, await make.account(db, account_id="ours"))


async def test_the_newest_call_comes_first_and_others_never(db: Database, agent: Agent):
    old, new = [await make.call(db, agent, at=later(at)) for at in (1, 2)]
    page = await _page(db, agent)
    assert (_ids(page.rows), page.total, page.next_cursor) == (_ids([new, old]), 2, None)


async def test_following_the_cursor_shows_every_call_once(db: Database, agent: Agent):
    made = [await make.call(db, agent, at=later(n // 3)) for n in range(10)]
    seen: list[str] = []
    cursor = None
    while True:
        page = await _page(db, agent, take=3, cursor=cursor)
        assert page.total == 10
        seen += _ids(page.rows)
        if page.next_cursor is None:
            break
        cursor = page.next_cursor
    assert len(seen) == 10
    assert set(seen) == set(_ids(made))


async def test_a_call_made_meanwhile_moves_no_page(db: Database, agent: Agent):
    old = [await make.call(db, agent, at=later(n)) for n in range(4)]
    page = await _page(db, agent, take=2)
    await make.call(db, agent, at=later(9))
    rest = await _page(db, agent, take=2, cursor=page.next_cursor)
    assert _ids(rest.rows) == _ids([old[1], old[0]])


async def test_skip_and_take_count_from_the_newest(db: Database, agent: Agent):
    made = [await make.call(db, agent, at=later(n)) for n in range(4)]
    page = await _page(db, agent, skip=1, take=2)
    assert (_ids(page.rows), page.total) == (_ids([made[2], made[1]]), 4)


@pytest.mark.parametrize(
    "cursor", ["", "x", "é", "bnVsbA", "WzFd", "WyIyMDI2LTAxLTAxIiwgImEiXQ", "W3RydWUsIDFd"]
)
async def test_a_made_up_cursor_is_refused(db: Database, agent: Agent, cursor: str):
    with pytest.raises(BadCursor):
        await _page(db, agent, cursor=cursor)
    with pytest.raises(BadCursor):
        await _queue(db, agent, cursor=cursor)


_NESTED = {"a": {"b": 7, "c": {"d": True}}, "x.y": "flat"}


async def test_every_filter_finds_its_call_and_no_other(db: Database, agent: Agent):
    other = await make.agent(db, Account(account_id="ours", name="ours"))
    wanted = await make.call(
        db,
        agent,
        at=later(50),
        endpoint="+14155550177",
        campaign_id="spring",
        additional_data={"crm": "77", "size": 5, "vip": True, "who": "Zoë", 'é"': 1.5, **_NESTED},
    )
    await make.call(db, other, additional_data={"crm": "78", "size": 6, "vip": False})
    await make.decide(db, wanted.call_id, make.end(Outcome.BUSY))
    filters = [
        CallFilter(agent_id=agent.agent_id),
        CallFilter(statuses=[CallStatus.FAILED, CallStatus.CANCELED]),
        CallFilter(endpoint="+14155550177"),
        CallFilter(campaign_id="spring"),
        CallFilter(outcome=Outcome.BUSY),
        CallFilter(from_date=later(50)),
        CallFilter(ids=[wanted.call_id, "nobody"]),
        CallFilter(additional_data={"crm": "77"}),
        CallFilter(additional_data={"size": "5"}),
        CallFilter(additional_data={"vip": "true", "who": "Zoë"}),
        CallFilter(additional_data={'é"': "1.5"}),
        CallFilter(call_id=wanted.call_id),
        CallFilter(endpoint_part="5550177"),
        CallFilter(additional_data={"a.b": "7"}),
        CallFilter(additional_data={"a.c.d": "true"}),
        CallFilter(additional_data={"x.y": "flat"}),
    ]
    for filter_ in filters:
        page = await _page(db, agent, filter_)
        assert (_ids(page.rows), page.total) == ([wanted.call_id], 1), filter_


async def test_filters_that_do_not_fit_find_nothing(db: Database, agent: Agent):
    await make.call(db, agent, at=later(50), additional_data={"a": "1", "b": None, "flag": True})
    for filter_ in [
        CallFilter(to_date=later(50)),
        CallFilter(ids=[]),
        CallFilter(additional_data={"a": "2"}),
        CallFilter(additional_data={'a" OR 1=1': "1"}),
        CallFilter(additional_data={"b": "null"}),
        CallFilter(additional_data={"flag": "1"}),
        CallFilter(additional_data={"a.b": "1"}),
        CallFilter(additional_data={"flag.b": "1"}),
        CallFilter(endpoint_part="000000"),
    ]:
        assert (await _page(db, agent, filter_)).total == 0, filter_


async def test_the_queue_shows_who_is_next(db: Database, agent: Agent):
    retry = WaitingFor.RETRY
    retrying = await make.call(db, agent)
    await make.decide(db, retrying.call_id, make.wait(later(500), retry))
    later_open = await make.call(db, agent)
    await make.decide(db, later_open.call_id, make.wait(later(400)))
    created = await make.call(db, agent, at=later(3))
    low, high = await make.call(db, agent), await make.call(db, agent, priority=9)
    for place, call in enumerate((low, high)):
        await make.decide(db, call.call_id, make.queue(), later(place))
    dialed = await make.call(db, agent)
    await make.decide(db, dialed.call_id, make.dial())
    for live in [await make.call(db, agent, endpoint="+14155550102")]:
        await make.sent(db, live)
    ended = await make.call(db, agent)
    await make.decide(db, ended.call_id, make.end(Outcome.BUSY))
    expected = _ids([dialed, high, low, created, later_open, retrying])
    page = await _queue(db, agent)
    assert (_ids(page.rows), page.total) == (expected, 6)
    first = await _queue(db, agent, take=4)
    rest = await _queue(db, agent, take=4, cursor=first.next_cursor)
    assert _ids(first.rows) + _ids(rest.rows) == expected
    assert rest.next_cursor is None


async def test_following_the_queue_shows_every_call_once(db: Database, agent: Agent):
    chance = random.Random(4)
    made = [await make.call(db, agent, priority=chance.randrange(11)) for _ in range(12)]
    for call in made[:9]:
        decision = chance.choice([make.queue(), make.wait(later(chance.randrange(3)))])
        await make.decide(db, call.call_id, decision)
    whole = _ids((await _queue(db, agent)).rows)
    walked: list[str] = []
    page = await _queue(db, agent, take=2)
    while True:
        walked += _ids(page.rows)
        if page.next_cursor is None:
            break
        page = await _queue(db, agent, take=2, cursor=page.next_cursor)
    assert walked == whole
    assert set(walked) == set(_ids(made))


async def test_every_status_is_counted_even_when_there_is_none(db: Database, agent: Agent):
    first, _ = [await make.call(db, agent) for _ in range(2)]
    await make.decide(db, first.call_id, make.end(Outcome.BUSY))
    async with db.read() as session:
        counts = await call_list.status_counts(session, agent.account_id, ALL)
        none = await call_list.status_counts(session, agent.account_id, replace(ALL, ids=[]))
    assert set(counts) == {status.value for status in CallStatus}
    assert {status: count for status, count in counts.items() if count} == {
        "Created": 1,
        "Failed": 1,
    }
    assert set(none.values()) == {0}


@pytest.mark.parametrize("order", list(CallOrder))
async def test_in_every_order_the_cursor_shows_every_call_once(
    db: Database, agent: Agent, order: CallOrder
):
    made = [await make.call(db, agent, at=later(n)) for n in range(7)]
    async with db.write() as session:
        for n, call in enumerate(made[:4]):
            row = await session.get(Call, call.call_id)
            assert row is not None
            # Two that are alike, and three that have not ended.
            row.completed_time, row.duration_seconds = later(100 - n // 2), 30 * (n // 2)
            session.add(row)
    seen: list[str] = []
    cursor = None
    while True:
        page = await _page(db, agent, take=2, cursor=cursor, order=order)
        assert page.total == 7
        seen += _ids(page.rows)
        cursor = page.next_cursor
        if cursor is None:
            break
    assert sorted(seen) == sorted(_ids(made))
    first = {
        CallOrder.NEWEST: {6},
        CallOrder.OLDEST: {0},
        CallOrder.ENDED: {0, 1},
        CallOrder.LONGEST: {2, 3},
    }[order]
    assert seen[0] in {made[n].call_id for n in first}


@pytest.mark.parametrize(
    ("part", "found"),
    [
        ("ada", [0]),
        ("LOVE", [0]),
        ("hopper", [1]),
        ("Émile", [2]),
        ("%", []),
        ("crmId", []),
        ("name", []),
    ],
)
async def test_a_call_is_found_by_a_part_of_the_name_in_its_context(
    db: Database, agent: Agent, part: str, found: list[int]
):
    contexts: list[dict[str, object]] = [
        {"name": "Ada Lovelace", "crmId": "7"},
        {"firstName": "Grace", "lastName": "Hopper"},
        {"full_name": "Émile Zola"},
        {"note": "ada hopper", "name": 5},
        {},
    ]
    made = [await make.call(db, agent, at=later(n)) for n in range(len(contexts))]
    async with db.write() as session:
        for call, context in zip(made, contexts, strict=True):
            row = await session.get(Call, call.call_id)
            assert row is not None
            row.context = context
            session.add(row)
    page = await _page(db, agent, CallFilter(name=part))
    assert _ids(page.rows) == [made[n].call_id for n in found]


async def test_calls_that_are_left_out_are_not_counted_either(db: Database, agent: Agent):
    first, second = [await make.call(db, agent, at=later(n)) for n in range(2)]
    page = await _page(db, agent, CallFilter(without=[first.call_id]))
    assert (_ids(page.rows), page.total) == ([second.call_id], 1)
