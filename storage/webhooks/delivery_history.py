"""The deliveries of a webhook, past and to come, as people look at them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.location.number_forms import forms_of
from policy.webhooks.retry_schedule import DeliveryState
from storage.events.event_log import EventType
from storage.tables import Call, Consent, Delivery, Event, Suppression, Webhook
from storage.webhooks import delivery_order
from storage.webhooks.deliveries import row_of


@dataclass(frozen=True, slots=True)
class DeliveryFilter:
    """Which deliveries of a webhook; nothing said: all."""

    state: DeliveryState | None = None
    call_id: str | None = None
    event_type: str | None = None


async def page(
    session: AsyncSession, hook: Webhook, filter_: DeliveryFilter, skip: int, take: int
) -> tuple[list[tuple[Delivery, Event]], int]:
    """Newest first, each with its event, and how many there are in all."""
    conditions = _conditions(hook, filter_)
    statement = (
        select(Delivery, Event)
        .where(*conditions)
        .order_by(col(Delivery.event_id).desc())
        .offset(skip)
        .limit(take)
    )
    counted = select(func.count()).select_from(Delivery, Event).where(*conditions)
    rows = [(row[0], row[1]) for row in (await session.exec(statement)).all()]
    return rows, (await session.exec(counted)).one()


async def before(
    session: AsyncSession, hook: Webhook, filter_: DeliveryFilter, event_id: int, take: int
) -> list[tuple[Delivery, Event]]:
    """Those of events older than one, newest first; a long ledger is not counted for it."""
    statement = (
        select(Delivery, Event)
        .where(*_conditions(hook, filter_), col(Delivery.event_id) < event_id)
        .order_by(col(Delivery.event_id).desc())
        .limit(take)
    )
    return [(row[0], row[1]) for row in (await session.exec(statement)).all()]


def _conditions(hook: Webhook, filter_: DeliveryFilter) -> list[ColumnElement[bool]]:
    equal = (
        (col(Delivery.state), filter_.state),
        (col(Delivery.stream), filter_.call_id),
        (col(Event.type), filter_.event_type),
    )
    return [
        col(Delivery.webhook_id) == hook.webhook_id,
        col(Event.event_id) == col(Delivery.event_id),
        *(column == value for column, value in equal if value is not None),
    ]


async def of_call(
    session: AsyncSession, account_id: str, call_id: str, take: int
) -> list[tuple[Delivery, Event, Webhook]]:
    """The newest deliveries about one call, whichever of the account's webhooks they are for."""
    statement = (
        select(Delivery, Event, Webhook)
        .where(
            col(Webhook.account_id) == account_id,
            col(Event.call_id) == call_id,
            col(Delivery.webhook_id) == col(Webhook.webhook_id),
            col(Delivery.event_id) == col(Event.event_id),
        )
        .order_by(col(Delivery.event_id).desc(), col(Delivery.delivery_id).desc())
        .limit(take)
    )
    return [(row[0], row[1], row[2]) for row in (await session.exec(statement)).all()]


async def get(
    session: AsyncSession, hook: Webhook, delivery_id: int
) -> tuple[Delivery, Event] | None:
    """A delivery of this webhook, with its event."""
    statement = select(Delivery, Event).where(
        col(Delivery.delivery_id) == delivery_id,
        col(Delivery.webhook_id) == hook.webhook_id,
        col(Event.event_id) == col(Delivery.event_id),
    )
    row = (await session.exec(statement)).first()
    return None if row is None else (row[0], row[1])


async def add_test(session: AsyncSession, hook: Webhook, now: datetime) -> int:
    """An event for this webhook, which the caller holds; returns the id of its delivery."""
    event = Event(
        account_id=hook.account_id,
        subject_id=hook.webhook_id,
        sequence=1,
        type=EventType.WEBHOOK_TEST.value,
        at=now,
        data={"webhookId": hook.webhook_id},
    )
    session.add(event)
    await session.flush()
    waits = await delivery_order.waits(session, hook.webhook_id, [delivery_order.stream_of(event)])
    delivery = Delivery(**row_of(hook.webhook_id, event, now, waits))
    session.add(delivery)
    await session.flush()
    assert delivery.delivery_id is not None
    return delivery.delivery_id


async def counts(session: AsyncSession, webhook_id: str) -> dict[DeliveryState, int]:
    """How many deliveries are in each state."""
    statement = (
        select(Delivery.state, func.count())
        .where(col(Delivery.webhook_id) == webhook_id)
        .group_by(col(Delivery.state))
    )
    found = dict((await session.exec(statement)).all())
    return {state: found.get(state, 0) for state in DeliveryState}


async def forget_answers(session: AsyncSession, account_id: str, endpoint: str) -> None:
    """Removes what receivers answered to events about an endpoint; they may have named it."""
    of_person = [
        col(Delivery.stream).in_(
            select(key).where(table_account == account_id, table_endpoint.in_(forms_of(endpoint)))
        )
        for key, table_account, table_endpoint in (
            (Call.call_id, col(Call.account_id), col(Call.endpoint)),
            (
                Suppression.suppression_id,
                col(Suppression.account_id),
                col(Suppression.endpoint),
            ),
            (Consent.consent_id, col(Consent.account_id), col(Consent.endpoint)),
        )
    ]
    await session.exec(
        update(Delivery)
        .where(or_(*of_person))
        .values(answer=None)
        .execution_options(synchronize_session=False)
    )
