"""Rows of text out of a CSV or XLSX file, whatever its encoding, delimiter and kinds of cells."""

import codecs
import csv
import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from typing import IO, Any

from python_calamine import CalamineError, CalamineWorkbook

_ZIP = b"PK\x03\x04"
_DELIMITERS = ",;\t|"
_SAMPLE = 16 * 1024
#: A first line that says how the cells are divided.
_HINT = re.compile(r'\ufeff?"?sep=(?P<delimiter>[,;|:\t])"?[\t ]*(?:\r?\n|\r|$)', re.IGNORECASE)
#: Above this a double has lost digits.
_EXACT = 2**53
_CHUNK = 1024 * 1024
_MOST_UNPACKED = 512 * 1024 * 1024
#: By the bytes a file begins with; the longer ones first.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

Row = list[str]


class Unreadable(ValueError):
    """The file is no table that can be read. Its text quotes nothing of the file."""


@contextmanager
def open_rows(file: IO[bytes]) -> Iterator[Iterator[Row]]:
    """The rows of the file's (first) sheet, one at a time; cells are stripped text."""
    file.seek(0)
    is_workbook = file.read(len(_ZIP)) == _ZIP
    file.seek(0)
    if is_workbook:
        yield _rows_of_workbook(file)
        return
    text = io.TextIOWrapper(file, encoding=encoding_of(file), errors="replace", newline="")
    try:
        yield _rows_of_text(text)
    finally:
        # Otherwise the wrapper would close the file, which is its owner's to close.
        text.detach()


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
    reader = csv.reader(text, delimiter=delimiter)
    try:
        for cells in reader:
            yield [_clean(cell) for cell in cells]
    except csv.Error:
        raise Unreadable("a cell is too long, or a quote is never closed") from None


def _whole_lines(sample: str) -> str:
    if len(sample) < _SAMPLE:
        return sample
    return sample.rpartition("\n")[0] or sample


def _rows_of_workbook(file: IO[bytes]) -> Iterator[Row]:
    try:
        _require_modest(file)
        workbook = CalamineWorkbook.from_filelike(file)
        sheet = workbook.get_sheet_by_index(0)
    except (CalamineError, zipfile.BadZipFile, IndexError, OSError):
        raise Unreadable("it is no workbook with a sheet") from None
    for cells in sheet.iter_rows():
        yield [_clean(_text_of(cell)) for cell in cells]


def _require_modest(file: IO[bytes]) -> None:
    """A workbook is unpacked in memory, and a small file can unpack to anything."""
    with zipfile.ZipFile(file) as archive:
        if sum(part.file_size for part in archive.infolist()) > _MOST_UNPACKED:
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
