"""Lists of numbers and marks of pools, on both databases."""

from typing import Any

from policy.caller_ids.standings import CallerIdCheck, CallerIdStanding
from policy.location.caller_ids import choose
from policy.model.call import CallStatus
from policy.rules import STANDARD
from storage.caller_ids import marks, number_lists
from storage.caller_ids.number_lists import INSTALLATION, ListChange
from storage.caller_ids.standings import standings
from storage.database.engine import Database
from storage.tables import Agent, Call, CarrierAccount
from tests.storage import make
from tests.storage.make import NOW, later

FIRST, SECOND = "+12025550100", "+12025550101"


def told(*numbers: str, **changes: Any) -> list[dict[str, Any]]:
    blank = {"kind": "owned", "sid": "PN1", "name": "", "voice": True}
    rest = {"caller_name": None, "shaken_stir": None}
    return [{"number": one, **blank, **rest, **changes} for one in numbers]


async def enter(db: Database, *numbers: str, holder: str = INSTALLATION) -> ListChange:
    async with db.write() as session:
        return await number_lists.enter(session, holder, told(*numbers), NOW)


async def test_a_list_that_is_entered_again_says_what_came_and_went(db: Database):
    assert await enter(db, FIRST, SECOND) == ListChange(2, 2, 0)
    assert await enter(db, FIRST, SECOND) == ListChange(2, 0, 0)
    assert await enter(db, FIRST) == ListChange(1, 0, 1)
    assert await enter(db, FIRST) == ListChange(1, 0, 0)
    assert await enter(db, FIRST, SECOND) == ListChange(2, 1, 0)
    async with db.read() as session:
        rows, total = await number_lists.page(session, INSTALLATION, 1, 1)
        assert await number_lists.counts(session, [INSTALLATION]) == {INSTALLATION: 2}
    assert ([row.number for row in rows], total) == ([SECOND], 2)


async def test_a_number_stands_where_it_is_dialed_from(db: Database):
    owner = await make.account(db)
    row = CarrierAccount(
        account_id=owner.account_id,
        name="Ireland",
        account_sid="AC1",
        caller_ids=[SECOND],
        token_time=NOW,
        created_time=NOW,
        updated_time=NOW,
    )
    async with db.write() as session:
        session.add(row)
    await enter(db, FIRST, SECOND)
    async with db.read() as session:
        found = await standings(session, owner.account_id, [FIRST, SECOND, "sip:a@example.com"])
    assert {one: found[one].standing for one in found} == {
        FIRST: CallerIdStanding.OWNED,
        SECOND: CallerIdStanding.NOT_IMPORTED,
        "sip:a@example.com": CallerIdStanding.NOT_A_NUMBER,
    }


async def test_marks_come_and_go_with_the_list_and_waiting_calls_move_a_page_at_a_time(
    db: Database, monkeypatch: Any
):
    monkeypatch.setattr(marks, "PAGE", 3)
    by = await make.agent(db, await make.account(db), caller_ids=[FIRST, SECOND])
    people = [f"+120255503{index:02}" for index in range(20)]
    made = [
        await make.call(db, by, endpoint=one, caller_id=choose(by.caller_ids, one))
        for one in people
    ]
    ended = await make.call(db, by, caller_id=FIRST)
    async with db.write() as session:
        row = await session.get_one(Call, ended.call_id)
        row.status = CallStatus.COMPLETED
        session.add(row)
    await enter(db, SECOND)
    async with db.write() as session:
        changed = await marks.refresh_barred(session, by.account_id, CallerIdCheck.IMPORTED, NOW)
        assert [agent.caller_id_marks for agent in changed] == [{FIRST: "barred"}]
    after: str | None = ""
    while after is not None:
        async with db.write() as session:
            agent = await session.get_one(Agent, by.agent_id)
            after = await marks.move_waiting(session, agent, STANDARD, after)
    async with db.read() as session:
        now_from = {(await session.get_one(Call, call.call_id)).caller_id for call in made}
        assert (await session.get_one(Call, ended.call_id)).caller_id == FIRST
    assert now_from == {SECOND}
    await enter(db, FIRST, SECOND)
    async with db.write() as session:
        args = (session, by.account_id, CallerIdCheck.IMPORTED, later(1))
        assert [agent.caller_id_marks for agent in await marks.refresh_barred(*args)] == [None]
        assert await marks.refresh_barred(*args) == []
