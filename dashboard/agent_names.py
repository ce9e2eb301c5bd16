"""Names for ids, as pages show them."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from sqlmodel.ext.asyncio.session import AsyncSession

from storage.accounts import agents


class OfAgent(Protocol):
    @property
    def agent_id(self) -> str: ...


async def agent_names(session: AsyncSession, rows: Iterable[OfAgent]) -> Mapping[str, str]:
    """The names of the agents of these rows, also of those that were deleted."""
    found = await agents.every(session, {row.agent_id for row in rows})
    return {agent_id: agent.name for agent_id, agent in found.items()}
