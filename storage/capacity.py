"""How much room the caps leave: concurrent calls and calls a minute, of account and agent."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import case, func
from sqlmodel import and_, col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.tables import Account, Agent, Lease

#: A pace is counted over this, whether or not the leases have been released since.
PACE_OVER = timedelta(seconds=60)


@dataclass(slots=True)
class Room:
    """Free slots of one account; an agent that is not named has no cap of its own."""

    account: int
    agents: dict[str, int] = field(default_factory=dict)

    def of(self, agent_id: str) -> int:
        return max(0, min(self.account, self.agents.get(agent_id, self.account)))

    def admits(self, agent_id: str) -> bool:
        return self.of(agent_id) > 0

    def occupy(self, agent_id: str) -> bool:
        """Takes one of the agent's slots, if there is one."""
        if not self.admits(agent_id):
            return False
        self.account -= 1
        if agent_id in self.agents:
            self.agents[agent_id] -= 1
        return True


async def room_of(session: AsyncSession, account: Account, now: datetime) -> Room:
    """The account's room. It stays true only under the account's lock."""
    used = await _used_by_agent(session, account, now)
    room = Room(
        min(
            account.max_concurrent - sum(live for live, _ in used.values()),
            account.calls_per_minute - sum(recent for _, recent in used.values()),
        )
    )
    for agent_id, max_concurrent, calls_per_minute in await _capped_agents(session, account):
        live, recent = used.get(agent_id, (0, 0))
        room.agents[agent_id] = min(
            _left(max_concurrent, live, room.account),
            _left(calls_per_minute, recent, room.account),
        )
    return room


def _left(cap: int | None, used: int, unlimited: int) -> int:
    return unlimited if cap is None else cap - used


async def _used_by_agent(
    session: AsyncSession, account: Account, now: datetime
) -> dict[str, tuple[int, int]]:
    """Per agent: live leases, and leases granted within the last minute."""
    is_live = and_(col(Lease.released_at).is_(None), col(Lease.expires_at) > now)
    is_recent = col(Lease.granted_at) > now - PACE_OVER
    statement = (
        select(
            Lease.agent_id,
            func.sum(case((is_live, 1), else_=0)),
            func.sum(case((is_recent, 1), else_=0)),
        )
        .where(
            col(Lease.account_id) == account.account_id,
            or_(is_live, is_recent),
        )
        .group_by(col(Lease.agent_id))
    )
    found = (await session.exec(statement)).all()
    return {agent_id: (live, recent) for agent_id, live, recent in found}


async def _capped_agents(
    session: AsyncSession, account: Account
) -> Sequence[tuple[str, int | None, int | None]]:
    statement = select(Agent.agent_id, Agent.max_concurrent, Agent.calls_per_minute).where(
        col(Agent.account_id) == account.account_id,
        or_(col(Agent.max_concurrent).is_not(None), col(Agent.calls_per_minute).is_not(None)),
    )
    return (await session.exec(statement)).all()
