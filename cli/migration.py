"""`trunkline migrate`: the database brought to this version's schema."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, OperationalError

from cli.configured import configured
from cli.errors import Unusable, in_one_sentence
from storage.database.engine import DatabaseBusy
from storage.database.migrate import current, head, upgrade


def main() -> None:
    """Migrate, and say from where to where."""
    before = _migrated(configured().database)
    sys.stdout.write(f"{before or 'empty'} → {head()}\n")


def _migrated(url: str) -> str | None:
    """Where the database was before; raises Unusable where it cannot be used."""
    with usable(url):
        before = current(url)
        upgrade(url)
    return before


@contextmanager
def usable(url: str) -> Iterator[None]:
    """Turns what says that the database cannot be used into Unusable."""
    try:
        yield
    except (OperationalError, OSError) as error:
        raise Unusable(f"The database {_shown(url)} cannot be used: {_reason(error)}.") from error
    except DatabaseBusy as error:
        raise Unusable(f"The database {_shown(url)} is busy; try again.") from error
    except ArgumentError as error:
        raise Unusable("TRUNKLINE_DATABASE_URL is not the address of a database.") from error


def _shown(url: str) -> str:
    return make_url(url).render_as_string(hide_password=True)


def _reason(error: OperationalError | OSError) -> str:
    told = error.orig if isinstance(error, OperationalError) else error.strerror
    return (str(told).strip().splitlines() or [type(error).__name__])[0].rstrip(".")


if __name__ == "__main__":
    in_one_sentence(main)
