"""Each migration with rows in all tables: there, back and there again, on both databases."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import (
    Connection,
    MetaData,
    Table,
    create_engine,
    event,
    func,
    insert,
    inspect,
    select,
    update,
)
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import JSON, Boolean, DateTime, Float, Integer

from storage import tables
from storage.database import migrate
from tests.storage.database.postgres import Postgres

ROWS = 3
AT = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
#: Where any word or list would not do.
_VALUES: dict[str, Any] = {"status": "Created", "endpoint": "+12025550123", "waivers": []}
#: Filled by triggers.
_BY_ITSELF = ("alembic_version", "call_tally")
#: Steps that are tried with the code before them; what is older has been tried before.
NEWEST = 5


def steps() -> list[str]:
    """All revisions, the oldest first."""
    folder = Path(migrate.__file__).parents[1] / "migrations"
    config = Config()
    config.set_main_option("script_location", str(folder))
    return [one.revision for one in ScriptDirectory.from_config(config).walk_revisions()][::-1]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'steps.db'}"
    server: Postgres = request.getfixturevalue("postgres")
    return server.url(server.create_database())


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA foreign_keys=ON"))
    yield engine
    engine.dispose()


def test_every_step_goes_there_and_back_with_rows_in_all_tables(url: str, engine: Engine) -> None:
    seen: set[str] = set()
    for before, step in zip([None, *steps()], steps(), strict=False):
        was = {} if before is None else contents(engine)
        migrate.upgrade(url, step)
        assert counts(contents(engine), was) == counts(was, was), f"rows are lost by {step}"
        if before is not None:
            migrate.downgrade(url, before)
            assert contents(engine) == was, f"{step} does not lead back"
            migrate.upgrade(url, step)
        fill(engine, seen)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, tables.Call.metadata) == []
    known = {table.name for table in tables.Call.metadata.sorted_tables}
    assert known == seen | {"call_tally"}


def test_code_of_the_version_before_goes_on_after_each_step(url: str, engine: Engine) -> None:
    """Expand, then contract: what it writes and reads is still there while it runs on."""
    newest = steps()[-NEWEST - 1 :]
    for before, step in pairwise(newest):
        migrate.upgrade(url, before)
        old = reflected(engine)
        migrate.upgrade(url, step)
        assert goes_on(engine, old), f"{step} breaks the code before it: see CONTRIBUTING.md"


def test_a_step_that_takes_a_column_away_would_be_noticed(url: str, engine: Engine) -> None:
    migrate.upgrade(url)
    old = reflected(engine)
    assert goes_on(engine, old)
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE attempt DROP COLUMN sip_code")
    assert not goes_on(engine, old)


def test_numbers_of_a_contact_that_is_written_during_the_step_are_found(postgres: Postgres) -> None:
    database = postgres.create_database()
    url = postgres.url(database)
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    migrate.upgrade(url, "0038")
    fill(engine, set())
    numbers = """'[{"endpoint": "+12025550101"}, {"endpoint": "+12025550102"}]'"""
    waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'contact'::regclass"
    with ThreadPoolExecutor(1) as pool, engine.connect() as writer, engine.connect() as watcher:
        begun = writer.begin()
        writer.exec_driver_sql(f"UPDATE contact SET numbers_spec = {numbers} WHERE contact_id = 1")
        step = pool.submit(migrate.upgrade, url, "0039")
        watcher = watcher.execution_options(isolation_level="AUTOCOMMIT")
        while not watcher.exec_driver_sql(waits).scalar() and not step.done():
            pass
        begun.commit()
        step.result()
        found = watcher.exec_driver_sql("SELECT endpoint FROM contact_number ORDER BY endpoint")
        assert [one for (one,) in found] == ["+12025550101", "+12025550102"]
    engine.dispose()


def reflected(engine: Engine) -> MetaData:
    found = MetaData()
    found.reflect(engine)
    return found


def goes_on(engine: Engine, old: MetaData) -> bool:
    """Whether rows of the old columns can still be written, changed and read; none is kept."""
    with engine.connect() as connection, connection.begin() as transaction:
        try:
            for table in old.sorted_tables:
                if table.name not in _BY_ITSELF:
                    known = [row(table, number) for number in range(ROWS)]
                    connection.execute(insert(table), known)
                    connection.execute(update(table).values({c.name: c for c in table.columns}))
                    connection.execute(select(table))
        except DBAPIError:
            return False
        finally:
            transaction.rollback()
    return True


def test_all_the_way_back_nothing_is_left(url: str, engine: Engine) -> None:
    migrate.upgrade(url)
    fill(engine, set())
    migrate.downgrade(url, "base")
    assert set(contents(engine)) <= {"alembic_version"}
    migrate.upgrade(url)
    assert migrate.current(url) == migrate.head()


Contents = dict[str, list[dict[str, Any]]]


def contents(engine: Engine) -> Contents:
    """All rows of all tables, by name; rows in an order of their own."""
    with engine.connect() as connection:
        return {
            name: sorted(
                (
                    dict(row)
                    for row in connection.exec_driver_sql(f"SELECT * FROM {name}").mappings()
                ),
                key=str,
            )
            for name in inspect(connection).get_table_names()
            if name not in _BY_ITSELF
        }


def rows_of(connection: Connection, name: str) -> list[Any]:
    return list(connection.exec_driver_sql(f"SELECT * FROM {name}").mappings())


def counts(of: Contents, only: Contents) -> dict[str, int]:
    return {name: len(rows) for name, rows in of.items() if name in only}


def fill(engine: Engine, seen: set[str]) -> None:
    """Rows for each table that is new, those first that others refer to."""
    with engine.begin() as connection:
        new = {*inspect(connection).get_table_names()} - seen - {*_BY_ITSELF}
        metadata = MetaData()
        metadata.reflect(connection, only=sorted(new))
        for table in metadata.sorted_tables:
            if table.name in new and not counted(connection, table):
                connection.execute(insert(table), [row(table, number) for number in range(ROWS)])
    seen |= new


def counted(connection: Connection, table: Table) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


def row(table: Table, number: int) -> dict[str, Any]:
    """Whatever must have a value has one; each row's own."""
    return {
        column.name: value(column, number)
        for column in table.columns
        if not column.nullable or column.foreign_keys
    }


def value(column: Any, number: int) -> Any:
    if column.foreign_keys:
        (key,) = column.foreign_keys
        return value(key.column, number)
    if column.name in _VALUES:
        return _VALUES[column.name]
    kinds = {
        Boolean: False,
        DateTime: AT,
        Float: number + 0.5,
        Integer: number + 1,
        JSON: {},
    }
    known = [kinds[kind] for kind in kinds if isinstance(column.type, kind)]
    return known[0] if known else f"{column.name}-{number}"[-36:]
