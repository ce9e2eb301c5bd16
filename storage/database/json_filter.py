"""Conditions on a member of a JSON column, compared as text: 5 and "5", true and "true" agree."""

import re
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, Text, case, cast, exists, func

_PLAIN_NAME = re.compile(r"[A-Za-z0-9_ .:-]+")


def json_holds(
    dialect: str, column: SQLColumnExpression[Any], name: str, value: str
) -> ColumnElement[bool]:
    """Whether the object in `column` has this value under this name."""
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
