"""Activities run by themselves: a real database, the carrier in memory, no Temporal."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from activities.clock import utcnow
from activities.dials.dial import DialActivities
from activities.dials.leg import LegActivities
from contracts.calls import AttemptRef
from policy.dispatch.slots import Slot
from policy.model.purposes import Purpose
from storage.attempts import attempts
from storage.database.engine import Database
from storage.dispatch import leases
from storage.facts.gather import FactGatherer
from storage.tables import Account, Attempt, Call
from telephony.memory.carrier import MemoryCarrier
from telephony.public_address import PublicAddress
from tests.databases import SqliteTemplates
from tests.permits import CONSENT, IDENTITY
from tests.storage import make

PUBLIC_URL = "https://us.test"
#: These tests run at any hour.
ANY_HOUR = {"rule": "calling_hours", "reason": "no real phones", "by": "tests"}


class Desk:
    """One attempt about to be dialed, and what dials it."""

    def __init__(self, db: Database, account: Account, call: Call) -> None:
        self.db = db
        self.account = account
        self.call = call
        self.carrier = MemoryCarrier()
        self.dial = self.dial_at(None)
        self.leg = LegActivities(db, self.carrier, quiet=timedelta(seconds=0))
        self.ref = AttemptRef(call.call_id, 1)

    def dial_at(
        self, address: PublicAddress | None, fallback_url: str | None = None
    ) -> DialActivities:
        return DialActivities(
            self.db,
            self.carrier,
            FactGatherer(),
            public_url=PUBLIC_URL,
            address=address,
            fallback_url=fallback_url,
        )

    async def plan(self, *, leased: bool = True, valid_for: timedelta | None = None) -> Attempt:
        now = utcnow()
        until = None if valid_for is None else now + valid_for
        async with self.db.write() as session:
            if leased:
                lifetime = timedelta(minutes=5)
                verdict = await leases.take(session, self.call, 1, now, lifetime=lifetime)
                assert verdict.slot is Slot.TAKEN
            return await make.intent(session, self.call, 1, now, valid_until=until)

    async def attempt(self) -> Attempt:
        async with self.db.read() as session:
            found = await attempts.get(session, self.call.call_id, 1)
        assert found is not None
        return found


@pytest.fixture
async def desk(sqlite_templates: SqliteTemplates) -> AsyncIterator[Desk]:
    async with sqlite_templates.opened("desk") as db:
        account = await make.account(db, waivers=[ANY_HOUR])
        agent = await make.agent(db, account, identity_spec=IDENTITY)
        call = await make.call(db, agent, consent_spec=CONSENT, purpose=Purpose.REMINDER)
        yield Desk(db, account, call)
