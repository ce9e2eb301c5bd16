"""What an error of the database means: away, full, or closed to writers."""

import errno
import sqlite3

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from storage.database.sqlite.sqlite_write_queue import DatabaseBusy

#: SQLSTATEs and their classes that say "not now": connection, shutdown, overload, time-outs of
#: statements (57), of locks (55P03) and of transactions in which nothing happens (25P03).
_AWAY_SQLSTATES = ("08", "57", "53", "55P03", "25P03")
_AWAY_SQLITE = ("unable to open", "database is locked", "disk i/o error", "disk is full")
_FULL_SQLITE = ("disk i/o error", "disk is full")
_FULL_SQLSTATE = "53100"
_FULL_ERRNO = frozenset({errno.ENOSPC, errno.EDQUOT})
_READ_ONLY_SQLITE = "readonly database"
#: As on a standby, or where an operator or a provider has set it so.
_READ_ONLY_SQLSTATE = "25006"


def is_full(error: BaseException | None) -> bool:
    """Whether an error means that a disk has no room, or does not work: the database's or ours."""
    if error is None:
        return False
    if isinstance(error, OSError):
        return error.errno in _FULL_ERRNO
    original = error.orig if isinstance(error, DBAPIError) else error
    if getattr(original, "sqlstate", None) == _FULL_SQLSTATE:
        return True
    is_sqlite = isinstance(original, sqlite3.OperationalError)
    if is_sqlite and any(phrase in str(original).lower() for phrase in _FULL_SQLITE):
        return True
    return is_full(error.__cause__)


def is_read_only(error: BaseException | None) -> bool:
    """Whether an error means that the database can be read, and takes no writes."""
    if error is None:
        return False
    original = error.orig if isinstance(error, DBAPIError) else error
    if getattr(original, "sqlstate", None) == _READ_ONLY_SQLSTATE:
        return True
    is_sqlite = isinstance(original, sqlite3.OperationalError)
    return (is_sqlite and _READ_ONLY_SQLITE in str(original)) or is_read_only(error.__cause__)


def is_away(error: BaseException | None) -> bool:
    """Whether an error means that the database cannot be used at present."""
    if error is None:
        return False
    if isinstance(error, PoolTimeoutError | DatabaseBusy):
        return True
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or _driver_says_away(error.orig)
    return _driver_says_away(error) or is_away(error.__cause__)


def _driver_says_away(error: BaseException | None) -> bool:
    kinds = {kind.__name__ for kind in type(error).__mro__}
    if not kinds & {"OperationalError", "InterfaceError"}:
        return False
    if any(kind.__module__.startswith("sqlite3") for kind in type(error).__mro__):
        return any(phrase in str(error).lower() for phrase in _AWAY_SQLITE)
    sqlstate = getattr(error, "sqlstate", None)
    return sqlstate is None or sqlstate.startswith(_AWAY_SQLSTATES)
