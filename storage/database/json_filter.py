"""Conditions on a member of a JSON column, compared as text: 5 and "5", true and "true" agree."""

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, Text, case, cast, exists, func, or_

#: More levels than anybody nests; each is a step for the database.
_DEEPEST = 10
_SPELLED_ALIKE = re.compile(r"[A-Za-z0-9 .'-]+")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_ .:-]+")


def json_holds(
    dialect: str, column: SQLColumnExpression[Any], name: str, value: str
) -> ColumnElement[bool]:
    """Whether the object in `column` has this value under this name.

    A name with dots is also the way to a value in objects within: `a.b` is `{"a": {"b": ...}}`.
    """
    outright = _holds(dialect, column, name, value)
    parts = name.split(".")
    if len(parts) == 1 or len(parts) > _DEEPEST or not all(map(_PLAIN_NAME.fullmatch, parts)):
        return outright
    return or_(outright, _holds_within(dialect, column, parts, value))


def json_contains(
    dialect: str, column: SQLColumnExpression[Any], name: str, part: str
) -> ColumnElement[bool]:
    """Whether the text under a plain name has this part, in small or capital letters."""
    text: Any
    if dialect == "postgresql":
        text = column.op("->>", return_type=Text())(name)
    else:
        text = cast(func.json_extract(column, f'$."{name}"'), Text)
    found: ColumnElement[bool] = text.icontains(part, autoescape=True)
    return found


def looks_like(column: SQLColumnExpression[Any], part: str) -> list[ColumnElement[bool]]:
    """What surely holds where some text of the JSON has this part; it is found out faster.

    Letters that JSON may spell in two ways tell nothing.
    """
    if not _SPELLED_ALIKE.fullmatch(part):
        return []
    return [cast(column, Text).icontains(part, autoescape=True)]


def _holds_within(
    dialect: str, column: SQLColumnExpression[Any], parts: Sequence[str], value: str
) -> ColumnElement[bool]:
    if dialect == "postgresql":
        within: Any = column
        for part in parts[:-1]:
            within = within.op("->", return_type=within.type)(part)
        return within.op("->>", return_type=Text())(parts[-1]) == value  # type: ignore[no-any-return]
    path = "$" + "".join(f'."{part}"' for part in parts)
    return _as_text(func.json_type(column, path), func.json_extract(column, path)) == value


def _holds(
    dialect: str, column: SQLColumnExpression[Any], name: str, value: str
) -> ColumnElement[bool]:
    if dialect == "postgresql":
        return column.op("->>", return_type=Text())(name) == value
    # SQLite reads a JSON boolean as 1 or 0, but calls its type by its name.
    if _PLAIN_NAME.fullmatch(name):
        path = f'$."{name}"'
        kind, found = func.json_type(column, path), func.json_extract(column, path)
        return _as_text(kind, found) == value
    # A JSON path cannot name every key.
    member = func.json_each(column).table_valued("key", "value", "type")
    text_ = _as_text(member.c.type, member.c.value)
    return exists().select_from(member).where(member.c.key == name, text_ == value)


def _as_text(kind: ColumnElement[Any], value: ColumnElement[Any]) -> ColumnElement[Any]:
    return case((kind.in_(["true", "false"]), kind), else_=cast(value, Text))
