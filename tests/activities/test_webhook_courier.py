"""Couriers that are out at the same time share the connections there are."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack
from typing import Any

import pytest

from activities.clock import utcnow
from activities.webhook_courier import WebhookCourier
from storage.database.engine import Database
from storage.tables import Webhook
from storage.webhooks import deliveries, webhooks
from tests.databases import SqliteTemplates
from tests.storage import make
from tests.webhooks.receiver import receiving
from webhooks.sender import RequestResult, Sender
from webhooks.signature import new_secret


class Watched(Sender):
    """Remembers how many requests were under way at once."""

    most = under_way = 0

    async def post(
        self, url: str, headers: Mapping[str, str], body: str, **how: Any
    ) -> RequestResult:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            return await super().post(url, headers, body, **how)
        finally:
            self.under_way -= 1


@pytest.fixture
async def db(sqlite_templates: SqliteTemplates) -> AsyncIterator[Database]:
    async with sqlite_templates.opened("couriers") as made:
        yield made


async def hook_with_calls(db: Database, url: str, count: int) -> str:
    """The id of a webhook for which that many calls' first events are due."""
    now, owner = utcnow(), await make.account(db)
    agent = await make.agent(db, owner)
    row = Webhook(
        account_id=owner.account_id,
        url=url,
        secret=new_secret(),
        created_time=now,
        updated_time=now,
    )
    async with db.write() as session:
        await webhooks.add(session, row)
    for _ in range(count):
        await make.call(db, agent)
    async with db.write() as session:
        hooks = await webhooks.among(session, owner.account_id, [row.webhook_id])
        await deliveries.fan_out(session, hooks, utcnow())
    return row.webhook_id


@pytest.mark.parametrize(("others", "most"), [(0, 6), (1, 3), (9, 1)])
async def test_a_courier_keeps_to_its_share(db: Database, others: int, most: int) -> None:
    sender = Watched(private=True, connections=6)
    async with receiving() as receiver:
        receiver.answering = lambda _: 0.02
        hook = await hook_with_calls(db, receiver.url, 8)
        with ExitStack() as out:
            for _ in range(others):
                out.enter_context(sender.sharing())
            await WebhookCourier(db, sender, hook, lambda: 0.0).run(asyncio.Event())
        await sender.close()
    assert len(receiver.got) == 8
    assert sender.most == most
