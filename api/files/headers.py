"""Which row of a list names its columns. A row that does not look like one is data."""

import re
from collections.abc import Callable, Sequence
from enum import Enum

from api.files.column_names import PhoneName, is_alike, is_known_name, phone_name, words_of
from api.files.spreadsheets import Row

#: A header stands among the first rows that are not empty; what is above it is a title.
_TITLES = 20
_DIGITS = 7
_DATE = re.compile(r"\d{4}-\d\d-\d\d.*|\d{1,2}[./]\d{1,2}[./]\d{2,4}.*|\d{1,2}:\d\d.*")
#: What stands where nothing is known.
_NOTHING = frozenset({
    "na", "n a", "none", "null", "nil", "nan", "unknown", "tbd", "missing", "keine", "keine angabe",
    "unbekannt", "inconnu", "desconocido", "sconosciuto", "sin", "no", "yes", "true", "false",
})  # fmt: skip

IsNumber = Callable[[str], bool]


class _Kind(Enum):
    EMPTY = 0
    WORDS = 1
    NUMBER = 2
    DATE = 3
    ADDRESS = 4


def header_index(
    rows: Sequence[Row], is_number: IsNumber, phone_column: str | None = None
) -> int | None:
    """The place of the header among the first rows; None if all of them are data.

    `is_number`: whether a cell can be called. Nothing below a row with such a cell is a header.
    """
    above = _before_numbers(rows[: _TITLES + 1], is_number)
    for index, row in enumerate(above):
        if _names_phone(row, rows[index + 1 :], phone_column):
            return index
    for index, row in enumerate(above):
        if _looks_like_header(row) and _has_known_name(row, rows[index + 1 :]):
            return index
    # Over a title of one cell there may be names that nobody knows.
    for index, row in enumerate(above[:2]):
        if _looks_like_header(row) and _differs(row, rows[index + 1 :]):
            return index
        if sum(map(bool, row)) != 1:
            break
    return None


def _before_numbers(rows: Sequence[Row], is_number: IsNumber) -> Sequence[Row]:
    for index, row in enumerate(rows):
        if any(_is_like_number(cell) or is_number(cell) for cell in row if cell):
            return rows[:index]
    return rows


def _is_like_number(cell: str) -> bool:
    return _kind(cell) is _Kind.NUMBER and sum(letter.isdigit() for letter in cell) >= _DIGITS


def _kind(cell: str) -> _Kind:
    if not cell:
        return _Kind.EMPTY
    if _DATE.fullmatch(cell):
        return _Kind.DATE
    if "@" in cell:
        return _Kind.ADDRESS
    if any(letter.isalpha() for letter in cell):
        return _Kind.WORDS
    return _Kind.NUMBER if any(letter.isdigit() for letter in cell) else _Kind.WORDS


def _names_phone(row: Row, below: Sequence[Row], phone_column: str | None) -> bool:
    return any(
        (
            phone_name(cell) > PhoneName.NOTHING
            or (phone_column is not None and is_alike(cell, phone_column))
        )
        and not _recurs(cell, index, below)
        for index, cell in enumerate(row)
        if cell
    )


def _recurs(cell: str, index: int, below: Sequence[Row]) -> bool:
    """Whether the same stands below: then it is what a row says, such as a type of phone."""
    return any(index < len(row) and row[index] == cell for row in below)


def _looks_like_header(row: Row) -> bool:
    said = [cell for cell in row if cell]
    kinds = {_kind(cell) for cell in said}
    return kinds == {_Kind.WORDS} and not any(" ".join(words_of(cell)) in _NOTHING for cell in said)


def _has_known_name(row: Row, below: Sequence[Row]) -> bool:
    return any(
        is_known_name(cell) and not _recurs(cell, index, below)
        for index, cell in enumerate(row)
        if cell
    )


def _differs(row: Row, below: Sequence[Row]) -> bool:
    """Whether words stand over what are no words."""
    for index, cell in enumerate(row):
        kinds = [_kind(other[index]) for other in below if index < len(other) and other[index]]
        if cell and kinds and kinds.count(_Kind.WORDS) * 2 < len(kinds):
            return True
    return False
