"""Rows of text out of a CSV or XLSX file, whatever its encoding, delimiter and kinds of cells."""

import codecs
import csv
import io
import re
import zipfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import date, datetime, time
from typing import IO, Any, TypeVar

from python_calamine import CalamineError, CalamineWorkbook

from api.files.limits import MAX_COLUMNS, MAX_LINES, TooFar, Unreadable
from api.files.workbook_process import UnpackedSheet, unpacked

_ZIP = b"PK\x03\x04"
#: What Excel wrote until 2007.
_OLE = b"\xd0\xcf\x11\xe0"
_DELIMITERS = ",;\t|"
_SAMPLE = 16 * 1024
#: A first line that says how the cells are divided.
_HINT = re.compile(r'\ufeff?"?sep=(?P<delimiter>[,;|:\t])"?[\t ]*(?:\r?\n|\r|$)', re.IGNORECASE)
#: Above this a double has lost digits.
_EXACT = 2**53
_CHUNK = 1024 * 1024
_MOST_UNPACKED = 512 * 1024 * 1024
#: Characters of one row, over however many lines its quotes reach.
_MOST_OF_ROW = 1024 * 1024
#: By the bytes a file begins with; the longer ones first.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

Row = list[str]
Cell = TypeVar("Cell")


Table = IO[bytes] | UnpackedSheet


@asynccontextmanager
async def opened(file: IO[bytes]) -> AsyncIterator[Table]:
    """The file as it is, or its first sheet if it is a workbook; raises Unreadable."""
    file.seek(0)
    mark = file.read(len(_ZIP))
    file.seek(0)
    if mark not in {_ZIP, _OLE}:
        yield file
        return
    async with unpacked(file, _MOST_UNPACKED) as sheet:
        yield sheet


@contextmanager
def open_rows(table: Table) -> Iterator[Iterator[Row]]:
    """The rows of a table, one at a time; cells are stripped text. Reading raises Unreadable."""
    if isinstance(table, UnpackedSheet):
        yield table.rows()
        return
    table.seek(0)
    text = io.TextIOWrapper(table, encoding=encoding_of(table), errors="replace", newline="")
    try:
        yield _bounded(_rows_of_text(text))
    finally:
        # Otherwise the wrapper would close the file, which is its owner's to close.
        text.detach()


def _bounded(rows: Iterator[list[Cell]]) -> Iterator[list[Cell]]:
    """The rows, as long as they stay within the limits; raises TooFar."""
    for number, cells in enumerate(rows, start=1):
        if number > MAX_LINES or len(cells) > MAX_COLUMNS:
            raise TooFar
        yield cells


def encoding_of(file: IO[bytes]) -> str:
    """By its mark; else UTF-16 if many bytes are NUL, UTF-8 if it can be, else Windows-1252."""
    file.seek(0)
    start = file.read(_SAMPLE)
    file.seek(0)
    for mark, name in _MARKS:
        if start.startswith(mark):
            return name
    if start[1::2].count(0) > len(start) // 4:
        return "utf-16-le"
    if start[0::2].count(0) > len(start) // 4:
        return "utf-16-be"
    return "utf-8" if _is_utf8(file) else "cp1252"


def _is_utf8(file: IO[bytes]) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := file.read(_CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    finally:
        file.seek(0)
    return True


def delimiter_of(sample: str) -> str:
    """As the standard library guesses, if the first line has it, else what most lines have.

    Over a list there may be a title, which has none, or another one.
    """
    lines = sample.splitlines() or [""]
    try:
        found = csv.Sniffer().sniff(sample, _DELIMITERS).delimiter
    except csv.Error:
        found = ""
    if found and found in lines[0]:
        return found
    return max(
        _DELIMITERS, key=lambda one: (sum(one in line for line in lines), lines[0].count(one))
    )


def _rows_of_text(text: io.TextIOWrapper) -> Iterator[Row]:
    sample = text.read(_SAMPLE)
    text.seek(0)
    hint = _HINT.match(sample)
    if hint is not None:
        # For Excel, which does not show the line, nor number it.
        text.readline()
    delimiter = hint["delimiter"] if hint else delimiter_of(_whole_lines(sample))
    lines = _LinesOfRow(text)
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        for cells in reader:
            lines.left = _MOST_OF_ROW
            yield [_clean(cell) for cell in cells]
    except csv.Error:
        raise Unreadable("a cell is too long, or a quote is never closed") from None


class _LinesOfRow:
    """Lines of a text for `csv.reader`; raises Unreadable where one row has too much of them."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self.left = _MOST_OF_ROW

    def __iter__(self) -> "_LinesOfRow":
        return self

    def __next__(self) -> str:
        line = self._text.readline(self.left + 1)
        if not line:
            raise StopIteration
        self.left -= len(line)
        if self.left < 0:
            raise Unreadable("a row is too long, or a quote is never closed")
        return line


def _whole_lines(sample: str) -> str:
    if len(sample) < _SAMPLE:
        return sample
    return sample.rpartition("\n")[0] or sample


def rows_of_workbook(file: IO[bytes], most_unpacked: int) -> Iterator[Row]:
    """The rows of the first sheet, blank ones without cells.

    Only for a process that may die of it: `workbook_reader`.
    """
    try:
        _require_modest(file, most_unpacked)
        workbook = CalamineWorkbook.from_filelike(file)
        sheet = workbook.get_sheet_by_index(0)
    except (CalamineError, zipfile.BadZipFile, IndexError, OSError):
        raise Unreadable("it is no workbook with a sheet") from None
    for cells in _bounded(sheet.iter_rows()):
        is_blank = cells.count("") == len(cells)
        yield [] if is_blank else [_clean(_text_of(cell)) for cell in cells]


def _require_modest(file: IO[bytes], most_unpacked: int) -> None:
    """A workbook is unpacked in memory, and a small file can unpack to anything."""
    file.seek(0)
    if file.read(len(_ZIP)) == _ZIP:
        with zipfile.ZipFile(file) as archive:
            if sum(part.file_size for part in archive.infolist()) > most_unpacked:
                raise Unreadable("it unpacks to more than 512 MiB")
    file.seek(0)


def _text_of(cell: Any) -> str:
    """A cell as people see it: whole numbers without a point, dates in ISO 8601.

    One that has lost digits stays as it is written, 1.2e+16, which is read as no phone number.
    """
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < _EXACT:
        return str(int(cell))
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    return str(cell)


def _clean(cell: str) -> str:
    # PostgreSQL keeps no NUL.
    return cell.replace("\x00", "").strip()
