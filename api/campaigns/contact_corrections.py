"""Rejected rows of a campaign, corrected one by one where they stand."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlmodel.ext.asyncio.session import AsyncSession

from api.campaigns.contact_upload import demands_on, each_once
from api.campaigns.lookup import held, require_open
from api.files.contact_rows import OTHER_NUMBERS, checked, with_first
from api.http.deps import Services
from policy.model.call import ContactState, Refusal
from policy.pathways.row_demands import RowDemands
from storage.campaigns import contact_list
from storage.campaigns.contacts import ContactRow
from storage.contact_numbers import known_people
from storage.tables import Campaign, Contact
from storage.tables.specs import extension_among

#: So many at once.
MOST = 50
_ANEW = " What it said of further numbers is not kept: load the contact anew, and drop this row."


@dataclass(frozen=True, slots=True)
class Correction:
    """What a rejected row says from now on; None: as before. `context`: what changes of it."""

    contact_id: int
    endpoint: str | None = None
    timezone: str | None = None
    context: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Corrected:
    """`mended`: good now. `rejected`: still wrong, with what was said and why."""

    campaign: Campaign
    mended: list[Contact] = field(default_factory=list)
    rejected: list[Contact] = field(default_factory=list)
    dropped: list[int] = field(default_factory=list)


async def correct(
    uses: Services,
    account_id: str,
    campaign_id: str,
    corrections: Sequence[Correction],
    country: str | None,
    drop: Sequence[int] = (),
) -> Corrected:
    """Checks the rows anew, with all that an upload asks; deletes those of `drop`.

    One that is still wrong keeps what was said. One that is rejected no more is left as it is.
    """
    told = {one.contact_id: one for one in corrections[:MOST]}
    async with uses.db.write() as session:
        campaign = await held(session, account_id, campaign_id)
        require_open(campaign)
        demands = await demands_on(session, campaign)
        rows = await contact_list.rejected(session, campaign_id, MOST, ids=list(told))
        said = [_said(row, told[row.contact_id or 0]) for row in rows]
        read = await asyncio.to_thread(lambda: [_judged(row, country, demands) for row in said])
        read = [_still_wrong(row, now) for row, now in zip(rows, read, strict=True)]
        if not campaign.defaults_spec.get("allowDuplicate"):
            read = await _each_once(session, campaign_id, read)
        for row, now in zip(rows, read, strict=True):
            _write(row, now)
            session.add(row)
        gone = await contact_list.drop_rejected(session, campaign_id, drop)
    mended = [row for row in rows if row.error_code is None]
    return Corrected(campaign, mended, [row for row in rows if row.error_code], gone)


async def forget(uses: Services, account_id: str, campaign_id: str, through: int) -> int:
    """Deletes the rejected rows up to a contact: they were mended elsewhere, or are not wanted."""
    async with uses.db.write() as session:
        await held(session, account_id, campaign_id)
        return await contact_list.forget_rejected(session, campaign_id, through)


async def _each_once(
    session: AsyncSession, campaign_id: str, rows: Sequence[ContactRow]
) -> list[ContactRow]:
    good = [row for row in rows if row.error is None]
    return each_once(rows, await known_people(session, campaign_id, good))


def _said(row: Contact, told: Correction) -> ContactRow:
    endpoint = row.endpoint
    if told.endpoint is not None:
        endpoint = told.endpoint
    elif row.endpoint and row.extension:
        endpoint = f"{row.endpoint} ext. {row.extension}"
    return ContactRow(
        row.row_number,
        endpoint,
        client_token=row.client_token,
        timezone=row.timezone if told.timezone is None else told.timezone or None,
        context={**row.context, **told.context},
        numbers_spec=row.numbers_spec,
    )


def _judged(row: ContactRow, country: str | None, demands: RowDemands) -> ContactRow:
    found = checked(row, country)
    if found.error is not None:
        return found
    found = with_first(found)
    extension = extension_among(found.extension, found.numbers_spec)
    return replace(found, error=demands.refusal(found.context, extension))


def _still_wrong(row: Contact, now: ContactRow) -> ContactRow:
    """One whose further numbers could not be read has none: it is no call to that person yet."""
    field_ = row.error_field or ""
    if not field_.startswith(OTHER_NUMBERS) or now.numbers_spec is not None:
        return now
    code, said = row.error_code or "invalid_field", (row.error or "").removesuffix(_ANEW)
    return replace(now, error=Refusal(code, field_, said + _ANEW))


def _write(row: Contact, now: ContactRow) -> None:
    row.endpoint, row.endpoint_kind, row.extension = now.endpoint, now.endpoint_kind, now.extension
    row.timezone, row.context, row.numbers_spec = now.timezone, now.context, now.numbers_spec
    row.state = ContactState.INVALID if now.error else ContactState.STAGED
    row.ready_at = None
    row.error_code = str(now.error.code) if now.error else None
    row.error_field = now.error.field if now.error else None
    row.error = now.error.message if now.error else None
