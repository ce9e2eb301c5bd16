"""What is sent to a database while something is done: counts are promises, too."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from sqlalchemy import event

from storage.database.engine import Database


class Statement(NamedTuple):
    text: str
    values: Any


@contextmanager
def statements(db: Database) -> Iterator[list[Statement]]:
    """The statements that are sent meanwhile, in their order."""
    sent: list[Statement] = []

    def note(_conn: Any, _cursor: Any, text: str, values: Any, *_rest: Any) -> None:
        sent.append(Statement(text, values))

    engine = db.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)
