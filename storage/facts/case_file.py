"""All that a decision about a call begins with, in one query: the call, whose it is, its ledger."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, exists, func, or_
from sqlalchemy import select as sql_select
from sqlalchemy.orm import aliased
from sqlmodel import SQLModel, col
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.campaigns.goals import is_closed
from policy.model.call import HELD_CAMPAIGNS
from storage.database.locks import dialect_of, lock_account, lock_call, note_held, note_read
from storage.database.row_objects import one_row
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

    `is_decided`: an earlier run of the step has decided. `attempt`: the one that was asked for.
    `others`: how many attempts the call has besides it, of which `others_open` are not settled.
    `lease_until`: when its lease runs out, if nobody has released it. That is true under the
    account's lock. `is_goal_reached`: nobody of the call's segment, or of its campaign, needs to
    be called any more.
    """

    call: Call
    owner: Owner
    is_decided: bool
    attempt: Attempt | None
    others: int
    others_open: int
    lease_until: datetime | None
    is_campaign_held: bool
    is_goal_reached: bool = False


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
    ledger = () if attempt_number == NONE else (Attempt,)
    if dialect_of(session) == "postgresql":
        # The call first: what is read of it before it is held may be stale.
        call = await lock_call(session, call_id)
        if call is not None and with_account:
            await lock_account(session, call.account_id)
        row = None if call is None else await one_row(session, _asked(*ledger), key)
    else:
        found = await one_row(session, _asked(Call, *ledger), key)
        call, row = (None, None) if found is None else (found[0], found[1:])
    if call is None or row is None:
        return None
    note_held(session, call.call_id, call)
    return _file(session, call, *(row if ledger else (None, *row)))


def _file(session: AsyncSession, call: Call, attempt: Attempt | None, *known: Any) -> CaseFile:
    agent, account, pathway, is_decided, others, others_open, lease_until, is_held, closed = known
    note_read(session, account.account_id, account)
    if attempt is not None:
        note_held(session, attempt.attempt_id, attempt)
    return CaseFile(
        call,
        Owner(agent, account, pathway),
        bool(is_decided),
        attempt,
        others,
        others_open,
        lease_until,
        bool(is_held),
        is_closed(closed, call.context),
    )


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
    col(Campaign.campaign_id) == col(Call.campaign_id),
    # Not as a list, which is written into the statement anew each time.
    or_(*(col(Campaign.status) == status for status in HELD_CAMPAIGNS)),
)
_GOAL_CLOSED = sql_select(col(Campaign.goal_closed)).where(
    col(Campaign.campaign_id) == col(Call.campaign_id)
)
_IS_DECIDED = exists().where(
    col(DecisionRow.call_id) == bindparam("call"), col(DecisionRow.step) == bindparam("step")
)
_ALWAYS = (
    *(Agent, Account, Pathway, _IS_DECIDED),
    *(one.scalar_subquery() for one in (_OTHERS, _OPEN, _LEASE_UNTIL)),
    _IS_HELD,
    _GOAL_CLOSED.scalar_subquery(),
)


@cache
def _asked(*first: type[SQLModel]) -> Any:
    """These tables' rows, and what is always asked for."""
    of_number = and_(
        col(Attempt.call_id) == col(Call.call_id), col(Attempt.number) == bindparam("nth")
    )
    statement = (
        sql_select(*first, *_ALWAYS)
        .select_from(Call)
        .join(Agent, col(Agent.agent_id) == col(Call.agent_id))
        .join(Account, col(Account.account_id) == col(Call.account_id))
        .outerjoin(Pathway, col(Pathway.pathway_id) == col(Call.pathway_id))
        .where(col(Call.call_id) == bindparam("call"))
    )
    return statement.outerjoin(Attempt, of_number) if Attempt in first else statement
