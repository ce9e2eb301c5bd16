"""A session on the inline driver: nothing waits in it once it has begun, so nothing is handed on.

SQLAlchemy runs whatever a session does in a greenlet, from which a driver may wait. That takes as
long as a statement of ours, and each call sends some tens of them. Only the beginning may have to
wait, for another process that writes: it goes the usual way, all after it straight on.

Commit, rollback and close are SQLAlchemy's own, and savepoints, streams and whatever else there is.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.database.sqlite import prepared_statements
from storage.database.sqlite.prepared_statements import Answer, Wire

__all__ = ["InlineConnection", "InlineSession"]


class InlineConnection(AsyncConnection):
    """Of a transaction that has begun."""

    __slots__ = ("_wire",)
    _wire: Wire

    async def execute(self, *args: Any, **options: Any) -> Any:
        return self._proxied.execute(*args, **options)

    def answer(self, statement: Any, parameters: Mapping[str, Any]) -> Answer:
        """What `execute` would answer, as far as `Answer` goes, and quicker the second time."""
        found = prepared_statements.answer(self._at_hand, statement, parameters)
        if found is not None:
            return found
        result = self._proxied.execute(statement, parameters)
        return Answer(list(result.all()) if result.returns_rows else [], result.rowcount)

    @property
    def _at_hand(self) -> Wire:
        try:
            return self._wire
        except AttributeError:
            self._wire = Wire.of(self._proxied)
            return self._wire

    @property
    def _proxied(self) -> Connection:
        connection = self.sync_connection
        assert connection is not None
        return connection


class InlineSession(AsyncSession):
    """Of one transaction; what is asked of it after its end begins another one as usual."""

    _own: InlineConnection | None = None

    async def connection(self, *args: Any, **options: Any) -> AsyncConnection:
        if args or options:
            return await super().connection(*args, **options)
        return await self._begun()

    async def exec(self, statement: Any, **options: Any) -> Any:
        await self._begun()
        return self.sync_session.exec(statement, **options)

    async def get(self, *args: Any, **options: Any) -> Any:
        await self._begun()
        return self.sync_session.get(*args, **options)

    async def flush(self, objects: Any = None) -> None:
        await self._begun()
        self.sync_session.flush(objects)

    async def run_sync(self, fn: Callable[..., Any], *args: Any, **options: Any) -> Any:
        if self._own is None:
            return await super().run_sync(fn, *args, **options)
        return fn(self.sync_session, *args, **options)

    async def _begun(self) -> InlineConnection:
        if self._own is None or self._own.closed:
            began = await super().connection()
            assert began.sync_connection is not None
            self._own = InlineConnection(began.engine, began.sync_connection)
        return self._own
