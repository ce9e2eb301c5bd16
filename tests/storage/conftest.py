"""Every test here runs on SQLite and on PostgreSQL, each on an empty database of its own."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from sqlalchemy import text

from storage import tables
from storage.database.engine import Database
from tests.databases import SqliteTemplates, postgres_template
from tests.storage.database.postgres import Postgres

_TABLES = [table.name for table in reversed(tables.Call.metadata.sorted_tables)]
#: Cheaper than TRUNCATE where there are only a few rows. Deleting calls counts them away once more.
_EMPTY = "; ".join(f"DELETE FROM {name}" for name in (*_TABLES, tables.CallTally.__tablename__))


@pytest.fixture(scope="session")
def postgres_database(postgres: Postgres) -> Database:
    return Database(postgres.url(postgres_template(postgres)))


@pytest.fixture(params=["sqlite", "postgresql"])
async def db(request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    """An empty database. It is one for the whole run, so that SQL is compiled once."""
    opened: AbstractAsyncContextManager[Database]
    if request.param == "sqlite":
        templates: SqliteTemplates = request.getfixturevalue("sqlite_templates")
        opened = templates.opened("storage")
    else:
        opened = _emptied(request.getfixturevalue("postgres_database"))
    async with opened as database:
        yield database


@asynccontextmanager
async def _emptied(database: Database) -> AsyncIterator[Database]:
    try:
        yield database
        async with database.engine.begin() as connection:
            await connection.execute(text(_EMPTY))
    finally:
        await database.close()
