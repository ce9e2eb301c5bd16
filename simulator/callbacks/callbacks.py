"""Status, AMD and recording callbacks: separate requests, in no promised order, best effort.

Without faults a call's callbacks go out one after another, so that runs are easy to read; with
faults they are lost, doubled, delayed and overtaken.
"""

import asyncio
import uuid
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

from simulator.callbacks.fields import amd_fields, recording_fields, status_fields
from simulator.callbacks.webhooks import Fields, Webhooks
from simulator.state.clock import Clock
from simulator.state.faults import Fate, callback_fate
from simulator.state.ledger import CallRecord, iso
from simulator.state.state import State

# A slow receiver must not hold up the call's next callback for longer (real seconds).
PATIENCE = 1.0
# A callback meant to be overtaken is sent after all if nothing overtakes it (simulated seconds).
LONGEST_HOLD = 10.0
DUPLICATE_GAP = 0.5


@dataclass(frozen=True)
class Callback:
    """One callback to be; event names it in the ledger and is unique within its call."""

    kind: str
    event: str
    url: str
    method: str
    status: str
    fields: Fields


@dataclass
class Lane:
    """The callbacks of one call on their way out."""

    last: asyncio.Task[None] | None = None
    held: list[asyncio.Future[None]] = field(default_factory=list)
    under_way: int = 0

    def release(self) -> None:
        """Let go of what waited to be overtaken."""
        for future in self.held:
            if not future.done():
                future.set_result(None)
        self.held.clear()


class Callbacks:
    """Sends callbacks without making the caller wait, and enters each in the ledger."""

    def __init__(self, account_sid: str, clock: Clock, state: State, webhooks: Webhooks) -> None:
        self._account_sid = account_sid
        self._clock = clock
        self._state = state
        self._webhooks = webhooks
        self._lanes: dict[str, Lane] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def pending(self) -> int:
        """Callbacks not yet settled."""
        return len(self._tasks)

    def status(self, record: CallRecord, event: str) -> None:
        """Send a status event; it must already be in `record.emitted`, which numbers it."""
        url = record.param("StatusCallback")
        if url:
            sequence = record.emitted.index(event)
            fields = status_fields(record, self._account_sid, event, sequence)
            self._submit(record, "status", event, url, "StatusCallbackMethod", fields)

    def amd(self, record: CallRecord) -> None:
        """Send the asynchronous verdict in `record.answered_by`."""
        url = record.param("AsyncAmdStatusCallback")
        if url:
            fields = amd_fields(record, self._account_sid)
            self._submit(record, "amd", "amd", url, "AsyncAmdStatusCallbackMethod", fields)

    def recording(self, record: CallRecord, recording: dict[str, Any]) -> None:
        """Send word that a recording is ready."""
        url = recording["callback"]
        if url:
            fields = recording_fields(record, self._account_sid, recording)
            event = f"recording-{recording['sid']}"
            method = "RecordingStatusCallbackMethod"
            self._submit(record, "recording", event, url, method, fields)

    def conference(self, record: CallRecord, event: str, url: str, fields: Fields) -> None:
        """Send news of a conference, on the lane of the leg that said where to."""
        self._submit(record, "conference", event, url, "ConferenceMethod", fields)

    async def stop(self) -> None:
        """Drop whatever is on its way."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._lanes.clear()

    def _submit(
        self, record: CallRecord, kind: str, event: str, url: str, method: str, fields: Fields
    ) -> None:
        status = dict(fields).get("CallStatus", "")
        callback = Callback(kind, event, url, record.param(method) or "POST", status, fields)
        fate = callback_fate(self._state.faults.callbacks, record.to, record.attempt, event)
        if fate.lost:
            self._enter(record, callback, "lost", None, 0)
            return
        lane = self._lanes.setdefault(record.sid, Lane())
        lane.under_way += 1
        task = self._spawn(self._deliver(record, callback, fate, lane, lane.last))
        task.add_done_callback(lambda _: self._leave(record.sid, lane))
        if not (fate.overtaken or fate.delay):
            lane.last = task

    async def _deliver(
        self,
        record: CallRecord,
        callback: Callback,
        fate: Fate,
        lane: Lane,
        previous: asyncio.Task[None] | None,
    ) -> None:
        await self._wait_turn(fate, lane, previous)
        await self._send(record, callback)
        lane.release()
        if fate.duplicate:
            self._spawn(self._send_again(record, callback))

    async def _wait_turn(self, fate: Fate, lane: Lane, previous: asyncio.Task[None] | None) -> None:
        if fate.overtaken:
            await self._until_overtaken(lane)
        if fate.delay:
            await self._clock.sleep(fate.delay)
        elif previous is not None and not fate.overtaken:
            await asyncio.wait({previous}, timeout=PATIENCE)

    async def _until_overtaken(self, lane: Lane) -> None:
        overtaken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        lane.held.append(overtaken)
        longest = asyncio.create_task(self._clock.sleep(LONGEST_HOLD))
        try:
            await asyncio.wait({overtaken, longest}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            longest.cancel()

    def _leave(self, sid: str, lane: Lane) -> None:
        lane.under_way -= 1
        if lane.under_way == 0:
            self._lanes.pop(sid, None)

    async def _send_again(self, record: CallRecord, callback: Callback) -> None:
        await self._clock.sleep(DUPLICATE_GAP)
        await self._send(record, callback)

    async def _send(self, record: CallRecord, callback: Callback) -> None:
        token = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{record.sid}/{callback.event}"))
        reply = await self._webhooks.send(callback.url, callback.method, callback.fields, token)
        outcome = "delivered" if reply.ok else "failed"
        self._enter(record, callback, outcome, reply.status, reply.attempts)

    def _enter(
        self,
        record: CallRecord,
        callback: Callback,
        outcome: str,
        response: int | None,
        attempts: int,
    ) -> None:
        entry = {
            "kind": callback.kind,
            "event": callback.event,
            "url": callback.url,
            "status": callback.status,
            "sequence": dict(callback.fields).get("SequenceNumber"),
            "at": iso(self._clock.wall()),
            "response": response,
            "outcome": outcome,
            "attempts": attempts,
        }
        self._state.add(record, "callbacks", entry)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
