"""Fixtures: the real application on SQLite, with a gateway and a clock of the tests' own."""

from collections.abc import AsyncIterator, Iterator, MutableMapping
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx2
import pytest
import structlog
from fastapi import FastAPI
from pydantic import SecretStr

from activities import decide
from activities.caller_ids import number_sources
from api.app import assemble, make_first_account
from api.callbacks.deps import CallbackServices
from server import create_server
from settings import Settings
from storage.database.engine import Database
from telephony.memory.numbers import MemoryNumbers
from tests.api.worker import Worker
from tests.api.world import AUTH_TOKEN, KEY, PUBLIC_URL, Clock, FakeGateway, World
from tests.databases import SqliteTemplates
from tests.permits import waive_consent


@pytest.fixture(scope="session")
def application() -> FastAPI:
    """FastAPI works its routes out at their first use, so the tests share one application."""
    return create_server(Settings())


@pytest.fixture
def settings() -> Settings:
    return Settings(
        public_url=PUBLIC_URL,
        bootstrap_api_key=SecretStr(KEY),
        twilio_auth_token=SecretStr(AUTH_TOKEN),
        amd_hold_seconds=3,
    )


@pytest.fixture
def database_url(sqlite_templates: SqliteTemplates, tmp_path: Path) -> str:
    """An empty database of the test's own."""
    return sqlite_templates.copy(tmp_path / "api.db")


@pytest.fixture
async def world(
    application: FastAPI, settings: Settings, sqlite_templates: SqliteTemplates
) -> AsyncIterator[World]:
    gateway, clock = FakeGateway(), Clock()
    transport = httpx2.ASGITransport(application)
    headers = {"Authorization": f"Bearer {KEY}"}
    numbers = MemoryNumbers()
    asked = patch.object(number_sources, "TwilioNumbers", lambda *_, **__: numbers)
    async with (
        sqlite_templates.opened("api", with_first_account) as db,
        httpx2.AsyncClient(transport=transport, base_url="http://api", headers=headers) as http,
    ):
        application.state.services = assemble(settings, db, gateway, clock)
        application.state.callbacks = CallbackServices.of(settings, gateway)
        with asked:
            yield World(http, db, gateway, clock, numbers)


async def with_first_account(db: Database) -> None:
    """As the API makes it at its start, with `KEY`; it needs no consents on file."""
    settings = Settings(public_url=PUBLIC_URL, bootstrap_api_key=SecretStr(KEY))
    await make_first_account(assemble(settings, db, FakeGateway(), Clock()))
    await waive_consent(db)


@pytest.fixture
def worker(world: World, monkeypatch: pytest.MonkeyPatch) -> Worker:
    monkeypatch.setattr(decide, "utcnow", world.clock)
    return Worker(world)


@pytest.fixture
def logged() -> Iterator[list[MutableMapping[str, Any]]]:
    """Everything structlog is told during the test."""
    with structlog.testing.capture_logs() as entries:
        yield entries
