"""A file of phone numbers: read a batch at a time, each row by itself."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import IO

from fastapi import Request

from api.files.layouts import Layout
from api.files.schemas import BadRow, layout_view
from api.files.uploads import read_file, spooled
from api.http.schema import JsonObject
from storage.campaigns.contacts import ContactRow

#: So many errors stand in the answer; all are counted.
SHOWN_ERRORS = 100


@dataclass(slots=True)
class ImportResult:
    """What became of the rows, and what the file's columns were taken for."""

    accepted: int = 0
    rejected: int = 0
    #: How many were rejected, by the code that says why.
    reasons: dict[str, int] = field(default_factory=dict)
    errors: list[BadRow] = field(default_factory=list)
    layout: Layout | None = None

    def refuse(self, row: int, code: str, message: str) -> None:
        self.rejected += 1
        self.reasons[code] = self.reasons.get(code, 0) + 1
        if len(self.errors) < SHOWN_ERRORS:
            self.errors.append(BadRow(row=row, code=code, message=message))

    def view(self) -> JsonObject:
        """As the API shows it."""
        counts = {"accepted": self.accepted, "rejected": self.rejected, "reasons": self.reasons}
        return {**counts, "errors": self.errors, **layout_view(self.layout)}


async def numbers_in(
    request: Request, result: ImportResult, phone_column: str | None, country: str | None
) -> AsyncIterator[list[ContactRow]]:
    """The rows with a good number; `context` has all other columns. Bad ones are counted."""
    async with spooled(request) as file:
        async for batch in numbers_of(file, result, phone_column, country):
            yield batch


async def numbers_of(
    file: IO[bytes], result: ImportResult, phone_column: str | None, country: str | None
) -> AsyncIterator[list[ContactRow]]:
    """The same of a file that is at hand."""
    async with read_file(file, phone_column, country) as read:
        result.layout = read.layout
        async for batch in read.batches:
            for row in batch:
                if row.error is not None:
                    result.refuse(row.row_number, str(row.error.code), row.error.message)
            yield [row for row in batch if row.error is None and row.endpoint]
