"""The carrier in memory, shipped beside the real one: same port, same contract, no network.

A leg's whole life is told inside `dial`, before it returns, in a fixed order; a dialer that stops
waiting changes nothing of it. Legs that stay (a ringing or held one, a machine waiting for its
message) end by `end`, `hang_up` or `play`.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from telephony.errors import NotLive
from telephony.events import CarrierEvent
from telephony.memory.recordings import recorded_sound, serve
from telephony.memory.scripts import SIP_CODES, Entry, Scene, scene_of
from telephony.port import Audio, DialRequest, Leg, LegStatus, TextRequest

#: Told one event of the attempt whose token is the last segment of its callback URLs.
Tell = Callable[[str, CarrierEvent], Awaitable[None]]
#: Told what the conversation came to, as a pathway or an AI agent would report it.
TellOutcome = Callable[[str, str], Awaitable[None]]


@dataclass(slots=True)
class MemoryLeg:
    """One line of the ledger: a leg that was created, whatever the dialer was told."""

    sid: str
    token: str
    request: DialRequest
    scene: Scene
    created_at: datetime
    status: LegStatus = LegStatus.QUEUED
    answered_by: str | None = None
    duration: int | None = None
    #: Every TwiML `play` put on the leg.
    played: list[str] = field(default_factory=list)
    #: Everything told about it, in order.
    events: list[CarrierEvent] = field(default_factory=list)
    sequence: int = 0

    @property
    def is_live(self) -> bool:
        return not self.status.is_terminal

    def as_leg(self) -> Leg:
        """The leg as the port shows it."""
        return Leg(
            sid=self.sid,
            status=self.status,
            to=self.request.to,
            from_=self.request.from_,
            created_at=self.created_at,
            answered_by=self.answered_by,
            duration=self.duration,
        )


async def _nobody(token: str, news: object) -> None:
    """The listener of those who want none."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


class MemoryCarrier:
    """`telephony.port.Carrier` without a network.

    `legs` is the ledger of every leg ever created, `dials` of every request, refused ones too.
    """

    def __init__(
        self,
        on_status: Tell = _nobody,
        on_amd: Tell = _nobody,
        *,
        on_recording: Tell = _nobody,
        on_outcome: TellOutcome = _nobody,
        now: Callable[[], datetime] = _utc_now,
    ) -> None:
        self.on_status = on_status
        self.on_amd = on_amd
        self.on_recording = on_recording
        self.on_outcome = on_outcome
        self.legs: list[MemoryLeg] = []
        self.dials: list[DialRequest] = []
        self.texts: list[TextRequest] = []
        #: Sounds by the sids of their recordings, which tell the legs they are of.
        self.recordings: dict[str, bytes] = {}
        self._now = now
        self._scripts: dict[str, list[Scene]] = {}
        self._tries: Counter[str] = Counter()
        self._by_sid: dict[str, MemoryLeg] = {}
        self._lives: set[asyncio.Task[None]] = set()

    def script(self, to: str, entries: Sequence[Entry]) -> None:
        """What dials of `to` meet, one entry a dial, the last repeating; see `scripts`."""
        self._scripts[to] = [scene_of(entry) for entry in entries]
        self._tries[to] = 0

    def legs_of(self, token: str) -> list[MemoryLeg]:
        """The ledger's legs of one attempt: never more than one, if all is well."""
        return [leg for leg in self.legs if leg.token == token]

    async def dial(self, request: DialRequest) -> Leg:
        """Create a leg as scripted and tell its life."""
        self.dials.append(request)
        scene = self._next_scene(request.to)
        if not scene.creates:
            raise scene.failure()
        leg = self._create(request, scene)
        created = leg.as_leg()
        await self._live_whatever_the_dialer_does(leg)
        if scene.error is not None:
            raise scene.failure()
        return created

    async def send_text(self, request: TextRequest) -> str:
        """Take a text, unless its number is scripted to refuse or to break off."""
        scene = self._next_scene(request.to)
        if scene.error is not None or not scene.creates:
            raise scene.failure()
        self.texts.append(request)
        return f"SM{len(self.texts):032x}"

    async def fetch(self, sid: str) -> Leg:
        """Where a leg stands."""
        return self._leg(sid).as_leg()

    async def find(
        self, *, to: str, from_: str, since: datetime, carrier_account_id: str | None = None
    ) -> Sequence[Leg]:
        """Legs to `to` from `from_` created at or after `since`, oldest first."""
        return [
            leg.as_leg()
            for leg in self.legs
            if (leg.request.to, leg.request.from_) == (to, from_) and leg.created_at >= since
        ]

    async def made(self, *, from_: str, since: datetime) -> Sequence[Leg]:
        """Legs from `from_` created at or after `since`, oldest first."""
        return [
            leg.as_leg()
            for leg in self.legs
            if leg.request.from_ == from_ and leg.created_at >= since
        ]

    async def hang_up(self, sid: str) -> None:
        """End a leg, whether ringing or live."""
        leg = self._live_leg(sid)
        answered = leg.status is LegStatus.IN_PROGRESS
        await self._end(leg, LegStatus.COMPLETED if answered else LegStatus.CANCELED)

    async def cancel(self, sid: str) -> None:
        """End a leg that nobody has answered."""
        leg = self._live_leg(sid)
        if leg.status is LegStatus.IN_PROGRESS:
            raise NotLive("the leg is answered already", code=21220, status=400)
        await self._end(leg, LegStatus.CANCELED)

    async def play(self, sid: str, twiml: str) -> None:
        """Let a live leg hear this TwiML to its end, which is the leg's end too."""
        leg = self._live_leg(sid)
        if leg.status is not LegStatus.IN_PROGRESS:
            raise NotLive("the leg is not in progress", code=21220, status=400)
        leg.played.append(twiml)
        await self._end(leg, LegStatus.COMPLETED)

    async def end(self, sid: str, status: LegStatus = LegStatus.COMPLETED) -> None:
        """The callee's or the network's end of a leg that stays."""
        await self._end(self._live_leg(sid), status)

    async def lived(self) -> None:
        """Until no leg has anything more to tell by itself."""
        while self._lives:
            await asyncio.wait(self._lives)

    async def delete_recordings(self, sid: str) -> None:
        """Delete all that was recorded of a leg."""
        self.recordings.pop(_recording_sid(sid), None)

    async def open(self, sid: str, part: str | None = None) -> Audio:
        """The sound of a recording: `telephony.port.Recordings`, too."""
        return serve(self.recordings.get(sid), part)

    async def close(self) -> None:
        """Nothing to give back."""

    def _next_scene(self, to: str) -> Scene:
        scenes = self._scripts.get(to) or [Scene()]
        scene = scenes[min(self._tries[to], len(scenes) - 1)]
        self._tries[to] += 1
        return scene

    def _create(self, request: DialRequest, scene: Scene) -> MemoryLeg:
        sid = f"CA{len(self.legs) + 1:032x}"
        token = request.status_url.rstrip("/").rsplit("/", 1)[-1]
        leg = MemoryLeg(sid, token, request, scene, created_at=self._now())
        self.legs.append(leg)
        self._by_sid[sid] = leg
        return leg

    async def _live_whatever_the_dialer_does(self, leg: MemoryLeg) -> None:
        life = asyncio.create_task(self._live(leg))
        self._lives.add(life)
        life.add_done_callback(self._lives.discard)
        await asyncio.shield(life)

    async def _live(self, leg: MemoryLeg) -> None:
        """From ringing to the end of the scene; any listener may end the leg on the way."""
        if leg.scene.rings:
            await self._step(leg, LegStatus.RINGING)
        if leg.scene.rings_on:
            return
        if leg.scene.by is None:
            await self._end(leg, leg.scene.end)
            return
        await self._step(leg, LegStatus.IN_PROGRESS)
        await self._detect(leg)
        await self._converse(leg)

    async def _detect(self, leg: MemoryLeg) -> None:
        if leg.request.amd_url is None or not leg.is_live:
            return
        leg.answered_by = leg.scene.verdict
        if leg.scene.tells_verdict:
            verdict = CarrierEvent(sid=leg.sid, answered_by=leg.answered_by)
            await self._tell(self.on_amd, leg, verdict)

    async def _converse(self, leg: MemoryLeg) -> None:
        scene = leg.scene
        if leg.is_live and scene.outcome is not None:
            await self.on_outcome(leg.token, scene.outcome)
        # A machine whose verdict was told waits for the message or the hang-up that answers it.
        waits = scene.by == "machine" and leg.request.amd_url and scene.tells_verdict
        if leg.is_live and not scene.stays and not waits:
            await self._end(leg, scene.end)

    async def _end(self, leg: MemoryLeg, status: LegStatus) -> None:
        answered = leg.status is LegStatus.IN_PROGRESS
        leg.duration = leg.scene.talk if answered else 0
        await self._step(leg, status, duration=leg.duration, sip_code=SIP_CODES.get(status))
        if answered and leg.request.recording_url is not None:
            self.recordings[_recording_sid(leg.sid)] = recorded_sound(leg.duration)
            await self._tell(self.on_recording, leg, _recording_of(leg))

    async def _step(self, leg: MemoryLeg, status: LegStatus, **facts: Any) -> None:
        if not leg.is_live:
            return
        leg.status = status
        sequence, leg.sequence = leg.sequence, leg.sequence + 1
        event = CarrierEvent(leg.sid, status, sequence=sequence, at=self._now(), **facts)
        await self._tell(self.on_status, leg, event)

    async def _tell(self, listener: Tell, leg: MemoryLeg, event: CarrierEvent) -> None:
        if leg.scene.silent:
            return
        leg.events.append(event)
        await listener(leg.token, event)

    def _leg(self, sid: str) -> MemoryLeg:
        if sid not in self._by_sid:
            raise NotLive("no such leg", code=20404, status=404)
        return self._by_sid[sid]

    def _live_leg(self, sid: str) -> MemoryLeg:
        leg = self._leg(sid)
        if not leg.is_live:
            raise NotLive("the leg is over", code=21220, status=400)
        return leg


def _recording_sid(leg_sid: str) -> str:
    return "RE" + leg_sid[2:]


def _recording_of(leg: MemoryLeg) -> CarrierEvent:
    sid = _recording_sid(leg.sid)
    return CarrierEvent(
        sid=leg.sid,
        recording_sid=sid,
        recording_url=f"https://api.twilio.com/Recordings/{sid}",
        recording_status="completed",
        recording_duration=leg.duration,
    )
