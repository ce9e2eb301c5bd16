"""`trunkline backup`: a consistent copy of the database, while everything runs."""

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import URL, make_url

from cli.configured import configured
from cli.errors import Failed, Unusable, in_one_sentence
from cli.migration import usable

_PAGES_AT_ONCE = 2000


def main() -> None:
    """Copy the database of TRUNKLINE_DATABASE_URL to the file that is named."""
    target = Path(sys.argv[1])
    url = configured().database
    if target.exists():
        raise Unusable(f"{target} is there already: name a new file.")
    draft = target.with_name(f"{target.name}.part")
    try:
        with usable(url):
            copy(make_url(url), draft)
        draft.replace(target)
    except OSError as error:
        raise Unusable(f"{target} cannot be written: {error.strerror or error}.") from error
    finally:
        draft.unlink(missing_ok=True)
    sys.stdout.write(f"{target}: {target.stat().st_size} bytes\n")


def copy(url: URL, target: Path) -> None:
    """Write a copy that only its owner may read; raises Unusable and Failed."""
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    if url.get_backend_name() == "sqlite":
        _copy_sqlite(url, target)
    else:
        run_tool("pg_dump", url, "--format=custom", f"--file={target}")


def _copy_sqlite(url: URL, target: Path) -> None:
    source = f"{Path(url.database or '').absolute().as_uri()}?mode=ro"
    try:
        with (
            closing(sqlite3.connect(source, uri=True)) as live,
            closing(sqlite3.connect(target)) as made,
        ):
            live.backup(made, pages=_PAGES_AT_ONCE)
            [[verdict]] = made.execute("PRAGMA integrity_check").fetchall()
    except sqlite3.Error as error:
        raise Unusable(f"The database cannot be copied: {error}.") from error
    if verdict != "ok":
        raise Failed("The copy is damaged, and so may be the database.")


def run_tool(name: str, url: URL | None, *options: str) -> str:
    """One of PostgreSQL's own programs, and what it says; no password stands on its command line.

    `url` None: it needs no database.
    """
    program = shutil.which(name)
    if program is None:
        raise Unusable(f"{name} was not found on the PATH; it comes with PostgreSQL's client.")
    where, environment = _reached(url)
    done = subprocess.run(
        [program, *where, *options],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        told = (done.stderr.strip().splitlines() or ["it did not say why"])[-1]
        raise Failed(f"{name} failed: {told.rstrip('.')}.")
    return done.stdout


def _reached(url: URL | None) -> tuple[list[str], dict[str, str]]:
    """Options and environment with which a database is reached."""
    if url is None:
        return [], {}
    # `URL.set` takes None for "as it is".
    bare = url.set(drivername="postgresql")._replace(password=None)
    address = bare.render_as_string(hide_password=False)
    password = {"PGPASSWORD": str(url.password)} if url.password else {}
    return ["--no-password", f"--dbname={address}"], password


if __name__ == "__main__":
    in_one_sentence(main)
