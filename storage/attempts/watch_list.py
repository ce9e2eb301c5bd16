"""Whether the watch has anything to look at: one question in place of all of its own.

It may say yes for nothing, and never no where one of them would find something. Whoever changes
what the watch looks for (`storage.attempts.attempts`, `storage.attempts.costs`,
`storage.attempts.recording_removals`) changes it here as well.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, literal, union_all
from sqlalchemy import select as sql_select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.attempts.attempts import ABANDONED, ABANDONED_WITHIN
from storage.tables import Attempt, RecordingRemoval
from storage.tables.types import UtcDateTime

_NOW = bindparam("now", type_=UtcDateTime())


def _one(*where: Any) -> Any:
    """A row, if there is any such one."""
    return sql_select(literal(1)).where(*where).limit(1).subquery()


#: A run of an index each.
_ANY = union_all(
    *(
        sql_select(one)
        for one in (
            # Every endpoint is; it is named to have SQLite take the index of the unsettled.
            _one(col(Attempt.settled_at).is_(None), col(Attempt.to_endpoint) >= ""),
            _one(*ABANDONED, col(Attempt.sent_at) > bindparam("since", type_=UtcDateTime())),
            _one(col(Attempt.price_due_at).is_not(None), col(Attempt.price_due_at) <= _NOW),
            _one(col(RecordingRemoval.due_at) <= _NOW),
        )
    )
)


async def is_any(session: AsyncSession, now: datetime) -> bool:
    """Whether some leg may have to be looked at, ended or priced, or a recording deleted."""
    said = {"now": now, "since": now - ABANDONED_WITHIN}
    connection = await session.connection()
    return (await connection.execute(_ANY, said)).first() is not None
