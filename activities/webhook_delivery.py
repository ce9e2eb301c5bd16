"""The delivery loop: events become deliveries, and each webhook has a courier of its own."""

import asyncio
import random
from collections.abc import Sequence
from itertools import groupby

import structlog

from activities.clock import utcnow
from activities.webhook_courier import WebhookCourier
from storage.database.engine import Database
from storage.events.event_reader import EventPosition
from storage.tables import Webhook
from storage.webhooks import deliveries, webhooks
from webhooks.sender import Sender

log = structlog.get_logger(__name__)

#: How long couriers have to come back.
REST_SECONDS = 5.0


def _at(hook: Webhook) -> tuple[str, EventPosition]:
    return hook.account_id, webhooks.read_up_to(hook)


class WebhookDelivery:
    """Couriers do not wait for each other: a dead or slow receiver delays nobody else."""

    def __init__(self, db: Database, *, interval: float, private: bool) -> None:
        self._db = db
        self._interval = interval
        self._private = private
        self._pool: CourierPool | None = None

    async def round(self) -> float:
        """A turn of the loop, and how many seconds to rest after it."""
        if self._pool is None:
            self._pool = CourierPool(self._db, Sender(private=self._private))
        return 0 if await self._pool.turn() else self._interval

    async def end(self, seconds: float) -> None:
        """The worker does not deliver any more: couriers have so long to come back."""
        pool, self._pool = self._pool, None
        if pool is not None:
            await pool.rest(seconds)


class CourierPool:
    """The couriers that are out."""

    def __init__(self, db: Database, sender: Sender) -> None:
        self._db = db
        self._sender = sender
        self._stop = asyncio.Event()
        self._out: dict[str, asyncio.Task[None]] = {}
        #: Accounts of whose events no deliveries could be made in the last turn.
        self._in_trouble: set[str] = set()

    async def turn(self) -> bool:
        """New events become deliveries, couriers set out; True if there are more events."""
        more = False
        async with self._db.read() as session:
            is_behind, wanted = await deliveries.work(session, utcnow())
        if is_behind:
            more = await self._fan_out()
            async with self._db.read() as session:
                wanted = await deliveries.webhooks_with_due(session, utcnow())
        else:
            self._in_trouble = set()
        for webhook_id in wanted:
            self._send_out(webhook_id)
        return more

    async def rest(self, seconds: float = REST_SECONDS) -> None:
        """Couriers come back within that; what they leave undone is done by the next loop."""
        self._stop.set()
        if self._out:
            _, late = await asyncio.wait(self._out.values(), timeout=seconds)
            for task in late:
                task.cancel()
        await self._sender.close()

    async def _fan_out(self) -> bool:
        """Webhooks at the same place together; one that is behind delays no other."""
        async with self._db.read() as session:
            behind = await webhooks.behind(session)
        more, in_trouble = False, set()
        for (account_id, _), hooks in groupby(sorted(behind, key=_at), _at):
            try:
                more |= await self._fan_out_of(account_id, [hook.webhook_id for hook in hooks])
            except Exception as error:  # one account's trouble is not the others'
                in_trouble.add(account_id)
                self._complain(account_id, error)
        self._in_trouble = in_trouble
        return more

    def _complain(self, account_id: str, error: Exception) -> None:
        """Once: the next turn, in a moment, has the same trouble."""
        if account_id not in self._in_trouble:
            log.warning("webhook.fan_out", account_id=account_id, error=type(error).__name__)

    async def _fan_out_of(self, account_id: str, webhook_ids: Sequence[str]) -> bool:
        async with self._db.write() as session:
            hooks = await webhooks.among(session, account_id, webhook_ids)
            if not hooks:
                return False
            return await deliveries.fan_out(session, hooks, utcnow()) == deliveries.FAN_OUT

    def _send_out(self, webhook_id: str) -> None:
        known = self._out.get(webhook_id)
        if known is None or known.done():
            courier = WebhookCourier(self._db, self._sender, webhook_id, random.random)
            self._out[webhook_id] = asyncio.create_task(self._errand(courier, webhook_id))

    async def _errand(self, courier: WebhookCourier, webhook_id: str) -> None:
        try:
            await courier.run(self._stop)
        except Exception as error:  # one webhook's trouble is not the others'
            log.warning("webhook.courier", webhook_id=webhook_id, error=type(error).__name__)
        finally:
            self._out.pop(webhook_id, None)
