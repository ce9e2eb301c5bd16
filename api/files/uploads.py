"""A list of contacts as a file: spooled to disk, read twice, staged a thousand rows at a time."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import islice
from tempfile import TemporaryFile
from typing import IO, Annotated

from fastapi import Query, Request
from pydantic import StringConstraints
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from api.files.contact_rows import contact_of_row
from api.files.layouts import Layout, layout_of, with_others
from api.files.limits import TooFar, Unreadable
from api.files.spreadsheets import Row, Table, open_rows, opened
from api.http.problems import Problem, invalid
from api.http.schema import Country
from storage.campaigns.contacts import ContactRow

PhoneColumn = Annotated[
    str | None,
    Query(
        alias="phoneColumn",
        max_length=255,
        description="Default: found by its name, else by its content.",
    ),
]
OtherColumns = Annotated[
    list[Annotated[str, StringConstraints(min_length=1, max_length=264)]] | None,
    Query(
        alias="otherColumns",
        max_length=9,
        description="Columns with further numbers of the same person, in the order in which they "
        "are tried: `Column`, or `home:Column` where its name does not say whose phone it is.",
    ),
]
DefaultCountry = Annotated[
    Country | None,
    Query(alias="defaultCountry", description="Of numbers without +, as `US`."),
]
_FILE = {"type": "string", "format": "binary"}
UPLOAD_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "text/csv": {"schema": _FILE},
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": {"schema": _FILE},
            "multipart/form-data": {
                "schema": {"type": "object", "required": ["file"], "properties": {"file": _FILE}}
            },
        },
    }
}

MAX_ROWS = 200_000
BATCH = 1000
SAMPLE_ROWS = 200
_JSON = "application/json"


@asynccontextmanager
async def spooled(request: Request) -> AsyncIterator[IO[bytes]]:
    """The file of a request, a form's or the body itself, on disk if it is large."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == _JSON:
        raise Problem(415, "unsupported_media_type", "Send a CSV or XLSX file.")
    if kind == "multipart/form-data":
        form = await _form(request)
        try:
            files = [part for part in form.values() if isinstance(part, UploadFile)]
            if not files:
                raise invalid("required", "file", "The form has no file.")
            yield files[0].file
        finally:
            await form.close()
        return
    with TemporaryFile() as file:
        async for chunk in request.stream():
            await asyncio.to_thread(file.write, chunk)
        yield file


async def _form(request: Request) -> FormData:
    try:
        return await request.form(max_files=1, max_fields=20)
    except HTTPException as exc:
        if exc.status_code != 400:
            raise
        raise invalid("malformed", "", "The form cannot be read.") from None


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file that can be used: what its columns are, and its contacts."""

    layout: Layout
    batches: AsyncIterator[list[ContactRow]]


@asynccontextmanager
async def read_file(
    file: IO[bytes],
    phone_column: str | None,
    country: str | None,
    others: Sequence[str] = (),
) -> AsyncIterator[ReadFile]:
    """Refuses the file as a whole at once, or not at all."""
    async with table_of(file) as table:
        layout = await asyncio.to_thread(_look_over, table, phone_column, country)
        layout = with_others(layout, others)
        yield ReadFile(layout, _batches(table, layout, country))


async def _batches(
    table: Table, layout: Layout, country: str | None
) -> AsyncIterator[list[ContactRow]]:
    with open_rows(table) as rows:
        contacts = _contacts(rows, layout, country)
        while batch := await asyncio.to_thread(lambda: list(islice(contacts, BATCH))):
            yield batch


@asynccontextmanager
async def table_of(file: IO[bytes]) -> AsyncIterator[Table]:
    """What can be read of the file; raises a Problem that says why it cannot."""
    try:
        async with opened(file) as table:
            yield table
    except TooFar as exc:
        raise invalid("file_too_large", "", f"The file is too large: {exc}.") from None
    except Unreadable as exc:
        raise invalid("unreadable_file", "", f"The file cannot be read: {exc}.") from None


def _look_over(table: Table, phone_column: str | None, country: str | None) -> Layout:
    with open_rows(table) as rows:
        written = (row for row in enumerate(rows, start=1) if any(row[1]))
        sample = list(islice(written, SAMPLE_ROWS))
        layout = layout_of(sample, phone_column, country)
        most = MAX_ROWS - sum(1 for number, _ in sample if number >= layout.first_row)
        if sum(1 for _ in islice(written, max(most, 0) + 1)) > most:
            raise Problem(413, "too_many_rows", f"The file has more than {MAX_ROWS} rows.")
    return layout


def _contacts(rows: Iterator[Row], layout: Layout, country: str | None) -> Iterator[ContactRow]:
    """Numbered as a spreadsheet numbers its rows, empty ones included."""
    for number, cells in enumerate(rows, start=1):
        if number >= layout.first_row and any(cells):
            yield contact_of_row(layout, cells, number, country)
