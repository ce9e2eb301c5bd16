"""Texts that may be an opt-out: a person reads each, and until then nobody dials who wrote it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, literal_column
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.model.person import Review
from storage.database.locks import lock_account
from storage.database.pagination import page_of
from storage.events.event_log import TEXT, EventType, append_of
from storage.tables import Inbound

#: As the partial index says it.
_IS_PENDING: ColumnElement[bool] = literal_column("review = 'pending'")


async def tell(session: AsyncSession, row: Inbound, now: datetime) -> None:
    """That a text has come onto the list. For a caller that holds the account."""
    # It was inserted past the ORM, so the database alone knows its number.
    one = select(Inbound.inbound_id).where(col(Inbound.carrier_sid) == row.carrier_sid)
    review_id = str((await session.exec(one)).one())
    data = {"reviewId": review_id, "holds": row.holds}
    subject = f"{TEXT}{review_id}"
    await append_of(session, row.account_id, subject, EventType.TEXT_REVIEW_NEEDED, now, data)


async def page(
    session: AsyncSession, account_id: str, skip: int, take: int
) -> tuple[Sequence[Inbound], int]:
    """Those that nobody has read yet, the oldest first, and how many there are in all."""
    return await page_of(
        session,
        Inbound,
        _IS_PENDING,
        col(Inbound.account_id) == account_id,
        col(Inbound.from_endpoint).is_not(None),
        order=(col(Inbound.at), col(Inbound.inbound_id)),
        skip=skip,
        take=take,
    )


async def hold(session: AsyncSession, account_id: str, inbound_id: int) -> Inbound | None:
    """A text that was put on the list, unless it is another account's.

    Under the account's lock: what was decided about it once is not decided again.
    """
    await lock_account(session, account_id)
    statement = select(Inbound).where(
        col(Inbound.inbound_id) == inbound_id,
        col(Inbound.account_id) == account_id,
        col(Inbound.review).is_not(None),
        col(Inbound.from_endpoint).is_not(None),
    )
    return (await session.exec(statement)).one_or_none()


async def settle(
    session: AsyncSession, row: Inbound, review: Review, by: str, now: datetime
) -> None:
    """Somebody has read it. The words are not kept any longer."""
    row.review, row.reviewed_time, row.reviewed_by = review, now, by
    row.opted_out = review is Review.OPTED_OUT
    row.text, row.holds = None, False
    session.add(row)
    await session.flush()


async def settle_all(
    session: AsyncSession, account_id: str, endpoint: str, by: str, now: datetime
) -> None:
    """Who is not called again has nothing left on the list."""
    await session.exec(
        update(Inbound)
        .where(
            _IS_PENDING,
            col(Inbound.account_id) == account_id,
            col(Inbound.from_endpoint) == endpoint,
        )
        .values(
            review=Review.OPTED_OUT,
            text=None,
            holds=False,
            reviewed_time=now,
            reviewed_by=by,
        )
        .execution_options(synchronize_session=False)
    )
