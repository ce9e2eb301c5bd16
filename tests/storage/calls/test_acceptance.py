"""What a request for a call is held against."""

import asyncio

from policy.model.call import Outcome
from storage.accounts import accounts
from storage.calls import calls
from storage.calls.acceptance import look_up
from storage.database.engine import Database
from storage.tables import Account, Agent, ApiKey, Pathway
from tests.storage import make
from tests.storage.make import CALLEE, NOW, later


async def _pathway(db: Database, owner: Account) -> Pathway:
    made = Pathway(
        account_id=owner.account_id, name="p", kind="script", created_time=NOW, updated_time=NOW
    )
    async with db.write() as session:
        session.add(made)
    return made


async def _key(db: Database, agent: Agent) -> str:
    async with db.write() as session:
        key, _ = await accounts.new_key(session, agent.account_id, "tests", ["*"], NOW)
    return key.api_key_id


async def _duplicate(db: Database, agent: Agent, at: float, endpoint: str = CALLEE) -> str | None:
    key = await _key(db, agent)
    async with db.write() as session:
        found = await look_up(session, key, agent.agent_id, None, [endpoint], later(at))
    assert found is not None
    return found.duplicate


async def test_a_request_finds_its_agent_and_the_pathway_that_it_names_or_else_the_agents(
    db: Database,
):
    owner, other = await make.account(db), await make.account(db)
    own, named, strange = [await _pathway(db, one) for one in (owner, owner, other)]
    agent = await make.agent(db, owner, pathway_id=own.pathway_id)
    key = await _key(db, agent)

    async def found(agent_id: str, pathway_id: str | None) -> tuple[str | None, str | None]:
        async with db.read() as session:
            grounds = await look_up(session, key, agent_id, pathway_id, [], NOW)
        assert grounds is not None
        assert (grounds.account.account_id, grounds.key.api_key_id) == (owner.account_id, key)
        its_agent, its_pathway = grounds.agent, grounds.pathway
        return (
            None if its_agent is None else its_agent.agent_id,
            None if its_pathway is None else its_pathway.pathway_id,
        )

    assert await found(agent.agent_id, None) == (agent.agent_id, own.pathway_id)
    assert await found(agent.agent_id, named.pathway_id) == (agent.agent_id, named.pathway_id)
    assert await found(agent.agent_id, strange.pathway_id) == (agent.agent_id, None)
    assert await found((await make.agent(db, other)).agent_id, None) == (None, None)


async def test_a_revoked_key_finds_nothing(db: Database):
    agent = await make.agent(db, await make.account(db))
    key = await _key(db, agent)
    async with db.write() as session:
        row = await session.get(ApiKey, key)
        assert row is not None
        row.revoked_time = NOW
    async with db.read() as session:
        assert await look_up(session, key, agent.agent_id, None, [CALLEE], NOW) is None


async def test_an_open_call_to_the_endpoint_is_a_duplicate(db: Database):
    agent = await make.agent(db, await make.account(db))
    call = await make.call(db, agent)
    assert await _duplicate(db, agent, 3600) == call.call_id
    assert await _duplicate(db, agent, 0, "+14155550102") is None
    other = await make.agent(db, await make.account(db))
    assert await _duplicate(db, other, 0) is None


async def test_an_ended_call_is_a_duplicate_for_a_minute(db: Database):
    agent = await make.agent(db, await make.account(db))
    call = await make.call(db, agent)
    await make.decide(db, call.call_id, make.end(Outcome.BUSY))
    assert await _duplicate(db, agent, 59) == call.call_id
    assert await _duplicate(db, agent, 61) is None


async def test_of_two_requests_at_once_one_is_the_duplicate(db: Database):
    agent = await make.agent(db, await make.account(db))
    key = await _key(db, agent)

    async def accept() -> bool:
        async with db.write() as session:
            found = await look_up(session, key, agent.agent_id, None, [CALLEE], NOW)
            assert found is not None
            if found.duplicate is None:
                await calls.insert_many(session, [make.unsaved_call(agent)], NOW)
            return found.duplicate is None

    assert sum(await asyncio.gather(*(accept() for _ in range(6)))) == 1
