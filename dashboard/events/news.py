"""Who waits for news of an account: one look at its events for all of them together."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from storage.database.engine import Database, is_away
from storage.events import event_reader
from storage.events.event_reader import EventPosition, placed

log = structlog.get_logger("trunkline.dashboard")

#: How often the events of an account are looked at while somebody waits for them.
LOOK_SECONDS = 0.7
#: So many pages wait at once, of one session and in this process.
MOST_OF_ONE, MOST = 12, 200
#: More calls than that at a time are "all of them".
MOST_CALLS = 50
_PAGE = 200


@dataclass(eq=False, slots=True)
class Listener:
    """One page that waits. `calls` have changed since it was told last; `other`: other things."""

    account_id: str
    key_id: str
    calls: set[str] = field(default_factory=set)
    other: bool = False
    _woken: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, calls: set[str], *, other: bool) -> None:
        self.calls |= calls
        self.other |= other or len(self.calls) > MOST_CALLS
        if self.other:
            self.calls.clear()
        self._woken.set()

    async def news(self, seconds: float) -> tuple[set[str], bool] | None:
        """What has changed, as soon as something has; None after so long without."""
        try:
            await asyncio.wait_for(self._woken.wait(), seconds)
        except TimeoutError:
            return None
        self._woken.clear()
        calls, other = self.calls, self.other
        self.calls, self.other = set(), False
        return calls, other


@dataclass(slots=True)
class Newsroom:
    """All who wait in this process."""

    database: Callable[[], Database]
    _listeners: dict[str, set[Listener]] = field(default_factory=dict)
    _looks: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _places: dict[str, EventPosition] = field(default_factory=dict)

    def is_full(self, key_id: str) -> bool:
        """Whether as many wait as may, with this key or in all."""
        everybody = [one for some in self._listeners.values() for one in some]
        of_key = sum(one.key_id == key_id for one in everybody)
        return len(everybody) >= MOST or of_key >= MOST_OF_ONE

    def join(self, account_id: str, key_id: str) -> Listener:
        """From now on it is told, until it leaves."""
        listener = Listener(account_id, key_id)
        self._listeners.setdefault(account_id, set()).add(listener)
        if account_id not in self._looks:
            self._looks[account_id] = asyncio.create_task(self._look(account_id))
        return listener

    def leave(self, listener: Listener) -> None:
        """The last one turns the light off."""
        others = self._listeners.get(listener.account_id, set())
        others.discard(listener)
        if not others:
            self._listeners.pop(listener.account_id, None)
            self._places.pop(listener.account_id, None)
            look = self._looks.pop(listener.account_id, None)
            if look is not None:
                look.cancel()

    def place_of(self, account_id: str) -> EventPosition | None:
        """Up to where its events have been told; None while nobody waits for them."""
        return self._places.get(account_id)

    def tell_all(self, account_id: str) -> None:
        """Everything of the account is to be looked at anew."""
        for listener in self._listeners.get(account_id, ()):
            listener.tell(set(), other=True)

    async def _look(self, account_id: str) -> None:
        while True:
            try:
                place = self._places.get(account_id)
                self._places[account_id] = await self._news_after(account_id, place)
            except Exception as exc:
                if not is_away(exc):
                    log.warning("dashboard.news", error=type(exc).__name__)
            await asyncio.sleep(LOOK_SECONDS)

    async def _news_after(self, account_id: str, place: EventPosition | None) -> EventPosition:
        # Short, and asked all the time: not by a thread.
        async with self.database().read() as session:
            newest = await event_reader.newest(session, account_id)
            if place is None or newest <= place:
                return newest if place is None else place
            events = await event_reader.after(session, account_id, place, _PAGE)
        calls = {event.call_id for event in events if event.call_id is not None}
        other = len(events) == _PAGE or any(event.call_id is None for event in events)
        for listener in self._listeners.get(account_id, ()):
            listener.tell(calls, other=other)
        return max([newest, *map(placed, events)])
