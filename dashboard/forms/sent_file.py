"""A file that a browser sent with a form.

The server keeps no file between two pages: with scripts the browser sends it again, without them a
small one travels in the page.
"""

import base64
import binascii
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO

import phonenumbers
from fastapi import Request
from starlette.datastructures import UploadFile

from api.http.problems import invalid

#: A larger one does not travel in the page. A field of a form may have 1 MiB.
_MOST_KEPT = 640 * 1024
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class SentFile:
    """`kept`: the file as a field of a form; empty if it is too large, or the browser has it."""

    name: str
    content: IO[bytes]
    kept: str


async def sent_file(request: Request) -> SentFile | None:
    """The file that was chosen, or the one that the page kept."""
    form = await request.form()
    sent = form.get("file")
    if isinstance(sent, UploadFile) and sent.filename and sent.size:
        kept = "" if "hx-request" in request.headers else await _kept(sent)
        return SentFile(sent.filename[:_LONGEST_NAME], sent.file, kept)
    held, name = form.get("kept"), form.get("kept_name")
    if not isinstance(held, str) or not held:
        return None
    try:
        content = base64.b64decode(held, validate=True)
    except (binascii.Error, ValueError):
        raise invalid("malformed", "file", "Choose the file once more.") from None
    return SentFile(str(name or "")[:_LONGEST_NAME], _on_disk(content), held)


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


def countries() -> list[tuple[str, str]]:
    """For a form: every country with its code."""
    known = sorted(phonenumbers.SUPPORTED_REGIONS)
    named = [(one, f"{one} (+{phonenumbers.country_code_for_region(one)})") for one in known]
    return [("", "nowhere: all begin with +"), *named]
