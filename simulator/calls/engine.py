"""All calls under way, and what may be done to them from outside."""

import asyncio
from typing import Any

from simulator.calls.conferences import Conferences
from simulator.calls.ends import conclude, detects, finish
from simulator.calls.leg import Leg
from simulator.calls.twiml import Source
from simulator.services import Services
from simulator.state.ledger import CallRecord, Params


class Engine:
    """Starts a task for every call, and takes up again what a restart interrupted."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._conferences = Conferences(services.config.account_sid, services.callbacks)
        self._legs: dict[str, Leg] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def live(self) -> int:
        """Calls that have not ended."""
        return len(self._legs)

    def create(self, to: str, from_: str, params: Params) -> CallRecord:
        """Journal a call and set it going."""
        record = self._services.state.create_call(to, from_, params)
        self._start(record)
        return record

    async def end(self, record: CallRecord, status: str) -> None:
        """End a live call and return when it has its terminal status."""
        leg = self._legs[record.sid]
        leg.end(status)
        await leg.ended.wait()

    def redirect(self, record: CallRecord, source: Source) -> None:
        """Put another document in the place of the one a live call follows."""
        self._legs[record.sid].redirect(source)

    def recover(self) -> None:
        """After a restart: ring again, end what was being spoken, resend what may be unsent."""
        for record in self._services.state.ledger.calls:
            if record.ended:
                self._resend(record)
            elif record.parent and record.status != "in-progress":
                # Whoever dialed it is gone with the restart, and it rings no more.
                finish(self._services, record, "canceled", 0)
            elif record.status == "in-progress":
                finish(self._services, record, "completed", self._spoken(record))
            else:
                self._start(record)

    async def reset(self) -> None:
        """Drop all calls without a word, and forget them, the scripts and the faults."""
        await self.stop()
        self._services.state.reset()

    async def stop(self) -> None:
        """Drop the tasks; the journal keeps what is needed to go on."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._legs.clear()
        await self._services.callbacks.stop()

    def _start(self, record: CallRecord) -> None:
        leg = Leg(self._services, self._conferences, record)
        self._legs[record.sid] = leg
        task = asyncio.create_task(leg.run())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: self._legs.pop(record.sid, None))

    def _spoken(self, record: CallRecord) -> float:
        clock = self._services.clock
        return (clock.wall() - (record.answered_at or clock.wall())) * clock.speed

    def _resend(self, record: CallRecord) -> None:
        """A kill between the journal and the callback must not swallow a last word."""
        settled = {callback["event"] for callback in record.callbacks}
        callbacks = self._services.callbacks
        if "completed" in record.emitted and "completed" not in settled:
            callbacks.status(record, "completed")
        self._resend_amd(record, settled)
        for recording in record.recordings:
            if f"recording-{recording['sid']}" not in settled:
                callbacks.recording(record, recording)

    def _resend_amd(self, record: CallRecord, settled: set[Any]) -> None:
        if record.answered_at is None or not detects(record) or "amd" in settled:
            return
        if record.answered_by is None:
            conclude(self._services, record, "unknown", self._spoken(record))
        elif record.flag("AsyncAmd"):
            self._services.callbacks.amd(record)
