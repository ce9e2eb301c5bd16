"""The columns of a file, for somebody who says what they are: names, samples, and a guess."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import IO

from api.files.layouts import Layout, NumberedRow, head_of, is_endpoint, layout_of
from api.files.spreadsheets import Row, Table, open_rows
from api.files.uploads import MAX_ROWS, SAMPLE_ROWS, table_of
from api.http.problems import Problem

_SAMPLES = 3
_LONGEST_SAMPLE = 60
#: Refusals that somebody who looks at the columns can do something about.
_QUESTIONS = frozenset({"ambiguous_column", "no_phone_column"})


@dataclass(frozen=True, slots=True)
class FileColumn:
    """`numbers`: the share of its cells that can be called, of those that say anything."""

    name: str
    samples: tuple[str, ...]
    numbers: float


@dataclass(frozen=True, slots=True)
class FileColumns:
    """`layout` is None if it is not known which column has the numbers.

    `rows`: those below the header that are not empty.
    """

    columns: tuple[FileColumn, ...]
    rows: int
    layout: Layout | None

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(one.name for one in self.columns)


async def columns_of(file: IO[bytes], phone_column: str | None, country: str | None) -> FileColumns:
    """Looks at the beginning of a file and counts its rows; raises a Problem if it cannot be read.

    The file is left as it is, to be read again.
    """
    async with table_of(file) as table:
        return await asyncio.to_thread(_look_over, table, phone_column, country)


def _look_over(table: Table, phone_column: str | None, country: str | None) -> FileColumns:
    with open_rows(table) as rows:
        written = (row for row in enumerate(rows, start=1) if any(row[1]))
        sample = list(islice(written, SAMPLE_ROWS))
        head = head_of(sample, phone_column, country)
        more = sum(1 for _ in islice(written, MAX_ROWS + 1))
    if len(head.body) + more > MAX_ROWS:
        raise Problem(413, "too_many_rows", f"The file has more than {MAX_ROWS} rows.")
    columns = tuple(
        _column(name, index, head.body, country) for index, name in enumerate(head.names)
    )
    layout = _layout(sample, phone_column, country)
    return FileColumns(columns, len(head.body) + more, layout)


def _layout(
    sample: Sequence[NumberedRow], phone_column: str | None, country: str | None
) -> Layout | None:
    try:
        return layout_of(sample, phone_column, country)
    except Problem as problem:
        if problem.code not in _QUESTIONS:
            raise
        return None


def _column(name: str, index: int, body: Sequence[Row], country: str | None) -> FileColumn:
    cells = [row[index] for row in body if index < len(row) and row[index]]
    samples = tuple(one[:_LONGEST_SAMPLE] for one in list(dict.fromkeys(cells))[:_SAMPLES])
    called = sum(is_endpoint(cell, country) for cell in cells)
    return FileColumn(name, samples, called / len(cells) if cells else 0.0)
