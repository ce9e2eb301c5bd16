"""Every test here runs on SQLite and on PostgreSQL, each on an empty database of its own."""

from collections.abc import AsyncIterator

import pytest

from storage.database.engine import Database
from tests.databases import empty_database


@pytest.fixture(params=["sqlite", "postgresql"])
async def db(request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    """An empty database. It is one for the whole run, so that SQL is compiled once."""
    async with empty_database(request, "storage") as database:
        yield database
