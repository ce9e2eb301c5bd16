"""Files that are sent: read in pieces, with a bar."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cli.errors import Unusable
from cli.remote.screen import Screen
from trunkline_client.models import (
    Imported,
    LoadedView,
    RegistryImported,
    SuppressionsImported,
)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PIECE = 64 * 1024
_FEW = 10
#: Answers that say how a file was read.
Told = LoadedView | Imported | RegistryImported | SuppressionsImported


def content_type(path: Path) -> str:
    """What kind of file it is, by its name."""
    return XLSX if path.suffix.lower() == ".xlsx" else "text/csv"


@contextmanager
def pieces(screen: Screen, path: Path) -> Iterator[Iterator[bytes]]:
    """The file in pieces; raises Unusable where it cannot be read."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file, screen.progress(path.name, size) as advance:

            def read() -> Iterator[bytes]:
                while piece := file.read(_PIECE):
                    yield piece
                    advance(len(piece))

            yield read()
    except OSError as error:
        raise Unusable(f"{path} cannot be read: {error.strerror or error}.") from error


def tell(screen: Screen, done: Told) -> None:
    """How a file was read, and the first rows that were rejected."""
    if screen.json:
        screen.event(done)
        return
    how = (
        f" (column {done.phone_column}, by {done.phone_column_reason})" if done.phone_column else ""
    )
    screen.say(f"{done.accepted:,} accepted, {done.rejected:,} rejected{how}.")
    if isinstance(done, SuppressionsImported):
        screen.say(f"{done.added:,} of the numbers were not on the list before.")
    columns = getattr(done, "columns", None) or {}
    for variable, column in columns.items():
        screen.say(f"  {variable} from the column {column}")
    for other in getattr(done, "other_columns", None) or ():
        screen.say(f"  another number from the column {other.column} ({other.type or 'any'})")
    for error in done.errors[:_FEW]:
        screen.say(f"  row {error.row}: {error.message} ({error.code})")
    if done.rejected > _FEW:
        screen.say(f"  and {done.rejected - _FEW:,} more")


def hint(codes: Iterable[str], country: str | None) -> str:
    """What would have read more numbers; empty where nothing is known to."""
    if country is None and "invalid_number" in codes:
        return "Numbers without + are read with a country: --country US."
    return ""
