"""Calls by any number of their person's: most have the one, in their own row."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import CompoundSelect, union_all
from sqlalchemy import select as sql_select
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.location.number_forms import all_forms, person_key
from policy.model.call import CallStatus
from policy.model.reasons import Reason
from storage.database.bulk import insert_all
from storage.tables import Call, CallNumber, JsonObject
from storage.tables.specs import places_of

#: So many are told that a line is free; the others look again by themselves within a minute.
MOST_TOLD = 20
_TABLE = Call.metadata.tables["call_number"]
_other = aliased(CallNumber)


def reaching(account_id: str, endpoints: Iterable[str]) -> CompoundSelect[tuple[str]]:
    """Ids of an account's calls that may reach any of the endpoints, for `IN`.

    Not as an `OR`, for which PostgreSQL would read all calls.
    """
    sought = list(endpoints)
    own = sql_select(col(Call.call_id)).where(
        col(Call.account_id) == account_id, col(Call.endpoint).in_(all_forms(sought))
    )
    listed = sql_select(col(CallNumber.call_id)).where(
        col(CallNumber.account_id) == account_id,
        col(CallNumber.person_key).in_([person_key(one) for one in sought]),
    )
    return union_all(own, listed)


async def insert_of(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Notes the numbers of those of the new calls whose person has several; mostly of none."""
    found: list[JsonObject] = [
        {"call_id": row["call_id"], "person_key": key, "account_id": row["account_id"]}
        for row in rows
        if row.get("numbers_spec")
        for key in places_of(row["numbers_spec"])
    ]
    if found:
        await insert_all(session, _TABLE, found)


async def waiting_for_line(
    session: AsyncSession, account_id: str, endpoints: Iterable[str], own: str
) -> Sequence[str]:
    """Ids of other calls that wait until nobody has a person at these numbers on the line.

    Not of all: a number that many share, as a firm's does, would have its call wait for them.
    """
    statement = select(Call.call_id).where(
        col(Call.call_id).in_(reaching(account_id, endpoints)),
        col(Call.call_id) != own,
        col(Call.status) == CallStatus.QUEUED,
        col(Call.reason) == Reason.PERSON_ON_LINE.value,
    )
    return (await session.exec(statement.limit(MOST_TOLD))).all()


async def listed_with(session: AsyncSession, account_id: str, endpoint: str) -> Sequence[str]:
    """The other numbers that calls of the account list together with this one."""
    key = person_key(endpoint)
    statement = (
        select(_other.person_key)
        .join(CallNumber, col(CallNumber.call_id) == col(_other.call_id))
        .where(
            col(CallNumber.account_id) == account_id,
            col(CallNumber.person_key) == key,
            col(_other.person_key) != key,
        )
        .distinct()
        .order_by(col(_other.person_key))
    )
    return (await session.exec(statement)).all()
