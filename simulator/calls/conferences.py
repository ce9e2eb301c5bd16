"""Conferences: legs that follow a Dial of a Conference of one name hear each other.

One begins when two are there and one of them may start it, and ends with the last one, or with one
that ends it for all. A later one of the same name is another conference.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from xml.etree.ElementTree import Element

from simulator.callbacks.callbacks import Callbacks
from simulator.callbacks.fields import conference_fields
from simulator.calls.callee import DEFAULT_TALK
from simulator.state.ledger import CallRecord
from simulator.state.scripts import Answer

#: By the attribute statusCallbackEvent.
EVENTS = {
    "participant-join": "join",
    "participant-leave": "leave",
    "conference-start": "start",
    "conference-end": "end",
}
LAST_LEFT = "last-participant-left"
ENDED_BY_ONE = "participant-with-end-conference-on-exit-left"


@dataclass(frozen=True, eq=False)
class Participant:
    """A leg in a conference, by the attributes of its own Conference element."""

    record: CallRecord
    answer: Answer
    starts: bool
    ends: bool
    label: str


@dataclass
class _News:
    """Where a conference tells of itself: the first participant says it."""

    record: CallRecord
    url: str
    wanted: frozenset[str]


@dataclass
class Conference:
    """`began` and `over` are waited for by its participants."""

    name: str
    news: _News | None
    sid: str = field(default_factory=lambda: "CF" + secrets.token_hex(16))
    began: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    participants: list[Participant] = field(default_factory=list)
    told: int = 0

    @property
    def can_begin(self) -> bool:
        """Two are there, and one of them may start it."""
        may_start = any(one.starts for one in self.participants)
        return may_start and len(self.participants) > 1 and not self.began.is_set()

    def talk_of(self, one: Participant) -> float | None:
        """How long this one stays once it has begun; None: as long as the others do."""
        if one.answer.talk is not None:
            return one.answer.talk
        talks = any(other.answer.talk is not None for other in self.participants)
        return DEFAULT_TALK if not talks and one is self.participants[-1] else None


class SeatEnd(StrEnum):
    """How a leg comes out of a conference; but for hanging up, as a Dial's action is told."""

    HUNG_UP = "hung_up"
    OVER = "answered"
    FAILED = "failed"


async def sit(
    room: Conference,
    own: Participant,
    heard: Coroutine[Any, Any, None],
    sleep: Callable[[float], Awaitable[None]],
) -> SeatEnd:
    """Until it is over, or this one has talked enough and hangs up.

    `heard`: what plays to who is alone, without end; if it ends, it failed, and there is no
    conference.
    """
    begun, over = (asyncio.ensure_future(one.wait()) for one in (room.began, room.over))
    waits = asyncio.ensure_future(heard)
    talked: asyncio.Future[None] | None = None
    try:
        await asyncio.wait({begun, over, waits}, return_when=asyncio.FIRST_COMPLETED)
        if waits.done() and not begun.done():
            return SeatEnd.FAILED
        waits.cancel()
        talk = room.talk_of(own)
        if talk is None:
            await over
            return SeatEnd.OVER
        talked = asyncio.ensure_future(sleep(talk))
        await asyncio.wait({over, talked}, return_when=asyncio.FIRST_COMPLETED)
        return SeatEnd.OVER if over.done() else SeatEnd.HUNG_UP
    finally:
        for task in (begun, over, waits, talked):
            if task is not None:
                task.cancel()


class Conferences:
    """Those that are not over, by their names."""

    def __init__(self, account_sid: str, callbacks: Callbacks) -> None:
        self._account_sid = account_sid
        self._callbacks = callbacks
        self._rooms: dict[str, Conference] = {}

    def enter(
        self,
        record: CallRecord,
        answer: Answer,
        noun: Element,
        absolute: Callable[[str | None], str | None],
    ) -> tuple[Conference, Participant]:
        """The leg is in; the conference begins if it can now."""
        name = (noun.text or "").strip()
        room = self._rooms.get(name)
        if room is None:
            room = self._rooms[name] = Conference(name, _news_of(record, noun, absolute))
        one = Participant(
            record,
            answer,
            noun.get("startConferenceOnEnter", "true") == "true",
            noun.get("endConferenceOnExit") == "true",
            noun.get("participantLabel", ""),
        )
        room.participants.append(one)
        self._tell(room, "participant-join", one)
        if room.can_begin:
            room.began.set()
            self._tell(room, "conference-start")
        return room, one

    def leave(self, room: Conference, one: Participant) -> None:
        """The leg is out; the conference ends if nobody is left, or if this one ends it."""
        if one not in room.participants:
            return
        room.participants.remove(one)
        self._tell(room, "participant-leave", one)
        if room.over.is_set() or (room.participants and not one.ends):
            return
        room.over.set()
        self._rooms.pop(room.name, None)
        reason = ENDED_BY_ONE if one.ends else LAST_LEFT
        self._tell(room, "conference-end", None, CallSidEndingConference=one.record.sid,
                   ReasonConferenceEnded=reason)  # fmt: skip

    def _tell(
        self, room: Conference, event: str, one: Participant | None = None, **more: str
    ) -> None:
        room.told += 1
        if room.news is None or EVENTS[event] not in room.news.wanted:
            return
        fields = conference_fields(self._account_sid, room.sid, room.name, event, room.told)
        if one is not None:
            fields += [
                ("CallSid", one.record.sid),
                ("Muted", "false"),
                ("Hold", "false"),
                ("Coaching", "false"),
                ("StartConferenceOnEnter", str(one.starts).lower()),
                ("EndConferenceOnExit", str(one.ends).lower()),
            ]
            fields += [("ParticipantLabel", one.label)] if one.label else []
        fields += list(more.items())
        self._callbacks.conference(room.news.record, f"{event}-{room.told}", room.news.url, fields)


def _news_of(
    record: CallRecord, noun: Element, absolute: Callable[[str | None], str | None]
) -> _News | None:
    url = absolute(noun.get("statusCallback"))
    if url is None:
        return None
    return _News(record, url, frozenset((noun.get("statusCallbackEvent") or "").split()))
