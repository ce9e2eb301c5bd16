"""A leg that a Dial makes: it rings, is told something, and is bridged to the one that dialed.

It is in the ledger like every other leg, with the leg that dialed as its parent.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from simulator.calls import twiml
from simulator.calls.ends import emit, finish
from simulator.calls.twiml import Source
from simulator.services import Services
from simulator.state.ledger import CallRecord, Params
from simulator.state.scripts import Answer, AnswerEntry, SipEntry

# Simulated seconds.
SETUP_SECONDS = 0.2
REFUSED_AFTER = 0.5
CANCELED_AFTER = 1.0
#: Of a Dial that does not say.
RING_SECONDS = 30.0

Whisper = Callable[[CallRecord, Answer, Source], Awaitable[bool]]
Bridge = Callable[[Answer], Awaitable[None]]


@dataclass(frozen=True)
class DialEnd:
    """How a Dial ended; `duration`: of an answered leg, in simulated seconds."""

    status: str
    was_bridged: bool = False
    duration: int | None = None


class DialedLeg:
    """One leg to a Number or a Sip address, which lives no longer than whoever waits in `run`."""

    def __init__(
        self,
        services: Services,
        parent: CallRecord,
        verb: Element,
        noun: Element,
        absolute: Callable[[str | None], str | None],
    ) -> None:
        self._services = services
        self._ring = twiml.number_attribute(verb, "timeout", RING_SECONDS)
        self._whisper_url = absolute(noun.get("url"))
        self._answered = 0.0
        self.record = services.state.create_call(
            twiml.text_of(noun),
            verb.get("callerId") or parent.from_,
            _params(noun, absolute),
            parent=parent.sid,
        )

    async def run(self, whisper: Whisper, bridge: Bridge) -> DialEnd:
        """Ring, whisper, bridge. Who is canceled meanwhile takes this leg with them."""
        end: DialEnd | None = None
        try:
            end = await self._live(whisper, bridge)
        finally:
            found = end or DialEnd("completed" if self.record.answered_at else "canceled")
            spoken = self._spoken()
            finish(self._services, self.record, found.status, spoken)
        if self.record.answered_at is None:
            return found
        return DialEnd(found.status, found.was_bridged, round(spoken))

    async def _live(self, whisper: Whisper, bridge: Bridge) -> DialEnd:
        self._reach("initiated", started_at=self._services.clock.wall())
        answer = await self._answer()
        if isinstance(answer, DialEnd):
            return answer
        self._answered = self._services.clock.now()
        self._reach("answered", status="in-progress", answered_at=self._services.clock.wall())
        if self._whisper_url is not None:
            stays = await whisper(self.record, answer, Source(url=self._whisper_url))
            if not stays:
                return DialEnd("completed")
        await bridge(answer)
        return DialEnd("completed", was_bridged=True)

    async def _answer(self) -> Answer | DialEnd:
        entry = self.record.entry
        if isinstance(entry, AnswerEntry):
            return await self._picked_up(entry.answer)
        status = entry.status if isinstance(entry, SipEntry) else entry
        if status in ("invalid", "geo-permission"):
            status = "failed"
        if status not in ("no-answer", "canceled"):
            await self._sleep(REFUSED_AFTER)
            return DialEnd(status)
        await self._begin_ring()
        await self._sleep(self._ring if status == "no-answer" else CANCELED_AFTER)
        return DialEnd("no-answer")

    async def _picked_up(self, answer: Answer) -> Answer | DialEnd:
        await self._begin_ring()
        if answer.after > self._ring:
            await self._sleep(self._ring)
            return DialEnd("no-answer")
        await self._sleep(answer.after)
        return answer

    async def _begin_ring(self) -> None:
        await self._sleep(SETUP_SECONDS)
        self._reach("ringing", status="ringing")

    def _reach(self, event: str, **changes: object) -> None:
        emit(self._services, self.record, event, **changes)

    def _spoken(self) -> float:
        return self._services.clock.now() - self._answered if self._answered else 0.0

    async def _sleep(self, seconds: float) -> None:
        await self._services.clock.sleep(seconds)


def _params(noun: Element, absolute: Callable[[str | None], str | None]) -> Params:
    """What the leg would have been created with."""
    params: Params = {}
    told = absolute(noun.get("statusCallback"))
    if told is not None:
        params["StatusCallback"] = told
        params["StatusCallbackEvent"] = noun.get("statusCallbackEvent") or "completed"
    return params
