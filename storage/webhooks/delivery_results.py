"""What came of tries, written into their deliveries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam, update
from sqlalchemy import select as sql_select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.webhooks.retry_schedule import DeliveryState, ReceiverAnswer
from storage.database.core import rows_of
from storage.database.pagination import batches
from storage.number_hash import ERASED
from storage.tables import Call, Consent, Delivery, JsonObject, Suppression
from storage.webhooks import delivery_order

_DELIVERIES = Delivery.metadata.tables["delivery"]
_COLUMNS = ("state", "next_at", "failures", "tries", "answer", "done_time")


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """What came of one try; `next_at` None: there is no next."""

    #: As it was when it was sent.
    delivery: Delivery
    answer: ReceiverAnswer
    #: As the delivery keeps it.
    line: JsonObject
    state: DeliveryState
    next_at: datetime | None
    #: The beginning of the answer's body.
    body: str
    at: datetime


async def book(session: AsyncSession, webhook_id: str, results: Sequence[DeliveryResult]) -> None:
    """Writes tries of one webhook, which the caller holds. What was removed stays away.

    A delivery that was asked for once more while it was on its way is still to be sent: of such
    a one only the try is written down.
    """
    if not results:
        return
    rows = await _as_they_are(session, results)
    # Only now: an erasure that had a delivery first is over.
    erased = await _erased(session, {one.delivery.stream for one in results if one.body})
    found = [one for one in results if one.delivery.delivery_id in rows]
    changes = [_booked(rows[one.delivery.delivery_id], one, erased) for one in found]
    if changes:
        connection = await session.connection()
        await connection.execute(_booking(), changes)
    held = {one.delivery.stream for one in found if one.state is DeliveryState.PENDING}
    await delivery_order.hold_back(session, webhook_id, held, max(one.at for one in results))


async def _as_they_are(
    session: AsyncSession, results: Sequence[DeliveryResult]
) -> Mapping[int | None, Any]:
    """The deliveries by their ids, held until the transaction ends."""
    columns = [_DELIVERIES.c[name] for name in ("delivery_id", *_COLUMNS)]
    found: dict[int | None, Any] = {}
    for some in batches([one.delivery.delivery_id for one in results]):
        statement = (
            sql_select(*columns)
            .where(_DELIVERIES.c.delivery_id.in_(some))
            .order_by(_DELIVERIES.c.delivery_id)
            .with_for_update()
        )
        found.update((row.delivery_id, row) for row in await rows_of(session, statement))
    return found


async def _erased(session: AsyncSession, known: set[str]) -> set[str]:
    """Those streams that tell of a person who was erased: an answer might still name them."""
    erased: set[str] = set()
    if not known:
        return erased
    for key, is_erased in (
        (col(Call.call_id), col(Call.endpoint).startswith(ERASED)),
        (col(Suppression.suppression_id), col(Suppression.endpoint).is_(None)),
        (col(Consent.consent_id), col(Consent.endpoint).startswith(ERASED)),
    ):
        rows = await rows_of(session, sql_select(key).where(key.in_(known), is_erased))
        erased.update(row[0] for row in rows)
    return erased


@cache
def _booking() -> Any:
    return (
        update(_DELIVERIES)
        .where(_DELIVERIES.c.delivery_id == bindparam("of"))
        .values({name: bindparam(f"new_{name}") for name in _COLUMNS})
    )


def _booked(row: Any, result: DeliveryResult, erased: set[str]) -> JsonObject:
    changed: JsonObject = {"tries": [*row.tries, result.line], "answer": result.body or None}
    if result.delivery.stream in erased:
        changed["answer"] = None
    if _is_as_it_was(row, result.delivery):
        is_pending = result.state is DeliveryState.PENDING
        changed |= {
            "state": result.state,
            "next_at": result.next_at or result.at,
            "failures": row.failures + (result.state is not DeliveryState.DELIVERED),
            "done_time": None if is_pending else result.at,
        }
    kept = {name: getattr(row, name) for name in _COLUMNS}
    values = {f"new_{name}": value for name, value in {**kept, **changed}.items()}
    return {"of": row.delivery_id, **values}


def _is_as_it_was(row: Any, seen: Delivery) -> bool:
    """Whether nothing has happened to it since it was sent."""
    now = (row.state, row.failures, row.next_at)
    return now == (DeliveryState.PENDING, seen.failures, seen.next_at)
