"""`trunkline analytics rebuild`: wrong sums put right, the old ones shown until then."""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlmodel.ext.asyncio.session import AsyncSession

from cli import analytics_rebuild as command
from cli.main import main
from policy.time.quarter_hours import OffsetRun, quarter_of
from storage import tables
from storage.analytics import analytics, rollup
from storage.analytics.analytics import SumsQuery
from storage.database.engine import Database
from tests.databases import SqliteTemplates
from tests.storage import make

Typed = Callable[..., int]
CALLS = 7


@pytest.fixture
def url(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, sqlite_templates: SqliteTemplates) -> str:
    """A database with some calls, all of them counted, and then the sums spoiled."""
    found = f"sqlite+aiosqlite:///{tmp_path}/some.db"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRUNKLINE_DATABASE_URL", found)
    monkeypatch.setattr(command, "PAGES", {"sqlite": 3})
    monkeypatch.setattr(command, "TELL_SECONDS", -1.0)
    sqlite_templates.copy(tmp_path / "some.db")
    asyncio.run(_spoiled(found))
    return found


@pytest.fixture
def rebuild(monkeypatch: pytest.MonkeyPatch) -> Typed:
    """Types the command; gives its exit code."""

    def run(*words: str) -> int:
        monkeypatch.setattr(sys, "argv", ["trunkline", "analytics", "rebuild", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0)

    return run


async def _spoiled(url: str) -> None:
    db = Database(url)
    owner = await make.account(db, account_id="acme")
    agent = await make.agent(db, owner)
    for number in range(CALLS):
        await make.call(db, agent, at=make.later(number))
    async with db.write() as session:
        await rollup.count(session, "acme")
        for table in (tables.QUARTER_SUMS, tables.DAY_SUMS):
            await session.exec(update(table).values(scheduled=1000))
    await db.close()


def scheduled(url: str) -> int:
    """Of the day on which the calls were accepted."""

    async def look() -> int:
        db = Database(url)
        async with db.read() as session:
            found = await _scheduled(session)
        await db.close()
        return found

    return asyncio.run(look())


async def _scheduled(session: AsyncSession) -> int:
    begin = quarter_of(make.NOW)
    asked = SumsQuery("acme", (OffsetRun(begin, begin + 4, 0),))
    return (await analytics.totals(session, asked))["scheduled"]


def test_wrong_sums_are_put_right_and_progress_is_told_on_stderr(
    rebuild: Typed, url: str, capsys: pytest.CaptureFixture[str]
):
    assert scheduled(url) == 1000
    assert rebuild() == 0
    assert scheduled(url) == CALLS
    said = capsys.readouterr()
    assert said.out == ""
    lines = said.err.splitlines()
    assert lines[0] == "trunkline: account acme: 3 of 7 calls counted"
    assert lines[1] == "trunkline: account acme: 6 of 7 calls counted"
    assert lines[-1] == "trunkline: account acme: all 7 calls counted, the new numbers are shown"


def test_the_old_numbers_are_shown_while_it_counts(
    rebuild: Typed, url: str, monkeypatch: pytest.MonkeyPatch
):
    real, seen = rollup.enter_page, []

    async def enter_page(session: AsyncSession, page: rollup.BacklogPage) -> None:
        seen.append(await _scheduled(session))
        await real(session, page)

    monkeypatch.setattr(rollup, "enter_page", enter_page)
    assert rebuild() == 0
    assert seen[:3] == [1000, 1000, 1000]
    assert scheduled(url) == CALLS


def test_interrupted_it_says_so_and_whoever_counts_next_goes_on(
    rebuild: Typed, url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    real = rollup.enter_page

    async def interrupted(session: AsyncSession, page: rollup.BacklogPage) -> None:
        await real(session, page)
        raise KeyboardInterrupt

    monkeypatch.setattr(rollup, "enter_page", interrupted)
    assert rebuild() == 130
    assert capsys.readouterr().err.startswith("trunkline: Not all calls are counted yet.")
    assert scheduled(url) == 1000
    asyncio.run(_count_all(url))
    assert scheduled(url) == CALLS


async def _count_all(url: str) -> None:
    db = Database(url)
    more = True
    while more:
        async with db.write() as session:
            more = await rollup.count(session, "acme", 3)
    await db.close()


def test_a_database_without_calls_has_nothing_to_count(
    rebuild: Typed,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    sqlite_templates: SqliteTemplates,
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRUNKLINE_DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path}/empty.db")
    sqlite_templates.copy(tmp_path / "empty.db")
    assert rebuild() == 0


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("sqlite+aiosqlite:///new.db", "run `trunkline migrate` first"),
        ("sqlite+aiosqlite:////proc/nowhere/some.db", "cannot be used"),
        ("postgresql+psycopg://me:hidden@127.0.0.1:1/trunkline", "cannot be used"),
    ],
)
def test_a_database_that_cannot_be_used_ends_it_with_one_sentence(
    rebuild: Typed,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    url: str,
    words: str,
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRUNKLINE_DATABASE_URL", url)
    assert rebuild() == 2
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert words in said.err
    assert "hidden" not in said.err
