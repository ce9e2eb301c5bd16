"""What calls will have to know of their numbers is asked before their window opens."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from activities.clearances import wanted
from policy.calls.decide import verdicts
from policy.compliance.number_checks import LEAD
from policy.facts import Facts
from policy.model.reasons import Reason
from storage.accounts import accounts
from storage.clearances import ahead
from storage.database.engine import Database
from storage.facts.gather import FactGatherer
from storage.tables import Call

#: Between two passes over the calls ahead.
EVERY = timedelta(minutes=1)
PAGE = 200


class LookAhead:
    """Goes over calls that have no workflow yet; those that have note it when they decide."""

    def __init__(self, db: Database, gatherer: FactGatherer) -> None:
        self._db = db
        self._gatherer = gatherer
        self._next_at: datetime | None = None
        self._seen: tuple[datetime, datetime] | None = None

    async def pass_over(self, agents: Collection[str], now: datetime) -> int:
        """Calls of these agents that are due within the lead, once a minute; returns how many
        questions are new. What an earlier pass has seen is left out."""
        if self._next_at is not None and now < self._next_at:
            return 0
        found, place, horizon = 0, None, now + LEAD
        while True:
            async with self._db.read() as session:
                page = await ahead.page(session, agents, horizon, self._seen, place, PAGE)
            of_account = sorted(page, key=lambda call: call.account_id)
            for account_id, calls in groupby(of_account, lambda call: call.account_id):
                found += await self._want(account_id, list(calls), now)
            if len(page) < PAGE:
                break
            place = page[-1].next_attempt_at or now, page[-1].call_id
        self._seen, self._next_at = (horizon, now), now + EVERY
        return found

    async def _want(self, account_id: str, calls: Sequence[Call], now: datetime) -> int:
        async with self._db.write() as session:
            account = await accounts.get(session, account_id)
            if account is None:
                return 0
            facts = await self._gatherer.gather_many(session, account, calls, now)
            news = 0
            for call in calls:
                dialed_at = max(call.next_attempt_at or now, now)
                for number in _to_be_asked(facts[call.call_id], dialed_at):
                    news += await wanted.want(session, call, number, dialed_at, now)
            return news


def _to_be_asked(facts: Facts, dialed_at: datetime) -> Sequence[Facts]:
    """Of several numbers those of which the decision then would say that an answer is missing."""
    if not facts.numbers:
        return (facts,)
    found = verdicts(facts, dialed_at)
    return [one.facts for one in found if one.decision.reason == Reason.CLEARANCE_PENDING]
