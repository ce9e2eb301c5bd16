"""Every test here runs on SQLite and on PostgreSQL, each on an empty database of its own."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlmodel import delete

from storage import tables
from storage.database import migrate
from storage.database.engine import Database
from tests.storage.database.postgres import Postgres, running_postgres

_TABLES = tables.Call.metadata.sorted_tables


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "test.db"
    migrate.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def sqlite_database(migrated_file: Path) -> Database:
    return Database(f"sqlite:///{migrated_file}")


@pytest.fixture(scope="session")
def postgres_database(postgres: Postgres) -> Database:
    url = postgres.url(postgres.create_database())
    migrate.upgrade(url)
    return Database(url)


@pytest.fixture(params=["sqlite", "postgresql"])
async def db(request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    """An empty database. It is one for the whole run, so that SQL is compiled once."""
    names = {"sqlite": "sqlite_database", "postgresql": "postgres_database"}
    database: Database = request.getfixturevalue(names[request.param])
    yield database
    async with database.write() as session:
        for table in reversed(_TABLES):
            # Cheaper than TRUNCATE where there are only a few rows.
            await session.exec(delete(table))
        # Deleting calls has counted them away once more.
        await session.exec(delete(tables.CallTally))
    await database.close()
