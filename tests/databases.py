"""Databases for tests: migrated once for each worker, then copied.

Migrating takes a quarter of a second, copying a file half a millisecond. On PostgreSQL one database
is emptied after each test, which is cheaper than a copy.
"""

import shutil
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from storage import tables
from storage.database import migrate
from storage.database.engine import Database
from tests.storage.database.postgres import Postgres

#: What a file of SQLite's can have beside it.
_BESIDE = ("-wal", "-shm", "-turn")
_TABLES = [table.name for table in reversed(tables.Call.metadata.sorted_tables)]
#: Cheaper than TRUNCATE where there are only a few rows. Deleting calls counts them away once more.
_EMPTY = "; ".join(f"DELETE FROM {name}" for name in (*_TABLES, tables.CallTally.__tablename__))


class SqliteTemplates:
    """A migrated, empty file in `folder`, and others made from it, of which tests get copies."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._empty = folder / "empty.db"
        self._opened: dict[str, Database] = {}
        migrate.upgrade(_url(self._empty))

    def copy(self, target: Path) -> str:
        """The URL of an empty database at `target`."""
        shutil.copyfile(self._empty, target)
        return _url(target)

    @asynccontextmanager
    async def opened(
        self, name: str, fill: Callable[[Database], Coroutine[Any, Any, None]] | None = None
    ) -> AsyncIterator[Database]:
        """A database as `fill` left it the first time, empty without.

        It is one for the whole run of a name, so that SQL is compiled once.
        """
        source = self._empty if fill is None else await self._filled(name, fill)
        file = self._folder / f"{name}.db"
        _replace(source, file)
        database = self._opened.setdefault(name, Database(_url(file)))
        try:
            yield database
        finally:
            await database.close()

    async def _filled(
        self, name: str, fill: Callable[[Database], Coroutine[Any, Any, None]]
    ) -> Path:
        file = self._folder / f"{name}-filled.db"
        if not file.exists():
            database = Database(self.copy(file))
            await fill(database)
            # Closed, it is one file.
            await database.close()
        return file


@cache
def _template(server: Postgres) -> str:
    name = server.create_database()
    migrate.upgrade(server.url(name))
    return name


def migrated_database(server: Postgres) -> str:
    """The name of a migrated, empty database of the caller's own."""
    return server.create_database(_template(server))


@asynccontextmanager
async def empty_database(request: pytest.FixtureRequest, name: str) -> AsyncIterator[Database]:
    """Of the kind that the fixture's parameter says, "sqlite" or "postgresql"."""
    opened: AbstractAsyncContextManager[Database]
    if request.param == "sqlite":
        templates: SqliteTemplates = request.getfixturevalue("sqlite_templates")
        opened = templates.opened(name)
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


def _replace(source: Path, target: Path) -> None:
    for end in ("", *_BESIDE):
        target.with_name(target.name + end).unlink(missing_ok=True)
    shutil.copyfile(source, target)


def _url(file: Path) -> str:
    return f"sqlite:///{file}"
