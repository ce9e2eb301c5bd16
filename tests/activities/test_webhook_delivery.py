"""The delivery loop against real receivers: in order, isolated, tried again, at last disabled."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import structlog.testing
from aiohttp import web
from standardwebhooks.webhooks import Webhook as Verifier

from activities.clock import utcnow
from activities.webhook_delivery import CourierPool
from policy.webhooks import retry_schedule
from policy.webhooks.retry_schedule import DeliveryState
from storage.calls import calls
from storage.database.engine import Database
from storage.events import event_log
from storage.events.event_log import EventType
from storage.tables import Account, Agent, Call, Delivery, Webhook
from storage.webhooks import deliveries, delivery_history, webhooks
from storage.webhooks.delivery_history import DeliveryFilter
from tests.databases import SqliteTemplates
from tests.storage import make
from tests.wait import PATIENCE
from tests.webhooks.receiver import Json, Receiver, receiving
from webhooks.sender import Sender
from webhooks.signature import new_secret


class Post:
    """An account with events to tell, and the loop that tells them."""

    def __init__(self, db: Database, owner: Account, agent: Agent) -> None:
        self.db = db
        self.owner = owner
        self.agent = agent
        self.rounds = CourierPool(db, Sender(private=True))

    async def hook(self, url: str, **changes: Any) -> Webhook:
        now = utcnow()
        row = Webhook(
            account_id=self.owner.account_id,
            url=url,
            secret=new_secret(),
            created_time=now,
            updated_time=now,
            **changes,
        )
        async with self.db.write() as session:
            await webhooks.add(session, row)
        return row

    async def call(self, *types: str) -> Call:
        """A call of which more happened than that it was made."""
        made = await make.call(self.db, self.agent)
        for type_ in types:
            async with self.db.write() as session:
                held = await calls.lock(session, made.call_id)
                assert held is not None
                await event_log.append(session, held, type_, utcnow())
        return made

    async def until(self, receiver: Receiver, count: int) -> None:
        """Turns until the receiver has got as many requests."""
        async with asyncio.timeout(PATIENCE):
            while len(receiver.got) < count:
                await self.rounds.turn()
                await asyncio.sleep(0.02)

    async def until_state(self, row: Webhook, state: DeliveryState, count: int) -> list[Delivery]:
        async with asyncio.timeout(PATIENCE):
            while True:
                await self.rounds.turn()
                found = await self.ledger(row, state)
                if len(found) >= count:
                    return found
                await asyncio.sleep(0.02)

    async def ledger(self, row: Webhook, state: DeliveryState | None = None) -> list[Delivery]:
        async with self.db.read() as session:
            found, _ = await delivery_history.page(session, row, DeliveryFilter(state), 0, 1000)
        return [delivery for delivery, _ in found]

    async def seen(self, row: Webhook) -> Webhook:
        async with self.db.read() as session:
            found = await webhooks.load(session, row.webhook_id)
        assert found is not None
        return found


@pytest.fixture
async def post(sqlite_templates: SqliteTemplates) -> AsyncIterator[Post]:
    async with sqlite_templates.opened("post") as db:
        owner = await make.account(db)
        made = Post(db, owner, await make.agent(db, owner))
        yield made
        await made.rounds.rest()


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries that take no time."""
    monkeypatch.setattr(retry_schedule, "RETRIES", (timedelta(milliseconds=50),) * 7)


THREE = (EventType.QUEUED, EventType.DIALING, EventType.COMPLETED)


async def test_events_arrive_signed_in_order_and_without_a_gap(post: Post) -> None:
    async with receiving() as receiver:
        row = await post.hook(receiver.url, headers={"X-Team": "crm"})
        one, other = await post.call(*THREE), await post.call(*THREE)
        await post.until(receiver, 8)
    for call in (one, other):
        of_call = [
            got.told["sequence"] for got in receiver.got if got.told["callId"] == call.call_id
        ]
        assert of_call == [1, 2, 3, 4]
    for got in receiver.got:
        Verifier(row.secret).verify(got.body, got.headers)
        assert got.headers["X-Team"] == "crm"
        assert got.headers["webhook-id"] == got.told["id"]


async def test_a_failure_is_tried_again_and_nothing_of_its_call_overtakes_it(
    post: Post, hasty: None
) -> None:
    async with receiving() as receiver:
        failures = iter([500, 503])
        receiver.answering = lambda _: web.Response(status=next(failures, 204))
        row = await post.hook(receiver.url)
        await post.call(*THREE)
        await post.until_state(row, DeliveryState.DELIVERED, 4)
    assert [got.told["sequence"] for got in receiver.got] == [1, 1, 1, 2, 3, 4]
    assert len(set(receiver.ids())) == 4
    first = (await post.ledger(row))[-1]
    assert [line["status"] for line in first.tries] == [500, 503, 204]


async def test_one_receiver_that_is_silent_delays_no_other(post: Post) -> None:
    async with receiving() as silent, receiving() as quick:
        silent.answering = lambda _: 30.0
        await post.hook(silent.url)
        await post.hook(quick.url)
        await post.call(*THREE)
        await post.until(quick, 4)
        assert len(silent.got) == 1


async def test_one_call_whose_events_are_refused_delays_no_other_call(post: Post) -> None:
    async with receiving() as receiver:
        refused = await post.call()

        def answer(told: Json) -> web.Response:
            return web.Response(status=500 if told["callId"] == refused.call_id else 204)

        receiver.answering = answer
        row = await post.hook(receiver.url)
        async with post.db.write() as session:
            held = await calls.lock(session, refused.call_id)
            assert held is not None
            await event_log.append(session, held, EventType.QUEUED, utcnow())
        await post.call(*THREE)
        await post.until_state(row, DeliveryState.DELIVERED, 4)
    assert (await post.seen(row)).failing_since is None


async def test_when_the_tries_are_used_up_it_is_given_up_and_the_next_goes_out(
    post: Post, hasty: None
) -> None:
    async with receiving() as receiver:
        receiver.answering = lambda told: web.Response(status=500 if told["sequence"] == 1 else 204)
        row = await post.hook(receiver.url)
        await post.call(EventType.QUEUED)
        await post.until_state(row, DeliveryState.DELIVERED, 1)
    (failed,) = await post.ledger(row, DeliveryState.FAILED)
    assert len(failed.tries) == 8


async def test_gone_disables_and_says_so_to_the_others(post: Post) -> None:
    async with receiving() as gone, receiving() as other:
        gone.answering = lambda _: web.Response(status=410)
        row = await post.hook(gone.url)
        await post.hook(other.url)
        await post.call()
        await post.until(other, 2)
    seen = await post.seen(row)
    assert (seen.is_enabled, seen.disabled_reason) == (False, "it answered 410 Gone")
    assert other.got[-1].told["type"] == "webhook.disabled"
    assert other.got[-1].told["data"]["webhookId"] == row.webhook_id


async def test_three_days_of_failures_disable(post: Post, hasty: None) -> None:
    async with receiving() as receiver:
        receiver.answering = lambda _: web.Response(status=500)
        row = await post.hook(receiver.url, failing_since=utcnow() - retry_schedule.DISABLED_AFTER)
        await post.call()
        await post.until(receiver, 1)
        async with asyncio.timeout(PATIENCE):
            while (await post.seen(row)).is_enabled:
                await post.rounds.turn()
                await asyncio.sleep(0.02)


async def test_what_was_under_way_when_the_loop_died_is_sent_again_under_its_id(
    post: Post,
) -> None:
    async with receiving() as receiver:
        receiver.answering = lambda _: 30.0
        await post.hook(receiver.url)
        await post.call(EventType.QUEUED)
        await post.until(receiver, 1)
        for task in post.rounds._out.values():
            task.cancel()
        receiver.answering = lambda _: web.Response(status=204)
        post.rounds = CourierPool(post.db, Sender(private=True))
        await post.until(receiver, 3)
    assert receiver.ids()[0] == receiver.ids()[1] != receiver.ids()[2]


async def test_a_masked_webhook_is_told_no_number(post: Post) -> None:
    async with receiving() as receiver:
        await post.hook(receiver.url, mask_numbers=True)
        call = await post.call()
        await post.until(receiver, 1)
    assert call.endpoint not in receiver.got[0].body
    assert receiver.got[0].told["endpoint"].startswith("+1*")


async def test_a_disabled_webhook_is_sent_nothing(post: Post) -> None:
    async with receiving() as off, receiving() as on:
        await post.hook(off.url, is_enabled=False)
        await post.hook(on.url)
        await post.call()
        await post.until(on, 1)
        assert off.got == []


async def test_one_webhook_that_catches_up_delays_no_other_of_its_account(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "FAN_OUT", 5)
    async with receiving() as receiver:
        old = await post.hook(receiver.url, is_enabled=False)
        for _ in range(3):
            await post.call(*THREE)
        healthy = await post.hook(receiver.url)
        async with post.db.write() as session:
            held = await webhooks.hold(session, post.owner.account_id, old.webhook_id)
            assert held is not None
            webhooks.enable(held, utcnow())
        await post.call()
        assert await post.rounds.turn()
        assert len(await post.ledger(healthy)) == 1
        assert len(await post.ledger(old)) == 5
        await post.until_state(old, DeliveryState.DELIVERED, 13)


async def test_what_goes_wrong_with_one_account_stops_neither_the_others_nor_the_couriers(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = deliveries.fan_out

    async def fan_out(session: Any, hooks: Any, now: Any) -> int:
        if hooks[0].account_id == broken.account_id:
            raise RuntimeError("tests")
        return await sound(session, hooks, now)

    monkeypatch.setattr(deliveries, "fan_out", fan_out)
    async with receiving() as receiver:
        broken = post.owner
        lost = await post.hook(receiver.url)
        await post.call()
        post.owner = await make.account(post.db)
        post.agent = await make.agent(post.db, post.owner)
        await post.hook(receiver.url)
        await post.call()
        with structlog.testing.capture_logs() as said:
            await post.until(receiver, 1)
            await post.rounds.turn()
        assert await post.ledger(lost) == []
    assert [line["event"] for line in said] == ["webhook.fan_out"]
