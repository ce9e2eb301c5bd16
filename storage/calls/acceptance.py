"""What a request for one call is held against, in one query.

Whose it is, its agent and pathway, and a call that it may repeat.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Text,
    and_,
    bindparam,
    false,
    func,
    literal_column,
    select,
)
from sqlmodel import col, or_
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.location.number_forms import all_forms, person_key
from policy.model.call import FINAL_STATUSES, CallStatus
from storage.database.locks import lock_key, lock_pair
from storage.database.row_objects import one_row
from storage.tables import Account, Agent, ApiKey, Call, CallNumber, Pathway
from storage.tables.types import UtcDateTime

#: A second call to the same endpoint by the same agent within this is taken for a mistake.
DUPLICATE_WITHIN = timedelta(seconds=60)
OPEN_STATUSES = [status for status in CallStatus if status not in FINAL_STATUSES]
_IS_OPEN: ColumnElement[bool] = literal_column(
    "call.status IN (" + ", ".join(f"'{status.value}'" for status in OPEN_STATUSES) + ")"
)


@dataclass(frozen=True, slots=True)
class Grounds:
    """None: there is no such agent or pathway of the account, and no such call."""

    account: Account
    key: ApiKey
    agent: Agent | None
    pathway: Pathway | None
    #: A call of the agent to the endpoint that is open or was made a moment ago.
    duplicate: str | None


async def look_up(
    session: AsyncSession,
    api_key_id: str,
    agent_id: str,
    pathway_id: str | None,
    endpoints: Sequence[str],
    now: datetime,
) -> Grounds | None:
    """None: the key was revoked meanwhile, or is over. `pathway_id` None: the agent's.

    Without an endpoint no duplicate is looked for. With one, its pair with the agent is held, so
    that of two requests at once the second finds the first one's call. With several, all of the
    agent's are.
    """
    if len(endpoints) == 1:
        pair = f"duplicate:{agent_id}:{person_key(endpoints[0])}"
        await lock_pair(session, shared=_all_pairs(agent_id), own=pair)
    elif endpoints:
        await hold_pairs(session, agent_id)
    said = {
        "key": api_key_id,
        "agent": agent_id,
        "pathway": pathway_id,
        "recent": now - DUPLICATE_WITHIN,
        "now": now,
    }
    forms = all_forms(endpoints)
    said |= {_form(place): form for place, form in enumerate(forms)}
    found = await one_row(session, _grounds(len(forms)), said)
    return None if found is None else Grounds(*found)


async def hold_pairs(session: AsyncSession, agent_id: str) -> None:
    """Holds an agent's pairs all at once: the database has no room for thousands of locks."""
    await lock_key(session, _all_pairs(agent_id))


def _all_pairs(agent_id: str) -> str:
    return f"duplicates:{agent_id}"


def open_or_recent(agent_id: Any, recent: Any) -> tuple[ColumnElement[bool], ...]:
    """Which calls of an agent another one to the same endpoint would repeat."""
    return (
        col(Call.agent_id) == agent_id,
        or_(col(Call.created_time) > recent, _IS_OPEN),
    )


def _form(place: int) -> str:
    return f"form{place}"


def _duplicate(forms: int) -> Any:
    """Of this number alone, else one that lists it among several."""
    names = [bindparam(_form(n), type_=Text()) for n in range(forms)]
    repeats = open_or_recent(bindparam("agent"), bindparam("recent", type_=UtcDateTime()))
    own = select(col(Call.call_id)).where(
        or_(false(), *(col(Call.endpoint) == name for name in names)), *repeats
    )
    listed = (
        select(col(Call.call_id))
        .join(CallNumber, col(CallNumber.call_id) == col(Call.call_id))
        .where(
            or_(false(), *(col(CallNumber.person_key) == name for name in names)),
            *repeats,
        )
    )
    newest = (
        one.order_by(col(Call.created_time).desc()).limit(1).scalar_subquery()
        for one in (own, listed)
    )
    return func.coalesce(*newest)


@cache
def _grounds(forms: int) -> Any:
    """Made once for so many forms of a number: that takes longer than the answer.

    A list of them would be written into the statement anew each time.
    """
    of_account = col(Account.account_id)
    spoken = func.coalesce(bindparam("pathway", type_=Text()), col(Agent.pathway_id))
    return (
        select(Account, ApiKey, Agent, Pathway, _duplicate(forms))
        .join(ApiKey, col(ApiKey.account_id) == of_account)
        .outerjoin(
            Agent,
            and_(
                col(Agent.agent_id) == bindparam("agent"),
                col(Agent.account_id) == of_account,
                col(Agent.deleted_time).is_(None),
            ),
        )
        .outerjoin(
            Pathway,
            and_(
                col(Pathway.pathway_id) == spoken,
                col(Pathway.account_id) == of_account,
                col(Pathway.deleted_time).is_(None),
            ),
        )
        .where(
            col(ApiKey.api_key_id) == bindparam("key"),
            col(ApiKey.revoked_time).is_(None),
            or_(
                col(ApiKey.expires_time).is_(None),
                col(ApiKey.expires_time) > bindparam("now", type_=UtcDateTime()),
            ),
        )
    )
