"""Contacts into a campaign: a batch a transaction, each number once."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlmodel.ext.asyncio.session import AsyncSession

from api.calls.request_parser import other_entries
from api.campaigns.goals import require_open_goal
from api.campaigns.lookup import held, require_open
from api.campaigns.schemas import ContactNumbers
from api.campaigns.views import ContactRowError, LoadedView
from api.files.contact_rows import OTHER_NUMBERS, contact_of_object
from api.files.layouts import Layout
from api.files.schemas import layout_view
from api.http.deps import Services
from api.http.problems import Problem, field_error, invalid
from policy.location.endpoints import Endpoint
from policy.location.number_forms import person_key
from policy.model.call import CampaignStatus, ExtensionUse, Refusal
from policy.pathways import blanks
from policy.pathways.row_demands import RowDemands
from storage.accounts import agents
from storage.campaigns import contacts
from storage.campaigns.contacts import ContactRow
from storage.campaigns.row_demands import demands_of
from storage.contact_numbers import keys_of, known_people
from storage.tables import Campaign
from storage.tables.specs import extension_among

#: So many errors stand in the answer; the file of errors has all of them.
SHOWN_ERRORS = 100
_BATCH = 1000
_DUPLICATE = Refusal("duplicate", "endpoint", "The campaign has this number already.")
_OTHER_DUPLICATE = Refusal(
    "duplicate", "otherNumbers", "The campaign has one of the person's numbers already."
)


@dataclass(slots=True)
class LoadResult:
    """What became of the rows of a request."""

    accepted: int = 0
    rejected: int = 0
    errors: list[tuple[int, Refusal]] = field(default_factory=list)
    #: Of a file.
    layout: Layout | None = None
    #: From which column each variable is filled that is not named like one.
    columns: dict[str, str] = field(default_factory=dict)

    def count(self, rows: Sequence[ContactRow]) -> None:
        for row in rows:
            if row.error is None:
                self.accepted += 1
                continue
            self.rejected += 1
            if len(self.errors) < SHOWN_ERRORS:
                self.errors.append((row.row_number, row.error))


async def of_objects(items: Sequence[Any], country: str | None, now: datetime) -> list[ContactRow]:
    """The objects of a JSON list, numbered from 1. Numbers take time: not on the event loop."""
    return await asyncio.to_thread(
        lambda: [_of_object(item, n, country, now) for n, item in enumerate(items, start=1)]
    )


def _of_object(item: Any, number: int, country: str | None, now: datetime) -> ContactRow:
    row = contact_of_object(item, number, country)
    said = item.get(OTHER_NUMBERS) if isinstance(item, dict) else None
    if not isinstance(said, list) or not said:
        return row
    # Also of one whose first number is wrong: so they are there once that is corrected. Where they
    # are wrong, too, that is what is said: to correct the first would not bring them back.
    known = None
    if row.error is None and row.endpoint is not None:
        known = Endpoint(row.endpoint_kind, row.endpoint, row.extension)
    try:
        others = ContactNumbers.model_validate({OTHER_NUMBERS: said}).other_numbers
        found = list(other_entries(others, known, country, ExtensionUse.DIAL, now))
    except ValidationError as wrong:
        return replace(row, error=field_error(wrong.errors()[0]))
    except Problem as problem:
        return replace(row, error=problem.errors[0])
    # What is not said of a number is as the campaign has it for all.
    told = [{name: value for name, value in one.items() if value} for one in found]
    first = {"endpoint": row.endpoint or "", "kind": row.endpoint_kind.value}
    if row.extension:
        first["extension"] = row.extension
    return replace(row, numbers_spec=[first, *told])


async def load(session: AsyncSession, campaign: Campaign, rows: Sequence[ContactRow]) -> LoadResult:
    """Stages rows in the caller's transaction, which holds the campaign."""
    require_open(campaign)
    require_open_goal(campaign)
    loaded = LoadResult()
    for start in range(0, len(rows), _BATCH):
        loaded.count(await _insert(session, campaign, rows[start : start + _BATCH], {}))
    return loaded


async def load_batches(
    uses: Services,
    account_id: str,
    campaign_id: str,
    batches: AsyncIterator[list[ContactRow]],
    column_map: Mapping[str, str],
    *,
    is_settled: bool = False,
) -> LoadResult:
    """Stages every batch as it comes. Rows that were committed stay, whatever comes after.

    `column_map`: the variable that a column fills. Likeness finds others in a draft, which somebody
    looks at before it is started, unless they have settled all columns already.
    """
    loaded, is_first = LoadResult(), True
    async for batch in batches:
        async with uses.db.write() as session:
            campaign = await held(session, account_id, campaign_id)
            require_open(campaign)
            require_open_goal(campaign)
            if is_first:
                columns = tuple(batch[0].context)
                loaded.columns = await _mapped(
                    session, campaign, columns, column_map, is_settled=is_settled
                )
                is_first = False
            rows = await _insert(session, campaign, batch, loaded.columns)
        loaded.count(rows)
    return loaded


async def _mapped(
    session: AsyncSession,
    campaign: Campaign,
    columns: Sequence[str],
    column_map: Mapping[str, str],
    *,
    is_settled: bool,
) -> dict[str, str]:
    """The column of each variable that is not one's own name; refuses a column there is not."""
    for column in column_map:
        if column not in columns:
            message = f"The file has no column {column}."
            raise invalid("unknown_field", "columnMap", message)
    said = {variable: column for column, variable in column_map.items()}
    if is_settled or campaign.status is not CampaignStatus.DRAFT:
        return said
    used = (await demands_on(session, campaign)).variables.used - said.keys()
    free = [column for column in columns if column not in column_map]
    return {**blanks.likely_columns(used, free), **said}


async def demands_on(session: AsyncSession, campaign: Campaign) -> RowDemands:
    """What the campaign asks of its rows as it is now."""
    agent = await agents.get(session, campaign.account_id, campaign.agent_id)
    return await demands_of(session, campaign, agent)


async def _insert(
    session: AsyncSession,
    campaign: Campaign,
    rows: Sequence[ContactRow],
    columns: Mapping[str, str],
) -> Sequence[ContactRow]:
    demands = await demands_on(session, campaign)
    rows = [_filled(row, columns, demands) for row in rows]
    if not campaign.defaults_spec.get("allowDuplicate"):
        good = [row for row in rows if row.error is None]
        rows = each_once(rows, await known_people(session, campaign.campaign_id, good))
    await contacts.insert_rows(session, campaign.campaign_id, rows)
    return rows


def _filled(row: ContactRow, columns: Mapping[str, str], demands: RowDemands) -> ContactRow:
    """The row with its variables; one that lacks what is asked for is refused."""
    more = {variable: row.context.get(column, "") for variable, column in columns.items()}
    # Also of a row that is wrong already: so it lacks nothing once it is mended.
    row = replace(row, context={**row.context, **more}) if more else row
    extension = extension_among(row.extension, row.numbers_spec)
    return row if row.error else replace(row, error=demands.refusal(row.context, extension))


def each_once(rows: Sequence[ContactRow], known: set[str]) -> list[ContactRow]:
    """Refuses those one of whose numbers a row before them has, or somebody in `known`."""
    checked = []
    for row in rows:
        keys = frozenset[str]() if row.error is not None else keys_of(row)
        if known.isdisjoint(keys):
            known |= keys
            checked.append(row)
        else:
            is_first = person_key(row.endpoint or "") in known
            checked.append(replace(row, error=_DUPLICATE if is_first else _OTHER_DUPLICATE))
    return checked


def loaded_view(loaded: LoadResult) -> LoadedView:
    """As the API shows it."""
    return LoadedView(
        accepted=loaded.accepted,
        rejected=loaded.rejected,
        columns=loaded.columns,
        errors=[
            ContactRowError(row=row, code=str(error.code), field=error.field, message=error.message)
            for row, error in loaded.errors
        ],
        **layout_view(loaded.layout),
    )
