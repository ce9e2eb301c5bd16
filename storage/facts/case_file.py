"""All that a decision about one call begins with, in one query: the call, whose it is, its ledger."""

from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, func
from sqlalchemy import select as sql_select
from sqlalchemy.orm import aliased
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.database.locks import dialect_of, lock_call, note_held, note_read
from storage.tables import Account, Agent, Attempt, Call, DecisionRow, Pathway

#: No step and no attempt has this number.
NONE = -1


class Owner(NamedTuple):
    """Whose call it is, and what is to be said on it."""

    agent: Agent
    account: Account
    pathway: Pathway | None


@dataclass(frozen=True, slots=True)
class CaseFile:
    """The call is held, and its attempts with it, until the end of the transaction.

    `recorded`: what an earlier run of the step decided. `attempt`: the one that was asked for.
    `others`: how many attempts the call has besides it, of which `others_open` are not settled.
    """

    call: Call
    owner: Owner
    recorded: DecisionRow | None
    attempt: Attempt | None
    others: int
    others_open: int


async def hold(
    session: AsyncSession, call_id: str, *, step: int = NONE, attempt_number: int = NONE
) -> CaseFile | None:
    """None: there is no such call."""
    key = {"call": call_id, "step": step, "nth": attempt_number}
    if dialect_of(session) == "postgresql":
        # The call first: what is read of it before it is held may be stale.
        call = await lock_call(session, call_id)
        row = None if call is None else (await session.exec(_rest(), params=key)).one()
    else:
        found = (await session.exec(_whole(), params=key)).one_or_none()
        call, row = (None, None) if found is None else (found[0], found[1:])
    if call is None or row is None:
        return None
    agent, account, pathway, recorded, attempt, *others = row
    note_held(session, call.call_id, call)
    note_read(session, account.account_id, account)
    if attempt is not None:
        note_held(session, attempt.attempt_id, attempt)
    return CaseFile(call, Owner(agent, account, pathway), recorded, attempt, *others)


@cache
def _whole() -> Any:
    return _joined(Call, *_REST)


@cache
def _rest() -> Any:
    return _joined(*_REST)


_other = aliased(Attempt)
_OTHERS = sql_select(func.count()).where(
    col(_other.call_id) == bindparam("call"), col(_other.number) != bindparam("nth")
)
_OPEN = _OTHERS.where(col(_other.settled_at).is_(None))
_REST = (
    *(Agent, Account, Pathway, DecisionRow, Attempt),
    *(_OTHERS.scalar_subquery(), _OPEN.scalar_subquery()),
)


def _joined(*wanted: Any) -> Any:
    of_step = and_(
        col(DecisionRow.call_id) == col(Call.call_id), col(DecisionRow.step) == bindparam("step")
    )
    of_number = and_(
        col(Attempt.call_id) == col(Call.call_id), col(Attempt.number) == bindparam("nth")
    )
    return (
        sql_select(*wanted)
        .select_from(Call)
        .join(Agent, col(Agent.agent_id) == col(Call.agent_id))
        .join(Account, col(Account.account_id) == col(Call.account_id))
        .outerjoin(Pathway, col(Pathway.pathway_id) == col(Call.pathway_id))
        .outerjoin(DecisionRow, of_step)
        .outerjoin(Attempt, of_number)
        .where(col(Call.call_id) == bindparam("call"))
    )
