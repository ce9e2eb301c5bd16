"""Looks at SQLite in a thread, of which whoever asked is cancelled at any moment.

Where the last test fails, aiosqlite has moved what `storage/database/sqlite/sqlite_thread.py`
takes from it: look at `aiosqlite/core.py`, mend that, and only then raise the pin in
pyproject.toml.
"""

import asyncio
import sqlite3
import threading
import tomllib
from pathlib import Path

import aiosqlite
import pytest
from sqlalchemy import text

from storage.database.engine import Database
from storage.database.sqlite import sqlite_thread
from tests.wait import until

PROJECT = Path(__file__).parents[3] / "pyproject.toml"
#: Takes the thread some milliseconds.
_LONG = text(
    "WITH RECURSIVE one (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM one WHERE n < 20000) "
    "SELECT count(*) FROM one"
)


@pytest.fixture
def file(tmp_path: Path) -> Database:
    return Database(f"sqlite:///{tmp_path / 'looked-at.db'}")


async def _look(file: Database) -> None:
    async with file.browse() as session:
        for _ in range(2):
            await session.execute(_LONG)


async def test_whoever_is_cancelled_once_or_again_leaves_nothing_behind(file: Database):
    own = asyncio.all_tasks()
    for turn in range(80):
        look = asyncio.create_task(_look(file))
        await asyncio.sleep(turn * 0.0002)
        look.cancel()
        await asyncio.sleep(turn % 4 * 0.0002)
        look.cancel()
        await asyncio.wait({look})
    await file.close()

    async def nothing_is_left() -> bool:
        return asyncio.all_tasks() == own

    await until(nothing_is_left, "what closes connections has ended")


# A thread that answers when the process has ended already says so.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_process_ends_in_the_middle_of_looks(tmp_path: Path):
    """As asyncio ends one: every task is cancelled, and waited for."""

    async def leave(turn: int) -> None:
        file = Database(f"sqlite:///{tmp_path / str(turn)}.db")
        looks = [asyncio.create_task(_look(file)) for _ in range(5 + 25 * (turn % 2))]
        await asyncio.sleep(turn * 0.0005)
        for look in looks:
            look.cancel()
        await file.close()

    def end_many() -> None:
        for turn in range(30):
            asyncio.run(leave(turn))

    ends = threading.Thread(target=end_many, daemon=True)
    ends.start()
    ends.join(60)
    assert not ends.is_alive()


async def test_the_thread_ends_with_its_connection_and_hears_of_it_once(tmp_path: Path):
    connection = await sqlite_thread.connect(str(tmp_path / "one.db"))
    thread = connection._thread
    await connection.close()
    await connection.close()
    assert connection.stop() is connection.stop()
    thread.join(10)
    assert not thread.is_alive()


async def test_what_the_thread_cannot_do_is_told(tmp_path: Path):
    with pytest.raises(sqlite3.OperationalError):
        await sqlite_thread.connect(str(tmp_path / "no-such-folder" / "one.db"))
    connection = await sqlite_thread.connect(str(tmp_path / "one.db"))
    with pytest.raises(sqlite3.OperationalError):
        await connection.execute("SELECT nonsense")
    await connection.close()
    with pytest.raises(ValueError, match="no active connection"):
        await connection.execute("SELECT 1")


def test_aiosqlite_is_pinned_to_the_minor_version_that_was_looked_at():
    assert (
        "aiosqlite>=0.22,<0.23"
        in tomllib.loads(PROJECT.read_text())["project"]["optional-dependencies"]["worker"]
    )
    assert aiosqlite.__version__.startswith("0.22.")
