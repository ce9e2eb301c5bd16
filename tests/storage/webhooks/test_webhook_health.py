"""How a webhook fares: what waits, since when, and how much of late was given up."""

import pytest

from policy.webhooks.retry_schedule import DeliveryState
from storage.database.engine import Database
from storage.events.event_log import EventType
from storage.tables import Webhook
from storage.webhooks import delivery_history, webhook_health, webhooks
from storage.webhooks.delivery_history import DeliveryFilter
from storage.webhooks.webhook_health import WebhookHealth
from tests.storage import make
from tests.storage.make import NOW
from tests.storage.webhooks.delivery_rows import due, fan_out, happen, hook, tried


async def health(db: Database, row: Webhook) -> WebhookHealth:
    async with db.browse() as session:
        fresh = await webhooks.load(session, row.webhook_id)
        assert fresh is not None
        return (await webhook_health.of(session, [fresh]))[row.webhook_id]


async def test_where_nothing_happened_nothing_waits(db: Database) -> None:
    row = await hook(db, await make.account(db))
    assert await health(db, row) == WebhookHealth()


async def test_what_is_no_delivery_yet_waits_as_well(db: Database) -> None:
    owner = await make.account(db)
    row = await hook(db, owner)
    narrow = await hook(db, owner, event_types=[EventType.COMPLETED.value])
    await make.call(db, await make.agent(db, owner))
    found = await health(db, row)
    assert (found.waiting, found.waiting_since, found.looked_at) == (0, NOW, 0)
    assert (await health(db, narrow)).waiting_since is None


async def test_deliveries_are_counted_by_what_became_of_them(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = await make.account(db)
    row, other = await hook(db, owner), await hook(db, owner)
    call = await make.call(db, await make.agent(db, owner))
    await happen(db, call)
    await happen(db, call)
    await fan_out(db)
    first, second, _third = await due(db, row)
    await tried(db, first, DeliveryState.FAILED)
    await tried(db, second, DeliveryState.DELIVERED)
    assert await health(db, row) == WebhookHealth(1, NOW, looked_at=3, failed=1)
    assert (await health(db, other)).failed == 0
    monkeypatch.setattr(webhook_health, "LATEST", 2)
    assert await health(db, row) == WebhookHealth(1, NOW, looked_at=2, failed=0)


async def test_a_ledger_is_read_backwards_from_an_event(db: Database) -> None:
    owner = await make.account(db)
    row = await hook(db, owner)
    call = await make.call(db, await make.agent(db, owner))
    await happen(db, call)
    await happen(db, call)
    await fan_out(db)
    newest, before = 2**63 - 1, list[int]()
    async with db.browse() as session:
        while page := await delivery_history.before(session, row, DeliveryFilter(), newest, 2):
            before += [event.sequence for _, event in page]
            newest = page[-1][0].event_id
        typed = DeliveryFilter(None, None, EventType.CREATED.value)
        of_type = await delivery_history.before(session, row, typed, 2**63 - 1, 9)
    assert before == [3, 2, 1]
    assert [event.sequence for _, event in of_type] == [1]
