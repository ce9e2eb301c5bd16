"""Questions about numbers: who wants which, and the newest answer to each."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Insert, and_, bindparam, or_
from sqlalchemy import select as sql_select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.model.call import CallStatus
from policy.model.number_checks import CheckAnswer, NumberCheck
from policy.model.reasons import Reason
from storage.call_numbers import reaching
from storage.database.core import changed, rows_of
from storage.database.locks import dialect_of
from storage.database.pagination import batches
from storage.tables import Call, CheckedNumber
from storage.tables.clearances import CheckState
from storage.tables.types import UtcDateTime

_TABLE = CheckedNumber.metadata.tables["checked_number"]
_ANSWERS = sql_select(
    col(CheckedNumber.endpoint),
    col(CheckedNumber.number_check),
    col(CheckedNumber.parameter),
    col(CheckedNumber.answered_at),
    col(CheckedNumber.answer),
    col(CheckedNumber.carrier),
).where(
    col(CheckedNumber.account_id) == bindparam("account"),
    col(CheckedNumber.answered_at).is_not(None),
)
_OF_NUMBER = _ANSWERS.where(col(CheckedNumber.endpoint) == bindparam("number"))


@dataclass(frozen=True, slots=True)
class Wanted:
    """A question that some call wants answered by `due_at`, unless it was after `fresh_after`.

    `caller_id`: the number that the call would show there; None: the one that `WantedFor` has.
    """

    endpoint: str
    check: NumberCheck
    parameter: str
    due_at: datetime
    fresh_after: datetime
    caller_id: str | None = None


@dataclass(frozen=True, slots=True)
class WantedFor:
    """Whose question it is: who pays for it, and where its cost is shown."""

    account_id: str
    caller_id: str
    call_id: str | None = None
    campaign_id: str | None = None


async def of_number(
    session: AsyncSession, account_id: str, endpoint: str
) -> tuple[CheckAnswer, ...]:
    """Every answer about a number that the account has been given, however old."""
    key = {"account": account_id, "number": endpoint}
    return tuple(_answer(row) for row in await rows_of(session, _OF_NUMBER, key))


async def of_numbers(
    session: AsyncSession, account_id: str, endpoints: Collection[str]
) -> dict[str, tuple[CheckAnswer, ...]]:
    """The same of many; of a number that nobody asked about there is nothing."""
    found: dict[str, tuple[CheckAnswer, ...]] = {}
    for some in batches(sorted(endpoints)):
        statement = _ANSWERS.where(col(CheckedNumber.endpoint).in_(some))
        for row in await rows_of(session, statement, {"account": account_id}):
            found[row.endpoint] = (*found.get(row.endpoint, ()), _answer(row))
    return found


def _answer(row: Any) -> CheckAnswer:
    return CheckAnswer(row.number_check, row.parameter, row.answered_at, row.answer, row.carrier)


async def want(session: AsyncSession, by: WantedFor, wanted: Iterable[Wanted]) -> int:
    """Has them asked, each once however often it is wanted; returns how many are new questions.

    One that is being asked, or answered late enough, stays as it is. One that waits for its time is
    asked at the earlier of both, unless it has failed: then it keeps its distance.
    """
    statement = _want(dialect_of(session))
    news = 0
    # In one order everywhere, so that two transactions do not wait for each other.
    for one in sorted(wanted, key=lambda one: (one.endpoint, one.check, one.parameter)):
        news += await changed(session, statement, _row(by, one))
    return news


def _row(by: WantedFor, one: Wanted) -> dict[str, Any]:
    return {
        "account_id": by.account_id,
        "endpoint": one.endpoint,
        "number_check": one.check,
        "question": f"{one.check}:{one.parameter}",
        "parameter": one.parameter,
        "state": CheckState.WANTED,
        "due_at": one.due_at,
        "tries": 0,
        "call_id": by.call_id,
        "campaign_id": by.campaign_id,
        "caller_id": one.caller_id or by.caller_id,
        "carrier": "",
        "fresh_after": one.fresh_after,
    }


@cache
def _want(dialect: str) -> Insert:
    insert: Any = postgresql.insert if dialect == "postgresql" else sqlite.insert
    columns = ("account_id", "endpoint", "number_check", "question", "parameter", "state")
    more = ("due_at", "tries", "call_id", "campaign_id", "caller_id", "carrier")
    into = insert(_TABLE).inline().values({name: bindparam(name) for name in (*columns, *more)})
    fresh_after = bindparam("fresh_after", type_=UtcDateTime())
    is_old = and_(
        col(CheckedNumber.state) == CheckState.ANSWERED,
        col(CheckedNumber.answered_at) <= fresh_after,
    )
    is_later = and_(
        col(CheckedNumber.state) == CheckState.WANTED,
        col(CheckedNumber.tries) == 0,
        col(CheckedNumber.due_at) > into.excluded.due_at,
    )
    again = ("state", "due_at", "tries", "call_id", "campaign_id", "caller_id")
    upsert: Insert = into.on_conflict_do_update(
        index_elements=["account_id", "endpoint", "question"],
        set_={name: getattr(into.excluded, name) for name in again},
        where=or_(is_old, is_later, col(CheckedNumber.state) == CheckState.GIVEN_UP),
    )
    return upsert.execution_options(preserve_rowcount=True)


async def waiting_calls(
    session: AsyncSession, account_id: str, endpoint: str, now: datetime
) -> Sequence[str]:
    """Calls that wait for answers about the number, once no other is due or being asked."""
    open_ = select(CheckedNumber.question).where(
        col(CheckedNumber.account_id) == account_id,
        col(CheckedNumber.endpoint) == endpoint,
        or_(col(CheckedNumber.due_at) <= now, col(CheckedNumber.state) == CheckState.ASKING),
    )
    if (await session.exec(open_.limit(1))).first() is not None:
        return ()
    statement = select(Call.call_id).where(
        col(Call.call_id).in_(reaching(account_id, [endpoint])),
        col(Call.status) == CallStatus.QUEUED,
        col(Call.reason) == Reason.CLEARANCE_PENDING,
    )
    return (await session.exec(statement.limit(1000))).all()
