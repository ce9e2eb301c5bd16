"""Where several campaigns stand, at a glance: by the tally, and the contacts not called yet."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy import func
from sqlalchemy import select as sql_select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.model.call import CallStatus, ContactState, Outcome
from storage.database.core import rows_of
from storage.tables import CallTally, Contact

_STILL = (CallStatus.CREATED, CallStatus.QUEUED)
_IN_FLIGHT = (CallStatus.PENDING, CallStatus.IN_PROGRESS)


@dataclass(slots=True)
class CampaignSummary:
    """`staged` contacts have no call yet."""

    staged: int = 0
    calls: Counter[CallStatus] = field(default_factory=Counter)
    outcomes: Counter[Outcome] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        return self.staged + self.calls.total()

    @property
    def ended(self) -> int:
        return sum(number for status, number in self.calls.items() if status.is_final)

    @property
    def in_flight(self) -> int:
        return sum(self.calls[status] for status in _IN_FLIGHT)

    @property
    def waiting(self) -> int:
        return self.staged + sum(self.calls[status] for status in _STILL)


async def summaries_of(
    session: AsyncSession, account_id: str, campaign_ids: Collection[str]
) -> dict[str, CampaignSummary]:
    """Of each campaign, also of one that has nothing yet."""
    found = {one: CampaignSummary() for one in campaign_ids}
    if not found:
        return found
    kind = (col(CallTally.campaign_id), col(CallTally.status), col(CallTally.outcome))
    calls = (
        sql_select(*kind, func.sum(col(CallTally.n)))
        .where(col(CallTally.account_id) == account_id, kind[0].in_(found))
        .group_by(*kind)
    )
    for campaign_id, status, outcome, number in await rows_of(session, calls):
        found[campaign_id].calls[CallStatus(status)] += int(number)
        if outcome and number:
            found[campaign_id].outcomes[Outcome(outcome)] += int(number)
    staged = (
        sql_select(col(Contact.campaign_id), func.count())
        .where(col(Contact.campaign_id).in_(found), col(Contact.state) == ContactState.STAGED)
        .group_by(col(Contact.campaign_id))
    )
    for campaign_id, number in await rows_of(session, staged):
        found[campaign_id].staged = int(number)
    return found
