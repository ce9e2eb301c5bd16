"""The life of one call: queued, initiated, ringing, in progress, ended."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from simulator.calls.callee import Verdict, detect
from simulator.calls.conferences import Conferences
from simulator.calls.conversation import Conversation
from simulator.calls.ends import conclude, detects, emit, finish
from simulator.calls.twiml import Source
from simulator.services import Services
from simulator.state.ledger import CallRecord, iso
from simulator.state.scripts import Answer, AnswerEntry, SipEntry

# Simulated seconds.
SETUP_SECONDS = 0.2
REFUSED_AFTER = 0.5
CANCELED_AFTER = 1.0
DEFAULT_TIMEOUT = 60.0
DEFAULT_TIME_LIMIT = 14_400.0
DEFAULT_AMD_TIMEOUT = 30.0
KEY_SECONDS = 0.25
WAIT_SECONDS = {"w": 0.5, "W": 1.0}

_logger = logging.getLogger(__name__)


class Leg:
    """Runs one call to its end; `end` and `redirect` interrupt it."""

    def __init__(self, services: Services, conferences: Conferences, record: CallRecord) -> None:
        self._services = services
        self._conferences = conferences
        self.record = record
        self.ended = asyncio.Event()
        loop = asyncio.get_running_loop()
        self._ending: asyncio.Future[str] = loop.create_future()
        self._interrupt: asyncio.Future[None] = loop.create_future()
        self._next_source: Source | None = None
        self._answered = 0.0
        self._callee: asyncio.Task[None] | None = None
        self._helpers: set[asyncio.Task[None]] = set()

    def end(self, status: str) -> None:
        """End the call with a terminal status, whatever it is doing."""
        if not self._ending.done():
            self._ending.set_result(status)

    def redirect(self, source: Source) -> None:
        """Leave the running document for another; the latest redirect wins."""
        self._next_source = source
        if not self._interrupt.done():
            self._interrupt.set_result(None)

    async def run(self) -> None:
        """Live the call through to its terminal status and send its last callbacks."""
        life = asyncio.create_task(self._live())
        life.add_done_callback(self._lived)
        try:
            status = await self._ending
        finally:
            life.cancel()
            for helper in self._helpers:
                helper.cancel()
        finish(self._services, self.record, status, self._spoken())
        self.ended.set()

    def _lived(self, life: asyncio.Task[str]) -> None:
        if not life.cancelled() and not self._ending.done():
            self.end(self._outcome(life))

    def _outcome(self, life: asyncio.Task[str]) -> str:
        error = life.exception()
        if error is None:
            return life.result()
        # A defect here must not leave a call without an end.
        _logger.error("call %s broke", self.record.sid, exc_info=error)
        entry = {"code": 0, "message": repr(error), "url": "", "at": iso(self._now())}
        self._services.state.add(self.record, "errors", entry)
        return "completed" if self.record.answered_at else "failed"

    async def _live(self) -> str:
        await self._wait_in_queue()
        entry = self.record.entry
        if isinstance(entry, AnswerEntry):
            return await self._answered_by(entry.answer)
        return await self._unanswered(entry.status if isinstance(entry, SipEntry) else entry)

    async def _wait_in_queue(self) -> None:
        clock = self._services.clock
        asked = clock.now()
        await clock.sleep_until(self._services.queue.reserve())
        queue_ms = round((clock.now() - asked) * 1000)
        self._reach("initiated", started_at=self._now(), queue_ms=queue_ms)

    async def _unanswered(self, outcome: str) -> str:
        if outcome in ("no-answer", "canceled"):
            await self._ring()
            await self._sleep(self._ring_timeout if outcome == "no-answer" else CANCELED_AFTER)
        else:
            await self._sleep(REFUSED_AFTER)
        return outcome

    async def _answered_by(self, answer: Answer) -> str:
        await self._ring()
        if answer.after > self._ring_timeout:
            await self._sleep(self._ring_timeout)
            return "no-answer"
        await self._sleep(answer.after)
        self._pick_up(answer)
        await self._talk(answer)
        return "completed"

    async def _ring(self) -> None:
        await self._sleep(SETUP_SECONDS)
        self._reach("ringing", status="ringing")

    def _pick_up(self, answer: Answer) -> None:
        self._answered = self._services.clock.now()
        self._reach("answered", status="in-progress", answered_at=self._now())
        limit = self.record.number_param("TimeLimit", DEFAULT_TIME_LIMIT)
        self._help(self._end_after(limit))
        if answer.talk is not None:
            self._callee = self._help(self._end_after(answer.talk))

    async def _press(self, keys: str) -> None:
        """SendDigits: pauses and keys, before anything is said."""
        for key in keys:
            await self._sleep(WAIT_SECONDS.get(key, KEY_SECONDS))
            self._services.state.change(self.record, pressed=self.record.pressed + key)

    async def _talk(self, answer: Answer) -> None:
        await self._press(self.record.param("SendDigits") or "")
        conversation = Conversation(
            self._services, self._conferences, self.record, answer, self._hold_callee
        )
        source: Source | None = first_source(self.record)
        detection = self._detection(answer)
        if detection and self.record.flag("AsyncAmd"):
            self._help(self._detect(detection))
        elif detection:
            source = await self._withhold(detection, source)
        while source is not None:
            source = await self._follow(conversation, source)

    async def _follow(self, conversation: Conversation, source: Source) -> Source | None:
        talking = asyncio.create_task(conversation.run(source))
        try:
            await asyncio.wait({talking, self._interrupt}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            talking.cancel()
        if not self._interrupt.done():
            talking.result()
            return None
        return self._take_redirect()

    def _take_redirect(self) -> Source | None:
        self._interrupt = asyncio.get_running_loop().create_future()
        source, self._next_source = self._next_source, None
        return source

    def _detection(self, answer: Answer) -> Verdict | None:
        if not detects(self.record):
            return None
        mode = self.record.param("MachineDetection") or ""
        timeout = self.record.number_param("MachineDetectionTimeout", DEFAULT_AMD_TIMEOUT)
        return detect(answer, mode, timeout)

    async def _withhold(self, verdict: Verdict, source: Source | None) -> Source | None:
        """Synchronous detection: the first document waits for the verdict and is told it."""
        await self._detect(verdict)
        if self._interrupt.done() or source is None:
            return self._take_redirect()
        extra = [("AnsweredBy", verdict.answered_by)]
        return Source(url=source.url, text=source.text, method=source.method, extra=extra)

    async def _detect(self, verdict: Verdict) -> None:
        await self._sleep(verdict.after)
        conclude(self._services, self.record, verdict.answered_by, verdict.after)

    def _reach(self, event: str, **changes: Any) -> None:
        emit(self._services, self.record, event, **changes)

    def _hold_callee(self) -> None:
        """A callee who is put through to somebody stays for the whole talk."""
        if self._callee is not None:
            self._callee.cancel()

    async def _end_after(self, seconds: float) -> None:
        await self._sleep(seconds)
        self.end("completed")

    def _help(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._helpers.add(task)
        return task

    @property
    def _ring_timeout(self) -> float:
        return self.record.number_param("Timeout", DEFAULT_TIMEOUT)

    def _spoken(self) -> float:
        return self._services.clock.now() - self._answered

    def _now(self) -> float:
        return self._services.clock.wall()

    async def _sleep(self, seconds: float) -> None:
        await self._services.clock.sleep(seconds)


def first_source(record: CallRecord) -> Source:
    """The document a call begins with; Url wins over Twiml, as at Twilio."""
    url = record.param("Url")
    if url:
        return Source(url=url, method=record.param("Method") or "POST")
    return Source(text=record.param("Twiml") or "<Response/>")
