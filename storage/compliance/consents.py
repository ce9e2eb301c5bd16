"""Consents: given, taken back, and kept as evidence."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.location.number_forms import forms_of
from storage.database.bulk import insert_all
from storage.database.pagination import batches, page_of
from storage.events import event_log
from storage.events.event_log import EventType
from storage.tables import Consent, JsonObject

_CONSENTS = Consent.metadata.tables["consent"]


async def add(session: AsyncSession, row: Consent) -> None:
    session.add(row)
    await session.flush()


async def add_many(session: AsyncSession, rows: Sequence[Consent]) -> None:
    """In bulk; the objects stay out of the session."""
    columns = Consent.model_fields
    plain: list[JsonObject] = [{name: getattr(row, name) for name in columns} for row in rows]
    await insert_all(session, _CONSENTS, plain)


async def known(session: AsyncSession, consent_ids: Sequence[str]) -> set[str]:
    """Those of the ids that are on record."""
    found: set[str] = set()
    for some in batches(consent_ids):
        statement = select(Consent.consent_id).where(col(Consent.consent_id).in_(some))
        found.update((await session.exec(statement)).all())
    return found


async def get(session: AsyncSession, account_id: str, consent_id: str) -> Consent | None:
    """The consent, unless it is another account's."""
    statement = select(Consent).where(
        col(Consent.consent_id) == consent_id, col(Consent.account_id) == account_id
    )
    return (await session.exec(statement)).one_or_none()


async def revoke(
    session: AsyncSession, row: Consent, revocation: JsonObject, now: datetime
) -> None:
    """Takes a consent back; a second time changes nothing."""
    if row.revoked_time is None:
        row.revoked_time, row.revocation = now, revocation
        session.add(row)
        await session.flush()
        await event_log.insert_rows(session, [_revoked(row, now)])


async def revoke_all(
    session: AsyncSession, account_id: str, endpoint: str, method: str, now: datetime
) -> None:
    """Takes back every consent that was given for an endpoint."""
    statement = select(Consent).where(
        col(Consent.account_id) == account_id,
        col(Consent.endpoint).in_(forms_of(endpoint)),
        col(Consent.revoked_time).is_(None),
    )
    for row in (await session.exec(statement)).all():
        await revoke(session, row, {"method": method, "scope": "all"}, now)


def _revoked(row: Consent, at: datetime) -> JsonObject:
    data = {"tier": row.tier.value, "method": (row.revocation or {}).get("method")}
    return event_log.row_about(row.account_id, row.consent_id, EventType.CONSENT_REVOKED, at, data)


async def page(
    session: AsyncSession, account_id: str, skip: int, take: int, *, endpoint: str | None = None
) -> tuple[list[Consent], int]:
    """Newest first, revoked ones included, and how many there are in all."""
    conditions: list[ColumnElement[bool]] = [col(Consent.account_id) == account_id]
    if endpoint is not None:
        conditions.append(col(Consent.endpoint).in_(forms_of(endpoint)))
    return await page_of(
        session,
        Consent,
        *conditions,
        order=(col(Consent.created_time).desc(), col(Consent.consent_id).desc()),
        skip=skip,
        take=take,
    )
