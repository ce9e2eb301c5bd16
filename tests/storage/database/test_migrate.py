"""The migrations make exactly the tables that the code expects, once, whoever runs them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text

from storage import tables
from storage.database import migrate
from tests.storage.database.postgres import Postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'new.db'}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    name = server.create_database()
    yield server.url(name)
    server.execute(f"DROP DATABASE {name}")


def _sync(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://")


def test_the_migrations_make_what_the_tables_say(empty_url: str):
    assert migrate.current(empty_url) is None
    migrate.upgrade(empty_url)
    assert migrate.current(empty_url) == migrate.head()
    engine = create_engine(_sync(empty_url))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, tables.Call.metadata) == []
    engine.dispose()


def test_the_partial_indexes_are_partial(empty_url: str):
    migrate.upgrade(empty_url)
    wanted = {
        str(index.name): str(index.dialect_options["sqlite"]["where"])
        for table in tables.Call.metadata.sorted_tables
        for index in table.indexes
        if index.dialect_options["sqlite"]["where"] is not None
    }
    engine = create_engine(_sync(empty_url))
    assert len(wanted) >= 12
    assert {name: _plain(_condition(inspect(engine), name)) for name in wanted} == {
        name: _plain(condition) for name, condition in wanted.items()
    }
    engine.dispose()


def _condition(inspector, name: str) -> str:
    for table in inspector.get_table_names():
        for index in inspector.get_indexes(table):
            if index["name"] == name:
                options = index["dialect_options"]
                found = options.get("sqlite_where", options.get("postgresql_where"))
                return str(found)
    raise LookupError(name)


def _plain(condition: str) -> str:
    return condition.replace("::text", "").replace("(", "").replace(")", "")


def test_upgrading_twice_changes_nothing(empty_url: str):
    migrate.upgrade(empty_url)
    engine = create_engine(_sync(empty_url))
    with engine.begin() as connection:
        connection.execute(text(_ONE_ROW))
    migrate.upgrade(empty_url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM dispatch_deficit")).scalar() == 1
    engine.dispose()


_ONE_ROW = "INSERT INTO dispatch_deficit (account_id, class_key, deficit) VALUES ('a', 'b', 1)"


def test_processes_that_upgrade_at_once_take_turns(empty_url: str):
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(migrate.upgrade, [empty_url] * 4))
    assert migrate.current(empty_url) == migrate.head()
