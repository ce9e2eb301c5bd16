"""Contacts into a campaign: a batch a transaction, each number once."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from api.campaigns.settings import held, require_open
from api.campaigns.views import LoadedView, RowError
from api.files.contact_rows import contact_of_object
from api.files.layouts import Layout
from api.files.schemas import layout_view
from api.http.deps import Services
from policy.location.number_forms import person_key
from policy.model.call import Refusal
from storage.campaigns import contacts
from storage.campaigns.contacts import ContactRow
from storage.tables import Campaign

#: So many errors stand in the answer; the file of errors has all of them.
SHOWN_ERRORS = 100
_BATCH = 1000
_DUPLICATE = Refusal("duplicate", "endpoint", "The campaign has this number already.")


@dataclass(slots=True)
class LoadResult:
    """What became of the rows of a request."""

    accepted: int = 0
    rejected: int = 0
    errors: list[tuple[int, Refusal]] = field(default_factory=list)
    #: Of a file.
    layout: Layout | None = None

    def count(self, rows: Sequence[ContactRow]) -> None:
        for row in rows:
            if row.error is None:
                self.accepted += 1
                continue
            self.rejected += 1
            if len(self.errors) < SHOWN_ERRORS:
                self.errors.append((row.row_number, row.error))


async def of_objects(items: Sequence[Any], country: str | None) -> list[ContactRow]:
    """The objects of a JSON list, numbered from 1. Numbers take time: not on the event loop."""
    return await asyncio.to_thread(
        lambda: [contact_of_object(item, n, country) for n, item in enumerate(items, start=1)]
    )


async def load(session: AsyncSession, campaign: Campaign, rows: Sequence[ContactRow]) -> LoadResult:
    """Stages rows in the caller's transaction, which holds the campaign."""
    require_open(campaign)
    loaded = LoadResult()
    for start in range(0, len(rows), _BATCH):
        loaded.count(await _insert(session, campaign, rows[start : start + _BATCH]))
    return loaded


async def load_batches(
    uses: Services,
    account_id: str,
    campaign_id: str,
    batches: AsyncIterator[list[ContactRow]],
) -> LoadResult:
    """Stages every batch as it comes. Rows that were committed stay, whatever comes after."""
    loaded = LoadResult()
    async for batch in batches:
        async with uses.db.write() as session:
            campaign = await held(session, account_id, campaign_id)
            require_open(campaign)
            rows = await _insert(session, campaign, batch)
        loaded.count(rows)
    return loaded


async def _insert(
    session: AsyncSession, campaign: Campaign, rows: Sequence[ContactRow]
) -> Sequence[ContactRow]:
    if not campaign.defaults_spec.get("allowDuplicate"):
        endpoints = [row.endpoint for row in rows if row.error is None and row.endpoint]
        known = await contacts.known_endpoints(session, campaign.campaign_id, endpoints)
        rows = _each_once(rows, known)
    await contacts.insert_rows(session, campaign.campaign_id, rows)
    return rows


def _each_once(rows: Sequence[ContactRow], known: set[str]) -> list[ContactRow]:
    checked = []
    for row in rows:
        endpoint = row.endpoint if row.error is None else None
        if endpoint is None:
            checked.append(row)
            continue
        key = person_key(endpoint)
        checked.append(replace(row, error=_DUPLICATE) if key in known else row)
        known.add(key)
    return checked


def loaded_view(loaded: LoadResult) -> LoadedView:
    """As the API shows it."""
    return LoadedView(
        accepted=loaded.accepted,
        rejected=loaded.rejected,
        errors=[
            RowError(row=row, code=str(error.code), field=error.field, message=error.message)
            for row, error in loaded.errors
        ],
        **layout_view(loaded.layout),
    )
