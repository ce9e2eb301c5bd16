"""What an account's slots are used for and what waits for them, looked up in one query."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Text,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    literal_column,
    null,
    or_,
    type_coerce,
    union_all,
)
from sqlalchemy import select as sql_select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.model.call import HELD_CAMPAIGNS
from storage.call_lists.call_counts import QUEUE_CLASSES, QueueClass
from storage.database.core import rows_of
from storage.tables import Agent, Campaign, Lease
from storage.tables.types import UtcDateTime

#: A pace is counted over this, whether or not the leases have been released since.
PACE_OVER = timedelta(seconds=60)
_OWN, _HELD, _CLASS, _USE, _AGENT = "own", "held", "class", "use", "agent"
_NUMBERS = 4


@dataclass(frozen=True, slots=True)
class SlotUse:
    """`live` leases, leases granted within the last minute, and grants not taken up yet.

    `expired` leases have run out, and nobody has released them so far.
    """

    live: int = 0
    recent: int = 0
    untaken: int = 0
    expired: int = 0

    def __add__(self, other: "SlotUse") -> "SlotUse":
        return SlotUse(
            self.live + other.live,
            self.recent + other.recent,
            self.untaken + other.untaken,
            self.expired + other.expired,
        )


class AgentCaps(NamedTuple):
    """An agent that has a cap of its own."""

    agent_id: str
    name: str
    max_concurrent: int | None
    calls_per_minute: int | None


@dataclass(frozen=True, slots=True)
class SlotsAsked:
    """`used` by agent and campaign, `classes` of the queue, agents with caps.

    Of the attempt that asks: its lease, if it was ever given one, and whether its campaign is held.
    """

    used: Mapping[tuple[str, str | None], SlotUse]
    classes: Sequence[QueueClass]
    agents: Sequence[AgentCaps]
    own: str | None = None
    is_held: bool = False


async def asked(
    session: AsyncSession,
    account_id: str,
    now: datetime,
    *,
    call_id: str = "",
    attempt_number: int = 0,
    campaign_id: str | None = None,
) -> SlotsAsked:
    """True only under the account's lock."""
    parameters = {
        "account": account_id,
        "now": now,
        "since": now - PACE_OVER,
        "call": call_id,
        "nth": attempt_number,
        "campaign": campaign_id or "",
    }
    found = await rows_of(session, _question(), parameters)
    of_kind: dict[str, list[tuple[Any, ...]]] = {}
    for kind, *row in found:
        of_kind.setdefault(kind, []).append(tuple(row))
    return SlotsAsked(
        used={(a, b): SlotUse(*map(int, n)) for a, b, *n in of_kind.get(_USE, ())},
        classes=sorted(
            (QueueClass(a, b or None, p, int(n)) for a, b, p, n, *_ in of_kind.get(_CLASS, ())),
            key=lambda one: (one.agent_id, one.campaign_id or "", one.priority),
        ),
        agents=[AgentCaps(a, b, most, pace) for a, b, most, pace, *_ in of_kind.get(_AGENT, ())],
        own=next((row[0] for row in of_kind.get(_OWN, ())), None),
        is_held=_HELD in of_kind,
    )


@cache
def _question() -> Any:
    """Made once; asked with every slot that is looked for."""
    return union_all(*_arms())


def _arms() -> Iterator[Any]:
    yield _arm(_USE, *_usage().subquery().columns)
    yield _arm(_CLASS, *QUEUE_CLASSES.subquery().columns)
    yield _arm(_AGENT, *_capped_agents().subquery().columns)
    yield _arm(_OWN, col(Lease.lease_id)).where(
        col(Lease.call_id) == bindparam("call", type_=Text()),
        col(Lease.attempt_number) == bindparam("nth"),
    )
    yield _arm(_HELD, col(Campaign.campaign_id)).where(
        col(Campaign.campaign_id) == bindparam("campaign", type_=Text()),
        or_(*(col(Campaign.status) == status for status in HELD_CAMPAIGNS)),
    )


def _arm(kind: str, *columns: Any) -> Any:
    """The same columns in the same order, whatever they mean: two texts and four numbers."""
    texts, numbers = columns[:2], columns[2:]
    return sql_select(
        literal(kind, Text()).label("kind"),
        *(type_coerce(one, Text()) for one in texts),
        *(cast(null(), Text()) for _ in range(2 - len(texts))),
        *(cast(one, BigInteger()) for one in numbers),
        *(cast(null(), BigInteger()) for _ in range(_NUMBERS - len(numbers))),
    )


def _usage() -> Any:
    now = bindparam("now", type_=UtcDateTime())
    is_kept = col(Lease.released_at).is_(None)
    is_live = and_(is_kept, col(Lease.expires_at) > now)
    is_recent = col(Lease.granted_at) > bindparam("since", type_=UtcDateTime())
    is_untaken = and_(is_live, col(Lease.taken_at).is_(None))
    has_expired = and_(is_kept, col(Lease.expires_at) <= now)
    sums = (_number(one) for one in (is_live, is_recent, is_untaken, has_expired))
    return (
        sql_select(
            col(Lease.agent_id),
            col(Lease.campaign_id),
            *(one.label(f"n{place}") for place, one in enumerate(sums)),
        )
        .where(col(Lease.account_id) == bindparam("account", type_=Text()), or_(is_kept, is_recent))
        .group_by(col(Lease.agent_id), col(Lease.campaign_id))
    )


def _number(of: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((of, literal_column("1")), else_=literal_column("0")))


def _capped_agents() -> Any:
    most, pace = col(Agent.max_concurrent), col(Agent.calls_per_minute)
    return sql_select(col(Agent.agent_id), col(Agent.name), most, pace).where(
        col(Agent.account_id) == bindparam("account", type_=Text()),
        or_(most.is_not(None), pace.is_not(None)),
    )
