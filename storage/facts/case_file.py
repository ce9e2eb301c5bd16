"""All that a decision about a call begins with, in one query: the call, whose it is, its ledger."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, exists, func
from sqlalchemy import select as sql_select
from sqlalchemy.orm import aliased
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.model.call import HELD_CAMPAIGNS
from storage.database.locks import dialect_of, lock_account, lock_call, note_held, note_read
from storage.tables import (
    Account,
    Agent,
    Attempt,
    Call,
    Campaign,
    DecisionRow,
    Lease,
    Pathway,
)

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
    `lease_until`: when its lease runs out, if nobody has released it. That is true under the
    account's lock.
    """

    call: Call
    owner: Owner
    recorded: DecisionRow | None
    attempt: Attempt | None
    others: int
    others_open: int
    lease_until: datetime | None
    is_campaign_held: bool


async def hold(
    session: AsyncSession,
    call_id: str,
    *,
    step: int = NONE,
    attempt_number: int = NONE,
    with_account: bool = False,
) -> CaseFile | None:
    """None: there is no such call. `with_account`: all is read under the account's lock, too."""
    key = {"call": call_id, "step": step, "nth": attempt_number}
    if dialect_of(session) == "postgresql":
        # The call first: what is read of it before it is held may be stale.
        call = await lock_call(session, call_id)
        if call is not None and with_account:
            await lock_account(session, call.account_id)
        row = None if call is None else (await session.exec(_rest(), params=key)).one()
    else:
        found = (await session.exec(_whole(), params=key)).one_or_none()
        call, row = (None, None) if found is None else (found[0], found[1:])
    if call is None or row is None:
        return None
    agent, account, pathway, recorded, attempt, others, others_open, lease_until, held = row
    note_held(session, call.call_id, call)
    note_read(session, account.account_id, account)
    if attempt is not None:
        note_held(session, attempt.attempt_id, attempt)
    owner = Owner(agent, account, pathway)
    counts = (others, others_open)
    return CaseFile(call, owner, recorded, attempt, *counts, lease_until, bool(held))


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
_LEASE_UNTIL = sql_select(col(Lease.expires_at)).where(
    col(Lease.call_id) == bindparam("call"),
    col(Lease.attempt_number) == bindparam("nth"),
    col(Lease.released_at).is_(None),
)
_IS_HELD = exists().where(
    col(Campaign.campaign_id) == col(Call.campaign_id), col(Campaign.status).in_(HELD_CAMPAIGNS)
)
_REST = (
    *(Agent, Account, Pathway, DecisionRow, Attempt),
    *(one.scalar_subquery() for one in (_OTHERS, _OPEN, _LEASE_UNTIL)),
    _IS_HELD,
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
