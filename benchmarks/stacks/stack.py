"""The running stack as the benchmarks use it: the end-to-end tests' one, with wide-open caps."""

import asyncio
import csv
import io
import itertools
import json
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url

from benchmarks.stacks.processes import parent_of
from tests.e2e.stack import FINAL, Json, Stack

#: Simulated seconds a second: a call rings and talks for some hundredths of a second.
SPEED = 100.0
_AREAS = (
    *("212", "312", "415", "303", "617", "202", "713", "206", "404", "602", "512", "214"),
    *("305", "702", "503", "816", "504", "615", "916", "804", "614", "515", "405", "704"),
)
#: The simulator's table: a human answers; nobody answers, then a human does.
WILLING, LATE = "0100", "0163"


@dataclass(frozen=True, slots=True)
class CreateRequest:
    """A create request as the carrier saw it."""

    to: str
    url: str
    created_at: float


class BenchStack(Stack):
    """A stack of its own that nothing but its machine holds back."""

    _numbers: Iterator[str]
    _database: Engine
    #: The process that PostgreSQL's others come from, where the stack runs on it.
    _postmaster: int | None = None

    def open_up(self) -> None:
        self._numbers = _stems()
        self._database = _engine(self._settings.get("TRUNKLINE_DATABASE_URL"), self.data_dir)
        with self._database.begin() as database:
            database.execute(
                text("UPDATE account SET max_concurrent=10000, calls_per_minute=1000000")
            )
            if database.dialect.name == "postgresql":
                backend = database.execute(text("SELECT pg_backend_pid()")).scalar_one()
                self._postmaster = parent_of(backend)

    def stop(self) -> int:
        self._database.dispose()
        return super().stop()

    def pids(self) -> dict[str, int]:
        found = super().pids()
        return found if self._postmaster is None else {**found, "database": self._postmaster}

    def numbers(self, count: int, ending: str = WILLING) -> list[str]:
        """Numbers nobody has called yet; `ending` says what they do."""
        return [next(self._numbers) + ending for _ in range(count)]

    def plain_agent(self, **changes: Any) -> str:
        """An agent whose calls talk for a while and end; machines are not looked for."""
        return self.agent(pathwayId=self.talk(), voicemail=None, **changes)

    def campaign(self, agent_id: str, numbers: list[str], **settings: Any) -> str:
        """A draft with a contact for each number, uploaded as CSV."""
        body = {"name": "bench", "agentId": agent_id, **settings}
        campaign_id = str(self.post("/api/v1/campaigns", body)["campaignId"])
        if numbers:
            self.upload(campaign_id, numbers)
        return campaign_id

    def upload(self, campaign_id: str, numbers: list[str]) -> None:
        answer = self.api.post(
            f"/api/v1/campaigns/{campaign_id}/contacts/upload",
            content=_sheet(numbers),
            headers={"Content-Type": "text/csv"},
            timeout=600,
        )
        assert answer.status_code == 202, answer.text
        assert answer.json()["accepted"] == len(numbers), answer.text

    def tell(self, campaign_id: str, verb: str) -> Json:
        return self.post(f"/api/v1/campaigns/{campaign_id}/{verb}", {}, 200)

    def look(self, campaign_id: str) -> Json:
        answer = self.api.get(f"/api/v1/campaigns/{campaign_id}")
        answer.raise_for_status()
        found: Json = answer.json()
        return found

    def ended(self, agent_id: str) -> int:
        """How many calls of an agent have ended; asking the API all the time would cost it."""
        final = ", ".join(f"'{status}'" for status in sorted(FINAL))
        query = f"SELECT count(*) FROM call WHERE agent_id = :agent AND status IN ({final})"
        with self._database.connect() as database:
            return int(database.execute(text(query), {"agent": agent_id}).scalar_one())

    def outcomes(self, agent_id: str) -> dict[str, int]:
        """How many calls of an agent ended how."""
        query = "SELECT outcome, count(*) FROM call WHERE agent_id = :agent GROUP BY outcome"
        with self._database.connect() as database:
            found = database.execute(text(query), {"agent": agent_id}).all()
        return {str(outcome): int(calls) for outcome, calls in found}

    def created(self) -> list[CreateRequest]:
        """Every leg ever created, from the carrier's journal: asking it would cost it time."""
        journal = self.data_dir / "carrier.jsonl"
        if not journal.exists():
            return []
        with journal.open() as lines:
            entries = (json.loads(line) for line in lines if '"kind":"created"' in line)
            calls = [entry["call"] for entry in entries]
        return [
            CreateRequest(call["to"], call["params"]["Url"], call["created_at"]) for call in calls
        ]

    def client(self) -> httpx2.AsyncClient:
        headers = {"Authorization": f"Bearer {self.ready['apiKey']}"}
        limits = httpx2.Limits(max_connections=32, max_keepalive_connections=32)
        return httpx2.AsyncClient(
            base_url=self.ready["api"], headers=headers, timeout=60, limits=limits
        )


@asynccontextmanager
async def running(
    speed: float = SPEED, settings: Mapping[str, str] | None = None
) -> AsyncIterator[BenchStack]:
    """A fresh stack that is stopped and forgotten afterwards."""
    with tempfile.TemporaryDirectory(prefix="trunkline-bench-") as folder:
        # One key asks for everybody here.
        chosen = {"TRUNKLINE_API_REQUESTS_PER_MINUTE": "0", **(settings or {})}
        stack = BenchStack(Path(folder) / "data", chosen, speed=speed)
        stack.start()
        try:
            stack.open_up()
            yield stack
        finally:
            stack.stop()


def _engine(url: str | None, data_dir: Path) -> Engine:
    """The stack's own database, asked without its API."""
    if url is None:
        return create_engine(f"sqlite:///{data_dir}/trunkline.db", connect_args={"timeout": 20})
    return create_engine(make_url(url).set(drivername="postgresql+psycopg"))


async def post_call(http: httpx2.AsyncClient, agent_id: str, number: str, **more: Any) -> None:
    answer = await answer_of(http, agent_id, number, **more)
    assert answer.status_code == 202, answer.text


async def answer_of(
    http: httpx2.AsyncClient, agent_id: str, number: str, **more: Any
) -> httpx2.Response:
    """Like every client it comes back when it is told that too much is at work."""
    body = {"agentId": agent_id, "endpoint": number, "context": {"firstName": "Ada"}, **more}
    while True:
        answer = await http.post("/api/v1/calls", json=body)
        if answer.status_code != 429:
            return answer
        await asyncio.sleep(float(answer.headers["Retry-After"]))


def _stems() -> Iterator[str]:
    """Numbers without their last four digits, each once."""
    exchanges = (number for number in range(220, 1000) if number % 100 != 11)
    for exchange, area in itertools.product(exchanges, _AREAS):
        yield f"+1{area}{exchange}"


def _sheet(numbers: list[str]) -> bytes:
    """A clinic's sheet: a name, a time, a phone number."""
    written = io.StringIO()
    rows = csv.writer(written)
    rows.writerow(["First name", "Appointment", "Phone"])
    rows.writerows(["Ada", f"Tuesday at {row % 12}", to] for row, to in enumerate(numbers))
    return written.getvalue().encode()
