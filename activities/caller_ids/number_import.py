"""An import of the carrier's list of numbers, and what follows for agents and waiting calls.

Each step may be repeated. Of a process that is killed between them the list is left unsettled, and
the loop imports it anew; calls that were not moved yet are moved by the loop's next look. However
many these are, nobody who waits for an answer waits for them: they are moved after it.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from activities.caller_ids.number_sources import NumberSources
from activities.clock import utcnow
from policy.caller_ids.standings import CallerIdCheck
from storage.caller_ids import marks, number_lists
from storage.caller_ids.number_lists import INSTALLATION, ListChange
from storage.carriers import carrier_accounts
from storage.database.engine import Database
from storage.facts.gather import FactGatherer
from storage.tables import Account, Agent
from telephony.errors import CarrierError
from telephony.port import CarrierNumber

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Imported:
    """`agent_ids`: whose caller IDs were marked or unmarked: their waiting calls are to move."""

    change: ListChange
    agent_ids: Sequence[str]


class NumberImport:
    """`check`: how strictly caller IDs are held to what is imported."""

    def __init__(
        self,
        db: Database,
        sources: NumberSources,
        check: CallerIdCheck,
        gatherer: FactGatherer,
        now: Callable[[], datetime] = utcnow,
    ) -> None:
        self._db = db
        self._sources = sources
        self._check = check
        self._gatherer = gatherer
        self._now = now

    async def run(self, holder: str) -> Imported:
        """Asks the carrier and takes its list over; raises CarrierError, which is noted."""
        try:
            async with self._sources.of(holder) as numbers:
                told = [_columns(one) for one in await numbers.numbers()]
        except CarrierError as error:
            async with self._db.write() as session:
                await number_lists.note_failure(session, holder, str(error), self._now())
            log.warning("caller_ids.import", holder=holder, error=str(error))
            raise
        at = self._now()
        async with self._db.write() as session:
            change = await number_lists.enter(session, holder, told, at)
        log.info("caller_ids.imported", holder=holder, **asdict(change))
        agent_ids: list[str] = []
        for account_id in await self._accounts(holder):
            agent_ids += await self.refresh(account_id)
        async with self._db.write() as session:
            await number_lists.settle(session, holder, at)
        return Imported(change, agent_ids)

    async def refresh(self, account_id: str) -> list[str]:
        """The same as `mark`, in a transaction of its own."""
        async with self._db.write() as session:
            return await self.mark(session, account_id)

    async def mark(self, session: AsyncSession, account_id: str) -> list[str]:
        """Marks the account's caller IDs as the lists say now; gives the agents that changed."""
        changed = await marks.refresh_barred(session, account_id, self._check, self._now())
        return [agent.agent_id for agent in changed]

    async def move(self, agent_ids: Sequence[str]) -> None:
        """The waiting calls of these agents, to numbers of theirs that are not marked."""
        for agent_id in agent_ids:
            await self.move_waiting(agent_id)

    async def move_waiting(self, agent_id: str) -> None:
        """A page a transaction: calls that are dialed meanwhile do not wait for all of them."""
        after: str | None = ""
        while after is not None:
            async with self._db.write() as session:
                after = await self._move_page(session, agent_id, after)

    async def _move_page(self, session: AsyncSession, agent_id: str, after: str) -> str | None:
        agent = await session.get(Agent, agent_id)
        account = None if agent is None else await session.get(Account, agent.account_id)
        if agent is None or account is None:
            return None
        book = await self._gatherer.book_of(session, account)
        return await marks.move_waiting(session, agent, book, after)

    async def _accounts(self, holder: str) -> Sequence[str]:
        async with self._db.read() as session:
            if holder == INSTALLATION:
                return await marks.accounts_with_agents(session)
            rows = await carrier_accounts.every(session)
        return [row.account_id for row in rows if row.carrier_account_id == holder]


def _columns(one: CarrierNumber) -> dict[str, Any]:
    return {
        "number": one.number,
        "kind": one.kind.value,
        "sid": one.sid,
        "name": one.name,
        "voice": one.voice,
        "caller_name": one.caller_name,
        "shaken_stir": one.shaken_stir,
    }
