"""How long the server takes for each page of the dashboard, with a hundred thousand calls and a
thousand campaigns: the whole web process but its socket, from the request to the last byte.

`python -m benchmarks.databases.pages` measures SQLite and prints the figures.
"""

import asyncio
import json
import re
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from functools import partial
from typing import Any

import httpx2
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import func
from sqlmodel import col, select

from benchmarks.databases import page_rows
from benchmarks.databases.databases import ROUNDS, median_ms, postgres
from benchmarks.databases.page_rows import ACCOUNT, Amounts
from benchmarks.figures.bounds import at_most, noted
from benchmarks.figures.figures import Figure
from observability.logs import configure_logging
from policy.model.call import CallStatus
from server import create_server
from settings import Settings
from storage.database.engine import Database
from storage.tables import Call
from tests.e2e.browser.pages import PAGES

MOST_MILLISECONDS = 100.0
#: What people choose on lists, beside the pages as they are.
CHOICES = {
    "calls, oldest first": "/calls?sort=oldest",
    "calls, ended last": "/calls?sort=ended",
    "past calls, ended last": "/calls?tab=past&sort=ended",
    "calls, longest": "/calls?sort=longest",
    "past calls, longest": "/calls?tab=past&sort=longest",
    "calls of an agent": "/calls?agent=agent-01",
    "calls of an agent, longest": "/calls?agent=agent-01&sort=longest",
    "calls of a campaign": "/calls?campaign=campaign",
    "calls of an outcome": "/calls?outcome=confirmed",
    "calls of some days": "/calls?since=2026-10-01&until=2026-10-31",
    "running campaigns": "/campaigns?status=Running",
    "contacts of an outcome": "/campaigns/{campaign}/contacts?outcome=confirmed",
    "overview of 90 days": "?period=quarter",
    "overview of today": "?period=today",
    "small draft": "/campaigns/small-draft",
    "contacts of a draft": "/campaigns/{draft}/contacts",
}
#: What is sought in the lists: most of a number, digits that many have, a name, nothing that is.
SOUGHT = {
    "a number": "+12122000500",
    "three digits": "555",
    "seven digits": "2000500",
    "a name": "Ada",
    "nobody": "Zacharias",
}
#: What a page asks for once it is there: computed over the whole list.
COMPUTED = {
    "preflight of the large draft, computed": "/campaigns/{draft}/preflight?computed=true",
    "forecast of the small draft, computed": "/campaigns/small-draft/forecast?computed=true",
    "forecast of the large draft, computed": "/campaigns/{draft}/forecast?computed=true",
}
_TOKEN = re.compile(r'name="token" value="([^"]+)"')


async def run(amounts: Amounts) -> list[Figure]:
    """Figures of each page on SQLite and on PostgreSQL."""
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="trunkline-bench-") as folder:
        figures += await measure(f"sqlite:///{folder}/pages.db", amounts)
    with postgres() as url:
        figures += await measure(url, amounts)
    return figures


async def measure(url: str, amounts: Amounts, rounds: int = ROUNDS) -> list[Figure]:
    async with page_rows.open_database(url, amounts) as (db, key):
        return await figures_of(db, key, rounds)


async def figures_of(db: Database, key: str, rounds: int = ROUNDS) -> list[Figure]:
    """One figure a page; bounded are pages, not what they ask for once they are there."""
    async with _opened(db, key) as http:
        ids = await _ids(db)
        looks: dict[str, Callable[[], Awaitable[None]]] = {
            page.name: partial(_open, http, page.path.format(**ids))
            for page in PAGES
            if not page.is_public
        }
        looks |= {name: partial(_open, http, path.format(**ids)) for name, path in CHOICES.items()}
        token = await _token(http)
        looks |= {
            f"calls with {name}": partial(_seek, http, "/calls/find", token, text)
            for name, text in SOUGHT.items()
        }
        looks |= {
            f"contacts with {name}": partial(
                _seek, http, f"/campaigns/{ids['campaign']}/contacts", token, text
            )
            for name, text in SOUGHT.items()
        }
        figures = [
            at_most(f"{db.dialect}: {name}", await median_ms(look, rounds), "ms", MOST_MILLISECONDS)
            for name, look in looks.items()
        ]
        for name, path in COMPUTED.items():
            look = partial(_open, http, path.format(**ids))
            figures.append(
                noted(f"{db.dialect}: {name}", await median_ms(look, min(rounds, 3)), "ms")
            )
        return figures


@asynccontextmanager
async def _opened(db: Database, key: str) -> AsyncIterator[httpx2.AsyncClient]:
    """Somebody who has signed in."""
    settings = Settings(public_url="https://bench", bootstrap_api_key=SecretStr(key))
    configure_logging("ERROR", settings.log_format)
    nobody: Any = None
    app: FastAPI = create_server(settings, db=db, temporal=nobody, now=lambda: page_rows.NOW)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="https://bench") as http,
    ):
        form = {"token": await _token(http, "/sign-in"), "key": key}
        answer = await http.post("/dashboard/sign-in", data=form)
        assert answer.status_code == 303, answer.text
        yield http


async def _token(http: httpx2.AsyncClient, path: str = "") -> str:
    found = _TOKEN.search((await http.get(f"/dashboard{path}")).text)
    assert found is not None
    return found[1]


async def _open(http: httpx2.AsyncClient, path: str) -> None:
    answer = await http.get(f"/dashboard{path}")
    assert answer.status_code in (200, 404), (path, answer.status_code)


async def _seek(http: httpx2.AsyncClient, path: str, token: str, text: str) -> None:
    """With the page to which a whole number leads."""
    form = {"token": token, "sought": text}
    answer = await http.post(f"/dashboard{path}", data=form, follow_redirects=True)
    assert answer.status_code == 200, (path, text, answer.status_code)


async def _ids(db: Database) -> dict[str, str]:
    """Of what the pages show: a call that has ended, one that waits, and the largest lists."""

    async def newest(status: CallStatus) -> str:
        async with db.read() as session:
            statement = select(func.max(Call.call_id)).where(
                col(Call.account_id) == ACCOUNT, col(Call.status) == status
            )
            return str((await session.exec(statement)).one())

    return {
        "call": await newest(CallStatus.COMPLETED),
        "waiting": await newest(CallStatus.QUEUED),
        "campaign": "campaign",
        "ended": "campaign-003",
        "draft": "large-draft",
        "agent": "agent-01",
        # Nothing is there of these; their pages do not grow with the calls.
        **dict.fromkeys(
            (
                *("pathway", "target", "consent", "overlay", "rule", "prerequisite"),
                *("webhook", "link"),
            ),
            "none",
        ),
        "delivery": "1",
    }


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="trunkline-bench-") as folder:
        url = f"sqlite:///{folder}/pages.db"
        for figure in asyncio.run(measure(url, Amounts())):
            sys.stdout.write(json.dumps(asdict(figure)) + "\n")


if __name__ == "__main__":
    main()
