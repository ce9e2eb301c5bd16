"""Rows as the session's objects, for what is asked with every call.

On SQLite the ORM takes several times as long over a row as SQLite: it looks at the question anew
each time, and at how each of its objects is to be made. Here that is done once for a question; the
objects are the session's all the same, and what is changed of them is written as usual.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import inspect
from sqlalchemy.exc import MultipleResultsFound
from sqlalchemy.orm import Mapper, Session, make_transient_to_detached
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.database.core import rows_of
from storage.database.sqlite.sqlite_session import InlineSession


class _Object(NamedTuple):
    """Which columns of an answer are whose attributes; `key` is the place of the primary key."""

    mapper: Mapper[Any]
    start: int
    end: int
    names: tuple[str, ...]
    key: int


class _Question(NamedTuple):
    """The same question for columns only, and what they become: objects, or values as they are."""

    columns: Any
    parts: tuple[_Object | int, ...]


async def one_row(
    session: AsyncSession, statement: Any, parameters: Mapping[str, Any]
) -> Sequence[Any] | None:
    """The only row of a SELECT, or None. It is of rows with a key of one column, and of values.

    The statement is one that was made once: it is kept for ever.
    """
    if not isinstance(session, InlineSession):
        row: Sequence[Any] | None = (await session.exec(statement, params=parameters)).one_or_none()
        return row
    question = _question(statement)
    rows = await rows_of(session, question.columns, parameters)
    if len(rows) > 1:
        raise MultipleResultsFound
    own = session.sync_session
    return tuple([_part(own, rows[0], part) for part in question.parts]) if rows else None


@cache
def _question(statement: Any) -> _Question:
    columns: list[Any] = []
    parts: list[_Object | int] = []
    for one in statement.column_descriptions:
        if one["expr"] is one["entity"]:
            mapper = inspect(one["entity"])
            names = tuple(attribute.key for attribute in mapper.column_attrs)
            (key,) = (mapper.get_property_by_column(own).key for own in mapper.primary_key)
            start = len(columns)
            columns += [getattr(one["entity"], name) for name in names]
            parts.append(_Object(mapper, start, len(columns), names, start + names.index(key)))
        else:
            parts.append(len(columns))
            columns.append(one["expr"])
    return _Question(statement.with_only_columns(*columns), tuple(parts))


def _part(session: Session, row: Sequence[Any], part: _Object | int) -> Any:
    if isinstance(part, int):
        return row[part]
    mapper, start, end, names, key = part
    if row[key] is None:
        return None
    known = session.identity_map.get(mapper.identity_key_from_primary_key((row[key],)))
    if known is not None:
        return known
    made = mapper.class_manager.new_instance()
    made.__dict__.update(zip(names, row[start:end], strict=True))
    make_transient_to_detached(made)
    session.add(made)
    return made
