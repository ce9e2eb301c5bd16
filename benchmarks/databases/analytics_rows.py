"""A million calls that have ended, and their attempts: 90 days of a business that calls all over
the United States, with everything by which numbers can be split spread as widely as it comes.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from random import Random

from policy.model.call import STATUS_OF_OUTCOME, AttemptResult, AttemptState, EndpointKind, Outcome
from storage.accounts import agents
from storage.database import migrate
from storage.database.bulk import insert_all
from storage.database.engine import Database
from storage.tables import Account, Agent, Call, JsonObject

BEGAN = datetime(2026, 9, 1, tzinfo=UTC)
DAYS, AGENTS, CAMPAIGNS, CALLER_IDS = 90, 20, 100, 50
ACCOUNT = "bench"
_PAGE = 10_000
_FIRST_HOUR, _HOURS = 13, 12
#: Sixty places, each with the clock of its people.
PLACES = tuple(
    (f"US-{number:02}", zone)
    for number, zone in enumerate(
        ("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles") * 15
    )
)
_CALLS = Call.metadata.tables["call"]
_ATTEMPTS = Call.metadata.tables["attempt"]
_ENDS = (
    *((Outcome.CONFIRMED, AttemptResult.ANSWERED),) * 4,
    *((Outcome.COMPLETED, AttemptResult.ANSWERED),) * 2,
    (Outcome.DECLINED, AttemptResult.ANSWERED),
    (Outcome.OPTED_OUT, AttemptResult.ANSWERED),
    *((Outcome.VOICEMAIL, AttemptResult.VOICEMAIL),) * 5,
    *((Outcome.NO_ANSWER, AttemptResult.NO_ANSWER),) * 4,
    (Outcome.BUSY, AttemptResult.BUSY),
    (Outcome.FAILED, AttemptResult.NETWORK_ERROR),
    (Outcome.CANCELED, None),
)
_UP = (AttemptResult.ANSWERED, AttemptResult.VOICEMAIL)


@asynccontextmanager
async def open_database(url: str) -> AsyncIterator[Database]:
    """A migrated database with one account, its agents and its campaigns."""
    await asyncio.to_thread(migrate.upgrade, url)
    db = Database(url)
    async with db.write() as session:
        session.add(Account(account_id=ACCOUNT, name="bench", created_time=BEGAN))
        await session.flush()
        for number in range(AGENTS):
            await agents.add(session, agent_row(number))
    try:
        yield db
    finally:
        await db.close()


async def add_calls(db: Database, count: int) -> None:
    """Calls spread evenly over the days, each with one to three attempts or none."""
    random = Random(1)
    for first in range(0, count, _PAGE):
        made = [
            ended_call(random, number, count) for number in range(first, min(first + _PAGE, count))
        ]
        async with db.write() as session:
            await insert_all(session, _CALLS, [call for call, _ in made])
            await insert_all(session, _ATTEMPTS, [one for _, dials in made for one in dials])


def _agent(number: int) -> str:
    return f"agent-{number:02}"


def agent_row(number: int) -> Agent:
    return Agent(
        agent_id=_agent(number),
        account_id=ACCOUNT,
        name="bench",
        created_time=BEGAN,
        updated_time=BEGAN,
    )


def ended_call(random: Random, number: int, count: int) -> tuple[JsonObject, list[JsonObject]]:
    at = _moment(random, number, count)
    agent = random.randrange(AGENTS)
    outcome, result = random.choice(_ENDS)
    call = {
        "call_id": f"{number * 2654435761 % 2**32:08x}-{number:010d}",
        "account_id": ACCOUNT,
        "agent_id": _agent(agent),
        "campaign_id": f"campaign-{random.randrange(CAMPAIGNS // AGENTS) * AGENTS + agent:03}",
        "pathway_id": f"pathway-{agent % 10}",
        "endpoint": f"+1212{2000000 + number}",
        "endpoint_kind": EndpointKind.PHONE,
        "caller_id": _caller(random, agent),
        "priority": 5,
        "status": STATUS_OF_OUTCOME[outcome],
        "outcome": outcome,
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
        "created_time": at,
        "completed_time": at + timedelta(days=2),
        "duration_seconds": random.randrange(10, 200) if result in _UP else None,
        "attempt_count": 0,
        "event_sequence": 0,
    }
    return call, list(_attempts(random, call, result))


def _caller(random: Random, agent: int) -> str:
    """Of an agent's own two or three."""
    own = [number for number in range(CALLER_IDS) if number % AGENTS == agent]
    return f"+12125550{random.choice(own):03}"


def _moment(random: Random, number: int, count: int) -> datetime:
    """Within the hours in which people are called."""
    day, part = divmod(number * DAYS / count, 1)
    return BEGAN + timedelta(days=day, hours=_FIRST_HOUR + part * _HOURS, seconds=random.random())


def _attempts(random: Random, call: JsonObject, last: AttemptResult | None) -> Iterator[JsonObject]:
    if last is None:
        return
    place, zone = random.choice(PLACES)
    before = random.choice((0, 0, 0, 1, 2))
    results = [AttemptResult.NO_ANSWER] * before + [last]
    for number, result in enumerate(results, start=1):
        at = call["created_time"] + timedelta(seconds=random.expovariate(1 / 20), days=number - 1)
        yield _attempt(random, call, number, at, result, place, zone)


def _attempt(
    random: Random,
    call: JsonObject,
    number: int,
    at: datetime,
    result: AttemptResult,
    place: str,
    zone: str,
) -> JsonObject:
    talk = random.randrange(10, 200) if result in _UP else 0
    return {
        "attempt_id": f"{call['call_id']}-{number}",
        "call_id": call["call_id"],
        "account_id": ACCOUNT,
        "number": number,
        "token": f"{call['call_id']}-{number}",
        "to_endpoint": call["endpoint"],
        "from_endpoint": call["caller_id"],
        "notices": {},
        "state": AttemptState.ENDED,
        "result": result,
        "jurisdiction": place,
        "zone": zone,
        "duration_seconds": talk,
        "cost": -(-talk // 60) * 14_000,
        "dialed_at": at,
        "settled_at": at + timedelta(seconds=30 + talk),
        "ended_at": at + timedelta(seconds=30 + talk),
    }
