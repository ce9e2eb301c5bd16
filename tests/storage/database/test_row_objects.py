"""Rows that are asked for with every call are the session's objects, on both databases."""

import pytest
from sqlalchemy import bindparam
from sqlalchemy import select as sql_select
from sqlalchemy.exc import MultipleResultsFound
from sqlmodel import col, select

from storage.database.engine import Database
from storage.database.row_objects import one_row
from storage.tables import Account, Agent, Call, Pathway
from tests.storage import make

OF_CALL = (
    sql_select(Call, col(Agent.name), Account, Pathway, col(Call.priority) + 1)
    .join(Agent, col(Agent.agent_id) == col(Call.agent_id))
    .join(Account, col(Account.account_id) == col(Call.account_id))
    .outerjoin(Pathway, col(Pathway.pathway_id) == col(Call.pathway_id))
    .where(col(Call.call_id) == bindparam("call"))
)
ANY_CALL = select(Call, Agent).join(Agent, col(Agent.agent_id) == col(Call.agent_id))


async def test_a_row_is_what_the_orm_would_make_of_it(db: Database) -> None:
    call = await make.call_of_somebody(db)
    async with db.read() as session:
        expected = (await session.execute(OF_CALL, {"call": call.call_id})).one()
    async with db.read() as session:
        found = await one_row(session, OF_CALL, {"call": call.call_id})
    assert found is not None
    mine, name, account, pathway, after = found
    assert mine.model_dump() == expected[0].model_dump()
    assert account.model_dump() == expected[2].model_dump()
    assert (name, pathway, after) == (expected[1], expected[3], expected[4])


async def test_what_is_changed_of_it_is_written(db: Database) -> None:
    call = await make.call_of_somebody(db)
    async with db.write() as session:
        found = await one_row(session, OF_CALL, {"call": call.call_id})
        assert found is not None
        found[0].detail = "changed"
    async with db.read() as session:
        kept = await session.get(Call, call.call_id)
    assert kept is not None
    assert kept.detail == "changed"


async def test_a_row_that_the_session_knows_already_is_the_same_object(db: Database) -> None:
    call = await make.call_of_somebody(db)
    async with db.write() as session:
        known = await session.get(Call, call.call_id)
        assert known is not None
        known.detail = "not written yet"
        found = await one_row(session, OF_CALL, {"call": call.call_id})
        assert found is not None
        assert found[0] is known
        assert await session.get(Account, call.account_id) is found[2]
    assert known.detail == "not written yet"


async def test_no_row_is_none_and_two_are_a_mistake(db: Database) -> None:
    await make.call_of_somebody(db)
    async with db.write() as session:
        assert await one_row(session, OF_CALL, {"call": "nobody"}) is None
    await make.call_of_somebody(db)
    async with db.write() as session:
        with pytest.raises(MultipleResultsFound):
            await one_row(session, ANY_CALL, {})
