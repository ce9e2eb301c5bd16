"""A file of numbers: read through, row by row, before anything is kept of it."""

from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile
from typing import IO

from fastapi import Request
from starlette.datastructures import FormData

from api.files.csv_writer import line
from api.files.file_columns import FileColumns, columns_of
from api.files.layouts import ERROR_COLUMNS
from api.files.uploads import read_file
from api.http.problems import Problem
from api.http.values import stated_country
from dashboard.forms.form_errors import FormErrors
from dashboard.forms.sent_file import SentFile, sent_file
from policy.model.call import Refusal
from storage.campaigns.contacts import ContactRow

#: Why a row with a good number is left out all the same; None: it is not.
Refuses = Callable[[ContactRow], Refusal | None]
#: So many rejected rows stand on the page.
SHOWN = 20
_LONGEST_CELL = 60
_IN_MEMORY = 1024 * 1024


def nothing_refused(_row: ContactRow) -> Refusal | None:
    return None


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """`number` as it stands in the file, shortened."""

    row: int
    number: str
    code: str
    message: str


@dataclass(slots=True)
class FileLook:
    """What would become of the rows. `phone` is empty while nobody knows the column."""

    columns: FileColumns
    phone: str = ""
    good: int = 0
    rejected: int = 0
    #: Good rows whose number stands further up.
    twice: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    first: list[RejectedRow] = field(default_factory=list)

    @property
    def question(self) -> str:
        """What is asked while it is not known which column has the numbers."""
        if self.phone:
            return ""
        return "Which column has the numbers? Choose it, and say from which country they are."


@dataclass(slots=True)
class NumberFile:
    """What a browser sent: the file, what was said of it, and how it reads."""

    country: str = ""
    phone: str = ""
    sent: SentFile | None = None
    look: FileLook | None = None
    errors: FormErrors = field(default_factory=FormErrors)

    @property
    def phone_column(self) -> str | None:
        return self.phone or None

    def told(self, problem: Problem) -> None:
        """Puts what is wrong with the file at its field."""
        if problem.status >= 500:
            raise problem
        named = (("defaultCountry", "country"), ("phoneColumn", "phone"))
        found = FormErrors.of(problem, named)
        if "" in found:
            found["file"] = found.pop("")
        self.errors.update(found)


async def read_number_file(request: Request, home: str) -> NumberFile:
    """The form without a look at the file. `home`: where numbers are from if nothing is said."""
    sent: FormData = await request.form()
    texts = {name: one.strip() for name, one in sent.items() if isinstance(one, str)}
    found = NumberFile(texts.get("country", home).upper(), texts.get("phone", ""))
    try:
        found.sent = await sent_file(request)
        stated_country(found.country or None)
    except Problem as problem:
        found.told(problem)
    return found


async def look_through(file: NumberFile, refuses: Refuses) -> None:
    """Reads all of the file; what cannot be read of it becomes an error of the form."""
    if file.sent is None or file.errors["country"]:
        return
    try:
        country = stated_country(file.country or None)
        columns = await columns_of(file.sent.content, None, country)
        if file.phone not in columns.names:
            file.phone = columns.names[columns.layout.phone] if columns.layout else ""
        file.look = FileLook(columns, file.phone)
        if file.phone:
            await _count(file.sent.content, file.look, country, refuses)
    except Problem as problem:
        file.look = None
        file.told(problem)


async def _count(file: IO[bytes], look: FileLook, country: str | None, refuses: Refuses) -> None:
    seen = set[str]()
    async for row, refusal in _rows(file, look.phone, country, refuses):
        if refusal is None:
            look.good += 1
            look.twice += row.endpoint in seen
            seen.add(row.endpoint or "")
            continue
        code = str(refusal.code)
        look.rejected += 1
        look.reasons[code] += 1
        if len(look.first) < SHOWN:
            cell = (row.endpoint or "")[:_LONGEST_CELL]
            look.first.append(RejectedRow(row.row_number, cell, code, refusal.message))


async def _rows(
    file: IO[bytes], phone: str | None, country: str | None, refuses: Refuses
) -> AsyncIterator[tuple[ContactRow, Refusal | None]]:
    async with read_file(file, phone, country) as read:
        async for batch in read.batches:
            for row in batch:
                yield row, row.error or refuses(row)


async def rejected_rows(file: NumberFile, refuses: Refuses) -> IO[bytes]:
    """The rejected rows as CSV with all that they had, to be mended and sent again."""
    assert file.sent is not None
    country, phone = stated_country(file.country or None), file.phone_column
    names: dict[str, None] = {}
    async for row, refusal in _rows(file.sent.content, phone, country, refuses):
        if refusal is not None:
            names.update(dict.fromkeys(row.context))
    # It goes with the answer, which closes it.
    spool = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
    spool.write(line(*ERROR_COLUMNS, *names).encode())
    async for row, refusal in _rows(file.sent.content, phone, country, refuses):
        if refusal is not None:
            spool.write(_line(row, refusal, list(names)).encode())
    spool.seek(0)
    return spool


def _line(row: ContactRow, refusal: Refusal, names: list[str]) -> str:
    number = row.endpoint if row.extension is None else f"{row.endpoint} ext. {row.extension}"
    said = (row.row_number, str(refusal.code), refusal.field, refusal.message)
    cells = (row.context.get(name) for name in names)
    return line(*said, number, row.client_token, row.timezone, *cells)
