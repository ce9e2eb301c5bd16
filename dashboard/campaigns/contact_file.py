"""A list of contacts that a browser sent, and what its columns may be.

The server keeps no file between two pages: with scripts the browser sends it again, without them a
small one travels in the page.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile
from typing import IO

import phonenumbers
from fastapi import Request
from starlette.datastructures import FormData, UploadFile

from api.files.file_columns import FileColumns, columns_of
from api.http.problems import invalid
from api.http.values import stated_country

#: A larger one does not travel in the page. A field of a form may have 1 MiB.
_MOST_KEPT = 640 * 1024
_CHOICE = re.compile(r"column\.(\d{1,3})", re.ASCII)
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class ContactFile:
    """`kept`: the file as a field of a form; empty if it is too large, or the browser has it."""

    name: str
    content: IO[bytes]
    kept: str


@dataclass(frozen=True, slots=True)
class FileForm:
    """What was said of a file. `choices`: what a column is, by its place; see `column_choice`.

    `seen`: of which columns this was said; they may be another file's by now.
    """

    country: str = ""
    seen: str = ""
    choices: Mapping[int, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    replace: bool = False

    def choices_for(self, columns: FileColumns) -> Mapping[int, str]:
        """What was said of these very columns."""
        return self.choices if self.seen == digest_of(columns) else {}


def read_file_form(sent: FormData) -> FileForm:
    """What a browser sent."""
    texts = {name: value.strip() for name, value in sent.items() if isinstance(value, str)}
    named = {name: _CHOICE.fullmatch(name) for name in texts}
    return FileForm(
        country=texts.get("country", "").upper(),
        seen=texts.get("seen", ""),
        choices={int(found[1]): texts[name] for name, found in named.items() if found},
        constants={
            name.removeprefix("constant."): value
            for name, value in texts.items()
            if name.startswith("constant.") and value
        },
        replace=texts.get("replace") == "yes",
    )


async def sent_file(request: Request) -> ContactFile | None:
    """The file that was chosen, or the one that the page kept."""
    form = await request.form()
    sent = form.get("file")
    if isinstance(sent, UploadFile) and sent.filename and sent.size:
        kept = "" if "hx-request" in request.headers else await _kept(sent)
        return ContactFile(sent.filename[:_LONGEST_NAME], sent.file, kept)
    held, name = form.get("kept"), form.get("kept_name")
    if not isinstance(held, str) or not held:
        return None
    try:
        content = base64.b64decode(held, validate=True)
    except (binascii.Error, ValueError):
        raise invalid("malformed", "file", "Choose the file once more.") from None
    return ContactFile(str(name or "")[:_LONGEST_NAME], _on_disk(content), held)


async def _kept(sent: UploadFile) -> str:
    if (sent.size or 0) > _MOST_KEPT:
        return ""
    await sent.seek(0)
    content = await sent.read()
    await sent.seek(0)
    return base64.b64encode(content).decode()


def _on_disk(content: bytes) -> IO[bytes]:
    """As an upload is: a workbook is read by another process, which needs a file of its own."""
    file = SpooledTemporaryFile()  # noqa: SIM115 - it goes with the request
    file.write(content)
    file.seek(0)
    return file


async def look_at(file: ContactFile, form: FileForm) -> FileColumns:
    """Its columns; raises a Problem that says why the file cannot be read."""
    country = stated_country(form.country or None)
    return await columns_of(file.content, None, country)


def digest_of(columns: FileColumns) -> str:
    """Tells the columns of one file from those of another."""
    return hashlib.sha256("\x1f".join(columns.names).encode()).hexdigest()[:16]


def plain_name(file: str) -> str:
    """The name of a file without its ending, as a name for a campaign."""
    stem = file.replace("\\", "/").rpartition("/")[2]
    return re.sub(r"\.(csv|xlsx?|txt|tsv)$", "", stem, flags=re.IGNORECASE).strip()


def countries() -> list[tuple[str, str]]:
    """For a form: every country with its code."""
    known = sorted(phonenumbers.SUPPORTED_REGIONS)
    named = [(one, f"{one} (+{phonenumbers.country_code_for_region(one)})") for one in known]
    return [("", "nowhere: all begin with +"), *named]
