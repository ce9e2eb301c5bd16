"""Webhooks and their deliveries for tests: what happens, what is due, what came of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from policy.webhooks.retry_schedule import DeliveryState, ReceiverAnswer
from storage.database.engine import Database
from storage.events import event_log
from storage.events.event_log import EventType
from storage.tables import Account, Call, Delivery, Webhook
from storage.webhooks import deliveries, delivery_history, delivery_results, replay, webhooks
from storage.webhooks.deliveries import DueDelivery
from storage.webhooks.delivery_history import DeliveryFilter
from storage.webhooks.delivery_results import DeliveryResult
from storage.webhooks.replay import EventRange
from tests.storage.make import NOW, later


async def hook(db: Database, owner: Account, **changes: Any) -> Webhook:
    row = Webhook(
        account_id=owner.account_id,
        url="https://example.com/hook",
        secret="whsec_c2VjcmV0",
        created_time=NOW,
        updated_time=NOW,
        **changes,
    )
    async with db.write() as session:
        await webhooks.add(session, row)
    return row


async def happen(db: Database, call: Call, *types: str) -> None:
    for type_ in types or (EventType.QUEUED,):
        async with db.write() as session:
            await event_log.append(session, call, type_, NOW)


async def fan_out(db: Database) -> int:
    async with db.write() as session:
        behind = await webhooks.behind(session)
        return await deliveries.fan_out(session, behind, NOW) if behind else 0


async def due(
    db: Database, of: Webhook, at: float = 0, busy: Sequence[str] = ()
) -> list[DueDelivery]:
    async with db.read() as session:
        return await deliveries.due(session, of, later(at), busy, 100)


async def tried(
    db: Database, one: DueDelivery, state: DeliveryState, next_at: float | None = None
) -> None:
    """A try that was over a second after `NOW`; `next_at` in seconds after it."""
    answer = ReceiverAnswer(status=204 if state is DeliveryState.DELIVERED else 500)
    line = {"at": NOW.isoformat(), "ms": 7, "status": answer.status}
    when = None if next_at is None else later(next_at)
    result = DeliveryResult(one.delivery, answer, line, state, when, "thanks", later(1))
    async with db.write() as session:
        await delivery_results.book(session, one.delivery.webhook_id, [result])


async def ledger(db: Database, of: Webhook, **wanted: object) -> list[Delivery]:
    async with db.read() as session:
        rows, total = await delivery_history.page(
            session,
            of,
            DeliveryFilter(**wanted),  # type: ignore[arg-type]
            0,
            100,
        )
    assert total == len(rows)
    return [row for row, _ in rows]


async def replay_all(db: Database, of: Webhook, which: EventRange, now: datetime = NOW) -> int:
    """Page by page, as the API does it."""
    async with db.browse() as session:
        held = await webhooks.load(session, of.webhook_id)
        assert held is not None
        rest = await replay.span(session, held, which)
    sent = 0
    while rest is not None:
        async with db.write() as session:
            held = await webhooks.hold(session, of.account_id, of.webhook_id)
            assert held is not None
            more, rest = await replay.replay_page(session, held, which, rest, now)
        sent += more
    return sent
