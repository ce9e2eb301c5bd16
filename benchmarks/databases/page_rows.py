"""What a business has after a quarter of a year: its calls, its campaigns, a list of ten thousand,
two drafts, a do-not-call list; with everything counted.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import astuple, dataclass
from datetime import timedelta

from benchmarks.databases import analytics, analytics_rows, campaigns, rows
from benchmarks.databases.databases import analyze
from policy.model.call import CampaignStatus
from policy.model.purposes import ConsentTier, Purpose
from storage.accounts import accounts, agents
from storage.campaigns import campaigns as stored
from storage.campaigns import contacts
from storage.campaigns.contacts import ContactRow
from storage.compliance import suppressions
from storage.database.engine import Database
from storage.tables import Agent, Campaign

ACCOUNT = analytics_rows.ACCOUNT
NOW = analytics_rows.BEGAN + timedelta(days=analytics_rows.DAYS, hours=2)
#: Past the numbers of the calls that have ended, so that no id comes twice.
_FIRST_OF_BIG, _FIRST_WAITING = 10_000_000, 20_000_000
_LISTED = 5_000
_CALLER = "+12125550100"
#: Most of them are long over.
_STATUSES = (*CampaignStatus, *(CampaignStatus.COMPLETED,) * 95)
_PREFIXES = ("+1212", "+1312", "+1305", "+1512", "+1206", "+1808", "+1702", "+1617")


@dataclass(frozen=True, slots=True)
class Amounts:
    """How much there is of each: calls that have ended or wait, campaigns, and contacts of the
    largest one and of the two drafts.
    """

    ended: int = 95_000
    waiting: int = 5_000
    campaigns: int = 1_000
    contacts: int = 10_000
    small_draft: int = 2_000
    large_draft: int = 10_000

    def shared(self, share: float) -> "Amounts":
        """The same, smaller by this share."""
        return Amounts(*(max(1, round(share * amount)) for amount in astuple(self)))


@asynccontextmanager
async def open_database(url: str, amounts: Amounts) -> AsyncIterator[tuple[Database, str]]:
    """The database, and a key to its account."""
    async with campaigns.open_database(url) as db:
        key = await _add_account(db)
        await campaigns.add_contacts(db, _FIRST_OF_BIG, _FIRST_OF_BIG + amounts.contacts)
        await analytics_rows.add_calls(db, amounts.ended)
        await rows.add_calls(db, _FIRST_WAITING, _FIRST_WAITING + amounts.waiting)
        await _add_campaigns(db, amounts.campaigns)
        await _add_draft(db, "small", amounts.small_draft)
        await _add_draft(db, "large", amounts.large_draft)
        await _add_list(db)
        await analytics.count_all(db)
        await analyze(db)
        yield db, key


async def _add_account(db: Database) -> str:
    async with db.write() as session:
        for number in range(analytics_rows.AGENTS):
            await agents.add(session, analytics_rows.agent_row(number))
        for number in range(rows.AGENTS):
            await agents.add(session, rows.agent_row(number))
        await agents.add(session, _caller())
        _, key = await accounts.new_key(session, ACCOUNT, "bench", ["*"], NOW)
    return key


def _caller() -> Agent:
    """The agent of the drafts."""
    return Agent(
        agent_id="caller",
        account_id=ACCOUNT,
        name="caller",
        timezone="America/New_York",
        caller_ids=[_CALLER],
        purpose=Purpose.REMINDER,
        identity_spec={"name": "Blue Clinic", "callbackNumber": _CALLER},
        voicemail_spec={"action": "leave_message", "message": "Call us"},
        created_time=NOW,
        updated_time=NOW,
    )


async def _add_campaigns(db: Database, count: int) -> None:
    """Those that the ended calls were of, and more of their kind."""
    made = [_campaign(number, _STATUSES[number % len(_STATUSES)]) for number in range(count)]
    async with db.write() as session:
        session.add_all(made)


def _campaign(number: int, status: CampaignStatus) -> Campaign:
    at = NOW - timedelta(hours=2 * number + 1)
    return Campaign(
        campaign_id=f"campaign-{number:03}",
        account_id=ACCOUNT,
        agent_id=f"agent-{number % analytics_rows.AGENTS:02}",
        name=f"List {number}",
        timezone="America/New_York",
        status=status,
        created_time=at,
        updated_time=at,
    )


async def _add_draft(db: Database, name: str, size: int) -> None:
    draft = Campaign(
        campaign_id=f"{name}-draft",
        account_id=ACCOUNT,
        agent_id="caller",
        name=f"A {name} draft",
        timezone="America/New_York",
        max_concurrent=50,
        defaults_spec={"consent": {"tier": ConsentTier.EXPRESS, "method": "bench"}},
        created_time=NOW,
        updated_time=NOW,
    )
    staged = [
        ContactRow(number, f"{_PREFIXES[number % len(_PREFIXES)]}{5_550_000 + number}")
        for number in range(size)
    ]
    async with db.write() as session:
        await stored.add(session, draft)
        await contacts.insert_rows(session, draft.campaign_id, staged)


async def _add_list(db: Database) -> None:
    numbers = [f"+1917{5_550_000 + number}" for number in range(_LISTED)]
    async with db.write() as session:
        await suppressions.add_many(session, ACCOUNT, numbers, "import", NOW)
