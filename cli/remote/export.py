"""Lists that are written to a file, as CSV or as lines of JSON."""

import csv
import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from pydantic import BaseModel

from cli.errors import Unusable
from cli.remote.command import Remote
from cli.remote.screen import jsonable

#: The columns of calls; `context` and `additionalData` are JSON.
CALLS = (
    "callId", "endpoint", "status", "outcome", "reason", "detail", "attemptCount",
    "durationSeconds", "createdTime", "startedTime", "completedTime", "agentId", "campaignId",
    "callerId", "priority", "context", "additionalData", "result",
)  # fmt: skip
CONTACTS = ("row", "endpoint", "state", "callId", "clientToken", "timezone", "context", "error")
#: What a spreadsheet would run.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_PAGE = 1000


def write_calls(remote: Remote, filters: dict[str, Any], output: Path | None) -> None:
    """Every call that the filters leave, the newest first."""
    total = remote.api.list_calls(take=1, **filters).total
    found = remote.api.iter_calls(take=_PAGE, **filters)
    write(remote, "Calls", found, total, CALLS, output)


def write(
    remote: Remote,
    what: str,
    things: Iterable[BaseModel],
    total: int,
    columns: tuple[str, ...],
    output: Path | None,
) -> None:
    """As CSV, or with --json a line of JSON each."""
    with remote.screen.progress(what, total) as advance, _opened(output) as file:
        rows = map(jsonable, advance.each(things))
        if remote.screen.json:
            for row in rows:
                file.write(json.dumps(row, separators=(",", ":")) + "\n")
        else:
            lines = csv.writer(file, lineterminator="\n")
            lines.writerow(columns)
            lines.writerows([cell(row.get(name)) for name in columns] for row in rows)


def save(content: bytes, output: Path | None) -> None:
    """What the API gives as a file."""
    if output is None:
        sys.stdout.write(content.decode("utf-8", "replace"))
    else:
        with _writable(output):
            output.write_bytes(content)


def cell(value: Any) -> str:
    """As a spreadsheet may read it: none of it is run."""
    if isinstance(value, dict | list):
        return json.dumps(value) if value else ""
    text = "" if value is None else str(value)
    # A number keeps its plus: it is no formula.
    return f"'{text}" if text.startswith(_FORMULA) and not text[1:].isdigit() else text


@contextmanager
def _opened(output: Path | None) -> Iterator[TextIO]:
    if output is None:
        yield sys.stdout
        return
    with _writable(output), output.open("w", encoding="utf-8", newline="") as file:
        yield file


@contextmanager
def _writable(output: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Unusable(f"{output} cannot be written: {error.strerror or error}.") from error
