"""Consents: given, taken back, and kept as evidence."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.inserting import insert_all
from storage.paging import page_of
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


async def page(
    session: AsyncSession, account_id: str, skip: int, take: int, *, endpoint: str | None = None
) -> tuple[list[Consent], int]:
    """Newest first, revoked ones included, and how many there are in all."""
    conditions: list[ColumnElement[bool]] = [col(Consent.account_id) == account_id]
    if endpoint is not None:
        conditions.append(col(Consent.endpoint) == endpoint)
    return await page_of(
        session,
        Consent,
        *conditions,
        order=(col(Consent.created_time).desc(), col(Consent.consent_id).desc()),
        skip=skip,
        take=take,
    )
