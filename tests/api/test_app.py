"""The composition root: what it makes itself, and that nothing needs to be there at its start."""

import asyncio
from pathlib import Path
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr
from sqlmodel import select

from api.app import SIMULATED_WAIVERS, create_app
from settings import Settings
from storage.database import migrate
from storage.database.engine import Database
from storage.tables import Account
from tests.api.world import KEY, FakeGateway
from tests.wait import PATIENCE

NOWHERE = "127.0.0.1:9"


def chosen(url: str, **changes: Any) -> Settings:
    return Settings(
        database_url=url,
        temporal_address=NOWHERE,
        bootstrap_api_key=SecretStr(KEY),
        **changes,
    )


async def status_of_list(app: Any) -> int:
    transport = httpx2.ASGITransport(app)
    headers = {"Authorization": f"Bearer {KEY}"}
    async with httpx2.AsyncClient(
        transport=transport, base_url="http://a", headers=headers
    ) as http:
        return (await http.get("/api/v1/calls")).status_code


async def waivers(url: str) -> list[str]:
    db = Database(url)
    async with db.read() as session:
        account = (await session.exec(select(Account))).one()
    await db.close()
    return [waiver["rule"] for waiver in account.waivers]


async def test_the_first_account_is_made_at_the_start_and_only_once(database_url: str):
    for _ in range(2):
        app = create_app(chosen(database_url))
        async with app.router.lifespan_context(app):
            assert await status_of_list(app) == 200
    assert await waivers(database_url) == []


@pytest.mark.parametrize(("url", "waived"), [("http://sim", list(SIMULATED_WAIVERS)), ("", [])])
async def test_rules_are_waived_for_simulated_phones_only(
    database_url: str, url: str, waived: list[str]
):
    app = create_app(chosen(database_url, simulated_phones=True, twilio_api_url=url))
    async with app.router.lifespan_context(app):
        assert await status_of_list(app) == 200
    assert await waivers(database_url) == waived


async def test_the_api_starts_while_temporal_is_away_and_says_so(database_url: str):
    app = create_app(chosen(database_url))
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://a") as http,
    ):
        answer = await http.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {
        "database": "ok",
        "temporal": "away",
        "worker": "away",
        "loops": "away",
    }


async def test_the_api_starts_before_its_database_is_migrated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("api.app.BOOTSTRAP_RETRY", 0.05)
    url = f"sqlite:///{tmp_path / 'late.db'}"
    app = create_app(chosen(url), temporal=FakeGateway())
    async with app.router.lifespan_context(app):
        await asyncio.to_thread(migrate.upgrade, url)
        async with asyncio.timeout(PATIENCE):
            while await status_of_list(app) != 200:  # noqa: ASYNC110 - nothing to wait for
                await asyncio.sleep(0.05)
