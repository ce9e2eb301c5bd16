"""A workbook is read by a process of its own: a few bytes of one can ask for any memory and time.

What comes out is a plain file with a row a line, which is read again like any text.
"""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from api.files.limits import REFUSED, TooFar, Unreadable

#: So many are read at once; each may take what `workbook_reader` allows itself.
_AT_ONCE = asyncio.Semaphore(2)
SECONDS = 90.0
_ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True, slots=True)
class UnpackedSheet:
    """The rows of a workbook's first sheet: a line `[number, cells]` each, but for blank ones."""

    lines: IO[bytes]

    def rows(self) -> Iterator[list[str]]:
        self.lines.seek(0)
        before = 0
        for number, cells in map(json.loads, self.lines):
            yield from repeat([], number - before - 1)
            yield cells
            before = number


@asynccontextmanager
async def unpacked(workbook: IO[bytes], most_unpacked: int) -> AsyncIterator[UnpackedSheet]:
    """The workbook's first sheet; `most_unpacked` is in bytes.

    Raises Unreadable for what is no workbook, TooFar for one that does not keep to the limits.
    """
    with TemporaryFile() as lines:
        async with _AT_ONCE:
            await _read(workbook, lines, most_unpacked)
        yield UnpackedSheet(lines)


async def _read(workbook: IO[bytes], lines: IO[bytes], most_unpacked: int) -> None:
    stdin = workbook.fileno()
    # A form's file only now goes to disk.
    workbook.flush()
    reader = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "api.files.workbook_reader", str(most_unpacked)),
        stdin=stdin,
        stdout=lines.fileno(),
        stderr=PIPE,
        cwd=_ROOT,
        # It needs none of our secrets.
        env={},
    )
    try:
        async with asyncio.timeout(SECONDS):
            _, said = await reader.communicate()
    except TimeoutError:
        raise TooFar from None
    finally:
        await _end(reader)
    if reader.returncode == REFUSED:
        raise Unreadable(said.decode().strip())
    if reader.returncode != 0:
        raise TooFar


async def _end(reader: Process) -> None:
    """Also where whoever sent the file has gone."""
    if reader.returncode is None:
        with suppress(ProcessLookupError):
            reader.kill()
        await reader.wait()
