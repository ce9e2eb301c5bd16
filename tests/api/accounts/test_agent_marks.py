"""A mark that is made while somebody changes the agent is not overwritten."""

import asyncio
from collections.abc import AsyncIterator

import httpx2
import pytest
from fastapi import FastAPI

from api.app import assemble
from settings import Settings
from storage.database.engine import Database
from storage.database.locks import lock_account
from storage.tables import Account, Agent
from tests.api.conftest import with_first_account
from tests.api.world import KEY, Clock, FakeGateway, World
from tests.databases import migrated_database
from tests.storage.calls.test_reminder_locks import until_somebody_waits
from tests.storage.database.postgres import Postgres

POOL = ["+12125550100", "+12125550101", "+12125550102"]


@pytest.fixture
async def on_postgres(
    application: FastAPI, settings: Settings, postgres: Postgres
) -> AsyncIterator[World]:
    """SQLite's writers take turns."""
    db = Database(postgres.url(migrated_database(postgres)))
    await with_first_account(db)
    gateway, clock = FakeGateway(), Clock()
    transport = httpx2.ASGITransport(application)
    headers = {"Authorization": f"Bearer {KEY}"}
    async with httpx2.AsyncClient(
        transport=transport, base_url="http://api", headers=headers
    ) as http:
        application.state.services = assemble(settings, db, gateway, clock)
        yield World(http, db, gateway, clock)
    await db.close()


async def test_a_mark_that_is_made_meanwhile_stays(on_postgres: World):
    agent_id = await on_postgres.agent(callerIds=POOL)
    path = f"/api/v1/agents/{agent_id}"
    async with on_postgres.db.write() as session:
        agent = await session.get_one(Agent, agent_id)
        account = await lock_account(session, agent.account_id)
        assert isinstance(account, Account)
        changing = asyncio.create_task(on_postgres.http.patch(path, json={"callerIds": POOL[1:]}))
        await until_somebody_waits(on_postgres.db)
        agent.caller_id_marks = {POOL[0]: "rested", POOL[1]: "barred"}
        session.add(agent)
    assert (await changing).status_code == 200
    async with on_postgres.db.read() as session:
        agent = await session.get_one(Agent, agent_id)
    assert agent.caller_id_marks == {POOL[1]: "barred"}
