"""What routes are handed: services, the database, the clock, the account."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Protocol

from fastapi import Depends, Query, Request, Response

from activities.caller_ids.number_import import NumberImport
from activities.caller_ids.number_sources import NumberSources
from api.http.doors import Doors
from api.http.known_keys import KeyUses, KnownKeys
from api.temporal_client import WorkflowGateway
from settings import Settings
from storage.carriers.credentials import CredentialBook
from storage.carriers.sealer import Sealer
from storage.database.engine import Database
from storage.facts.gather import FactGatherer
from telephony.port import Recordings
from webhooks.sender import Sender


def utc_now() -> datetime:
    """The clock of production."""
    return datetime.now(UTC)


class RecordingsAt(Protocol):
    """Who hands out the recordings of an account at the carrier; raises CarrierError."""

    async def of(self, carrier_account_id: str) -> Recordings: ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Services:
    """Everything the routes work with, put together by `api.app`."""

    settings: Settings
    db: Database
    calls: WorkflowGateway
    gatherer: FactGatherer
    recordings: Recordings
    #: Of the accounts at the carrier besides the installation's own.
    credentials: CredentialBook
    #: Recordings at such an account.
    recordings_at: RecordingsAt
    #: Who is asked for the numbers of accounts at the carrier, and what takes them over.
    number_sources: NumberSources
    numbers: NumberImport
    sealer: Sealer = field(default_factory=Sealer)
    now: Callable[[], datetime] = utc_now
    keys: KnownKeys = field(default_factory=KnownKeys)
    #: The process is to end: streams, which would hold it up, end first.
    closing: threading.Event = field(default_factory=threading.Event)
    key_uses: KeyUses = field(default_factory=KeyUses)
    doors: Doors = field(default_factory=Doors)
    #: Asks what an account has named: its provider of single sign-on.
    outgoing: Sender = field(default_factory=Sender)


async def services(request: Request) -> Services:
    """The application's services. Like every dependency async: others take a thread each."""
    found: Services = request.app.state.services
    return found


Uses = Annotated[Services, Depends(services)]
Skip = Annotated[int, Query(ge=0, le=10_000_000, description="How many to leave out.")]
Take = Annotated[int, Query(ge=1, le=1000, description="How many to give.")]
_DRY_RUN = "Change nothing; say which waiting calls would move."


async def is_dry_run(
    response: Response,
    dry_run: Annotated[bool, Query(alias="dryRun", description=_DRY_RUN)] = False,
) -> bool:
    """Nothing is made by a dry run, so it is never a 201."""
    if dry_run:
        response.status_code = 200
    return dry_run


DryRun = Annotated[bool, Depends(is_dry_run)]
