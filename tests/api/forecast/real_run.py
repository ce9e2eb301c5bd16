"""A campaign as it really goes, on a clock that jumps: the worker's own activities on a database.

Feed, decisions, slots, ledger and dispatcher are those of production. What is not: workflows, of
which `RealRun` does the waiting, and the carrier, which is luck, drawn as a forecast draws it.
"""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from heapq import heappop, heappush
from typing import Any, cast

import pytest
from sqlmodel import col, select

from activities import campaign_feed, decide, dispatcher
from activities.campaign_feed import CampaignFeed
from activities.decide import DecideActivities
from activities.dials.dial_gate import why_not
from activities.dispatcher import Dispatcher
from api.callbacks import attempt_updates
from contracts.calls import Decide, Settle
from contracts.campaigns import Feed, FeedCampaign, FeedKind
from policy.forecast.callees import Callees, Dial, luck_of
from policy.model.call import AttemptResult, Decision, DecisionKind
from storage.attempts import attempts, costs
from storage.attempts.dial_ledger import SendGate
from storage.facts import case_file
from storage.facts.gather import FactGatherer
from storage.tables import Attempt, Call, Contact
from telephony.events import CarrierEvent
from telephony.port import LegStatus
from tests.api.world import World

#: How long the dispatcher rests between two turns.
INTERVAL = timedelta(seconds=0.25)
#: How often it looks at a queue when nothing happens, here: a pace may be what it waits for.
PATIENCE = timedelta(seconds=4)
#: The feed looks every second or two while calls go out; that many looks take long to make.
FEED_LEAST = timedelta(seconds=5)
_STATUS = {
    AttemptResult.BUSY: "busy",
    AttemptResult.NO_ANSWER: "no-answer",
    AttemptResult.NETWORK_ERROR: "failed",
    AttemptResult.INVALID: "failed",
    AttemptResult.DECLINED: "failed",
}
_SIP = {AttemptResult.INVALID: 404, AttemptResult.DECLINED: 603}

Act = Callable[[], Awaitable[None]]


@dataclass
class Signals:
    """Notes which calls were granted a slot."""

    granted: list[str] = field(default_factory=list)
    nudged: bool = False

    async def slot_granted(self, call_id: str) -> bool:
        self.granted.append(call_id)
        return True

    async def nudge_campaign(self, _campaign_id: str) -> bool:
        self.nudged = True
        return True


@dataclass
class RealRun:
    world: World
    campaign_id: str
    callees: Callees
    seed: int
    ended_at: datetime | None = None
    busy: Counter[datetime] = field(default_factory=Counter)
    _signals: Signals = field(default_factory=Signals)
    _events: list[tuple[datetime, int, Act]] = field(default_factory=list)
    _order: int = 0
    _steps: Counter[str] = field(default_factory=Counter)
    _alarms: Counter[str] = field(default_factory=Counter)
    _queued: set[str] = field(default_factory=set)
    _started: list[str] = field(default_factory=list)
    _luck: dict[str, int] = field(default_factory=dict)
    _feeding: int = 0
    _dispatches_at: datetime | None = None

    async def run(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Until the campaign's workflow would end."""
        for module in (campaign_feed, decide, dispatcher):
            monkeypatch.setattr(module, "utcnow", lambda: self.world.clock.now)
        db, gatherer = self.world.db, FactGatherer()
        signals = cast(Any, self._signals)
        self._decider = DecideActivities(db, gatherer)
        self._feed = CampaignFeed(db, signals, gatherer)
        self._dispatcher = Dispatcher(db, signals, cast(Any, None), cast(Any, None), interval=0)
        self._gatherer = gatherer
        async with db.read() as session:
            people = select(Contact).where(col(Contact.campaign_id) == self.campaign_id)
            for contact in (await session.exec(people)).all():
                luck = luck_of(self.seed, contact.contact_id or 0)
                self._luck[contact.endpoint or ""] = luck
        self._at(timedelta(), self._look)
        while self._events:
            at, _, act = heappop(self._events)
            self.world.clock.now = max(at, self.world.clock.now)
            await act()

    def _at(self, delay: timedelta, act: Act) -> None:
        self._order += 1
        heappush(self._events, (self.world.clock.now + delay, self._order, act))

    # -- the campaign's workflow

    async def _look(self) -> None:
        feed = await self._start_granted()
        if feed.kind is not FeedKind.DONE:
            self._at(max(timedelta(seconds=feed.pause_seconds), FEED_LEAST), self._look)
            self._dispatch_in(INTERVAL)

    async def _start_granted(self) -> Feed:
        now = self.world.clock.now
        feed = await self._feed.feed_campaign(FeedCampaign(self.campaign_id, now, self._started))
        begun = [call.call_id for call in feed.calls]
        self._started = [*feed.undecided, *begun]
        for call_id in begun:
            self._at(timedelta(), partial(self._decide, call_id))
        return feed

    # -- a call's workflow

    async def _decide(self, call_id: str) -> None:
        self._steps[call_id] += 1
        request = Decide(call_id, self._steps[call_id], self.world.clock.now)
        await self._follow(call_id, await self._decider.decide(request))

    async def _follow(self, call_id: str, decision: Decision) -> None:
        self._alarms[call_id] += 1
        self._queued.discard(call_id)
        if decision.kind is DecisionKind.DIAL:
            await self._dial(call_id, decision.attempt_number or 1)
        elif decision.kind is DecisionKind.END:
            self.ended_at = self.world.clock.now
        else:
            is_queued = decision.kind is DecisionKind.QUEUE
            if is_queued:
                self._queued.add(call_id)
                self._dispatch_in(INTERVAL)
            until = decision.valid_until if is_queued else decision.until
            assert until is not None
            self._wake(call_id, until - self.world.clock.now)

    def _wake(self, call_id: str, delay: timedelta) -> None:
        alarm = self._alarms[call_id]

        async def ring() -> None:
            if self._alarms[call_id] == alarm:
                await self._decide(call_id)

        self._at(delay, ring)

    # -- the dispatcher

    def _dispatch_in(self, delay: timedelta) -> None:
        due = self.world.clock.now + delay
        if self._dispatches_at is None or due < self._dispatches_at:
            self._dispatches_at = due
            self._at(delay, self._turn)

    async def _turn(self) -> None:
        if self._dispatches_at is None or self.world.clock.now < self._dispatches_at:
            return
        self._dispatches_at = None
        await self._dispatcher.turn()
        granted, self._signals.granted = self._signals.granted, []
        for call_id in granted:
            await self._decide(call_id)
        if self._signals.nudged:
            self._signals.nudged = False
            await self._start_granted()
        if self._queued:
            self._dispatch_in(PATIENCE)

    # -- a dial

    async def _dial(self, call_id: str, number: int) -> None:
        now = self.world.clock.now
        async with self.world.db.write() as session:
            file = await case_file.hold(session, call_id, attempt_number=number, with_account=True)
            assert file is not None
            attempt = file.attempt
            assert attempt is not None
            assert await why_not(session, self._gatherer, file, attempt, now) is None
            assert await attempts.begin_sending(session, attempt, now) is SendGate.GO
            endpoint = file.call.endpoint
        dial = self.callees.dial(self._luck[endpoint], number)
        self._at(
            timedelta(seconds=dial.held), lambda: self._ended(call_id, number, attempt.token, dial)
        )

    async def _ended(self, call_id: str, number: int, token: str, dial: Dial) -> None:
        now = self.world.clock.now
        sid = f"{call_id}-{number}"
        async with self.world.db.write() as session:
            if dial.talked:
                up = now - timedelta(seconds=dial.talked)
                answered = CarrierEvent(sid, LegStatus.IN_PROGRESS, at=up)
                await attempt_updates.progress(session, token, answered, up)
                held = await attempts.hold_by_token(session, token)
                assert held is not None
                held[1].served_at = up
                if dial.result is AttemptResult.VOICEMAIL:
                    machine = CarrierEvent(sid, answered_by="machine_start")
                    await attempt_updates.verdict(session, token, machine, up)
            event = CarrierEvent(
                sid,
                LegStatus(_STATUS.get(dial.result, "completed")),
                at=now,
                duration=dial.talked,
                sip_code=_SIP.get(dial.result),
            )
            await attempt_updates.progress(session, token, event, now)
        self._steps[call_id] += 1
        request = Settle(call_id, self._steps[call_id], number, now)
        decision = await self._decider.settle(request)
        self._dispatch_in(INTERVAL)
        await self._follow(call_id, decision)

    # -- what became of it

    async def outcomes(self) -> Counter[str]:
        async with self.world.db.read() as session:
            rows = select(Call.outcome).where(col(Call.campaign_id) == self.campaign_id)
            return Counter(str(one) for one in (await session.exec(rows)).all())

    async def refused(self) -> Counter[str]:
        async with self.world.db.read() as session:
            rows = select(Contact.error_code).where(
                col(Contact.campaign_id) == self.campaign_id, col(Contact.error_code).is_not(None)
            )
            return Counter(str(one) for one in (await session.exec(rows)).all())

    async def dials(self) -> list[Attempt]:
        async with self.world.db.read() as session:
            return list((await session.exec(select(Attempt))).all())

    async def cost(self, account_id: str) -> int:
        async with self.world.db.read() as session:
            return await costs.of_campaign(session, account_id, self.campaign_id)
