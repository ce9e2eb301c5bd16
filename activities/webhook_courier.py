"""A courier sends what one webhook is due: many streams at once, each in its order."""

import asyncio
import json
from collections.abc import Callable, Iterable, Sequence
from itertools import islice

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from activities.clock import utcnow
from observability.metrics import WEBHOOK_LAG, WEBHOOK_REQUESTS
from policy.webhooks import retry_schedule
from policy.webhooks.retry_schedule import DeliveryState, ReceiverAnswer
from storage.database import locks
from storage.database.engine import Database
from storage.events.payloads import event_name
from storage.tables import JsonObject, Webhook
from storage.webhooks import deliveries, delivery_results, webhooks
from storage.webhooks.deliveries import DueDelivery
from storage.webhooks.delivery_results import DeliveryResult
from webhooks.sender import RequestResult, Sender
from webhooks.signature import signed_headers

log = structlog.get_logger(__name__)

_TRIES = {True: WEBHOOK_REQUESTS.labels("ok"), False: WEBHOOK_REQUESTS.labels("failed")}

#: Streams of one webhook that are under way at once.
STREAMS = 50
#: Deliveries that are read at once.
BATCH = 200
#: What comes back within this is written down together.
COLLECT_SECONDS = 0.1
#: A slow receiver's chain is cut after this long, so that what came back is written down.
CHAIN_SECONDS = 20.0


class WebhookCourier:
    """`chance` gives numbers from 0 to 1, for the jitter of the next tries."""

    def __init__(
        self, db: Database, sender: Sender, webhook_id: str, chance: Callable[[], float]
    ) -> None:
        self._db = db
        self._sender = sender
        self._webhook_id = webhook_id
        self._chance = chance
        self._under_way: dict[str, asyncio.Task[list[DeliveryResult]]] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Until nothing is due. Told to stop, it finishes what is under way."""
        try:
            with self._sender.sharing():
                await self._go(stop)
        finally:
            for task in self._under_way.values():
                task.cancel()

    async def _go(self, stop: asyncio.Event) -> None:
        while True:
            if not stop.is_set():
                await self._set_out()
            if not self._under_way:
                return
            await self._come_back()

    async def _set_out(self) -> None:
        room = min(STREAMS, self._sender.share) - len(self._under_way)
        if room <= 0:
            return
        async with self._db.read() as session:
            hook = await webhooks.load(session, self._webhook_id)
            if hook is None or not hook.is_enabled:
                return
            found = await deliveries.due(session, hook, utcnow(), [*self._under_way], BATCH)
        for stream, chain in islice(_chains(found).items(), room):
            self._under_way[stream] = asyncio.create_task(self._send_all(hook, chain))

    async def _come_back(self) -> None:
        await asyncio.wait(self._under_way.values(), return_when=asyncio.FIRST_COMPLETED)
        # Others are about to come back as well: one transaction for all of them.
        await asyncio.sleep(COLLECT_SECONDS)
        back = {stream: task.result() for stream, task in self._under_way.items() if task.done()}
        await self._book([tried for results in back.values() for tried in results])
        for stream in back:
            del self._under_way[stream]

    async def _send_all(self, hook: Webhook, chain: Sequence[DueDelivery]) -> list[DeliveryResult]:
        """In order; nothing overtakes what is to be tried again."""
        results: list[DeliveryResult] = []
        end = asyncio.get_running_loop().time() + CHAIN_SECONDS
        for one in chain:
            results.append(await self._send(hook, one))
            is_held = results[-1].state is DeliveryState.PENDING
            if is_held or asyncio.get_running_loop().time() > end:
                break
        return results

    async def _send(self, hook: Webhook, due: DueDelivery) -> DeliveryResult:
        body = json.dumps(due.payload, ensure_ascii=False, separators=(",", ":"))
        now = utcnow()
        signed = signed_headers(webhooks.secrets_of(hook, now), event_name(due.event), now, body)
        headers = {**hook.headers, "content-type": "application/json", **signed}
        return self._tried(due, await self._sender.post(hook.url, headers, body))

    def _tried(self, due: DueDelivery, sent: RequestResult) -> DeliveryResult:
        now, next_at, state = utcnow(), None, DeliveryState.DELIVERED
        _TRIES[sent.answer.is_good].inc()
        if not sent.answer.is_good:
            failures = due.delivery.failures + 1
            next_at = retry_schedule.next_try(sent.answer, failures, now, self._chance)
            state = DeliveryState.FAILED if next_at is None else DeliveryState.PENDING
        else:
            WEBHOOK_LAG.observe((sent.at - due.event.at).total_seconds())
        return DeliveryResult(
            due.delivery, sent.answer, _line(sent), state, next_at, sent.body, now
        )

    async def _book(self, results: Sequence[DeliveryResult]) -> None:
        async with self._db.write() as session:
            # First of all: whoever asks for a delivery once more holds it, too.
            hook = await locks.lock_webhook(session, self._webhook_id)
            await delivery_results.book(session, self._webhook_id, results)
            if hook is not None and hook.is_enabled:
                await _note_health(session, hook, [one.answer for one in results])


def _chains(found: Iterable[DueDelivery]) -> dict[str, list[DueDelivery]]:
    chains: dict[str, list[DueDelivery]] = {}
    for one in found:
        chains.setdefault(one.delivery.stream, []).append(one)
    return chains


def _line(sent: RequestResult) -> JsonObject:
    """A try as the delivery keeps it."""
    came = {"status": sent.answer.status, "error": sent.answer.error}
    return {
        "at": sent.at.isoformat(),
        "ms": sent.milliseconds,
        **{name: value for name, value in came.items() if value is not None},
    }


async def _note_health(
    session: AsyncSession, hook: Webhook, answers: Sequence[ReceiverAnswer]
) -> None:
    """Since when every request has failed; and the end of a webhook that nobody listens to."""
    bad = [answer for answer in answers if not answer.is_good]
    if len(bad) < len(answers):
        hook.failing_since = None
    elif bad:
        hook.failing_since = hook.failing_since or utcnow()
    session.add(hook)
    since = hook.failing_since or utcnow()
    reasons = (retry_schedule.why_disabled(answer, since, utcnow()) for answer in bad)
    if (reason := next(filter(None, reasons), None)) is not None:
        log.warning("webhook.disabled", webhook_id=hook.webhook_id, reason=reason)
        await webhooks.disable(session, hook, reason, utcnow())
