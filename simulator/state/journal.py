"""An append-only file of JSON lines that outlives a kill -9 of the process."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from pydantic_core import to_json

Entry = dict[str, Any]


class Journal:
    """Entries in the order they happened; without a path it keeps nothing."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file: BinaryIO | None = None

    def load(self) -> Iterator[Entry]:
        """All whole entries; cuts off a line that a kill left half written."""
        if self._path is None or not self._path.exists():
            return
        whole = 0
        with self._path.open("r+b") as file:
            for line in file:
                if not line.endswith(b"\n"):
                    break
                whole += len(line)
                yield json.loads(line)
            file.truncate(whole)

    def append(self, entry: Entry) -> None:
        """Hand one entry to the operating system before returning."""
        if self._path is None:
            return
        if self._file is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("ab")
        self._file.write(to_json(entry) + b"\n")
        self._file.flush()

    def clear(self) -> None:
        """Forget everything."""
        self.close()
        if self._path is not None:
            self._path.unlink(missing_ok=True)

    def close(self) -> None:
        """Release the file."""
        if self._file is not None:
            self._file.close()
            self._file = None
