"""What the columns of a list are, read off its first rows: by their names, else by what they hold.

Where two columns may hold the numbers to call, nobody guesses: the list is refused with both.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from api.files.column_names import PhoneName, index_of, number_type, phone_name, words_of
from api.files.headers import header_index
from api.files.spreadsheets import Row
from api.http.problems import Problem, invalid
from policy.location.endpoints import Endpoint, parse_endpoint
from policy.location.number_forms import person_key
from policy.model.call import NumberType, Refusal

LONGEST_NAME = 255
#: Without a name, a column is taken for the phone numbers if so many of its cells are some.
_LEAST_SHARE = 0.5
_TIMEZONE = "timezone"
_SAMPLES = 3
#: The first columns of `errors.csv`; the others are those of the file that was refused.
ERROR_COLUMNS = ("row", "code", "field", "message", "endpoint", "clientToken", "timezone")
_OF_ERRORS = len(ERROR_COLUMNS)
#: Then one for each further number of the person, counted from 1.
FURTHER_NUMBER = "otherNumber"
_FURTHER = re.compile(rf"{FURTHER_NUMBER}[1-9]")

NumberedRow = tuple[int, Row]


class ColumnReason(StrEnum):
    """Why a column was taken for the phone numbers."""

    REQUESTED = "requested"
    NAME = "name"
    CONTENT = "content"


@dataclass(frozen=True, slots=True)
class Layout:
    """What the columns of a table are; all that have no meaning of their own are context."""

    names: tuple[str, ...]
    phone: int
    reason: ColumnReason
    timezone: int | None = None
    client_token: int | None = None
    #: Columns that are no data, of a file of errors.
    left_out: frozenset[int] = frozenset()
    #: The row of the header as a spreadsheet numbers it; None: all rows are data.
    header_row: int | None = None
    #: Rows above the header.
    titles: tuple[NumberedRow, ...] = ()
    #: Columns with further numbers of the same person, in the order in which they are tried.
    others: tuple["OtherColumn", ...] = ()

    @property
    def first_row(self) -> int:
        """Where the data may begin."""
        return 1 if self.header_row is None else self.header_row + 1


@dataclass(frozen=True, slots=True)
class OtherColumn:
    """A column with another number of each person. `type`: as it is called, or as was said."""

    index: int
    type: NumberType | None


def with_others(layout: Layout, wanted: Sequence[str]) -> Layout:
    """The layout with the columns of further numbers; each as `Column` or `type:Column`.

    Raises a Problem for one that is not there, or is named twice.
    """
    found = list(layout.others)
    for text in wanted:
        kind, apart, rest = text.partition(":")
        is_typed = bool(apart) and kind in frozenset(NumberType)
        name = rest if is_typed else text
        index = index_of(layout.names, name)
        if index is None:
            raise invalid("no_phone_column", "otherColumns", f"The file has no column {name!r}.")
        if index in {layout.phone, layout.timezone, *(one.index for one in found)}:
            raise invalid("repeated", "otherColumns", f"The column {name!r} is used already.")
        found.append(OtherColumn(index, NumberType(kind) if is_typed else number_type(name)))
    return replace(layout, others=tuple(found))


@dataclass(frozen=True, slots=True)
class Head:
    """The names of the columns, the rows of the sample below them, and what stands above."""

    names: tuple[str, ...]
    body: Sequence[Row]
    header_row: int | None
    titles: tuple[NumberedRow, ...]

    @property
    def is_of_errors(self) -> bool:
        """Whether these are rows that were refused, as `errors.csv` gives them."""
        return self.header_row is not None and self.names[:_OF_ERRORS] == ERROR_COLUMNS


def head_of(sample: Sequence[NumberedRow], phone_column: str | None, country: str | None) -> Head:
    """Reads it off the first rows that are not empty; raises a Problem if there are none."""
    if not sample:
        raise invalid("unreadable_file", "", "The file has no rows.")
    rows = [cells for _, cells in sample]
    header = header_index(rows, lambda cell: is_endpoint(cell, country), phone_column)
    if header is None:
        return Head(_names([""] * max(map(len, rows))), rows, None, ())
    if tuple(rows[header][:_OF_ERRORS]) == ERROR_COLUMNS:
        names = (*ERROR_COLUMNS, *_names(rows[header][_OF_ERRORS:]))
    else:
        names = _names(rows[header])
    return Head(names, rows[header + 1 :], sample[header][0], tuple(sample[:header]))


def layout_of(
    sample: Sequence[NumberedRow], phone_column: str | None, country: str | None
) -> Layout:
    """Reads it off the first rows that are not empty. Raises a Problem if no column, or more than
    one, may hold the phone numbers."""
    head = head_of(sample, phone_column, country)
    if head.is_of_errors:
        return _of_errors(head)
    columns = _Columns(head.names, head.body, country, has_names=head.header_row is not None)
    phone, reason = columns.requested(phone_column) if phone_column else columns.found()
    zone = index_of([_joined(name) for name in head.names], _TIMEZONE)
    return Layout(head.names, phone, reason, zone, header_row=head.header_row, titles=head.titles)


def _of_errors(head: Head) -> Layout:
    """Rows that were refused and mended: what was told of them is left out."""
    token, zone = ERROR_COLUMNS.index("clientToken"), ERROR_COLUMNS.index(_TIMEZONE)
    further = (at for at, name in enumerate(head.names) if _FURTHER.fullmatch(name))
    return Layout(
        head.names,
        ERROR_COLUMNS.index("endpoint"),
        ColumnReason.NAME,
        zone,
        token,
        frozenset(range(_OF_ERRORS)),
        head.header_row,
        head.titles,
        tuple(OtherColumn(at, None) for at in further),
    )


def _joined(name: str) -> str:
    return "".join(words_of(name))


def _names(header: Sequence[str]) -> tuple[str, ...]:
    """Every column has a name, and no two have the same."""
    names: list[str] = []
    for number, cell in enumerate(header, start=1):
        name = wanted = cell[:LONGEST_NAME] or f"column{number}"
        copies = 1
        while name in names:
            copies += 1
            name = f"{wanted}_{copies}"
        names.append(name)
    return tuple(names)


def is_endpoint(cell: str, country: str | None) -> bool:
    return bool(cell) and not isinstance(
        parse_endpoint(cell, country, with_extension=True), Refusal
    )


@dataclass(frozen=True, slots=True)
class _Columns:
    """The columns of a sample; asked for the one with the phone numbers."""

    names: tuple[str, ...]
    body: Sequence[Row]
    country: str | None
    has_names: bool

    def requested(self, name: str) -> tuple[int, ColumnReason]:
        found = index_of(self.names, name)
        if found is None:
            message = "The file has no column of this name."
            raise invalid("no_phone_column", "phoneColumn", message)
        return found, ColumnReason.REQUESTED

    def found(self) -> tuple[int, ColumnReason]:
        named = self._named() if self.has_names else []
        if named:
            return self._only(named), ColumnReason.NAME
        return self._only(self._by_content()), ColumnReason.CONTENT

    def _named(self) -> list[int]:
        """Those whose names say it best, as far as they hold any number at all."""
        says = {index: phone_name(name) for index, name in enumerate(self.names)}
        named = [index for index, said in says.items() if said > PhoneName.NOTHING]
        held = [index for index in named if self._digits(index)] if self.body else named
        best = max((says[index] for index in held), default=None)
        taken = [index for index in held if says[index] is best]
        readable = [index for index in taken if self.share(index)] if len(taken) > 1 else taken
        if self.body and not any(map(self.share, readable)):
            # "to" may be of anything; "phone" is not, and what else looks like numbers is not it.
            sure = [index for index in named if says[index] is PhoneName.SURE]
            if readable or sure:
                raise _nothing_readable(self.names[(readable or sure)[0]])
        return readable

    def _digits(self, index: int) -> bool:
        """Whether a cell may be meant as a number, though we cannot read it."""
        cells = self.cells(index)
        return any(
            is_endpoint(cell, self.country)
            or (sum(map(str.isdigit, cell)) >= 6 and not any(map(str.isalpha, cell)))
            for cell in cells
        )

    def _by_content(self) -> list[int]:
        shares = {
            index: self.share(index)
            for index, name in enumerate(self.names)
            if not self.has_names or phone_name(name) > PhoneName.OTHER
        }
        found = [index for index, share in shares.items() if share >= _LEAST_SHARE]
        if not found:
            message = (
                "No column is named like one of phone numbers, or holds them for the most part. "
                "Name it with phoneColumn; numbers without + need a defaultCountry."
            )
            raise invalid("no_phone_column", "phoneColumn", message)
        return found

    def _only(self, found: Sequence[int]) -> int:
        """The one column, or the first of several that hold the same numbers."""
        if len({self._numbers(index) for index in found}) == 1:
            return found[0]
        raise self._ambiguous(found)

    def _numbers(self, index: int) -> tuple[str, ...]:
        cells = (row[index] if index < len(row) else None for row in self.body)
        read = (cell and parse_endpoint(cell, self.country, with_extension=True) for cell in cells)
        return tuple(person_key(one.value) if isinstance(one, Endpoint) else "" for one in read)

    def _ambiguous(self, found: Sequence[int]) -> Problem:
        told = [f"{self.names[index]!r} ({', '.join(self._samples(index))})" for index in found]
        message = (
            f"Several columns may hold the phone numbers: {', '.join(told)}. "
            "Name one with phoneColumn; further numbers of the same person are otherColumns."
        )
        return invalid("ambiguous_column", "phoneColumn", message)

    def _samples(self, index: int) -> list[str]:
        readable = [cell for cell in self.cells(index) if is_endpoint(cell, self.country)]
        return list(dict.fromkeys(readable))[:_SAMPLES]

    def cells(self, index: int) -> list[str]:
        return [row[index] for row in self.body if index < len(row) and row[index]]

    def share(self, index: int) -> float:
        cells = self.cells(index)
        return sum(is_endpoint(cell, self.country) for cell in cells) / len(cells) if cells else 0.0


def _nothing_readable(name: str) -> Problem:
    message = (
        f"The column {name!r} is named like one of phone numbers, and no number can be read in it. "
        "Numbers without + need a defaultCountry; phoneColumn names another column."
    )
    return invalid("no_phone_column", "phoneColumn", message)
