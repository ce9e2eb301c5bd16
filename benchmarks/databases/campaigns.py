"""What a campaign costs as it grows: a turn of its feed, and its progress, by contacts that ended.

`python -m benchmarks.databases.campaigns [contacts]` measures both databases, prints the figures.
"""

import asyncio
import json
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import partial

from activities import staged_contacts
from activities.campaign_feed import PAGE, trip_if_failing
from benchmarks.databases.databases import analyze, median_ms, postgres
from benchmarks.figures.bounds import at_most
from benchmarks.figures.figures import Figure
from policy.model.call import (
    AttemptResult,
    AttemptState,
    CallStatus,
    CampaignStatus,
    ContactState,
    EndpointKind,
    Outcome,
    WaitingFor,
)
from storage.accounts import agents
from storage.call_lists import call_counts
from storage.campaigns import campaigns, feed_queries
from storage.campaigns.progress import progress
from storage.database import migrate
from storage.database.bulk import insert_all
from storage.database.engine import Database
from storage.facts.gather import FactGatherer
from storage.tables import Account, Agent, Call, Campaign, JsonObject

MOST_MILLISECONDS = 50.0
CONTACTS = (1_000, 10_000, 100_000)
CAMPAIGN = "campaign"
NOW = datetime(2026, 11, 2, 18, tzinfo=UTC)
#: Calls that have a slot, that wait for one, and that sleep until they are tried again.
_IN_FLIGHT, _FOR_A_SLOT, _FOR_A_RETRY = 50, 25, 100
#: So many calls end in a second.
_RATE = 10
_PAGE = 5_000
_TABLES = Call.metadata.tables


async def run(sizes: tuple[int, ...] = CONTACTS) -> list[Figure]:
    """Figures of a growing campaign on SQLite and on PostgreSQL."""
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="trunkline-bench-") as folder:
        figures += await measure(f"sqlite:///{folder}/campaigns.db", sizes)
    with postgres() as url:
        figures += await measure(url, sizes)
    return figures


async def measure(url: str, sizes: tuple[int, ...]) -> list[Figure]:
    """One database, grown from size to size. The sheet's end is never in sight."""
    figures: list[Figure] = []
    smallest: dict[str, float] = {}
    async with open_database(url) as db:
        made = 0
        for size in sizes:
            await add_contacts(db, made, size)
            made = size
            await analyze(db)
            for name, look in LOOKS.items():
                took = await median_ms(partial(look, db))
                beside = f"with {sizes[0]:,}: {smallest.setdefault(name, took):.1f} ms"
                named = f"{db.dialect}: a campaign's {name}, {size:,} contacts ended"
                figures.append(at_most(named, took, "ms", MOST_MILLISECONDS, beside))
    return figures


# -- what is measured


async def feed_turn(db: Database) -> None:
    """A turn as `activities.campaign_feed` takes it: contacts become calls. All is given back."""
    async with db.write() as session:
        campaign = await campaigns.lock(session, CAMPAIGN)
        assert campaign is not None
        await trip_if_failing(session, campaign, NOW)
        await staged_contacts.stage(session, campaign, NOW, FactGatherer(), page=PAGE)
        await feed_queries.unstarted(session, CAMPAIGN, [], NOW, PAGE)
        await feed_queries.open_calls(session, CAMPAIGN)
        await session.rollback()


async def asked_for(db: Database) -> None:
    """What `GET /api/v1/campaigns/{campaignId}` counts."""
    async with db.browse() as session:
        found = await progress(session, CAMPAIGN, NOW)
    assert found.in_flight == _IN_FLIGHT


LOOKS: dict[str, Callable[[Database], Awaitable[None]]] = {
    "feed, a turn": feed_turn,
    "progress": asked_for,
}


# -- the rows


@asynccontextmanager
async def open_database(url: str) -> AsyncIterator[Database]:
    """A migrated database with a campaign that runs."""
    await asyncio.to_thread(migrate.upgrade, url)
    db = Database(url)
    times: JsonObject = {"created_time": NOW, "updated_time": NOW}
    async with db.write() as session:
        session.add(Account(account_id="bench", name="bench", created_time=NOW))
        await session.flush()
        agent = Agent(agent_id="agent", account_id="bench", name="bench", **times)
        agent.caller_ids, agent.timezone = ["+12125550100"], "America/New_York"
        await agents.add(session, agent)
        row = Campaign(campaign_id=CAMPAIGN, account_id="bench", agent_id="agent", **times)
        row.name, row.timezone, row.status = "bench", "America/New_York", CampaignStatus.RUNNING
        row.max_concurrent, row.started_time = _IN_FLIGHT, NOW - timedelta(days=1)
        session.add(row)
    await _add_open(db)
    try:
        yield db
    finally:
        await db.close()


async def _add_open(db: Database) -> None:
    """Calls under way, and the contacts that wait for their turn."""
    flying = [_call(-1 - number, CallStatus.IN_PROGRESS) for number in range(_IN_FLIGHT)]
    waiting = [
        _call(-1 - _IN_FLIGHT - number, CallStatus.QUEUED, waiting_for=kind)
        for number, kind in enumerate(
            [WaitingFor.SLOT] * _FOR_A_SLOT + [WaitingFor.RETRY] * _FOR_A_RETRY
        )
    ]
    staged = [_contact(number, ContactState.STAGED, None) for number in range(-5_000, 0)]
    dials = [_attempt(call, AttemptState.ANSWERED) for call in flying]
    await _insert(db, [*flying, *waiting], dials, staged)


async def add_contacts(db: Database, first: int, beyond: int) -> None:
    """Contacts whose calls have ended, `_RATE` of them a second until now, with their dials."""
    for start in range(first, beyond, _PAGE):
        numbers = range(start, min(start + _PAGE, beyond))
        made = [_call(number, CallStatus.COMPLETED) for number in numbers]
        contacts = [
            _contact(number, ContactState.CALLED, call["call_id"])
            for number, call in zip(numbers, made, strict=True)
        ]
        dials = [_attempt(call, AttemptState.ENDED) for call in made]
        await _insert(db, made, dials, contacts)
    async with db.write() as session:
        await call_counts.fold(session)


async def _insert(
    db: Database, made: list[JsonObject], dials: list[JsonObject], contacts: list[JsonObject]
) -> None:
    leases = [_lease(one) for one in dials]
    async with db.write() as session:
        for name, rows in (
            *(("call", made), ("attempt", dials), ("contact", contacts)),
            *(("lease", leases),),
        ):
            await insert_all(session, _TABLES[name], rows)


def _at(number: int) -> datetime:
    return NOW - timedelta(seconds=max(number, 0) / _RATE)


def _call(number: int, status: CallStatus, waiting_for: WaitingFor | None = None) -> JsonObject:
    ended = status is CallStatus.COMPLETED
    return {
        "call_id": f"{number * 2654435761 % 2**32:08x}-{number:010d}",
        "account_id": "bench",
        "agent_id": "agent",
        "campaign_id": CAMPAIGN,
        "endpoint": f"+1312{5000000 + number}",
        "endpoint_kind": EndpointKind.PHONE,
        "caller_id": "+12125550100",
        "priority": 5,
        "status": status,
        "waiting_for": waiting_for,
        "outcome": Outcome.CONFIRMED if ended else None,
        "timezone": "America/New_York",
        "retry_spec": {},
        "voicemail_spec": {},
        "recipient_spec": {},
        "ring_timeout": 30,
        "max_duration": 1800,
        "recording": False,
        "context": {"firstName": "Ada"},
        "additional_data": {},
        "cancel_requested": False,
        "kept": True,
        "created_time": _at(number) - timedelta(minutes=1),
        "queued_at": _at(number) if waiting_for is WaitingFor.SLOT else None,
        "next_attempt_at": NOW + timedelta(hours=4) if waiting_for is WaitingFor.RETRY else None,
        "completed_time": _at(number) if ended else None,
        "attempt_count": 1,
        "event_sequence": 0,
    }


def _attempt(call: JsonObject, state: AttemptState) -> JsonObject:
    ended = state is AttemptState.ENDED
    at = call["created_time"] + timedelta(seconds=10)
    return {
        "attempt_id": f"{call['call_id']}-1",
        "call_id": call["call_id"],
        "account_id": "bench",
        "number": 1,
        "token": f"{call['call_id']}-1",
        "to_endpoint": call["endpoint"],
        "from_endpoint": call["caller_id"],
        "notices": {},
        "state": state,
        "result": AttemptResult.ANSWERED if ended else None,
        "duration_seconds": 40 if ended else None,
        "cost": 14_000 if ended else None,
        "sending_at": at,
        "dialed_at": at,
        "answered_at": at,
        "settled_at": call["completed_time"],
        "ended_at": call["completed_time"],
    }


def _lease(attempt: JsonObject) -> JsonObject:
    return {
        "lease_id": attempt["attempt_id"],
        "account_id": "bench",
        "agent_id": "agent",
        "campaign_id": CAMPAIGN,
        "call_id": attempt["call_id"],
        "attempt_number": 1,
        "granted_at": attempt["sending_at"],
        "taken_at": attempt["sending_at"],
        "expires_at": attempt["sending_at"] + timedelta(hours=1),
        "released_at": attempt["ended_at"],
    }


def _contact(number: int, state: ContactState, call_id: str | None) -> JsonObject:
    return {
        "campaign_id": CAMPAIGN,
        "row_number": number,
        "state": state,
        "endpoint": f"+1415{5000000 + number}",
        "endpoint_kind": EndpointKind.PHONE,
        "context": {"firstName": "Ada"},
        "call_id": call_id,
    }


def main() -> None:
    most = int((sys.argv[1:] or [str(CONTACTS[-1])])[0])
    for figure in asyncio.run(run(tuple(size for size in CONTACTS if size <= most))):
        sys.stdout.write(json.dumps(asdict(figure)) + "\n")


if __name__ == "__main__":
    main()
