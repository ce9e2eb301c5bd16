"""Somebody who notes a change in the very transaction that makes it.

`Database.write` asks the witness of the task it runs in, if there is one, before it commits.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol

from sqlalchemy import event
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession


class Witness(Protocol):
    async def note(self, session: AsyncSession, made: Sequence[SQLModel]) -> None:
        """Before a commit. `made`: the rows that the session has inserted, in their order."""

    def kept(self) -> None:
        """What was noted is committed."""


_WITNESS: ContextVar[Witness | None] = ContextVar("trunkline_witness", default=None)


@contextmanager
def witnessed_by(witness: Witness) -> Iterator[None]:
    """What this task writes meanwhile is seen by it."""
    token = _WITNESS.set(witness)
    try:
        yield
    finally:
        _WITNESS.reset(token)


class Watch:
    """A session under the eyes of the task's witness; without one it costs nothing."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._witness = _WITNESS.get()
        self._made: list[SQLModel] = []
        if self._witness is not None:
            event.listen(session.sync_session, "after_flush", self._flushed)

    def _flushed(self, session: Any, _context: Any) -> None:
        self._made += session.new

    async def note(self) -> None:
        if self._witness is not None:
            await self._session.flush()
            await self._witness.note(self._session, self._made)

    def kept(self) -> None:
        if self._witness is not None:
            self._witness.kept()
