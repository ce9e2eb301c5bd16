"""Brings a database to the tables of this version. Synchronous: runs before anything else does."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, event, text
from sqlalchemy.engine import make_url

from storage.database.engine import set_pragmas
from storage.database.postgresql import TimeOuts

#: Any number, as long as it is always the same: it names the lock of those who migrate.
_LOCK = 7262177104
#: Whoever waits for a table has all others wait behind: rather nothing is migrated, and the command
#: is repeated. What a migration does with what it has may take as long as it takes.
_TIME_OUTS = TimeOuts(statement=0, lock=10, idle=0)
#: Through a pooler what is prepared would stay on a connection that others get.
_POSTGRESQL = {"prepare_threshold": None}
_MIGRATIONS = Path(__file__).parents[1] / "migrations"


def upgrade(url: str, revision: str = "head") -> None:
    """Runs what is missing, in one transaction. Two processes at once take turns."""
    with _locked(url) as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def downgrade(url: str, revision: str) -> None:
    """Back to an older revision, in one transaction. What only newer ones know is lost."""
    with _locked(url) as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


def _make_folder(url: str) -> None:
    """The folder of an SQLite file, if it is not there."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        Path(parsed.database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)


def current(url: str) -> str | None:
    """The revision the database is at; None if it has none yet."""
    with _engine_connection(url) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head() -> str:
    """The revision this version needs."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    assert revision is not None
    return revision


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config


@contextmanager
def _locked(url: str) -> Iterator[Connection]:
    with _engine_connection(url) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            lock = text("SELECT pg_advisory_xact_lock(:key)")
            connection.execute(lock, {"key": _LOCK})
            for name, value in _TIME_OUTS.parameters().items():
                connection.exec_driver_sql(f"SET LOCAL {name} = {value}")
        yield connection


@contextmanager
def _engine_connection(url: str) -> Iterator[Connection]:
    drivers = {"sqlite": "sqlite+pysqlite", "postgresql": "postgresql+psycopg"}
    parsed = make_url(url)
    _make_folder(url)
    backend = parsed.get_backend_name()
    arguments = _POSTGRESQL if backend == "postgresql" else {}
    engine = create_engine(parsed.set(drivername=drivers[backend]), connect_args=arguments)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _on_sqlite_connect)
        event.listen(engine, "begin", _on_sqlite_begin)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _on_sqlite_connect(dbapi_connection: Any, _record: Any) -> None:
    dbapi_connection.isolation_level = None
    # Off, or rebuilding a table would delete what refers to it.
    set_pragmas(dbapi_connection, foreign_keys=False)


def _on_sqlite_begin(connection: Connection) -> None:
    # Takes the file's write lock at once, so that a second process waits before it looks.
    connection.exec_driver_sql("BEGIN IMMEDIATE")
