"""How a call that may be dialed joins the queue as a row: its workflow begins with its slot.

A workflow that is started to wait for a slot costs Temporal a decision, a signal and a decision
again. One that is started with it costs one decision.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from activities.clock import utcnow
from policy.calls import decide as policy
from policy.model.call import DecisionKind
from storage.accounts import accounts
from storage.calls import calls, startable
from storage.calls.startable import Startable
from storage.database.engine import Database
from storage.dispatch.capacity import free_slots_of
from storage.facts.gather import FactGatherer
from storage.tables import Call

log = structlog.get_logger(__name__)


class QueueEntry:
    def __init__(self, db: Database, gatherer: FactGatherer) -> None:
        self._db = db
        self._gatherer = gatherer

    async def enter(self, found: Sequence[Startable]) -> list[Startable]:
        """Puts those that may be dialed now into the queue; the others are to decide themselves."""
        due = {call.call_id for call in found if call.is_due}
        if not due:
            return list(found)
        now = utcnow()
        async with self._db.read() as session:
            permitted = await self._permitted(session, due, now)
        async with self._db.write() as session:
            await startable.enqueue(session, permitted, now)
        return [call for call in found if call.call_id not in permitted]

    async def _permitted(
        self, session: AsyncSession, call_ids: set[str], now: datetime
    ) -> dict[str, datetime | None]:
        """Until when each of them may be dialed that may be dialed now."""
        of_account: dict[str, list[Call]] = defaultdict(list)
        for call in await calls.among(session, call_ids):
            of_account[call.account_id].append(call)
        found: dict[str, datetime | None] = {}
        for account_id, some in of_account.items():
            found |= await self._of_account(session, account_id, some, now)
        return found

    async def _of_account(
        self, session: AsyncSession, account_id: str, some: Sequence[Call], now: datetime
    ) -> Mapping[str, datetime | None]:
        account = await accounts.get(session, account_id)
        if account is None:
            return {}
        rooms = await free_slots_of(session, account, now)
        if rooms.is_paused or rooms.is_broke(None):
            return {}  # Each of them is to say what it waits for.
        try:
            facts = await self._gatherer.gather_many(session, account, some, now)
            decisions = {call_id: policy.decide(known, now) for call_id, known in facts.items()}
        except Exception as error:  # One bad row is not to stop the others.
            log.warning("queue_entry.facts", account_id=account_id, error=type(error).__name__)
            return {}
        return {
            call_id: decision.valid_until
            for call_id, decision in decisions.items()
            if decision.kind is DecisionKind.DIAL
        }
