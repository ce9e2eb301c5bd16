"""Statements that are sent again and again, handed to SQLite as it takes them.

SQLAlchemy looks at a statement anew whenever it is sent: what it was compiled to, which types go in
and come out. That takes several times as long as SQLite takes to answer. So from the second time
that one and the same statement is sent its text and its types are kept with it. What has no such
form (a list that is written into the text, a default that is made in Python) goes the usual way,
and so does a value that its type refuses. What SQLite refuses becomes SQLAlchemy's own error.

Some of what it takes from SQLAlchemy is private; tests/storage/database/test_prepared_statements.py
tells when that moves.
"""

import sqlite3
from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, NoReturn

from sqlalchemy import Connection, Dialect
from sqlalchemy.sql.compiler import SQLCompiler

#: Where a statement keeps its forms. One that is derived from it has a copy of the attribute.
_KEPT = "_trunkline_prepared"
#: Of one statement, by which values it is given. More only means that somebody gives any.
_MOST_FORMS = 64
_NO_VALUES: Mapping[str, Any] = {}
_Convert = Callable[[Any], Any]


class Answer:
    """What SQLite answered, read to its end."""

    __slots__ = ("_rows", "rowcount")

    def __init__(self, rows: list[Any], rowcount: int) -> None:
        self._rows = rows
        self.rowcount = rowcount

    def all(self) -> list[Any]:
        return self._rows


class _Value(NamedTuple):
    """One that is given by its name or, without a name, is always the same."""

    name: str | None
    write: _Convert | None
    fixed: Any


class _Form(NamedTuple):
    text: str
    values: tuple[_Value, ...]
    #: Makes a row of its columns.
    row: _Convert
    #: Of the columns that do not come as they are, by their places.
    readers: tuple[tuple[int, _Convert], ...]


class _Kept:
    __slots__ = ("forms", "of")

    def __init__(self, of: Any) -> None:
        self.of = of
        self.forms: dict[tuple[str, ...], _Form | None] = {}


class Wire(NamedTuple):
    """The way to SQLite within one transaction, and who listens on it."""

    connection: Connection
    driver: sqlite3.Connection
    before: tuple[Callable[..., Any], ...]
    after: tuple[Callable[..., Any], ...]

    @classmethod
    def of(cls, connection: Connection) -> "Wire":
        heard = connection.dispatch
        before, after = heard.before_cursor_execute, heard.after_cursor_execute
        driver: Any = connection.connection.driver_connection
        return cls(connection, driver, tuple(before), tuple(after))


def answer(wire: Wire, statement: Any, given: Mapping[str, Any] = _NO_VALUES) -> Answer | None:
    """None: the statement has to go the usual way."""
    form = _form_of(statement, given, wire.connection.dialect)
    if form is None:
        return None
    try:
        values = tuple([_written(one, given) for one in form.values])
    except Exception:
        return None
    news = (wire.connection, None, form.text, values, _Context(), False)
    for tell in wire.before:
        tell(*news)
    try:
        cursor = sqlite3.Connection.execute(wire.driver, form.text, values)
        rows = cursor.fetchall()
    except sqlite3.Error as error:
        _refuse(wire.connection, error, form.text, values)
    for tell in wire.after:
        tell(*news)
    return Answer([_read(form, row) for row in rows], cursor.rowcount)


def _refuse(
    connection: Connection, error: sqlite3.Error, text: str, values: tuple[Any, ...]
) -> NoReturn:
    """As the usual way would, which is not gone: nothing is sent a second time.

    SQLite itself may have ended the transaction, as it does on a full disk. Then what is sent is
    kept at once, whatever becomes of all that should have been kept with it.
    """
    connection._handle_dbapi_exception(error, text, values, None, None)


class _Context:
    """What those who listen keep something in between two notes."""


def _written(value: _Value, given: Mapping[str, Any]) -> Any:
    name, write, fixed = value
    if name is None:
        return fixed
    return given[name] if write is None else write(given[name])


def _read(form: _Form, row: tuple[Any, ...]) -> Any:
    if not form.readers:
        return form.row(row)
    columns = list(row)
    for place, read in form.readers:
        columns[place] = read(columns[place])
    return form.row(columns)


# -- made once


def _form_of(statement: Any, given: Mapping[str, Any], dialect: Dialect) -> _Form | None:
    kept = statement.__dict__.get(_KEPT)
    if kept is None or kept.of is not statement:
        # Most of what is put together for one question is never sent again.
        statement.__dict__[_KEPT] = _Kept(statement)
        return None
    names = tuple(given)
    try:
        found: _Form | None = kept.forms[names]
    except KeyError:
        if len(kept.forms) == _MOST_FORMS:
            return None
        found = kept.forms[names] = _made(statement, names, dialect)
    return found


def _made(statement: Any, names: tuple[str, ...], dialect: Dialect) -> _Form | None:
    compiled = statement.compile(dialect=dialect, column_keys=sorted(names))
    if not _is_plain(compiled, names):
        return None
    columns = compiled._result_columns
    kind = namedtuple("Row", [one.keyname for one in columns], rename=True)  # type: ignore[misc]
    return _Form(
        compiled.string,
        tuple(_values(compiled, names)),
        kind._make,
        tuple(_readers(columns, dialect)),
    )


def _is_plain(compiled: Any, names: tuple[str, ...]) -> bool:
    if not isinstance(compiled, SQLCompiler) or compiled.positiontup is None:
        return False
    is_write = compiled.isinsert or compiled.isupdate or compiled.isdelete
    binds = compiled.binds
    return not (
        compiled.post_compile_params
        or compiled.literal_execute_params
        or compiled.escaped_bind_names
        or compiled.insert_prefetch
        or compiled.update_prefetch
        or (not is_write and not compiled._result_columns)
        or (compiled.effective_returning and is_write)
        or any(binds[name].callable for name in compiled.positiontup)
        or any(binds[name].required and name not in names for name in compiled.positiontup)
    )


def _values(compiled: SQLCompiler, names: tuple[str, ...]) -> Iterator[_Value]:
    always = compiled.construct_params(_check=False)
    for name in compiled.positiontup or ():
        write: Any = compiled._bind_processors.get(name)
        if name in names:
            yield _Value(name, write, None)
        else:
            yield _Value(None, None, always[name] if write is None else write(always[name]))


def _readers(columns: Any, dialect: Dialect) -> Iterator[tuple[int, _Convert]]:
    for place, column in enumerate(columns):
        read = column.type.dialect_impl(dialect).result_processor(dialect, None)
        if read is not None:
            yield place, read
