"""Files that nobody's spreadsheet writes: bombs, lies, broken XML, and any bytes at all."""

import io
import struct
import zipfile
from collections.abc import Callable

from hypothesis import strategies as st

from tests.api.files.test_uploads import TABLE, workbook

SHEET, STRINGS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
GOOD = workbook([["name", "phone"], ["Ada", "+12125550101"], ["Bob", "+12125550102"]])
#: Would be in an answer if an entity of XML were followed.
SECRET = "/etc/passwd"
_SPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha" * 10}">' for n in range(12))


def altered(
    name: str, change: Callable[[bytes], bytes], packed: int = zipfile.ZIP_DEFLATED
) -> bytes:
    """The good workbook with one part of it changed."""
    file, source = io.BytesIO(), zipfile.ZipFile(io.BytesIO(GOOD))
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in source.namelist():
            content = source.read(part)
            archive.writestr(part, change(content) if part == name else content)
    return file.getvalue()


def with_sheet(body: str, before: str = "") -> bytes:
    whole = f'<?xml version="1.0"?>{before}<worksheet {_SPACE}>{body}</worksheet>'
    return altered(SHEET, lambda _: whole.encode())


def _of_nothing(size: int) -> bytes:
    """A sheet of `size` blanks, which pack to a thousandth."""
    return altered(SHEET, lambda text: text.replace(b"<sheetData>", b" " * size + b"<sheetData>"))


def _that_says(size: int, content: bytes) -> bytes:
    """The same, whose table of contents says that every part has so many bytes."""
    said, at = bytearray(content), content.find(b"PK\x01\x02")
    while at >= 0:
        said[at + 24 : at + 28] = struct.pack("<I", size)
        at = content.find(b"PK\x01\x02", at + 4)
    return bytes(said)


def _encrypted(content: bytes) -> bytes:
    said = bytearray(content)
    for mark, flag in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(mark)
        while at >= 0:
            said[at + flag] |= 1
            at = content.find(mark, at + 4)
    return bytes(said)


def _zipped(**parts: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def _in_a_version_to_come(content: bytes) -> bytes:
    at = content.find(b"PK\x01\x02")
    return content[: at + 6] + struct.pack("<H", 990) + content[at + 8 :]


#: Each is refused, by this code.
WORKBOOKS: dict[str, tuple[bytes, str]] = {
    "a bomb": (_that_says(600 << 20, GOOD), "unreadable_file"),
    "a bomb that says it is small": (_that_says(10, _of_nothing(32 << 20)), "unreadable_file"),
    "a zip in a zip in a zip": (_zipped(a=_zipped(b=_zipped(c=GOOD))), "unreadable_file"),
    "parts outside of the folder": (
        _zipped(**{"../../x": b"1", "/etc/x": b"1"}), "unreadable_file",
    ),
    "half of it": (GOOD[: len(GOOD) // 2], "unreadable_file"),
    "its beginning only": (GOOD[:4], "unreadable_file"),
    "under a password": (_encrypted(GOOD), "unreadable_file"),
    "a version to come": (_in_a_version_to_come(GOOD), "unreadable_file"),
    "xml that breaks off": (altered(SHEET, lambda text: text[:-30]), "unreadable_file"),
    "xml of another kind": (altered(SHEET, lambda _: b"<html>no</html>"), "unreadable_file"),
    "no xml": (altered(SHEET, lambda _: bytes(range(256)) * 9), "unreadable_file"),
    "a text that is none of its texts": (
        with_sheet('<sheetData><row><c t="s"><v>9</v></c></row></sheetData>'),
        "unreadable_file",
    ),
    "laughter": (
        with_sheet(
            '<sheetData><row><c t="inlineStr"><is><t>&l11;</t></is></c></row></sheetData>',
            f"<!DOCTYPE x [{_LAUGHS}]>",
        ),
        "unreadable_file",
    ),
    "a file of ours": (
        with_sheet(
            '<sheetData><row><c t="inlineStr"><is><t>&x;</t></is></c></row></sheetData>',
            f'<!DOCTYPE x [<!ENTITY x SYSTEM "file://{SECRET}">]>',
        ),
        "unreadable_file",
    ),
    "nothing": (with_sheet(""), "unreadable_file"),
    "rows that count backwards": (
        with_sheet('<sheetData><row r="-1"><c r="A0"><v>1</v></c></row></sheetData>'),
        "unreadable_file",
    ),
    "a column without end": (
        with_sheet(f'<sheetData><row r="1"><c r="{"Z" * 40}1"><v>1</v></c></row></sheetData>'),
        "no_phone_column",
    ),
}  # fmt: skip

TEXTS: dict[str, bytes] = {
    "nothing": b"",
    "nul": bytes(5000),
    "an empty archive": b"PK\x05\x06" + bytes(18),
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40,
    "half surrogates": "phone\n\ud800\n".encode("utf-16-le", "surrogatepass"),
    "ebcdic": TABLE.encode("cp500"),
    "one quote": b'"',
    "one cell": b"x" * (2 << 20),
    "delimiters": b",;\t|" * 100_000,
    "line ends": b"\r\n\r\r\n\n" * 100_000,
    "marks": b"\xef\xbb\xbf" * 500,
    "a sheet of html": b"<html><table><tr><td>phone</td></tr></table></html>",
    "sep": b"sep=\n",
}

#: These can be read, if not every letter of them.
MAIMED: dict[str, bytes] = {
    "half a character": TABLE.encode("utf-16")[:-1],
    "utf-32": TABLE.encode("utf-32"),
    "utf-7": TABLE.encode("utf-7"),
}

_bytes = st.binary(max_size=2000)
_cells = st.lists(
    st.lists(
        st.text(max_size=12)
        | st.sampled_from(["phone", "+12125550101", '=HYPERLINK("http://x.example")', '"', "\n"]),
        min_size=1,
        max_size=6,
    ),
    min_size=1,
    max_size=12,
)
_encodings = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252", "latin-1"])
tables = st.builds(
    lambda rows, mark, end, encoding: end.join(mark.join(row) for row in rows).encode(
        encoding, "replace"
    ),
    _cells,
    st.sampled_from(",;\t|"),
    st.sampled_from(["\n", "\r\n", "\r"]),
    _encodings,
)
texts = tables | _bytes | st.builds(lambda head, tail: head + tail, st.just(TABLE.encode()), _bytes)


def _overwritten(at: int, content: bytes) -> bytes:
    at %= len(GOOD)
    return GOOD[:at] + content + GOOD[at + len(content) :]


workbooks = st.one_of(
    st.builds(_overwritten, st.integers(0, 10**6), st.binary(min_size=1, max_size=30)),
    st.builds(lambda at: GOOD[: 4 + at % len(GOOD)], st.integers(0, 10**6)),
    _bytes.map(lambda said: b"PK\x03\x04" + said),
    _bytes.map(lambda said: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + said),
    _bytes.map(lambda said: altered(SHEET, lambda _: said)),
    st.text(max_size=300).map(
        lambda said: altered(SHEET, lambda text: text[:90] + said.encode("utf-8", "replace"))
    ),
)
