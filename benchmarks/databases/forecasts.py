"""A forecast of ten thousand contacts over HTTP, from reading them to the answer.

`python -m benchmarks.databases.forecasts` prints one measurement as JSON.
"""

import asyncio
import json
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from api.forecast import service
from api.forecast.schemas import ForecastRequest
from api.http.deps import Services
from benchmarks.figures.bounds import at_most, noted
from benchmarks.figures.figures import Figure
from benchmarks.figures.sizes import Size
from policy.model.purposes import ConsentTier, Purpose
from settings import Settings
from storage.accounts import agents
from storage.campaigns import campaigns, contacts
from storage.campaigns.contacts import ContactRow
from storage.carriers.credentials import CredentialBook
from storage.carriers.sealer import Sealer
from storage.database import migrate
from storage.database.engine import Database
from storage.facts.gather import FactGatherer
from storage.tables import Account, Agent, Campaign

CONTACTS = 10_000
MOST_SECONDS = 5.0
_NOW = datetime(2026, 11, 23, 17, tzinfo=UTC)
#: Places with clocks and rules of their own.
_PREFIXES = (
    *("+1212", "+1312", "+1305", "+1512", "+1206", "+1808", "+1219", "+1480"),
    *("+1702", "+1215", "+1617", "+1503"),
)


async def run(size: Size) -> list[Figure]:
    """Each round in a process of its own."""
    rounds = [await _child() for _ in range(size.bulk_rounds)]
    seconds = median(one["seconds"] for one in rounds)
    return [
        at_most(f"{CONTACTS} contacts forecast", seconds, "s", MOST_SECONDS),
        noted(f"of these the runs: {rounds[0]['seeds']:.0f}", rounds[0]["running"], "s"),
    ]


async def _child() -> dict[str, float]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.databases.forecasts"),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    out, _ = await process.communicate()
    if process.returncode != 0:
        raise RuntimeError("benchmarks.databases.forecasts failed")
    found: dict[str, float] = json.loads(out.splitlines()[-1])
    return found


# -- in the child


async def _fill(db: Database, size: int) -> tuple[Account, str]:
    account = Account(account_id="bench", name="bench", created_time=_NOW)
    agent = Agent(
        agent_id="bench",
        account_id="bench",
        name="bench",
        timezone="America/New_York",
        caller_ids=["+12125550100"],
        purpose=Purpose.REMINDER,
        identity_spec={"name": "Blue Clinic", "callbackNumber": "+12125550100"},
        voicemail_spec={"action": "leave_message", "message": "Call us"},
        created_time=_NOW,
        updated_time=_NOW,
    )
    campaign = Campaign(
        account_id="bench",
        agent_id="bench",
        name="bench",
        timezone="America/New_York",
        max_concurrent=50,
        defaults_spec={"consent": {"tier": ConsentTier.EXPRESS, "method": "bench"}},
        created_time=_NOW,
        updated_time=_NOW,
    )
    rows = [ContactRow(n, f"{_PREFIXES[n % len(_PREFIXES)]}{5_550_000 + n}") for n in range(size)]
    async with db.write() as session:
        session.add(account)
        await session.flush()
        await agents.add(session, agent)
        await campaigns.add(session, campaign)
        await contacts.insert_rows(session, campaign.campaign_id, rows)
    return account, campaign.campaign_id


async def measure(size: int = CONTACTS) -> dict[str, float]:
    """Seconds for the answer, how many runs it has, and what these took."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/bench.db"
        migrate.upgrade(url)
        db = Database(url)
        account, campaign_id = await _fill(db, size)
        uses = Services(
            settings=Settings(),
            db=db,
            calls=None,  # type: ignore[arg-type]
            gatherer=FactGatherer(),
            recordings=None,  # type: ignore[arg-type]
            recordings_at=None,  # type: ignore[arg-type]
            number_sources=None,  # type: ignore[arg-type]
            numbers=None,  # type: ignore[arg-type]
            credentials=CredentialBook(db, Sealer()),
            now=lambda: _NOW,
        )
        # Once beforehand, for what is made at the first use.
        await _seconds(uses, account, campaign_id, ForecastRequest(seeds=1))
        all_, seeds = await _seconds(uses, account, campaign_id, ForecastRequest())
        one, _ = await _seconds(uses, account, campaign_id, ForecastRequest(seeds=1))
        await db.close()
    running = (all_ - one) * seeds / max(1, seeds - 1)
    return {"seconds": all_, "seeds": seeds, "running": running}


async def _seconds(
    uses: Services, account: Account, campaign_id: str, asked: ForecastRequest
) -> tuple[float, int]:
    began = time.perf_counter()
    found = await service.forecast(uses, account, campaign_id, asked)
    assert found.finish is not None
    return time.perf_counter() - began, found.seeds


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(measure())) + "\n")
